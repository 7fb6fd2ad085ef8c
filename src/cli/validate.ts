import type { Command } from 'commander';
import { parseJson } from '../http/json.ts';
import { loadChecker } from './checker.ts';
import type { ConnectionOptions } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { jsonItems } from './json-items.ts';
import { openInput } from './open-input.ts';
import { say } from './output.ts';

export function addValidate(program: Command): void {
  program
    .command('validate <kind> <file>')
    .description('check records (JSON array, NDJSON or one object; - is standard input) against the schema, without a server')
    .option('--schema-dir <dir>', 'the schemas to check with (default: the built-in ones)')
    .action(async (kind: string, file: string, _options: unknown, self: Command) => {
      const check = await loadChecker(kind, self.optsWithGlobals<ConnectionOptions>().schemaDir);
      let records = 0;
      let wrong = 0;
      for await (const item of jsonItems(openInput(file).chunks)) {
        records += 1;
        const parsed = parseJson(item.bytes);
        const found = parsed.ok ? check(parsed.value) : [{ pointer: '', detail: parsed.fault.detail }, ...(parsed.fault.errors ?? [])];
        if (found.length > 0) wrong += 1;
        for (const { pointer, detail } of found) say(`line ${item.line}, item ${item.index}: ${pointer === '' ? '' : `${pointer}: `}${detail}`);
      }
      if (wrong > 0) throw new CliFailure(EXIT.refused, `${wrong} of ${records} records do not match the schema of ${kind}`);
      process.stdout.write(`${records} ${records === 1 ? 'record matches' : 'records match'} the schema of ${kind}\n`);
    });
}
