import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Client, QueryRow } from '../client/client.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { isTerminal, printStream, say } from './output.ts';
import { printTable } from './table.ts';

const TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

type Format = keyof typeof TYPES | 'table';

interface QueryOptions extends ConnectionOptions {
  readonly at?: string;
  readonly format?: Format;
}

/** More of them are for programs, and not for a terminal. */
const TABLE_ROWS_MAX = 1000;
const STANDARD_INPUT = 0;

export function addQuery(program: Command): void {
  const command = program
    .command('query <sql>')
    .description('ask one SELECT, over the records or over snapshots; a table on a terminal, JSON otherwise; - reads it from standard input')
    .option('--at <moment>', 'now (default), all snapshots, latest, earliest, a snapshot, an RFC 3339 time or a sequence')
    .addOption(new Option('--format <format>', 'how the result is written').choices(['table', ...Object.keys(TYPES)]))
    .action(async (sql: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<QueryOptions>();
      const text = sql === '-' ? readFileSync(STANDARD_INPUT, 'utf8') : sql;
      await withClient(connect(options), (client) => show(client, text, options));
    });
  addConnectionOptions(command);
}

async function show(client: Client, sql: string, { at, format = isTerminal() ? 'table' : 'json' }: QueryOptions): Promise<void> {
  const moment = at === undefined ? {} : { at };
  if (format !== 'table') {
    const { body } = await client.queryText(sql, TYPES[format], moment);
    await printStream(body);
    return;
  }
  const rows: QueryRow[] = [];
  for await (const row of client.query(sql, moment)) {
    rows.push(row);
    if (rows.length >= TABLE_ROWS_MAX) break;
  }
  printTable(rows, Object.keys(rows[0] ?? {}), 'row');
  if (rows.length >= TABLE_ROWS_MAX) say(`these are the first ${TABLE_ROWS_MAX} rows; --format json, ndjson or csv has all of them`);
}
