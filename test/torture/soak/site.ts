import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeDraft, nodeDrafts } from '../../../bench/data.ts';
import type { Substrate } from '../../../plugins/simulator/substrate.ts';
import { ReservationServer } from '../../support/reservation-server.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { tokenFor } from '../../support/server-process.ts';
import { substrateFor } from '../../support/substrate.ts';
import type { StandingNode } from './inventory-load.ts';

/** A server whose limits are so small that everything that is ever given back is given back while one looks. */

export const ENDPOINTS = ['thread', 'process'] as const;

export interface SoakSite {
  readonly server: ServerProcess;
  readonly substrate: Substrate;
  readonly nodes: readonly [StandingNode, ...StandingNode[]];
  readonly token: string;
  /** Takes another configuration: the plugins of both endpoints are replaced. */
  reload(): void;
}

interface Cleanup {
  after(fn: () => void | Promise<void>): void;
}

const DAY_SECONDS = 86_400;
const SCOPES = ['inventory:read', 'inventory:write', 'snapshots', 'query', 'reservations', 'admin'];
const SETTINGS = {
  storage: { journalKeepBytes: '8MiB', lagMs: '100ms' },
  snapshots: { every: '3s', retain: { newest: 4 }, journalBytesMax: '16MiB' },
  history: { memoryBytes: '256MiB' },
  query: { memory: '256MiB' },
} as const;

export async function soakSite(cleanup: Cleanup, nodeCount: number, seed: number): Promise<SoakSite> {
  const substrate = await substrateFor(cleanup);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-soak-'));
  const site = new ReservationServer(cleanup, folder, agentOf(substrate, 0));
  site.configure(agentOf(substrate, 0), SETTINGS);
  const server = await site.start();
  const token = tokenFor(server.directory, SCOPES, { exp: Math.floor(Date.now() / 1000) + DAY_SECONDS });
  server.token = token;
  let turn = 0;
  return {
    server,
    substrate,
    token,
    nodes: await standingNodes(server, [...nodeDrafts(nodeCount, seed)]),
    reload() {
      turn += 1;
      site.configure(agentOf(substrate, turn), SETTINGS);
      process.kill(server.pid, 'SIGHUP');
    },
  };
}

function agentOf(substrate: Substrate, turn: number): { tick: string; closedRetention: string; endpoints: Readonly<Record<string, unknown>>[] } {
  const endpoints = ENDPOINTS.map((name) => ({
    name,
    plugin: 'simulator',
    isolation: name,
    threads: 1,
    concurrentCalls: 8,
    schedulePeriod: '12s',
    renewAdvanceTicks: 3,
    renewRetries: 2,
    properties: { 'simulator.url': substrate.url, 'simulator.prefix': `${name}.`, turn: String(turn) },
  }));
  return { tick: '2s', closedRetention: '20s', endpoints };
}

/** Puts the nodes in, and finds out what they are called now. */
async function standingNodes(server: ServerProcess, drafts: readonly NodeDraft[]): Promise<SoakSite['nodes']> {
  const body = drafts.map((draft) => JSON.stringify(draft)).join('\n');
  const put = await server.request('POST', '/inventory/ComputeNode/bulk', body, { 'content-type': 'application/x-ndjson' });
  if (put.status !== 200) throw new Error(`the nodes did not get in: ${put.status} ${put.text}`);
  const { json } = await server.request('GET', '/inventory/ComputeNode?fields=id,xname');
  const ids = new Map((json as readonly { id: string; xname: string }[]).map(({ id, xname }) => [xname, id]));
  const [first, ...rest] = drafts.map((draft) => ({ draft, id: ids.get(draft.xname) ?? '' }));
  if (first === undefined) throw new RangeError('a site has nodes');
  return [first, ...rest];
}
