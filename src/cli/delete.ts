import type { Command } from 'commander';
import { recordPath, withApi } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { addIfMatch, type IfMatchOptions, ifMatchHeaders } from './if-match.ts';
import { say } from './output.ts';

export function addDelete(program: Command): void {
  const command = program
    .command('delete <kind> <id>')
    .description('delete a record')
    .option('--force', 'also when other records refer to it')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & IfMatchOptions & { force?: boolean }>();
      const query = new URLSearchParams(options.force === true ? { force: 'true' } : {});
      await withApi(connect(options), (api) => api.send({ method: 'DELETE', path: recordPath(kind, id), query, headers: ifMatchHeaders(options) }));
      say(`deleted ${kind} ${id}`);
    });
  addConnectionOptions(addIfMatch(command));
}
