import type { Command } from 'commander';
import { recordPath } from '../client/paths.ts';
import { ifMatchHeader } from '../client/record-kind.ts';
import { withClient } from './api.ts';
import { checkBody } from './checker.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { addIfMatch, type IfMatchOptions } from './if-match.ts';
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
      const ask = { method: 'PUT', path: recordPath(kind, id), query, body: text, headers: ifMatchHeader(options.ifMatch) } as const;
      printJsonText((await withClient(connect(options), (client) => client.request(ask))).text);
    });
  addConnectionOptions(addIfMatch(command));
}
