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
/** A host name is that of five nodes in four. */
const HOSTNAMES_FOR_TEN = 8;
const TEN_GOAL_MS = 8;

/** A property with one or two hits, the same with about ten, and a property whose values are unique: one request after the other. */
export async function measureSearch(site: Site): Promise<readonly Figure[]> {
  const { folder } = await site.snapshot();
  const { port, pid } = await site.server();
  await atRest(pid);
  const wanted = someNodes(site);
  const byHostname = await search(site, port, 'hostname', wanted);
  const ofTen = await search(site, port, 'hostname', wanted, HOSTNAMES_FOR_TEN);
  const byXname = await search(site, port, 'xname', wanted);
  const duckdb = await inDuckDB(folder, wanted, 1);
  const duckdbOfTen = await inDuckDB(folder, wanted, HOSTNAMES_FOR_TEN);
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
    { ...figure('search-ten', ofTen, { what: 'the query in DuckDB alone', value: median(duckdbOfTen) }), also: [roundTrip], goal: TEN_GOAL_MS },
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

/** The values of so many nodes for each search: those of one and of the next ones, from the first again after the last. */
function valuesOf(property: 'hostname' | 'xname', nodes: readonly NodeDraft[], each: number): readonly (readonly string[])[] {
  return nodes.map((_, start) => Array.from({ length: each }, (_, offset) => nodes[(start + offset) % nodes.length]?.[property] ?? ''));
}

/** Milliseconds of each. */
async function inDuckDB(folder: string, nodes: readonly NodeDraft[], each: number): Promise<readonly number[]> {
  const places = Array.from({ length: each }, (_, index) => `$${index + 1}`);
  const query = `SELECT id FROM ComputeNode WHERE hostname IN (${places.join(', ')})`;
  const task: DuckDBTask = { task: 'search', folder, query, values: valuesOf('hostname', nodes, each) };
  return ((await runProgram(DUCKDB_PROGRAM, task)) as DuckDBAnswer).seconds.map((seconds) => seconds * MS_PER_SECOND);
}

/** Milliseconds of each request. */
async function search(site: Site, port: number, property: 'hostname' | 'xname', nodes: readonly NodeDraft[], each = 1): Promise<readonly number[]> {
  const times: number[] = [];
  for (const values of valuesOf(property, nodes, each)) {
    const query = values.map((value) => `${property}=${value}`).join('&');
    const startMs = performance.now();
    const { body } = await callWell(port, { path: `/inventory/ComputeNode?${query}`, agent: site.agent });
    times.push(performance.now() - startMs);
    if (body.length <= EMPTY_LIST_BYTES) throw new Error(`no node has ${query}`);
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
