import type { Command } from 'commander';
import { recordPath } from '../client/paths.ts';
import { nextCursor } from '../client/record-list.ts';
import { withClient } from './api.ts';
import { type Fields, namesIn, painter, propertyLines } from './change-lines.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printJsonText, printLine, say } from './output.ts';

interface HistoryOptions extends ConnectionOptions {
  readonly limit?: string;
  readonly after?: string;
  readonly patch?: boolean;
  readonly json?: boolean;
}

export function addHistory(program: Command): void {
  const command = program
    .command('history <kind> <id>')
    .description('show what a record has been, newest first, also when it has been deleted')
    .option('--limit <count>', 'at most so many versions')
    .option('--after <sequence>', 'go on after a version')
    .option('--patch', 'in JSON, what each update has changed, instead of whole records')
    .option('--json', 'JSON also on a terminal')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<HistoryOptions>();
      const isTable = isTerminal() && options.json !== true;
      // On a terminal the differences are shown in any case, and those of whole records can be shown with both values.
      const query = new URLSearchParams(options.patch === true && !isTable ? { patch: 'true' } : {});
      for (const name of ['limit', 'after'] as const) {
        const value = options[name];
        if (value === undefined) continue;
        if (!/^\d{1,16}$/.test(value)) throw new CliFailure(EXIT.usage, `--${name}: "${value}" is no number`);
        query.set(name, value);
      }
      const path = `${recordPath(kind, id)}/history`;
      const { text, headers } = await withClient(connect(options), (client) => client.request({ method: 'GET', path, query }));
      if (isTable) for (const line of versionLines(JSON.parse(text) as readonly ShownVersion[])) await printLine(line);
      else printJsonText(text);
      const next = nextCursor(headers['link']);
      if (next !== undefined) say(`there are more: --after ${next}`);
    });
  addConnectionOptions(command);
}

export interface ShownVersion {
  readonly sequence: number;
  readonly time: string;
  readonly type: 'created' | 'updated' | 'deleted';
  readonly source: string;
  readonly record: Fields;
}

/** A line for each version, newest first, and below it what an update has changed. */
export function versionLines(versions: readonly ShownVersion[]): readonly string[] {
  const paint = painter();
  return versions.flatMap(({ sequence, time, type, source, record }, index) => {
    const before = versions[index + 1];
    const head = [paint.bold(String(sequence)), time, type, ...(source === 'snapshot' ? ['(as a snapshot has it)'] : []), ...namesIn(record, '')].join('  ');
    return type === 'updated' && before !== undefined && before.type !== 'deleted' ? [head, ...propertyLines(before.record, record)] : [head];
  });
}
