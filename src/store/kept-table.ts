import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '../../schemas/kind.ts';
import { BaseFile } from './base-file.ts';
import type { Copiers } from './copiers.ts';
import type { Statements } from './database.ts';
import type { Files } from './files.ts';
import { areInOrder, joinRowGroups, type ParquetPieces, type RowGroup, readPieces } from './row-groups.ts';
import { copyRows, metadataOf, parquetName } from './table-copy.ts';
import { literal, quoted } from './tables.ts';

/**
 * Writes a table into a snapshot's file, in the order of keys. A large one is written in stretches of keys, each a row
 * group: those in which nothing has changed since the snapshot before are taken from its file, the others are written by
 * DuckDB, several at a time. What has changed since then has a later revision, and what was deleted is missing in the count.
 */

/** More of them are smaller files, and more is written for each change. */
export const STRETCH_ROWS = 65_536;
/** What has grown further is divided. */
const GROWN = 1.5;
/** Neighbours that have no more together are joined. */
const SHRUNK = 0.5;
/** So many rows are put into their places one by one. */
const LATE_ROWS_MAX = 16;

/** The snapshot that the tables were loaded from or last written to. */
export interface Base {
  readonly folder: string;
  readonly sequence: number;
  /** Of a kind's file; undefined when there is none that was written by the schema of now. */
  sha256Of(kind: Kind): string | undefined;
}

interface Stretch {
  /** Its least key. The first stretch begins before every key. */
  readonly from: string;
  readonly rows: number;
  /** In the file of the base, if it is the same still. */
  readonly group: RowGroup | undefined;
}

/** How files of snapshots are written; others are `passing`. */
export interface Kept {
  readonly files: Files;
  readonly base: Base | undefined;
  readonly stretchRows: number;
}

export type Layout = 'passing' | Kept;

export interface KeptCopy extends Kept {
  readonly folder: string;
  /** The last change that is in the tables. */
  readonly sequence: number;
}

/** @returns how many rows there are */
export async function copyKept(copiers: Copiers, kind: Kind, copy: KeptCopy): Promise<number> {
  const base = await baseOf(copiers, kind, copy);
  if (base === undefined) return await copyWith(undefined, copiers, kind, copy);
  try {
    const rows = await copyWith(base, copiers, kind, copy).catch((error: unknown) => error as Error);
    // A file that was damaged can mislead in many ways: what came of it is nothing, or an error that says little.
    const isSound = await base.isSound();
    if (isSound && rows instanceof Error) throw rows;
    if (isSound && typeof rows === 'number') return rows;
  } finally {
    base.close();
  }
  copy.files.remove(pathOf(kind, copy));
  return await copyWith(undefined, copiers, kind, copy);
}

async function copyWith(base: BaseFile | undefined, copiers: Copiers, kind: Kind, copy: KeptCopy): Promise<number> {
  const stretches = await copiers.use((sql) => stretchesOf(sql, kind, copy, base?.pieces.groups ?? []));
  if (stretches.length <= 1) {
    const rows = `(FROM ${quoted(kind.name)} ORDER BY ${quoted(kind.key)})`;
    await copiers.use((sql) => copyRows(sql, rows, pathOf(kind, copy), metadataOf(kind, copy.sequence)));
  } else await copyStretches(copiers, kind, copy, stretches, base?.pieces.footer);
  return stretches.reduce((rows, stretch) => rows + stretch.rows, 0);
}

/** @param known a footer that describes the columns as DuckDB does */
async function copyStretches(
  copiers: Copiers,
  kind: Kind,
  copy: KeptCopy,
  stretches: readonly Stretch[],
  known: ParquetPieces['footer'] | undefined,
): Promise<void> {
  const { folder, files } = copy;
  const metadata = metadataOf(kind, copy.sequence);
  const groups: RowGroup[] = [];
  const parts: string[] = [];
  let footer = known;
  const write = async (sql: Statements, index: number): Promise<void> => {
    const part = join(folder, `.part-${index}-${parquetName(kind)}`);
    parts.push(part);
    const condition = between(kind, index === 0 ? undefined : stretches[index]?.from, stretches[index + 1]?.from);
    await copyRows(sql, await inOrder(sql, kind, condition), part, metadata);
    const pieces = readPieces(files, part);
    const [only] = pieces.groups;
    assert(only !== undefined && pieces.groups.length === 1, 'a stretch is one row group');
    groups[index] = only;
    footer ??= pieces.footer;
  };
  try {
    const written = stretches.map(async ({ group }, index) => {
      if (group === undefined) await copiers.use((sql) => write(sql, index));
      else groups[index] = group;
    });
    const worked = await Promise.allSettled(written);
    for (const result of worked) if (result.status === 'rejected') throw result.reason;
    assert(footer !== undefined, 'there are stretches, of which there is a footer');
    await joinRowGroups(files, pathOf(kind, copy), groups, footer, metadata);
  } finally {
    for (const part of parts) files.remove(part);
  }
}

/**
 * The rows of a stretch in the order of keys. Rows that were never replaced are in it still, and replaced ones come behind
 * them: a few of those are put into their places, and only many are a reason to sort all.
 */
