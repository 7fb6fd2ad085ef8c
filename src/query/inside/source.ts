import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Kind, kindOf, type Schema } from '../../../schemas/kind.ts';
import { HIDDEN_PROPERTIES, RESERVATIONS } from '../../protocol/reservations.ts';
import { realFiles } from '../../store/files.ts';
import { type Manifest, readManifest, schemaOf, schemasOf } from '../../store/manifest.ts';
import { literal } from '../../store/tables.ts';
import type { ContentTable } from '../messages.ts';

/** The Parquet files that tables are made of, and whether they are what they should be. */

export interface SourceTable {
  readonly kind: Kind;
  readonly path: string;
  readonly rows: number;
}

export interface Source {
  readonly tables: readonly SourceTable[];
  /** Of snapshots only. */
  readonly manifest: Manifest | undefined;
}

const HASHED_BYTES = 1024 * 1024;

/** What the server has just written itself. */
export function exportedTables(folder: string, tables: readonly ContentTable[]): Source {
  return {
    manifest: undefined,
    tables: tables.map(({ kind, schema, file, rows }) => ({ kind: shownKind(kind, schema as Schema), path: join(folder, file), rows })),
  };
}

/** A snapshot whose tables are as they were written: most damage to Parquet loads without a word. @throws what is wrong with it */
export function snapshotTables(folder: string): Source {
  const read = readManifest(realFiles, folder);
  if (!read.ok) throw new Error(read.reason);
  const { manifest } = read;
  const schemas = schemasOf(realFiles, folder, manifest);
  const tables = Object.entries(manifest.kinds).map(([name, { file, rows }]) => {
    const path = join(folder, file);
    if (manifest.files.find((entry) => entry.name === file)?.sha256 !== sha256Of(path)) throw new Error(`${file} does not match its checksum`);
    return { kind: shownKind(name, schemaOf(schemas, name)), path, rows };
  });
  return { manifest, tables };
}

/** The columns that are loaded; the file has more, of reservations, that only the server needs. */
function shownKind(name: string, schema: Schema): Kind {
  const kind = kindOf(name, schema);
  return name === RESERVATIONS ? { ...kind, columns: kind.columns.filter((column) => !HIDDEN_PROPERTIES.has(column.name)) } : kind;
}

function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(HASHED_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece)) hash.update(piece.subarray(0, bytes));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** A file of a few bytes can say that it has any number of rows. @throws */
export async function checkRows(connection: DuckDBConnection, { kind, path, rows }: SourceTable): Promise<void> {
  const reader = await connection.runAndReadAll(`SELECT sum(num_rows) FROM parquet_file_metadata(${literal(path)})`);
  const found = Number(reader.getRows()[0]?.[0]);
  if (found !== rows) throw new Error(`${kind.name}: there are ${found} rows where ${rows} should be`);
}
