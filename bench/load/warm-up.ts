import { atRest } from '../process-facts.ts';
import type { HoldfastServer } from '../server.ts';
import type { Site } from '../site.ts';
import { runLoad, WARM_UP_TIMES } from './load.ts';

/**
 * A load that is not counted, once for each kind of request and server: what the first seconds cost is mostly Node compiling
 * the code that they run, up to as much again as what the same requests cost later.
 */

const warm = new WeakMap<HoldfastServer, Set<string>>();

/** @param what these requests are */
export async function warmUp(site: Site, what: string, requests: readonly Buffer[], order: 'random' | 'once' = 'random'): Promise<void> {
  const server = await site.server();
  const done = warm.get(server) ?? new Set();
  warm.set(server, done);
  if (done.has(what)) return;
  done.add(what);
  const { loadSeconds, seed } = site.options;
  await runLoad({ port: server.port, requests, order, seconds: loadSeconds * WARM_UP_TIMES, seed, scratch: site.scratch, cores: undefined });
  await atRest(server.pid);
}
