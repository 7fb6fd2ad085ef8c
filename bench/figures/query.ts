import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { nodeDrafts } from '../data.ts';
import { type Figure, median, quantile } from '../figure.ts';
import { call, callWell } from '../http.ts';
import { type LoadResult, runLoad } from '../load/load.ts';
import { getRequest, sampleIds } from '../load/requests.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** SQL of users: a filtered aggregate over the records and over a day of snapshots, and reads beside a query without end. */

const SNAPSHOTS = 24;
/** Of the nodes that change between two snapshots. */
const CHANGED_SHARE = 0.01;
const QUERIES_PER_RUN = 20;
const MS_PER_SECOND = 1000;
const LIVE_GOAL_MS = 50;
const HISTORY_GOAL_MS = 500;
const HEAVY_TARGET_RATIO = 2;

const COLUMNS = 'count(*) AS nodes, max(revision) AS newest, min(hostname) AS first';
const FILTER = "architecture = 'x86_64'";

/** Nothing has changed since the query before: the tables are in the memory of a process already. */
export async function measureQueryLive(site: Site): Promise<readonly Figure[]> {
  const { folder } = await site.snapshot();
  const sql = `SELECT ${COLUMNS} FROM ComputeNode WHERE ${FILTER}`;
  const { firstMs, times } = await askAgain(site, { sql });
  const task: DuckDBTask = { task: 'search', folder, query: `${sql} AND $1 <> ''`, values: Array.from({ length: times.length }, () => ['x']) };
  const limit = { what: 'the query in DuckDB alone, on all cores', value: await peerMs(task) };
  return [
    {
      figure: 'query-live',
      value: median(times),
      unit: 'ms',
      better: 'lower',
      limit,
      goal: LIVE_GOAL_MS,
      runs: times.length,
      details: { p99Ms: quantile(times, 0.99), firstMs },
    },
  ];
}

/** The same over many snapshots, of which each differs from the one before in a hundredth of the nodes. */
export async function measureQuery24(site: Site): Promise<readonly Figure[]> {
  await takeHistory(site);
  const rest = `${COLUMNS} FROM`;
  const { firstMs, times } = await askAgain(site, { sql: `SELECT snapshot, ${rest} ComputeNode WHERE ${FILTER} GROUP BY snapshot`, at: 'all' });
  const files = join(site.directory, 'snapshots', '*', 'ComputeNode.parquet');
  const query = `SELECT snapshot, ${rest} read_parquet('${files}', union_by_name = true, hive_partitioning = true) WHERE ${FILTER} GROUP BY snapshot`;
  const limit = { what: "DuckDB alone over the snapshots' Parquet files, on all cores", value: await peerMs({ task: 'query', query, runs: times.length }) };
  return [
    {
      figure: 'query-24',
      value: median(times),
      unit: 'ms',
      better: 'lower',
      limit,
      goal: HISTORY_GOAL_MS,
      runs: times.length,
      details: { p99Ms: quantile(times, 0.99), firstMs, snapshots: SNAPSHOTS, changedShare: CHANGED_SHARE },
    },
  ];
}

/** Reads by id while a query computes that would never end. */
export async function measureQueryHeavy(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds, seed } = site.options;
  const { port, pid } = await site.server();
  const requests = (await sampleIds(site)).map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  await ask(site, { sql: 'SELECT 1' });
  await atRest(pid);
  const load = (run: number): Promise<LoadResult> =>
    runLoad({ port, requests, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores: undefined });
  const before: LoadResult[] = [];
  const during: LoadResult[] = [];
  for (let run = 0; run < runs; run++) {
    before.push(await load(run));
    const query = new EndlessQuery(site, port);
    during.push(await load(run));
    await query.end();
  }
  const of = (results: readonly LoadResult[], property: 'perSecond' | 'p50Ms' | 'p99Ms'): number => median(results.map((result) => result[property]));
  return [
    {
      figure: 'query-heavy',
      value: of(during, 'p99Ms'),
      unit: 'ms',
      better: 'lower',
      limit: { what: 'the same reads before', value: of(before, 'p99Ms') },
      target: HEAVY_TARGET_RATIO,
      runs,
      details: {
        generator: during[0]?.generator ?? '',
        seconds: loadSeconds,
        p50Ms: of(during, 'p50Ms'),
        p50MsBefore: of(before, 'p50Ms'),
        perSecond: of(during, 'perSecond'),
        perSecondBefore: of(before, 'perSecond'),
      },
    },
  ];
}

/** Snapshots until there are enough, each after a bulk of changes. */
export async function takeHistory(site: Site): Promise<void> {
  const { port } = await site.server();
  const { nodes, seed } = site.options;
  const changed = Math.ceil(nodes * CHANGED_SHARE);
  const drafts = nodeDrafts(nodes, seed);
  for (let taken = 0; taken < SNAPSHOTS; taken++) {
    const lines: string[] = [];
    for (let index = 0; index < changed; index++) {
      const { value } = drafts.next();
      if (value !== undefined) lines.push(JSON.stringify({ ...value, description: `As it was for snapshot ${taken}.` }));
    }
    const headers = { ...site.headers, 'Content-Type': 'application/x-ndjson' };
    const body = `${lines.join('\n')}\n`;
    if (lines.length > 0) await callWell(port, { method: 'POST', path: '/inventory/ComputeNode/bulk?upsert=true', headers, body });
    await callWell(port, { method: 'POST', path: '/snapshots', headers: site.headers });
  }
}

interface Question {
  readonly sql: string;
  readonly at?: string;
}

function asked(site: Site, question: Question): Parameters<typeof call>[1] {
  return {
    method: 'POST',
    path: '/query',
    headers: { ...site.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
    agent: site.agent,
  };
}

/** Milliseconds until the whole answer is there. */
async function ask(site: Site, question: Question): Promise<number> {
  const { port } = await site.server();
  const startMs = performance.now();
  const { body } = await callWell(port, asked(site, question));
  if (body.length <= EMPTY_RESULT_BYTES) throw new Error(`nothing came of ${question.sql}`);
  return performance.now() - startMs;
}

const EMPTY_RESULT_BYTES = 2;

/** The first query has its tables made; those after it find them. */
async function askAgain(site: Site, question: Question): Promise<{ readonly firstMs: number; readonly times: readonly number[] }> {
  const { pid } = await site.server();
  const firstMs = await ask(site, question);
  await atRest(pid);
  const times: number[] = [];
  for (let query = 0; query < QUERIES_PER_RUN * site.options.runs; query++) times.push(await ask(site, question));
  return { firstMs, times };
}

async function peerMs(task: DuckDBTask): Promise<number> {
  return median(((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds) * MS_PER_SECOND;
}

/** Its time limit ends it again and again; each time it is asked anew. */
class EndlessQuery {
  readonly #turns: Promise<void>;
  #isEnding = false;

  constructor(site: Site, port: number) {
    this.#turns = this.#ask(site, port);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#turns;
  }

  async #ask(site: Site, port: number): Promise<void> {
    while (!this.#isEnding) await call(port, asked(site, { sql: 'SELECT sum(a.revision * b.revision) FROM ComputeNode a, ComputeNode b, range(1000000)' }));
  }
}
