import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResourceView } from '../../plugins/simulator/ledger.ts';
import type { Substrate } from '../../plugins/simulator/substrate.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import { Gate } from './gate.ts';
import { ReservationServer } from './reservation-server.ts';
import { compareSides, substrateFor } from './substrate.ts';

/** A server to be killed, and beside it, in the test's process, what survives it: the substrate with its ledger, and the gate. */

export interface KillSite {
  readonly substrate: Substrate;
  readonly gate: Gate;
  readonly server: ReservationServer;
}

export interface KillEndpoint {
  readonly name: string;
  readonly isolation: 'thread' | 'process';
  /** Its plugin can tell what became of an interrupted join. */
  readonly finds: boolean;
}

export const KILL_ENDPOINTS: readonly KillEndpoint[] = [
  { name: 'thread-finds', isolation: 'thread', finds: true },
  { name: 'thread-blind', isolation: 'thread', finds: false },
  { name: 'process-finds', isolation: 'process', finds: true },
];
const FINDING: ReadonlySet<string> = new Set(KILL_ENDPOINTS.filter(({ finds }) => finds).map(({ name }) => name));

interface Rhythm {
  readonly tick: string;
  readonly schedulePeriod: string;
  readonly renewAdvanceTicks: number;
}

/** Nothing takes so long unless something is wrong. */
export const TIME_LIMITS: Readonly<Record<string, string>> = Object.fromEntries(
  ['join', 'leave', 'modify', 'renew', 'find'].map((operation) => [operation, '20s']),
);

type Context = Parameters<typeof substrateFor>[0];

export async function killSite(context: Context, { tick, ...rhythm }: Rhythm, flags: readonly string[] = []): Promise<KillSite> {
  const substrate = await substrateFor(context);
  const gate = await Gate.start(context);
  const endpoints = KILL_ENDPOINTS.map(({ name, isolation, finds }) => ({
    ...rhythm,
    name,
    isolation,
    plugin: join(packageRoot(), 'dist', 'test', 'support', 'gated-plugin.js'),
    export: finds ? 'default' : 'blind',
    threads: 1,
    concurrentCalls: 8,
    timeLimits: TIME_LIMITS,
    properties: { 'simulator.url': substrate.url, 'simulator.prefix': `${name}.`, 'gate.url': gate.url },
  }));
  return { substrate, gate, server: new ReservationServer(context, mkdtempSync(join(tmpdir(), 'holdfast-test-')), { tick, endpoints }, flags) };
}

/** Until every operation has ended, and the plugins that can tell have told what became of interrupted joins. */
export function settledSite({ server }: KillSite): Promise<readonly ReservationImage[]> {
  return server.settled((all) =>
    all.every(({ state, endpoint, reservation_id }) => state !== 'unknown' || reservation_id !== undefined || !FINDING.has(endpoint)),
  );
}

/**
 * What must hold after every kill, for all that either side has ever had.
 * @param after what the server said; the ledger is read now, which is later.
 * @param mayHaveEnded resources that may have ended because nobody was there to renew them.
 */
export function assertBothSides(
  { substrate }: Pick<KillSite, 'substrate'>,
  after: readonly ReservationImage[],
  mayHaveEnded: (resource: ResourceView) => boolean = () => false,
): void {
  const { ledger } = substrate;
  const resources = [...ledger.resources()];
  const current = new Map(resources.filter(({ state }) => state !== 'replaced').map((resource) => [resource.joinOperationId, resource]));
  const { leaks, losses } = compareSides(resources, after);
  assert.deepEqual(leaks, [], 'the substrate has nothing that the server does not list');
  const unexplained = losses.filter(({ operation_id }) => {
    const resource = current.get(operation_id);
    return resource === undefined || resource.state !== 'expired' || !mayHaveEnded(resource);
  });
  assert.deepEqual(unexplained, [], 'the server counts on nothing that the substrate does not have');
  assert.deepEqual(ledger.calls.violations().violations, [], 'nothing was done twice at once, shortened, or renewed after it was left');
  for (const { operation_id, state, until = '' } of after) {
    if (state !== 'active') continue;
    const realMs = current.get(operation_id)?.untilMs ?? 0;
    assert.ok(Date.parse(until) <= realMs, `the server believes in ${until}, and the substrate in ${new Date(realMs).toISOString()}`);
  }
  const ids = after
    .filter(({ state, reservation_id }) => state !== 'closed' && reservation_id !== undefined)
    .map((one) => `${one.endpoint}/${one.reservation_id}`);
  assert.equal(new Set(ids).size, ids.length, 'no reservation is there twice');
}

/** Leaves what can be left and releases the rest. @returns the join operations of what was released. */
export async function emptyServer({ server }: KillSite): Promise<readonly string[]> {
  const all = await server.reservations('?state=!closed');
  const released: string[] = [];
  await Promise.all(
    all.map(async ({ endpoint, reservation_id, operation_id }) => {
      if (reservation_id !== undefined) {
        const left = await server.post(`/leave/${endpoint}/${reservation_id}`);
        assert.deepEqual([left.status, left.json.status], [200, 0], left.text);
        return;
      }
      // What has no id cannot be left. Whoever releases it has looked at the substrate.
      const gone = await server.post(`/reservations/${endpoint}/${operation_id}/release`, { reason: 'cleaned up by hand' });
      assert.deepEqual([gone.status, gone.json.state], [200, 'closed'], gone.text);
      released.push(operation_id);
    }),
  );
  assert.deepEqual(await server.reservations('?state=!closed'), []);
  return released;
}
