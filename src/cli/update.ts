import type { Command } from 'commander';
import { recordPath, withApi } from './api.ts';
import { checkBody } from './checker.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { addIfMatch, type IfMatchOptions, ifMatchHeaders } from './if-match.ts';
import { type InputOptions, readInput } from './input.ts';
import { printJsonText } from './output.ts';

export function addUpdate(program: Command): void {
  const command = program
    .command('update <kind> <id>')
    .description('replace a record')
    .option('--data <json>', 'the whole record as JSON')
    .option('--file <file>', 'a file that holds it; - is standard input')
    .option('--upsert', 'create the record when there is none')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & InputOptions & IfMatchOptions & { upsert?: boolean }>();
      const { text, value } = readInput(options);
      await checkBody(kind, options.schemaDir, value);
      const query = new URLSearchParams(options.upsert === true ? { upsert: 'true' } : {});
      printJsonText(
        await withApi(connect(options), (api) => api.send({ method: 'PUT', path: recordPath(kind, id), query, body: text, headers: ifMatchHeaders(options) })),
      );
    });
  addConnectionOptions(addIfMatch(command));
}
