import type { Command } from 'commander';
import { recordPath } from '../client/paths.ts';
import { ifMatchHeader } from '../client/record-kind.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { addIfMatch, type IfMatchOptions } from './if-match.ts';
import { say } from './output.ts';

export function addDelete(program: Command): void {
  const command = program
    .command('delete <kind> <id>')
    .description('delete a record')
    .option('--force', 'also when other records refer to it')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & IfMatchOptions & { force?: boolean }>();
      const query = new URLSearchParams(options.force === true ? { force: 'true' } : {});
      const headers = ifMatchHeader(options.ifMatch);
      await withClient(connect(options), (client) => client.request({ method: 'DELETE', path: recordPath(kind, id), query, headers }));
      say(`deleted ${kind} ${id}`);
    });
  addConnectionOptions(addIfMatch(command));
}
