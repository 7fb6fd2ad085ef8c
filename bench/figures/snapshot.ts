import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { type Figure, median } from '../figure.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import type { Site } from '../site.ts';

const TARGET_RATIO = 1.2;
const COPIES_PER_RUN = 3;

/**
 * Snapshots on demand, until they are answered for: checksums and syncs included, which the limit does not have. The first one
 * after an import has to write everything; the one after it, what lies near the one record that has changed.
 */
export async function measureSnapshot(site: Site): Promise<readonly Figure[]> {
  const { runs } = site.options;
  const firsts: number[] = [];
  const seconds: number[] = [];
  const peerSeconds: number[] = [];
  const target = join(site.scratch, 'copy');
  mkdirSync(target);
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    if (site.hasSnapshot) await site.import();
    firsts.push((await site.takeSnapshot()).seconds);
    const taken = await site.takeSnapshot();
    seconds.push(taken.seconds);
    bytes = taken.snapshot.bytes;
    const task: DuckDBTask = { task: 'copy', folder: taken.snapshot.folder, target, runs: COPIES_PER_RUN };
    peerSeconds.push(...((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds);
  }
  rmSync(target, { recursive: true });
  const figure = (name: string, times: readonly number[]): Figure => ({
    figure: name,
    value: median(times),
    unit: 's',
    better: 'lower',
    limit: { what: 'DuckDB COPY of the same tables to Parquet', value: median(peerSeconds) },
    target: TARGET_RATIO,
    runs,
    details: { MB: bytes / 1e6 },
  });
  return [figure('snapshot-first', firsts), figure('snapshot', seconds)];
}
