import { runProgram } from '../children.ts';
import { type Figure, median } from '../figure.ts';
import { callWell } from '../http.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import { processorMsOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** Back to a snapshot that nobody has asked anything of yet, after a part of all nodes was changed; and after all of them were. */

const GOAL_SECONDS = 3;
const SHARE_CHANGED = 0.01;

interface Restored {
  /** Without the safety snapshot. */
  readonly seconds: number;
  readonly safetySeconds: number;
  /** Of all threads, the safety snapshot included; unlike the time on the clock, it hardly depends on what else runs. */
  readonly processorSeconds: number;
  /** The bulk that changed the nodes. */
  readonly bulkSeconds: number;
  /** DuckDB loading what the restore goes back to. */
  readonly loadSeconds: number;
  readonly records: number;
}

export async function measureRestore(site: Site): Promise<readonly Figure[]> {
  const { runs } = site.options;
  const some: Restored[] = [];
  const all: Restored[] = [];
  for (let run = 0; run < runs; run++) {
    some.push(await restored(site, SHARE_CHANGED, run));
    all.push(await restored(site, 1, run));
  }
  const of = (each: readonly Restored[], what: keyof Restored): number => median(each.map((one) => one[what]));
  const figure = (name: string, each: readonly Restored[], limit: Figure['limit']): Figure => ({
    figure: name,
    value: of(each, 'seconds'),
    unit: 's',
    better: 'lower',
    limit,
    goal: GOAL_SECONDS,
    runs,
    details: {
      records: of(each, 'records'),
      processorSeconds: of(each, 'processorSeconds'),
      safetySnapshotSeconds: of(each, 'safetySeconds'),
      bulkSeconds: of(each, 'bulkSeconds'),
    },
  });
  return [
    figure('restore', some, { what: 'DuckDB loading the Parquet files', value: of(some, 'loadSeconds') }),
    figure('restore-all', all, { what: 'the atomic bulk that changed the same nodes', value: of(all, 'bulkSeconds') }),
  ];
}

async function restored(site: Site, share: number, run: number): Promise<Restored> {
  const { snapshot } = await site.takeSnapshot();
  const task: DuckDBTask = { task: 'load-folder', folder: snapshot.folder };
  const loadSeconds = median(((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds);
  const { port, pid } = await site.server();
  const headers = { ...site.headers, 'Content-Type': 'application/x-ndjson' };
  const bulkSeconds = await timed(() =>
    callWell(port, { method: 'POST', path: '/inventory/ComputeNode/bulk?upsert=true', headers, body: changedLines(site, share, run) }),
  );
  // What was written is in DuckDB, so that the safety snapshot does not have to wait for it.
  await callWell(port, { path: '/inventory/ComputeNode?hostname=nobody' });
  const processorMs = processorMsOf(pid);
  let processorSeconds = 0;
  let records = 0;
  let safetySeconds = 0;
  const seconds = await timed(
    async () => {
      const path = `/snapshots/${snapshot.name}/restore`;
      const body = JSON.stringify({ confirm: true, limit: 0 });
      const answer = await callWell(port, { method: 'POST', path, headers: { ...site.headers, 'Content-Type': 'application/json' }, body });
      processorSeconds = (processorMsOf(pid) - processorMs) / 1000;
      const report = JSON.parse(answer.body.toString()) as { total: Record<string, number>; safety_snapshot: string };
      records = Object.values(report.total).reduce((sum, count) => sum + count, 0);
      return report.safety_snapshot;
    },
    async (name) => {
      const { body } = await callWell(port, { path: `/snapshots/${name}`, headers: site.headers });
      safetySeconds = (JSON.parse(body.toString()) as { seconds: number }).seconds;
    },
  );
  return { seconds: seconds - safetySeconds, safetySeconds, processorSeconds, bulkSeconds, loadSeconds, records };
}

/** Every so many nodes with another description. */
function changedLines(site: Site, share: number, run: number): Buffer {
  const step = Math.max(1, Math.round(1 / share));
  const lines = site.lines.toString('utf8').trimEnd().split('\n');
  return Buffer.from(
    lines
      .filter((_, index) => index % step === 0)
      .map((line) => `${changed(line, run)}\n`)
      .join(''),
  );
}

function changed(line: string, run: number): string {
  return JSON.stringify({ ...(JSON.parse(line) as object), description: `changed ${run}` });
}

async function timed<T>(work: () => Promise<T>, afterwards: (value: T) => Promise<void> = async () => undefined): Promise<number> {
  const startMs = performance.now();
  const value = await work();
  const seconds = (performance.now() - startMs) / 1000;
  await afterwards(value);
  return seconds;
}
