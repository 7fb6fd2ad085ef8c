import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { type NodeDraft, nodeDrafts } from '../data.ts';
import { type Figure, median, quantile } from '../figure.ts';
import { callWell } from '../http.ts';
import { DUCKDB_PROGRAM, type DuckDBAnswer, type DuckDBTask } from '../peers/duckdb.ts';
import { startUws } from '../peers/start-uws.ts';
import { Prng } from '../prng.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

const REQUESTS = 200;
const MS_PER_SECOND = 1000;

/** A property with a few hits, and a property whose values are unique: one request after the other. */
export async function measureSearch(site: Site): Promise<readonly Figure[]> {
  const { folder } = await site.snapshot();
  const { port, pid } = await site.server();
  await atRest(pid);
  const wanted = someNodes(site);
  const byHostname = await search(site, port, 'hostname', wanted);
  const byXname = await search(site, port, 'xname', wanted);
  const query = 'SELECT id FROM ComputeNode WHERE hostname IN ($1)';
  const task: DuckDBTask = { task: 'search', folder, query, values: wanted.map((node) => node.hostname) };
  const duckdb = ((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds.map((seconds) => seconds * MS_PER_SECOND);
  const bare = await bareRoundTrips(site, port, wanted[0]);
  const figure = (name: string, times: readonly number[], limit: Figure['limit']): Figure => ({
    figure: name,
    value: median(times),
    unit: 'ms',
    better: 'lower',
    limit,
    runs: times.length,
    details: { p99Ms: quantile(times, 0.99) },
  });
  const roundTrip = { what: 'the same answer from a bare uWebSockets.js', value: median(bare) };
  return [
    { ...figure('search-hostname', byHostname, { what: 'the query in DuckDB alone', value: median(duckdb) }), also: [roundTrip] },
    figure('search-xname', byXname, roundTrip),
  ];
}

function someNodes(site: Site): readonly NodeDraft[] {
  const { nodes, seed } = site.options;
  const prng = new Prng(seed);
  const places = new Set(Array.from({ length: REQUESTS }, () => prng.below(nodes)));
  const some: NodeDraft[] = [];
  let place = 0;
  for (const node of nodeDrafts(nodes, seed)) if (places.has(place++)) some.push(node);
  return some;
}

/** Milliseconds of each request. */
async function search(site: Site, port: number, property: 'hostname' | 'xname', nodes: readonly NodeDraft[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (const node of nodes) {
    const startMs = performance.now();
    const { body } = await callWell(port, { path: `/inventory/ComputeNode?${property}=${node[property]}`, agent: site.agent });
    times.push(performance.now() - startMs);
    if (body.length <= EMPTY_LIST_BYTES) throw new Error(`no node has the ${property} ${node[property]}`);
  }
  return times;
}

const EMPTY_LIST_BYTES = 2;

async function bareRoundTrips(site: Site, port: number, node: NodeDraft | undefined): Promise<readonly number[]> {
  const like = await callWell(port, { path: `/inventory/ComputeNode?xname=${node?.xname}` });
  const peer = await startUws(like, join(site.scratch, 'answer'));
  try {
    const times: number[] = [];
    for (let request = 0; request < REQUESTS; request++) {
      const startMs = performance.now();
      await callWell(peer.port, { path: '/', agent: site.agent });
      times.push(performance.now() - startMs);
    }
    return times;
  } finally {
    await peer.child.end('SIGKILL');
  }
}
