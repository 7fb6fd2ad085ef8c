import type { Command } from 'commander';
import { recordPath } from '../client/paths.ts';
import { ifMatchHeader } from '../client/record-kind.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { addIfMatch, type IfMatchOptions } from './if-match.ts';
import { type InputOptions, readInput } from './input.ts';
import { printJsonText } from './output.ts';

export function addPatch(program: Command): void {
  const command = program
    .command('patch <kind> <id>')
    .description('change some properties of a record (JSON merge patch; null takes a property out)')
    .option('--data <json>', 'the patch as JSON')
    .option('--file <file>', 'a file that holds it; - is standard input')
    .option('--json-patch', 'the patch is a list of operations (RFC 6902)')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & InputOptions & IfMatchOptions & { jsonPatch?: boolean }>();
      const { text } = readInput(options);
      const contentType = options.jsonPatch === true ? 'application/json-patch+json' : 'application/merge-patch+json';
      const ask = { method: 'PATCH', path: recordPath(kind, id), body: text, contentType, headers: ifMatchHeader(options.ifMatch) } as const;
      printJsonText((await withClient(connect(options), (client) => client.request(ask))).text);
    });
  addConnectionOptions(addIfMatch(command));
}
