import { bindTo, separateCores } from '../children.ts';
import { nodeDrafts } from '../data.ts';
import { atLeast, type Figure, medianOf } from '../figure.ts';
import { loadDetails, runLoadOn, type ServedLoad } from '../load/load.ts';
import { getRequest, sampleIds } from '../load/requests.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

const TARGET_RATIO = atLeast(0.5);

/** Searches on a property whose values are unique over many connections, and reads by id, in turns. */
export async function measureSearchUnique(site: Site): Promise<readonly Figure[]> {
  const { runs, nodes, loadSeconds, seed } = site.options;
  const { pid, port } = await site.server();
  const ids = await sampleIds(site);
  const reads = ids.map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  const step = Math.ceil(nodes / ids.length);
  const searches: Buffer[] = [];
  let place = 0;
  for (const { xname } of nodeDrafts(nodes, seed)) if (place++ % step === 0) searches.push(getRequest(`/inventory/ComputeNode?xname=${xname}`));
  const cores = separateCores();
  const load = async (requests: readonly Buffer[], run: number): Promise<ServedLoad> => {
    await atRest(pid);
    return runLoadOn(pid, { port, requests, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores });
  };
  const found: ServedLoad[] = [];
  const read: ServedLoad[] = [];
  try {
    if (cores !== undefined) bindTo(pid, cores.server);
    for (let run = 0; run < runs; run++) {
      read.push(await load(reads, run));
      found.push(await load(searches, run));
    }
  } finally {
    if (cores !== undefined) bindTo(pid, undefined);
  }
  return [
    {
      figure: 'search-unique',
      value: medianOf(found, 'perSecond'),
      unit: '1/s',
      better: 'higher',
      limit: { what: 'GET by id', value: medianOf(read, 'perSecond') },
      target: TARGET_RATIO,
      runs,
      details: { ...loadDetails(found, loadSeconds), processorUs: medianOf(found, 'processorUs') },
    },
  ];
}