async function inOrder(sql: Statements, kind: Kind, condition: string): Promise<string> {
  const [key, table] = [quoted(kind.key), quoted(kind.name)];
  const marked = `SELECT ${key} AS key, rowid AS place, ${key} < lag(${key}) OVER (ORDER BY rowid) AS is_behind FROM ${table} WHERE ${condition}`;
  const late = `SELECT key FROM marked WHERE place >= (SELECT min(place) FROM marked WHERE is_behind) ORDER BY key LIMIT ${LATE_ROWS_MAX + 1}`;
  const keys = (await sql.rows(`WITH marked AS MATERIALIZED (${marked}) ${late}`)).map(([found]) => literal(String(found)));
  if (keys.length > LATE_ROWS_MAX) return `(FROM ${table} WHERE ${condition} ORDER BY ${key})`;
  const bounds = keys.flatMap((late) => [`${key} < ${late}`, `${key} = ${late}`]);
  const ranges = [...bounds, 'true'].map((bound, index) => {
    const before = index % 2 === 0 ? keys[index / 2 - 1] : undefined;
    return `(FROM ${table} WHERE ${condition} AND ${bound}${before === undefined ? '' : ` AND ${key} > ${before}`})`;
  });
  return `(${ranges.join(' UNION ALL ')})`;
}

/** The stretches of the base, in which small ones have been joined and large ones divided. */
async function stretchesOf(sql: Statements, kind: Kind, copy: KeptCopy, groups: readonly RowGroup[]): Promise<readonly Stretch[]> {
  const known = groups.map((group) => group.least.get(kind.key) ?? '');
  // By numbers, because any name may be that of a property.
  const counted = await sql.rows(`SELECT ${placeOf(kind, known)}, count(*), max("revision") FROM ${quoted(kind.name)} GROUP BY 1 ORDER BY 1`);
  const joined: Stretch[] = [];
  for (const [place, count, revision] of counted) {
    const group = groups[Number(place)];
    const isSame = group !== undefined && group.rows === Number(count) && Number(revision) <= (copy.base?.sequence ?? 0);
    const stretch: Stretch = { from: known[Number(place)] ?? '', rows: Number(count), group: isSame ? group : undefined };
    const last = joined.at(-1);
    if (last !== undefined && last.rows + stretch.rows <= copy.stretchRows * SHRUNK)
      joined.splice(-1, 1, { ...last, rows: last.rows + stretch.rows, group: undefined });
    else joined.push(stretch);
  }
  const divided: Stretch[] = [];
  for (const [index, stretch] of joined.entries()) {
    if (stretch.rows <= copy.stretchRows * GROWN) divided.push(stretch);
    else divided.push(...(await parted(sql, kind, stretch, copy.stretchRows, between(kind, index === 0 ? undefined : stretch.from, joined[index + 1]?.from))));
  }
  return divided;
}

/** Divides a stretch into equal ones. */
async function parted(sql: Statements, kind: Kind, { from, rows }: Stretch, stretchRows: number, condition: string): Promise<readonly Stretch[]> {
  const count = Math.ceil(rows / stretchRows);
  const before = (index: number): number => Math.floor((index * rows) / count);
  const shares = Array.from({ length: count - 1 }, (_, index) => (index + 1) / count);
  const [[starts] = []] = await sql.rows(
    `SELECT to_json(quantile_disc(${quoted(kind.key)}, [${shares.join(', ')}]))::VARCHAR FROM ${quoted(kind.name)} WHERE ${condition}`,
  );
  return [from, ...(JSON.parse(String(starts)) as readonly string[])].map((start, index) => ({
    from: start,
    rows: before(index + 1) - before(index),
    group: undefined,
  }));
}

/** The base's file, if row groups of it could be taken over. Whether it is what it was is known when all of it has been read. */
async function baseOf(copiers: Copiers, kind: Kind, copy: KeptCopy): Promise<BaseFile | undefined> {
  const { files, base } = copy;
  const sha256 = base?.sha256Of(kind);
  if (base === undefined || sha256 === undefined) return undefined;
  const file = BaseFile.open(files, join(base.folder, parquetName(kind)), sha256);
  try {
    // One alone is written anew in any case, and files from before there were stretches may have a key in any row group.
    if (file !== undefined && file.pieces.groups.length > 1 && areInOrder(file.pieces.groups, kind.key)) {
      if (isDeepStrictEqual(descriptionIn(file.pieces), await copiers.use((sql) => descriptionNow(sql, kind, copy)))) return file;
    }
  } catch (error) {
    file?.close();
    throw error;
  }
  file?.close();
  return undefined;
}

/** How the columns are described by what writes them: row groups of one file must have that in common. */
function descriptionIn({ writer, footer }: ParquetPieces): readonly unknown[] {
  return [writer, footer.field_2];
}

async function descriptionNow(sql: Statements, kind: Kind, { folder, files, sequence }: KeptCopy): Promise<readonly unknown[]> {
  const path = join(folder, `.part-empty-${parquetName(kind)}`);
  await copyRows(sql, `(FROM ${quoted(kind.name)} LIMIT 0)`, path, metadataOf(kind, sequence));
  const description = descriptionIn(readPieces(files, path));
  files.remove(path);
  return description;
}

function pathOf(kind: Kind, { folder }: KeptCopy): string {
  return join(folder, parquetName(kind));
}

function between(kind: Kind, from: string | undefined, end: string | undefined): string {
  const key = quoted(kind.key);
  const conditions = [...(from === undefined ? [] : [`${key} >= ${literal(from)}`]), ...(end === undefined ? [] : [`${key} < ${literal(end)}`])];
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

/** Which stretch a row is in, with as few comparisons as there are halvings. The first has no beginning. */
function placeOf(kind: Kind, from: readonly string[], first = 0, end: number = from.length): string {
  if (end - first <= 1) return String(first);
  const middle = (first + end) >>> 1;
  return `CASE WHEN ${quoted(kind.key)} < ${literal(from[middle] ?? '')} THEN ${placeOf(kind, from, first, middle)} ELSE ${placeOf(kind, from, middle, end)} END`;
}
