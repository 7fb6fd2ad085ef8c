import { runProgram } from '../children.ts';
import { type Figure, median } from '../figure.ts';
import { callWell } from '../http.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import type { Site, Snapshot } from '../site.ts';

/** One node in so many is changed between the two snapshots. */
const CHANGED_SHARE = 100;
const GOAL_SECONDS = 1;
const TARGET_RATIO = 1.5;

/** What is different between two snapshots, as patches, until the last byte: when nobody has asked before, and again. */
export async function measureDiff(site: Site): Promise<readonly Figure[]> {
  const { runs } = site.options;
  const first: number[] = [];
  const again: number[] = [];
  const peerSeconds: number[] = [];
  let changes = 0;
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    const { snapshot: older } = await site.takeSnapshot();
    await change(site, run);
    const { snapshot: newer } = await site.takeSnapshot();
    const one = await ask(site, older, newer);
    first.push(one.seconds);
    again.push((await ask(site, older, newer)).seconds);
    ({ changes, bytes } = one);
    const task: DuckDBTask = { task: 'join', older: older.folder, newer: newer.folder, tables: ['ComputeNode', 'BMC'] };
    peerSeconds.push(...((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds);
  }
  const what = {
    unit: 's',
    better: 'lower',
    limit: { what: 'DuckDB joining the two Parquet files', value: median(peerSeconds) },
    goal: GOAL_SECONDS,
    runs,
  } as const;
  return [
    { figure: 'diff', value: median(first), ...what, target: TARGET_RATIO, details: { changes, MB: bytes / 1e6 } },
    { figure: 'diff-again', value: median(again), ...what },
  ];
}

/** Replaces some of the nodes, others than before. */
async function change(site: Site, run: number): Promise<void> {
  const { port } = await site.server();
  const lines = site.lines.toString().trimEnd().split('\n');
  const changed = lines.filter((_line, index) => index % CHANGED_SHARE === run % CHANGED_SHARE);
  const body = changed.map((line) => `${JSON.stringify({ ...JSON.parse(line), description: `changed in run ${run}` })}\n`).join('');
  const headers = { ...site.headers, 'Content-Type': 'application/x-ndjson' };
  await callWell(port, { method: 'POST', path: '/inventory/ComputeNode/bulk?upsert=true', headers, body });
}

async function ask(site: Site, older: Snapshot, newer: Snapshot): Promise<{ readonly seconds: number; readonly changes: number; readonly bytes: number }> {
  const { port } = await site.server();
  const startMs = performance.now();
  const { body } = await callWell(port, { path: `/diff?from=${older.name}&to=${newer.name}`, headers: { Accept: 'application/x-ndjson' } });
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, changes: body.toString().trimEnd().split('\n').length, bytes: body.length };
}
