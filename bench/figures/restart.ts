import { runProgram } from '../children.ts';
import { type Figure, type Limit, median } from '../figure.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import { bareStartSeconds, type HoldfastServer } from '../server.ts';
import type { Site } from '../site.ts';

/**
 * `kill -9`, and how long from the start of the new process until a node can be read, and until one can be written. Every
 * try has a connection of its own, as after a real crash.
 */

/** With a snapshot: the usual case. */
export async function measureRestart(site: Site): Promise<readonly Figure[]> {
  const { folder } = await site.snapshot();
  return measure(site, 'restart', async () => {
    const task: DuckDBTask = { task: 'load-folder', folder };
    const loaded = (await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer;
    return { what: 'DuckDB loading the Parquet files', value: median(loaded.seconds) };
  });
}

/** From the journal alone. Only sensible as long as there is no snapshot. */
export function measureJournalRestart(site: Site): Promise<readonly Figure[]> {
  return measure(site, 'restart-journal', () => Promise.resolve(undefined));
}

async function measure(site: Site, name: string, measureLimit: () => Promise<Limit | undefined>): Promise<readonly Figure[]> {
  const { runs } = site.options;
  const ids = await site.ids();
  const times: Times[] = [];
  const starts: number[] = [];
  const limits: Limit[] = [];
  for (let run = 0; run < runs; run++) {
    const id = ids[Math.floor((ids.length * (run + 0.5)) / runs)] ?? '';
    times.push(await timesOf(await site.crashAndStart(), site, id));
    starts.push(await bareStartSeconds());
    const limit = await measureLimit();
    if (limit !== undefined) limits.push(limit);
  }
  const bareStart = { what: 'node -e 0', value: median(starts) };
  const [first] = limits;
  const load = first === undefined ? undefined : { what: first.what, value: median(limits.map((limit) => limit.value)) };
  const figure = (suffix: string, value: number, details: Record<string, number>): Figure => ({
    figure: `${name}-${suffix}`,
    value,
    unit: 's',
    better: 'lower',
    limit: load === undefined ? bareStart : { what: `node -e 0, then ${load.what}`, value: bareStart.value + load.value },
    ...(load === undefined ? {} : { also: [bareStart, load] }),
    runs,
    details,
  });
  return [
    figure('get', median(times.map((time) => time.get)), { listening: median(times.map((time) => time.listening)) }),
    figure('write', median(times.map((time) => time.write)), { processorSeconds: median(times.map((time) => time.processorSeconds)) }),
  ];
}

export interface Times {
  readonly listening: number;
  readonly get: number;
  readonly write: number;
  readonly processorSeconds: number;
}

/** Seconds since the start of the process. */
export async function timesOf({ startedMs, listeningMs }: HoldfastServer, site: Site, id: string): Promise<Times> {
  const { readMs, writtenMs, processorSeconds } = await site.touch(id);
  const since = (ms: number): number => (ms - startedMs) / 1000;
  return { listening: since(listeningMs), get: since(readMs), write: since(writtenMs), processorSeconds };
}
