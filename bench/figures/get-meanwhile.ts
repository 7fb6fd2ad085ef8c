import { nodeLines } from '../data.ts';
import { type Figure, medianOf } from '../figure.ts';
import { callWell } from '../http.ts';
import { type LoadResult, loadDetails, runLoad } from '../load/load.ts';
import { getRequest, sampleIds } from '../load/requests.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/**
 * Reads by id as fast as 64 connections ask, while the server does something large again and again, and the same reads
 * while it does nothing else, in turns. Nothing is bound to a core: what goes on meanwhile has threads of its own.
 */

const SNAPSHOT_TARGET_RATIO = 2;
const IMPORT_TARGET_RATIO = 5;
/** How much longer a bulk takes beside such a load. */
const SLOWER_UNDER_LOAD = 1.5;

/** One snapshot after the other, each after a change, so that none is skipped. */
export async function measureGetDuringSnapshot(site: Site): Promise<readonly Figure[]> {
  return measure(site, 'get-during-snapshot', SNAPSHOT_TARGET_RATIO, site.options.loadSeconds, () => async () => {
    await site.takeSnapshot();
  });
}

/** Bulks, all or nothing, in which every node is there with other contents: the site keeps its size. */
export async function measureGetDuringImport(site: Site): Promise<readonly Figure[]> {
  const { nodes, seed, loadSeconds } = site.options;
  await site.server();
  // Long enough for one from its beginning to its end.
  const seconds = Math.max(loadSeconds, Math.ceil((site.imported?.seconds ?? 0) * SLOWER_UNDER_LOAD));
  return measure(site, 'get-during-import', IMPORT_TARGET_RATIO, seconds, (run) => {
    const body = nodeLines(nodes, seed + run + 1);
    return async () => {
      const { port } = await site.server();
      const headers = { ...site.headers, 'Content-Type': 'application/x-ndjson' };
      await callWell(port, { method: 'POST', path: '/inventory/ComputeNode/bulk?upsert=true', headers, body });
    };
  });
}

async function measure(site: Site, name: string, target: number, seconds: number, prepare: (run: number) => () => Promise<void>): Promise<readonly Figure[]> {
  const { runs, loadSeconds, seed } = site.options;
  const { port, pid } = await site.server();
  const requests = (await sampleIds(site)).map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  const load = (run: number, lasting: number): Promise<LoadResult> =>
    runLoad({ port, requests, seconds: lasting, seed: seed + run, scratch: site.scratch, cores: undefined });
  const idle: LoadResult[] = [];
  const during: LoadResult[] = [];
  let times = 0;
  for (let run = 0; run < runs; run++) {
    const perform = prepare(run);
    await atRest(pid);
    idle.push(await load(run, loadSeconds));
    await atRest(pid);
    let isOver = false;
    const loaded = load(run, seconds).finally(() => {
      isOver = true;
    });
    for (; !isOver; times++) await perform();
    during.push(await loaded);
  }
  return [
    {
      figure: name,
      value: medianOf(during, 'p99Ms'),
      unit: 'ms',
      better: 'lower',
      limit: { what: 'the same reads, idle', value: medianOf(idle, 'p99Ms') },
      target,
      runs,
      details: {
        ...loadDetails(during, seconds),
        times: times / runs,
        p50MsIdle: medianOf(idle, 'p50Ms'),
        perSecond: medianOf(during, 'perSecond'),
        perSecondIdle: medianOf(idle, 'perSecond'),
      },
    },
  ];
}
