import type { Command } from 'commander';
import { collectionPath, recordPath } from '../client/paths.ts';
import { withClient } from './api.ts';
import { type AtOptions, atOption, atQuery, tellInexact } from './at.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { printJsonText, printStream } from './output.ts';

export function addGet(program: Command): void {
  const command = program
    .command('get <kind> [id]')
    .description('show one record by its id or natural key (xname, name, MAC), or all of a kind')
    .addOption(atOption())
    .action(async (kind: string, id: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & AtOptions>();
      const query = atQuery(options);
      await withClient(connect(options), async (client) => {
        if (id !== undefined) {
          const { text, headers } = await client.request({ method: 'GET', path: recordPath(kind, id), query });
          printJsonText(text);
          tellInexact(headers);
        } else {
          const { body, headers } = await client.stream({ method: 'GET', path: collectionPath(kind), query });
          await printStream(body);
          tellInexact(headers);
        }
      });
    });
  addConnectionOptions(command);
}
