import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Statements } from './database.ts';
import { literal, quoted } from './tables.ts';
import type { WorkingSet } from './working-set.ts';

/** Writes all tables as Parquet, as they are at one sequence: a snapshot's, or those that SQL is asked over. */

export interface CopyParts {
  readonly kinds: readonly Kind[];
  readonly workingSet: WorkingSet;
  sequenceNow(): number;
}

/** `snappy` is made and read in less time, `zstd` takes half of the space. */
export type Compression = 'zstd' | 'snappy';

export interface Copied {
  /** The last change that is in the files. */
  readonly sequence: number;
  /** By kind. */
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * Writes them from one transaction; the position that it reads names the cut. Nothing is synced.
 * @param atCut called at the very moment that the files will stand for.
 */
export function copyTables(
  { kinds, workingSet, sequenceNow }: CopyParts,
  folder: string,
  compression: Compression,
  atCut: () => void = () => undefined,
): Promise<Copied> {
  return workingSet.snapshotter.alone((sql) =>
    sql.transaction(async () => {
      // BEGIN is lazy: the cut is at the first statement, which must come before anything else is applied.
      const cut = await workingSet.applyAndHold(sequenceNow, atCut, async () => Number((await sql.rows('SELECT sequence FROM _position'))[0]?.[0]));
      assert.equal(cut.read, cut.applied, 'the copy sees what was applied, no more and no less');
      const rows = new Map<string, number>();
      for (const kind of kinds) {
        rows.set(kind.name, await copyTable(sql, kind, folder, compression, cut.applied));
      }
      return { sequence: cut.applied, rows };
    }),
  );
}

/** @param sequence the last change that is in the table. @returns how many rows there are */
export async function copyTable(sql: Statements, kind: Kind, folder: string, compression: Compression, sequence: number): Promise<number> {
  const path = join(folder, parquetName(kind));
  const metadata = `{holdfast_kind: ${literal(kind.name)}, holdfast_sequence: '${sequence}', holdfast_schema: '${kind.schemaHash}'}`;
  await sql.run(`COPY ${quoted(kind.name)} TO ${literal(path)} (FORMAT parquet, COMPRESSION ${compression}, KV_METADATA ${metadata})`);
  return Number((await sql.rows(`SELECT count(*) FROM ${quoted(kind.name)}`))[0]?.[0]);
}

export function parquetName(kind: Kind): string {
  return `${kind.name}.parquet`;
}
