import { type NodeDraft, nodeDrafts } from '../data.ts';
import { callWell } from '../http.ts';
import { Prng } from '../prng.ts';
import type { Site } from '../site.ts';

/** Requests for load, as they go over the wire. */

/** Different nodes that are read; as many as keep the load generator small. */
export const READ_NODES_MAX = 50_000;
/** Different nodes that are written. */
export const WRITTEN_NODES_MAX = 4096;

/** Ids drawn from all nodes. */
export async function sampleIds(site: Site): Promise<readonly string[]> {
  const ids = await site.ids();
  const prng = new Prng(site.options.seed);
  return Array.from({ length: Math.min(READ_NODES_MAX, ids.length) }, () => ids[prng.below(ids.length)] ?? '');
}

export function getRequest(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

/** A node as it was read, with another description. */
export interface ChangedNode {
  readonly path: string;
  readonly body: string;
}

export async function changedNodes(site: Site): Promise<readonly ChangedNode[]> {
  const { port } = await site.server();
  const ids = await site.ids();
  const prng = new Prng(site.options.seed);
  const changed: ChangedNode[] = [];
  for (let index = 0; index < Math.min(WRITTEN_NODES_MAX, ids.length); index++) {
    const path = `/inventory/ComputeNode/${ids[prng.below(ids.length)]}`;
    const node = JSON.parse((await callWell(port, { path, agent: site.agent })).body.toString()) as Record<string, unknown>;
    changed.push({ path, body: JSON.stringify({ ...node, description: `Written once more as number ${index}, by the benchmark.` }) });
  }
  return changed;
}

export function putRequest(site: Site, { path, body }: ChangedNode): Buffer {
  return writeRequest(site, 'PUT', path, 'application/json', body);
}

/** The same change as that of `putRequest`, and nothing else. */
export function patchRequest(site: Site, { path, body }: ChangedNode): Buffer {
  const { description } = JSON.parse(body) as { description: string };
  return writeRequest(site, 'PATCH', path, 'application/merge-patch+json', JSON.stringify({ description }));
}

/** A node that is not there yet. */
export function postRequest(site: Site, node: NodeDraft): Buffer {
  return writeRequest(site, 'POST', '/inventory/ComputeNode', 'application/json', JSON.stringify(node));
}

function writeRequest(site: Site, method: string, path: string, type: string, body: string): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${site.headers['Authorization']}\r\nContent-Type: ${type}`;
  return Buffer.from(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Searches for the host names of the first nodes. */
export function searchRequests(site: Site, count: number): readonly Buffer[] {
  const requests: Buffer[] = [];
  for (const { hostname } of nodeDrafts(site.options.nodes, site.options.seed)) {
    if (requests.length === count) break;
    requests.push(getRequest(`/inventory/ComputeNode?hostname=${hostname}`));
  }
  return requests;
}
