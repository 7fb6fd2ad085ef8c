import type { Command } from 'commander';
import { collectionPath } from '../client/paths.ts';
import { withClient } from './api.ts';
import { checkBody } from './checker.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { type InputOptions, readInput } from './input.ts';
import { printJsonText } from './output.ts';

export function addCreate(program: Command): void {
  const command = program
    .command('create <kind>')
    .description('create one record, or an array of records: all of them or none')
    .option('--data <json>', 'the record as JSON')
    .option('--file <file>', 'a file that holds it; - is standard input')
    .option('--idempotency-key <key>', 'the same key and record again give the same answer')
    .action(async (kind: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & InputOptions & { idempotencyKey?: string }>();
      const { text, value } = readInput(options);
      await checkBody(kind, options.schemaDir, value);
      const headers = options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey };
      const answer = await withClient(connect(options), (client) => client.request({ method: 'POST', path: collectionPath(kind), body: text, headers }));
      printJsonText(answer.text);
    });
  addConnectionOptions(command);
}
