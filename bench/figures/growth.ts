import { nodeDrafts } from '../data.ts';
import { type Figure, median } from '../figure.ts';
import { callUntilOk, callWell, download } from '../http.ts';
import { runLoadOn } from '../load/load.ts';
import { changedNodes, getRequest, putRequest, sampleIds } from '../load/requests.ts';
import { warmUp } from '../load/warm-up.ts';
import { atRest } from '../process-facts.ts';
import { progress } from '../progress.ts';
import { Site } from '../site.ts';
import { settledMemory } from './memory.ts';
import { timesOf } from './restart.ts';

/**
 * What everything costs with a tenth of the nodes, with the nodes, and with ten times as many: for each node where the
 * whole is worked on, for each request where one node is.
 */

const FACTORS = [0.1, 1, 10] as const;
const TARGET_RATIO = 1.3;
const SEARCHES = 40;
const HOSTNAMES_PER_SEARCH = 8;
const LISTS = 3;
const MIB = 1024 * 1024;
const US_PER_SECOND = 1_000_000;
const US_PER_MS = 1000;

type Unit = 'us' | 'B';

/** By name: a cost, its unit, and what it is a cost of. */
const COSTS = {
  import: { unit: 'us', of: 'node' },
  snapshot: { unit: 'us', of: 'node' },
  'restart-get': { unit: 'us', of: 'node' },
  'restart-write': { unit: 'us', of: 'node' },
  list: { unit: 'us', of: 'node' },
  'search-ten': { unit: 'us', of: 'node' },
  'memory-import': { unit: 'B', of: 'node' },
  'memory-restart': { unit: 'B', of: 'node' },
  'get-processor': { unit: 'us', of: 'request' },
  'put-processor': { unit: 'us', of: 'request' },
} as const satisfies Record<string, { readonly unit: Unit; readonly of: 'node' | 'request' }>;

type Cost = keyof typeof COSTS;

/** Once each. @param parent of which the options are taken, and the folder. */
export async function measureGrowth(parent: Site): Promise<readonly Figure[]> {
  await parent.quiet();
  const measured: { readonly nodes: number; readonly costs: Readonly<Record<Cost, number>> }[] = [];
  for (const factor of FACTORS) {
    const nodes = Math.max(1, Math.round(parent.options.nodes * factor));
    const site = new Site({ ...parent.options, nodes }, parent.scratch);
    try {
      const costs = await costsOf(site);
      measured.push({ nodes, costs });
      progress(`  ${nodes} nodes: ${JSON.stringify(costs)}`);
    } finally {
      await site.close();
    }
  }
  const [, usual, largest] = measured;
  if (usual === undefined || largest === undefined) throw new Error('there are three sizes');
  return Object.entries(COSTS).map(([name, { unit, of }]) => ({
    figure: `growth-${name}`,
    value: largest.costs[name as Cost],
    unit,
    better: 'lower',
    limit: { what: `the same with ${usual.nodes} nodes`, value: usual.costs[name as Cost] },
    target: TARGET_RATIO,
    runs: 1,
    details: { for: of, ...Object.fromEntries(measured.map(({ nodes, costs }) => [`nodes${nodes}`, costs[name as Cost]])) },
  }));
}

async function costsOf(site: Site): Promise<Readonly<Record<Cost, number>>> {
  const { nodes } = site.options;
  const perNode = (seconds: number): number => (seconds * US_PER_SECOND) / nodes;
  const imported = await site.import();
  progress(`  ${nodes} nodes are imported`);
  const afterImport = (await settledMemory(site)).residentMiB;
  const searchSeconds = await searchTen(site);
  const lists: number[] = [];
  for (let list = 0; list < LISTS; list++) lists.push((await download((await site.server()).port, '/inventory/ComputeNode')).seconds);
  const get = await processorUs(
    site,
    'get',
    (await sampleIds(site)).map((id) => getRequest(`/inventory/ComputeNode/${id}`)),
  );
  const put = await processorUs(
    site,
    'put',
    (await changedNodes(site)).map((changed) => putRequest(site, changed)),
  );
  const snapshot = await site.takeSnapshot();
  const ids = await site.ids();
  const id = ids[Math.floor(ids.length / 2)] ?? '';
  progress(`  ${nodes} nodes are in a snapshot`);
  const restarted = await timesOf(await site.crashAndStart(), site, id);
  // What has been asked for once is there a second time.
  await callUntilOk((await site.server()).port, { path: `/inventory/ComputeNode/${id}` });
  const afterRestart = (await settledMemory(site)).residentMiB;
  return {
    import: perNode(imported.seconds),
    snapshot: perNode(snapshot.seconds),
    'restart-get': perNode(restarted.get),
    'restart-write': perNode(restarted.write),
    list: perNode(median(lists)),
    'search-ten': perNode(searchSeconds),
    'memory-import': (afterImport * MIB) / nodes,
    'memory-restart': (afterRestart * MIB) / nodes,
    'get-processor': get,
    'put-processor': put,
  };
}

/** Of the first nodes' host names: how long the middle one of some searches takes, in seconds. */
async function searchTen(site: Site): Promise<number> {
  const { port } = await site.server();
  const { nodes, seed } = site.options;
  const times: number[] = [];
  let hostnames: string[] = [];
  for (const { hostname } of nodeDrafts(nodes, seed)) {
    if (times.length === SEARCHES) break;
    hostnames.push(`hostname=${hostname}`);
    if (hostnames.length < HOSTNAMES_PER_SEARCH) continue;
    const startMs = performance.now();
    await callWell(port, { path: `/inventory/ComputeNode?${hostnames.join('&')}`, agent: site.agent });
    times.push(performance.now() - startMs);
    hostnames = [];
  }
  return median(times) / US_PER_MS;
}

/** Of the server, for each request of a load. */
async function processorUs(site: Site, what: string, requests: readonly Buffer[]): Promise<number> {
  const { port, pid } = await site.server();
  await warmUp(site, what, requests);
  const { loadSeconds, seed, nodes } = site.options;
  await atRest(pid);
  const load = { port, requests, seconds: loadSeconds, seed: seed + nodes, scratch: site.scratch, cores: undefined };
  return (await runLoadOn(pid, load)).processorUs;
}
