import { join } from 'node:path';
import { type Figure, median, medianOf, quantile } from '../figure.ts';
import { callWell } from '../http.ts';
import { CONNECTIONS, loadDetails, runLoadOn, type ServedLoad } from '../load/load.ts';
import { type ChangedNode, changedNodes, putRequest } from '../load/requests.ts';
import { warmUp } from '../load/warm-up.ts';
import { appendInGroups } from '../peers/append.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** Writes one after the other, on one connection. */
const ALONE = 200;
const LIMIT_SECONDS = 0.4;

/** Durable writes of single nodes: what was read comes back with another description. */
export async function measurePut(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds, seed } = site.options;
  const server = await site.server();
  const bodies = await changedNodes(site);
  const requests = bodies.map((changed) => putRequest(site, changed));
  await warmUp(site, 'put', requests);
  const alone = await putAlone(site, bodies.slice(0, ALONE));
  const results: ServedLoad[] = [];
  const groups: number[] = [];
  const singles: number[] = [];
  const log = join(site.scratch, 'groups');
  const group = Buffer.from(
    bodies
      .slice(0, CONNECTIONS)
      .map(({ body }) => body)
      .join('\n'),
  );
  for (let run = 0; run < runs; run++) {
    await atRest(server.pid);
    // Main thread and owner work at the same time, so nothing is bound to a core here.
    const load = { port: server.port, requests, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores: undefined };
    results.push(await runLoadOn(server.pid, load));
    groups.push((Math.min(CONNECTIONS, bodies.length) * 1000) / median(appendInGroups(log, group, LIMIT_SECONDS)));
    singles.push(median(appendInGroups(log, Buffer.from(bodies[0]?.body ?? ''), LIMIT_SECONDS)));
  }
  await atRest(server.pid);
  return [
    {
      figure: 'put',
      value: medianOf(results, 'perSecond'),
      unit: '1/s',
      better: 'higher',
      limit: { what: `append and fdatasync of groups of ${CONNECTIONS} such bodies`, value: median(groups) },
      runs,
      details: { ...loadDetails(results, loadSeconds), processorUs: medianOf(results, 'processorUs') },
    },
    {
      figure: 'put-alone',
      value: median(alone),
      unit: 'ms',
      better: 'lower',
      limit: { what: 'append and fdatasync of one such body', value: median(singles) },
      runs: alone.length,
      details: { p99Ms: quantile(alone, 0.99) },
    },
  ];
}

/** Milliseconds of each. */
async function putAlone(site: Site, bodies: readonly ChangedNode[]): Promise<readonly number[]> {
  const { port } = await site.server();
  const times: number[] = [];
  for (const { path, body } of bodies) {
    const startMs = performance.now();
    await callWell(port, { method: 'PUT', path, headers: { ...site.headers, 'Content-Type': 'application/json' }, body, agent: site.agent });
    times.push(performance.now() - startMs);
  }
  return times;
}
