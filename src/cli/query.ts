import { createWriteStream, readFileSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { type Client, HoldfastError, type QueryRow } from '../client/client.ts';
import { messageOf } from '../faults.ts';
import { withClient } from './api.ts';
import { momentText } from './at.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printBytes, printStream, say } from './output.ts';
import { printTable } from './table.ts';

const TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;

type Format = keyof typeof TYPES | 'table';

interface QueryOptions extends ConnectionOptions {
  readonly at?: string;
  readonly format?: Format;
  readonly output?: string;
}

/** More of them are for programs, and not for a terminal. */
const TABLE_ROWS_MAX = 1000;
const STANDARD_INPUT = 0;

export function addQuery(program: Command): void {
  const command = program
    .command('query <sql>')
    .description('ask one SELECT, over the records or over snapshots; a table on a terminal, JSON otherwise; - reads it from standard input')
    .option('--at <moment>', 'now (default), all snapshots, latest, earliest, a snapshot, a time, "2h" ago, or a sequence')
    .addOption(new Option('--format <format>', 'how the result is written').choices(['table', ...Object.keys(TYPES)]))
    .option('--output <file>', 'write the result into this file, which is there only when all of it is')
    .action(async (sql: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<QueryOptions>();
      const text = sql === '-' ? readFileSync(STANDARD_INPUT, 'utf8') : sql;
      await withClient(connect(options), (client) => show(client, text, options));
    });
  addConnectionOptions(command);
}

async function show(
  client: Client,
  sql: string,
  { at, output, format = isTerminal() && output === undefined ? 'table' : 'json' }: QueryOptions,
): Promise<void> {
  const moment = at === undefined ? {} : { at: momentText(at) };
  if (format === 'table') {
    if (output !== undefined) throw new CliFailure(EXIT.usage, 'a table is for a terminal: --output takes another --format');
    return showTable(client.query(sql, moment));
  }
  const isText = format !== 'arrow' && format !== 'parquet';
  if (!isText && output === undefined && isTerminal()) throw new CliFailure(EXIT.usage, `${format} is not for a terminal: say --output FILE`);
  const { body } = await client.queryText(sql, TYPES[format], moment);
  if (output !== undefined) await save(body, output);
  else if (isText) await printStream(body);
  else await printBytes(body);
}

async function showTable(result: AsyncIterable<QueryRow>): Promise<void> {
  const rows: QueryRow[] = [];
  for await (const row of result) {
    rows.push(row);
    if (rows.length >= TABLE_ROWS_MAX) break;
  }
  printTable(rows, Object.keys(rows[0] ?? {}), 'row');
  if (rows.length >= TABLE_ROWS_MAX) say(`these are the first ${TABLE_ROWS_MAX} rows; --format json, ndjson or csv has all of them`);
}

/** The file has its name only when it is complete. */
async function save(body: AsyncIterable<Buffer>, path: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(body, createWriteStream(part));
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error instanceof HoldfastError ? error : new CliFailure(EXIT.refused, `${path} could not be written: ${messageOf(error)}`);
  }
}
