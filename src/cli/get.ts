import type { Command } from 'commander';
import { collectionPath, recordPath } from '../client/paths.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { printJsonText, printStream } from './output.ts';

export function addGet(program: Command): void {
  const command = program
    .command('get <kind> [id]')
    .description('show one record by its id or natural key (xname, name, MAC), or all of a kind')
    .action(async (kind: string, id: string | undefined, _options: unknown, self: Command) => {
      await withClient(connect(self.optsWithGlobals<ConnectionOptions>()), async (client) => {
        if (id !== undefined) printJsonText((await client.request({ method: 'GET', path: recordPath(kind, id) })).text);
        else await printStream((await client.stream({ method: 'GET', path: collectionPath(kind) })).body);
      });
    });
  addConnectionOptions(command);
}
