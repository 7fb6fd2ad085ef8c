import type { Command } from 'commander';
import { recordPath } from '../client/paths.ts';
import { nextCursor } from '../client/record-list.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printJsonText, say } from './output.ts';
import { printTable } from './table.ts';

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
    .option('--patch', 'what each update has changed, instead of whole records')
    .option('--json', 'JSON also on a terminal')
    .action(async (kind: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<HistoryOptions>();
      const query = new URLSearchParams(options.patch === true ? { patch: 'true' } : {});
      for (const name of ['limit', 'after'] as const) {
        const value = options[name];
        if (value === undefined) continue;
        if (!/^\d{1,16}$/.test(value)) throw new CliFailure(EXIT.usage, `--${name}: "${value}" is no number`);
        query.set(name, value);
      }
      const path = `${recordPath(kind, id)}/history`;
      const { text, headers } = await withClient(connect(options), (client) => client.request({ method: 'GET', path, query }));
      const versions: unknown = isTerminal() && options.json !== true ? JSON.parse(text) : undefined;
      if (Array.isArray(versions)) printTable(versions, ['sequence', 'time', 'type', 'source', options.patch === true ? 'patch' : 'record']);
      else printJsonText(text);
      const next = nextCursor(headers['link']);
      if (next !== undefined) say(`there are more: --after ${next}`);
    });
  addConnectionOptions(command);
}
