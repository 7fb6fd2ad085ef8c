import { nodeDrafts } from '../data.ts';
import type { Figure } from '../figure.ts';
import { callWell } from '../http.ts';
import { type OpenLoopTask, runOpenLoopApart } from '../load/open-loop.ts';
import { changedNodes, getRequest, putRequest, sampleIds, searchRequests } from '../load/requests.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/**
 * Three times of what can be done is asked for, by callers who do not wait for each other: how much of that is still done,
 * how long it takes, and how long until everything is as before. What can be done is measured right before, by the same
 * generator on the same machine, with as many connections as keep the server busy.
 */

const TIMES = 3;
const PEAK_CONNECTIONS = 64;
const CONNECTIONS = 1024;
/** More would be a figure of the generator. */
const PER_SECOND_MAX = 30_000;
const BULK_LENGTH = 100;
const BULKS = 50;
const PROBE_STEP_MS = 20;
const PROBE_LIMIT_MS = 30_000;
/** A probe is normal again when it takes no longer than this many times its usual time, or this long. */
const USUAL_TIMES = 3;
const NORMAL_MS = 20;
const NORMAL_RUNS = 5;

type Sort = readonly [name: string, requests: readonly Buffer[]];

export async function measureOverload(site: Site): Promise<readonly Figure[]> {
  await site.snapshot();
  const { port, pid } = await site.server();
  const figures: Figure[] = [];
  for (const [name, requests] of await sortsOf(site)) {
    await atRest(pid);
    const usualMs = await probe(site, port);
    const task: OpenLoopTask = {
      port,
      requests: requests.map((request) => request.toString('latin1')),
      connections: PEAK_CONNECTIONS,
      seconds: site.options.loadSeconds,
      seed: site.options.seed,
    };
    const peak = await runOpenLoopApart(task, site.scratch);
    await atRest(pid);
    const peakPerSecond = peak.accepted / peak.seconds;
    const perSecond = Math.min(PER_SECOND_MAX, TIMES * peakPerSecond);
    const over = await runOpenLoopApart({ ...task, connections: CONNECTIONS, perSecond }, site.scratch);
    const normalAfterSeconds = await untilNormal(site, port, usualMs);
    figures.push({
      figure: `overload-${name}`,
      value: over.accepted / over.seconds,
      unit: '1/s',
      better: 'higher',
      limit: { what: 'what it does at best, asked by 64 connections', value: peakPerSecond },
      target: 1 / 0.8,
      runs: 1,
      details: {
        offeredPerSecond: perSecond,
        p50Ms: over.p50Ms,
        p99Ms: over.p99Ms,
        peakP99Ms: peak.p99Ms,
        refusedShare: over.refused / over.sent,
        failed: over.failed,
        unsent: over.unsent,
        normalAfterSeconds,
      },
    });
  }
  return figures;
}

async function sortsOf(site: Site): Promise<readonly Sort[]> {
  const gets = (await sampleIds(site)).slice(0, 5000).map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  const puts = (await changedNodes(site)).map((changed) => putRequest(site, changed));
  const searches = searchRequests(site, 1000);
  const lists = [getRequest('/inventory/ComputeNode')];
  const bulks = bulkRequests(site);
  const past = Array.from({ length: 100 }, (_, index) => getRequest(`/inventory/ComputeNode?at=latest&limit=${100 + index}`));
  const every = [gets, puts, searches].flatMap((requests) => requests.slice(0, 500));
  return [
    ['get', gets],
    ['put', puts],
    ['search', searches],
    ['list', lists],
    ['bulk', bulks],
    ['past', past],
    ['mix', [...every, ...bulks, ...lists, ...past]],
  ];
}

/** Nodes as they were imported, some at a time, all or nothing. */
function bulkRequests(site: Site): readonly Buffer[] {
  const drafts = [...nodeDrafts(site.options.nodes, site.options.seed)];
  return Array.from({ length: BULKS }, (_, index) => {
    const first = (index * BULK_LENGTH) % Math.max(1, drafts.length - BULK_LENGTH);
    const body = drafts
      .slice(first, first + BULK_LENGTH)
      .map((draft) => JSON.stringify(draft))
      .join('\n');
    const head = `POST /inventory/ComputeNode/bulk?upsert=true HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${site.headers['Authorization']}`;
    return Buffer.from(`${head}\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}

/** How long a write and a search after it take, in milliseconds; undefined when one was refused. */
async function probe(site: Site, port: number): Promise<number> {
  const startMs = performance.now();
  const [id = ''] = await site.ids();
  const headers = { ...site.headers, 'Content-Type': 'application/merge-patch+json' };
  await callWell(port, { method: 'PATCH', path: `/inventory/ComputeNode/${id}`, headers, body: '{"description":"probed"}', agent: site.agent });
  await callWell(port, { path: '/inventory/ComputeNode?hostname=nobody', agent: site.agent });
  return performance.now() - startMs;
}

/** Seconds from now until some probes in a row are as fast as usual. */
async function untilNormal(site: Site, port: number, usualMs: number): Promise<number> {
  const startMs = performance.now();
  for (let normal = 0, sinceMs = startMs; ; ) {
    const took = await probe(site, port).catch(() => Number.POSITIVE_INFINITY);
    if (took > Math.max(NORMAL_MS, USUAL_TIMES * usualMs)) {
      normal = 0;
      sinceMs = performance.now();
    } else normal += 1;
    if (normal >= NORMAL_RUNS) return (sinceMs - startMs) / 1000;
    if (performance.now() - startMs > PROBE_LIMIT_MS) return Number.POSITIVE_INFINITY;
    await new Promise((resolve) => setTimeout(resolve, PROBE_STEP_MS));
  }
}
