import { nodeDrafts } from '../data.ts';
import { atLeast, type Figure, medianOf } from '../figure.ts';
import { loadDetails, runLoadOn, type ServedLoad } from '../load/load.ts';
import { changedNodes, patchRequest, postRequest, putRequest } from '../load/requests.ts';
import { warmUp } from '../load/warm-up.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** The other ways to write one node durably, each held against `PUT` in turns: nothing is bound to a core, as there. */

const TARGET_RATIO = atLeast(0.8);
/** So many new nodes are made for each second: more than any server of today takes. */
const NEW_PER_SECOND_MAX = 20_000;

/** One property of a node that is there. */
export function measurePatch(site: Site): Promise<readonly Figure[]> {
  return measure(site, 'patch', async () => {
    const requests = (await changedNodes(site)).map((changed) => patchRequest(site, changed));
    await warmUp(site, 'patch', requests);
    return (run) => writes(site, requests, run);
  });
}

/** New nodes, each with names and addresses that no other has. The site has more nodes afterwards, so it is not kept. */
export async function measurePost(site: Site): Promise<readonly Figure[]> {
  const { nodes, seed, loadSeconds, runs } = site.options;
  const count = Math.ceil(NEW_PER_SECOND_MAX * loadSeconds);
  const newNodes = (run: number): readonly Buffer[] => {
    const requests: Buffer[] = [];
    for (const node of nodeDrafts(count, seed, nodes + run * count)) requests.push(postRequest(site, node));
    return requests;
  };
  const figures = await measure(site, 'post', async () => {
    // Twice the time takes twice the nodes, which come after those that count.
    await warmUp(site, 'post', [...newNodes(runs), ...newNodes(runs + 1)], 'once');
    return (run) => writes(site, newNodes(run), run, 'once');
  });
  await site.quiet();
  return figures;
}

async function measure(site: Site, name: string, prepare: () => Promise<(run: number) => Promise<ServedLoad>>): Promise<readonly Figure[]> {
  const { runs, loadSeconds } = site.options;
  await site.server();
  const puts = (await changedNodes(site)).map((changed) => putRequest(site, changed));
  await warmUp(site, 'put', puts);
  const write = await prepare();
  const ours: ServedLoad[] = [];
  const theirs: ServedLoad[] = [];
  for (let run = 0; run < runs; run++) {
    theirs.push(await writes(site, puts, run));
    ours.push(await write(run));
  }
  return [
    {
      figure: name,
      value: medianOf(ours, 'perSecond'),
      unit: '1/s',
      better: 'higher',
      limit: { what: 'PUT by id', value: medianOf(theirs, 'perSecond') },
      target: TARGET_RATIO,
      runs,
      details: {
        ...loadDetails(ours, loadSeconds),
        processorUs: medianOf(ours, 'processorUs'),
        limitProcessorUs: medianOf(theirs, 'processorUs'),
      },
    },
  ];
}

async function writes(site: Site, requests: readonly Buffer[], run: number, order: 'random' | 'once' = 'random'): Promise<ServedLoad> {
  const { loadSeconds, seed } = site.options;
  const { port, pid } = await site.server();
  await atRest(pid);
  return runLoadOn(pid, { port, requests, order, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores: undefined });
}
