import { columnAt, type Kind } from '../../schemas/kind.ts';
import { bytesOf, type Statements } from './database.ts';
import { type Line, lineOf, linesIn, unquoted } from './row-lines.ts';
import { literal, numberedParquet, parquet, pathExpression, quoted, ROW_NUMBER } from './tables.ts';
import type { IndexColumn } from './working-set.ts';

/** What a start reads back from DuckDB's tables: values for the key index, and rows as lines of text. */

const ROWS_PER_BLOB = 4096;

/** Some rows of a kind: in its table or in a snapshot's file, with these keys or without them. */
export interface IndexPart {
  readonly path?: string;
  readonly keys: readonly string[];
  readonly are: 'IN' | 'NOT IN';
}

const ALL: IndexPart = { keys: [], are: 'NOT IN' };

export async function eachOfIndex(
  sql: Statements,
  kind: Kind,
  paths: readonly (readonly string[])[],
  take: (columns: readonly IndexColumn[]) => void,
  { path: file, keys, are }: IndexPart = ALL,
): Promise<void> {
  const isPlain = paths.map((path) => isPlainText(kind, path));
  // One text per column and some thousand rows, split at once: much cheaper than a value at a time.
  const texts = paths.map((path, position) => `string_agg(coalesce(${indexedText(path, isPlain[position] === true)}, ''), chr(10))`);
  const [from, row] = file === undefined ? [quoted(kind.name), 'rowid'] : [numberedParquet(file), ROW_NUMBER];
  const isAll = keys.length === 0 && are === 'NOT IN';
  const where = isAll ? '' : `WHERE ${quoted(kind.key)} ${are} (SELECT unnest(from_json($1, '["VARCHAR"]')))`;
  const query = `SELECT ${texts.join(', ')} FROM ${from} ${where} GROUP BY ${row} // ${ROWS_PER_BLOB} ORDER BY min(${row})`;
  for await (const rows of sql.chunks(query, isAll ? [] : [JSON.stringify(keys)])) {
    for (const row of rows) {
      // Reads come in between.
      await new Promise((resolve) => setImmediate(resolve));
      take(row.map((text, position) => valuesIn(text as string, isPlain[position] === true)));
    }
  }
}

export async function linesWhere(sql: Statements, kind: Kind, condition: string, parameters: readonly string[] = []): Promise<Iterable<Line>> {
  const query = `SELECT encode(string_agg(${lineOf(kind)}, chr(10))) FROM ${quoted(kind.name)} WHERE ${condition} GROUP BY rowid // ${ROWS_PER_BLOB}`;
  return linesOf(kind, await sql.rows(query, parameters));
}

export async function namedLine(sql: Statements, kind: Kind, name: string): Promise<Line | undefined> {
  const names = [kind.key, ...kind.naturalKeys].map((property) => `${quoted(property)} = $1`).join(' OR ');
  const query = `SELECT encode(${lineOf(kind)}) FROM ${quoted(kind.name)} WHERE ${names} ORDER BY (${quoted(kind.key)} = $1) DESC LIMIT 1`;
  const [line] = linesOf(kind, await sql.rows(query, [name]));
  return line;
}

/** The same from a snapshot's file, by the key alone: what is no constant would make it read all of the file. */
export async function lineInFile(sql: Statements, kind: Kind, path: string, key: string): Promise<Line | undefined> {
  const query = `SELECT encode(${lineOf(kind)}) FROM ${parquet(path)} WHERE ${quoted(kind.key)} = ${literal(key)}`;
  const [line] = linesOf(kind, await sql.rows(query));
  return line;
}

function* linesOf(kind: Kind, rows: readonly (readonly unknown[])[]): Generator<Line> {
  for (const [blob] of rows) {
    const { buffer, byteOffset, byteLength } = bytesOf(blob);
    yield* linesIn(kind, Buffer.from(buffer, byteOffset, byteLength));
  }
}

/** Formats whose values have no character that JSON would write otherwise. */
const PLAIN_FORMATS = new Set(['uuid', 'mac-address', 'ipv4', 'xname', 'xname-node', 'xname-bmc']);

function isPlainText(kind: Kind, path: readonly string[]): boolean {
  const target = columnAt(kind, path);
  return target?.column.type === 'string' && !target.throughList && PLAIN_FORMATS.has(target.column.format ?? '');
}

/** A value as one line: as it is, or as JSON where it may have any character. */
function indexedText(path: readonly string[], isPlain: boolean): string {
  return isPlain ? pathExpression(path) : `to_json(${pathExpression(path)})::VARCHAR`;
}

/** The values of some rows; undefined where there is none. A list stays JSON. */
function valuesIn(text: string, isPlain: boolean): readonly (string | undefined)[] {
  return text.split('\n').map((line) => (line === '' ? undefined : isPlain || line.startsWith('[') ? line : unquoted(line)));
}
