import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Statements } from './database.ts';
import { literal, quoted } from './tables.ts';

/** Writes a table as Parquet, as it is at one sequence. */

export interface Copied {
  /** The last change that is in the files. */
  readonly sequence: number;
  /** By kind. */
  readonly rows: ReadonlyMap<string, number>;
}

/** What each file says of itself. */
export function metadataOf(kind: Kind, sequence: number): Readonly<Record<string, string>> {
  return { holdfast_kind: kind.name, holdfast_sequence: String(sequence), holdfast_schema: kind.schemaHash };
}

/** Any number of rows in one row group; for such columns zstd makes smaller files at level 1 than at its default, and in less time. */
const KEPT = 'COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 262144';
/** For files that are read soon and not for long: made in less time. */
const PASSING = 'COMPRESSION snappy';

/** Rows of a snapshot's file, up to 262 144 of them, in one row group. */
export async function copyRows(sql: Statements, rows: string, path: string, metadata: Readonly<Record<string, string>>): Promise<void> {
  await copyInto(sql, rows, path, KEPT, metadata);
}

/** A file that is no snapshot's. @param sequence the last change that is in the table. @returns how many rows there are */
export async function copyPassing(sql: Statements, kind: Kind, folder: string, sequence: number): Promise<number> {
  await copyInto(sql, quoted(kind.name), join(folder, parquetName(kind)), PASSING, metadataOf(kind, sequence));
  return Number((await sql.rows(`SELECT count(*) FROM ${quoted(kind.name)}`))[0]?.[0]);
}

async function copyInto(sql: Statements, rows: string, path: string, options: string, metadata: Readonly<Record<string, string>>): Promise<void> {
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${literal(value)}`);
  await sql.run(`COPY ${rows} TO ${literal(path)} (FORMAT parquet, ${options}, KV_METADATA {${pairs.join(', ')}})`);
}

export function parquetName(kind: Kind): string {
  return `${kind.name}.parquet`;
}
