import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Statements } from './database.ts';
import { literal, quoted } from './tables.ts';

/** Writes all tables as Parquet, as they are at one sequence: a snapshot's, or those that SQL is asked over. */

/**
 * How files are laid out. Kept ones are in the order of keys and in large row groups, so that what did not change between
 * two snapshots is the same bytes in both, mostly at the same place: file systems and backups that know equal blocks keep
 * them once. Passing ones are made and read in less time.
 */
export type Layout = 'kept' | 'passing';

/** More rows in a group keep more bytes in place, and take more memory and only one core while they are written and read. */
const KEPT_ROW_GROUP_ROWS = 262_144;

export interface Copied {
  /** The last change that is in the files. */
  readonly sequence: number;
  /** By kind. */
  readonly rows: ReadonlyMap<string, number>;
}

/** @param sequence the last change that is in the table. @returns how many rows there are */
export async function copyTable(sql: Statements, kind: Kind, folder: string, layout: Layout, sequence: number): Promise<number> {
  const path = join(folder, parquetName(kind));
  const metadata = `{holdfast_kind: ${literal(kind.name)}, holdfast_sequence: '${sequence}', holdfast_schema: '${kind.schemaHash}'}`;
  await sql.run(`COPY ${copied(kind, layout)} TO ${literal(path)} (FORMAT parquet, ${OPTIONS[layout]}, KV_METADATA ${metadata})`);
  return Number((await sql.rows(`SELECT count(*) FROM ${quoted(kind.name)}`))[0]?.[0]);
}

/** For such columns zstd makes smaller files at level 1 than at its default, and in less time. */
const OPTIONS: Readonly<Record<Layout, string>> = {
  kept: `COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${KEPT_ROW_GROUP_ROWS}`,
  passing: 'COMPRESSION snappy',
};

function copied(kind: Kind, layout: Layout): string {
  return layout === 'kept' ? `(FROM ${quoted(kind.name)} ORDER BY ${quoted(kind.key)})` : quoted(kind.name);
}

export function parquetName(kind: Kind): string {
  return `${kind.name}.parquet`;
}
