import { join } from 'node:path';
import { bindTo, separateCores } from '../children.ts';
import { atLeast, type Figure, medianOf } from '../figure.ts';
import { type Answer, callWell } from '../http.ts';
import { loadDetails, runLoadOn, type ServedLoad } from '../load/load.ts';
import { getRequest, sampleIds } from '../load/requests.ts';
import { startUws } from '../peers/start-uws.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** Answers among which the limit's is chosen. */
const CANDIDATES = 200;
const TARGET_RATIO = atLeast(0.9);

/**
 * Reads of single nodes at random over many connections, and the same from a bare uWebSockets.js, in turns. Processor
 * time per request is a figure of its own: it also holds where the load generator is what limits the rate.
 */
export async function measureGet(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds, seed } = site.options;
  const server = await site.server();
  const sample = await sampleIds(site);
  const requests = sample.map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  await atRest(server.pid);
  const like = await ordinaryAnswer(site, server.port, sample);
  const cores = separateCores();
  const peer = await startUws(like, join(site.scratch, 'answer'));
  const load = (pid: number, port: number, run: number): Promise<ServedLoad> =>
    runLoadOn(pid, { port, requests, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores });
  const ours: ServedLoad[] = [];
  const theirs: ServedLoad[] = [];
  try {
    if (cores !== undefined) for (const pid of [server.pid, peer.child.pid]) bindTo(pid, cores.server);
    for (let run = 0; run < runs; run++) {
      ours.push(await load(server.pid, server.port, run));
      theirs.push(await load(peer.child.pid, peer.port, run));
    }
  } finally {
    if (cores !== undefined) bindTo(server.pid, undefined);
    await peer.child.end('SIGKILL');
  }
  const what = `bare uWebSockets.js, ${like.body.length} bytes, same headers`;
  return [
    {
      figure: 'get',
      value: medianOf(ours, 'perSecond'),
      unit: '1/s',
      better: 'higher',
      limit: { what, value: medianOf(theirs, 'perSecond') },
      target: TARGET_RATIO,
      runs,
      details: {
        ...loadDetails(ours, loadSeconds),
        limitP50Ms: medianOf(theirs, 'p50Ms'),
        limitP99Ms: medianOf(theirs, 'p99Ms'),
        pinned: cores === undefined ? 'no' : 'yes',
      },
    },
    {
      figure: 'get-processor',
      value: medianOf(ours, 'processorUs'),
      unit: 'us',
      better: 'lower',
      limit: { what, value: medianOf(theirs, 'processorUs') },
      runs,
    },
  ];
}

/** Of some nodes the one whose answer is about as long as answers are on average. */
async function ordinaryAnswer(site: Site, port: number, ids: readonly string[]): Promise<Answer> {
  const answers: Answer[] = [];
  for (const id of ids.slice(0, CANDIDATES)) answers.push(await callWell(port, { path: `/inventory/ComputeNode/${id}`, agent: site.agent }));
  const mean = answers.reduce((sum, { body }) => sum + body.length, 0) / answers.length;
  const distance = ({ body }: Answer): number => Math.abs(body.length - mean);
  return answers.reduce((best, answer) => (distance(answer) < distance(best) ? answer : best));
}
