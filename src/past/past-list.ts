import { strict as assert } from 'node:assert';
import { type Column, type Kind, type NamedColumn, NORMAL_FORMS } from '../../schemas/kind.ts';
import type { Find } from '../protocol/commands.ts';
import type { Cursor, PastPart } from '../protocol/past.ts';
import { HIDDEN_PROPERTIES, RESERVATIONS } from '../protocol/reservations.ts';
import { bytesOf, type Statements } from '../store/database.ts';
import { cursorValue, findSql, xnameWithoutZeros } from '../store/find.ts';
import { lineOf, linesIn, reparsed } from '../store/row-lines.ts';
import { quoted } from '../store/tables.ts';

/** Lists of a past state, a bounded part at a time. Parts need no memory of each other: each begins behind a cursor. */

export interface PartLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** They tell how large the others will be. */
const SAMPLE_ROWS = 256;

export async function partOf(
  sql: Statements,
  kind: Kind,
  find: Find,
  fields: readonly (readonly string[])[] | undefined,
  separator: string,
  { rowsMax, bytesMax }: PartLimits,
): Promise<PastPart> {
  const limit = find.limit ?? rowsMax;
  const asked = findSql(kind, { ...find, limit }, 'rowid');
  const rows = await sql.rows(asked.rows, asked.rowParameters);
  const count = find.count ? Number((await sql.rows(asked.count, asked.countParameters))[0]?.[0]) : undefined;
  const wanted = rows.slice(0, Math.min(limit, rowsMax));
  const { parts, sent } = await rendered(sql, shownOf(kind, fields), wanted.map(rowIdIn), Buffer.from(separator), bytesMax);
  const isOver = find.limit !== undefined && sent === limit;
  const last = rows[Math.min(rows.length, limit) - 1];
  return {
    // Not from a pool: it goes to another thread as it is.
    bytes: Uint8Array.from(Buffer.concat(parts)),
    rows: sent,
    ...(sent < rows.length && !isOver ? { more: cursorOf(rows[sent - 1]) } : {}),
    ...(find.limit !== undefined && rows.length > limit ? { next: cursorOf(last) } : {}),
    ...(count === undefined ? {} : { count }),
  };
}

/** The image of the one record that has the name as its key or as a natural key. */
export async function recordNamed(sql: Statements, kind: Kind, name: string): Promise<Rendered | undefined> {
  const parameters = [name];
  const conditions = [`${quoted(kind.key)} = $1`];
  for (const { property, normalForm } of kind.uniques) {
    if (!kind.naturalKeys.includes(property)) continue;
    parameters.push(NORMAL_FORMS[normalForm](name));
    const stored = normalForm === 'xname' ? xnameWithoutZeros(quoted(property)) : quoted(property);
    conditions.push(`${stored} = $${parameters.length}`);
  }
  const query = `SELECT encode(${lineOf(shownOf(kind))}) FROM ${quoted(kind.name)} WHERE ${conditions.join(' OR ')}`;
  const rows = await sql.rows(`${query} ORDER BY (${quoted(kind.key)} = $1) DESC LIMIT 1`, parameters);
  return rows[0] === undefined ? undefined : renderedLine(kind, rows[0][0]);
}

export interface Rendered {
  readonly revision: number;
  readonly image: Uint8Array;
}

/** A row that `lineOf` made. */
export function renderedLine(kind: Kind, blob: unknown): Rendered | undefined {
  const bytes = bytesOf(blob);
  for (const { revision, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    return { revision, image: needsReparse ? Buffer.from(reparsed(image)) : Uint8Array.from(image) };
  }
  return undefined;
}

/** The kind with the columns that are shown: those that were asked for, and never what only the server needs. */
export function shownOf(kind: Kind, fields?: readonly (readonly string[])[]): Kind {
  const public_ = kind.name === RESERVATIONS ? kind.columns.filter(({ name }) => !HIDDEN_PROPERTIES.has(name)) : kind.columns;
  return { ...kind, columns: fields === undefined ? public_ : picked(public_, [[kind.key], ...fields]) };
}

function picked(columns: readonly NamedColumn[], paths: readonly (readonly string[])[]): readonly NamedColumn[] {
  return columns.flatMap(({ name, column }) => {
    const inside = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    if (inside.length === 0) return [];
    // A whole property was asked for: a part of it adds nothing.
    return [{ name, column: inside.some((path) => path.length === 0) ? column : pickedIn(column, inside) }];
  });
}

function pickedIn(column: Column, paths: readonly (readonly string[])[]): Column {
  if (column.type === 'list') return { type: 'list', element: pickedIn(column.element, paths) };
  return column.type === 'object' ? { type: 'object', columns: picked(column.columns, paths) } : column;
}

interface SentRows {
  readonly parts: Uint8Array[];
  sent: number;
  bytes: number;
}

/** The images of rows in their order, until they have come to so many bytes; at least one. */
async function rendered(sql: Statements, shown: Kind, rowIds: readonly number[], separator: Buffer, bytesMax: number): Promise<SentRows> {
  const so: SentRows = { parts: [], sent: 0, bytes: 0 };
  // Preparing the query takes as long as a thousand rows of it, and a row may be a few bytes or some megabytes.
  for (let rows = SAMPLE_ROWS; so.sent < rowIds.length && so.bytes < bytesMax; rows = rowsIn(bytesMax - so.bytes, so)) {
    await render(sql, shown, rowIds.slice(so.sent, so.sent + rows), separator, bytesMax, so);
  }
  return so;
}

function rowsIn(bytes: number, { bytes: sentBytes, sent }: SentRows): number {
  return Math.max(1, Math.ceil((bytes * sent) / sentBytes));
}

async function render(sql: Statements, shown: Kind, chunk: readonly number[], separator: Buffer, bytesMax: number, so: SentRows): Promise<void> {
  const query = `SELECT rowid, encode(${lineOf(shown)}) FROM ${quoted(shown.name)} WHERE rowid IN (SELECT unnest(from_json($1, '["BIGINT"]')))`;
  const lines = new Map<number, unknown>();
  for (const [rowId, line] of await sql.rows(query, [JSON.stringify(chunk)])) lines.set(Number(rowId), line);
  for (const rowId of chunk) {
    if (so.sent > 0 && so.bytes >= bytesMax) return;
    const line = renderedLine(shown, lines.get(rowId));
    assert(line !== undefined, 'nothing is written between the two queries of a part');
    if (so.sent > 0) so.parts.push(separator);
    so.parts.push(line.image);
    so.bytes += line.image.length + 1;
    so.sent += 1;
  }
}

function rowIdIn(row: readonly unknown[]): number {
  return Number(row[0]);
}

function cursorOf(row: readonly unknown[] | undefined): Cursor {
  return (row ?? []).slice(1).map(cursorValue);
}
