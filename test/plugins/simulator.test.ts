import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallContext, OUTCOME_UNKNOWN, type Plugin, type Properties } from '../../plugins/plugin.ts';
import createSimulator from '../../plugins/simulator/simulator.ts';
import type { Substrate } from '../../plugins/simulator/substrate.ts';
import { compareSides, substrateFor } from '../support/substrate.ts';

const HOUR_MS = 3_600_000;

test('a reservation that is joined, changed, renewed and left is in the ledger as it is, step by step', async (context) => {
  const { substrate, plugin } = await simulated(context, { 'simulator.prefix': 'vlan-' });
  const until = inHours(1);
  const joined = await plugin.join(until, { 'circuit.vlan': '17' }, call('op-join'));
  const id = joined.reservationId ?? '';
  assert.equal(joined.status, 0);
  assert.match(id, /^vlan-[0-9a-f]{12}$/);
  assert.deepEqual(joined.properties, { 'simulator.resource': id, 'simulator.until': until.toISOString() });
  const [resource, ...others] = [...substrate.ledger.resources()];
  assert.deepEqual(others, []);
  assert.deepEqual(resource, {
    id,
    reservationId: id,
    joinOperationId: 'op-join',
    operationId: 'op-join',
    state: 'provisioned',
    untilMs: until.getTime(),
    prefix: 'vlan-',
    properties: { 'circuit.vlan': '17' },
    renewals: 0,
    modifications: 0,
    leaves: 0,
  });
  assert.deepEqual(await plugin.list?.(call()), [id]);

  const sched = joined.properties ?? {};
  assert.equal((await plugin.modify(id, { 'circuit.vlan': '18' }, sched, call())).status, 0);
  assert.equal((await plugin.renew(id, inHours(2), {}, sched, call())).status, 0);
  assert.equal((await plugin.status(id, sched, call())).properties?.['simulator.state'], 'provisioned');
  const after = only(substrate);
  assert.deepEqual(after.properties, { 'circuit.vlan': '18' });
  assert.ok(after.untilMs > until.getTime());

  assert.equal((await plugin.leave(id, {}, sched, call())).status, 0);
  assert.equal(only(substrate).state, 'released');
  assert.equal((await plugin.leave(id, {}, sched, call())).status, 0, 'what is gone is gone');
  assert.equal((await plugin.leave('never-there', {}, {}, call())).status, 0);
  assert.equal((await plugin.modify(id, {}, sched, call())).status, 410);
  assert.equal((await plugin.status('never-there', {}, call())).status, 404);
  assert.deepEqual(await plugin.list?.(call()), []);
  assert.equal(substrate.ledger.calls.violations().count, 0);
});

test('two prefixes share a substrate and do not see each other', async (context) => {
  const { substrate, plugin } = await simulated(context, { 'simulator.prefix': 'a-' });
  const other = createSimulator();
  await other.initialize(undefined, { 'simulator.url': substrate.url, 'simulator.prefix': 'b-' });
  const { reservationId } = await plugin.join(inHours(1), {}, call());
  await other.join(inHours(1), {}, call());
  assert.deepEqual(await plugin.list?.(call()), [reservationId]);
});

test('failures come as often as they were ordered, and with the same seed in the same places', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ operations: { join: { failNext: 2 } } });
  assert.deepEqual(await outcomes(plugin, 4), ['threw', 'threw', '0', '0']);
  substrate.behave({ operations: { join: { flap: true, failStatus: 7 } } });
  assert.deepEqual(await outcomes(plugin, 4), ['7', '0', '7', '0']);
  const rates = { seed: 42, operations: { join: { failRate: 0.5 } } };
  substrate.behave(rates);
  const first = await outcomes(plugin, 16);
  substrate.behave(rates);
  assert.deepEqual(await outcomes(plugin, 16), first);
  assert.ok(first.includes('0') && first.includes('threw'), first.join());
});

test('a join whose answer is lost is found again by its operation id; a careless plugin leaks it, and the comparison says so', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ operations: { join: { loseNext: 1 } } });
  const { reservationId } = await plugin.join(inHours(1), {}, call('op-careful'));
  assert.equal(only(substrate).id, reservationId);

  const careless = createSimulator();
  await careless.initialize(undefined, { 'simulator.url': substrate.url, 'simulator.recover': 'false' });
  substrate.behave({ operations: { join: { loseNext: 1 } } });
  await assert.rejects(async () => careless.join(inHours(1), {}, call('op-careless')), /answer was lost/);
  const { leaks, losses } = compareSides(substrate.ledger.resources(), [{ operation_id: 'op-careful', state: 'active' }]);
  assert.deepEqual(
    leaks.map(({ joinOperationId }) => joinOperationId),
    ['op-careless'],
  );
  assert.deepEqual(losses, []);
  assert.equal((await plugin.find?.('op-careless', call()))?.reservationId, leaks[0]?.reservationId);
});

test('a join that fails after its answer was lost is asked about until the substrate has an answer', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ operations: { join: { loseNext: 1 }, find: { failNext: 2, loseNext: 1 } } });
  assert.equal((await plugin.join(inHours(1), {}, call('op'))).status, 0);
  assert.equal(substrate.ledger.calls.counts()['find.begun'], 4);
});

test('a call that hangs does nothing, ends when its caller goes, and its join is barred once it was denied', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ operations: { join: { hangNext: 1 } } });
  await assert.rejects(async () => plugin.join(inHours(1), {}, call('op-hung', AbortSignal.timeout(30))), { name: OUTCOME_UNKNOWN });
  await eventually(() => substrate.ledger.calls.counts()['join.cut'] === 1);
  assert.equal(await plugin.find?.('op-hung', call()), undefined);
  const late = await plugin.join(inHours(1), {}, call('op-hung'));
  assert.equal(late.status, 409);
  assert.deepEqual([...substrate.ledger.resources()], []);
});

test('asking about a join that is still at work waits for it: nothing is denied that comes true later', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ operations: { join: { delayMs: 80 } } });
  // The caller dies; the work goes on.
  await assert.rejects(async () => plugin.join(inHours(1), {}, call('op-slow', AbortSignal.timeout(20))));
  const found = await plugin.find?.('op-slow', call());
  assert.equal(found?.reservationId, only(substrate).id);
});

test('the same operation id again gets the same answer and acts once, unless the substrate is told not to know ids', async (context) => {
  const { substrate, plugin } = await simulated(context);
  const { reservationId } = await plugin.join(inHours(1), {}, call('op-join'));
  const id = reservationId ?? '';
  const first = await plugin.renew(id, inHours(2), {}, {}, call('op-renew'));
  assert.deepEqual(await plugin.renew(id, inHours(2), {}, {}, call('op-renew')), first);
  assert.equal(only(substrate).renewals, 1);
  assert.equal(substrate.ledger.calls.repeats, 1);

  substrate.behave({ idempotent: false });
  await plugin.renew(id, inHours(3), {}, {}, call('op-renew'));
  assert.equal(only(substrate).renewals, 2);
  await plugin.join(inHours(1), {}, call('op-join'));
  assert.equal([...substrate.ledger.resources()].length, 2);
  assert.deepEqual(substrate.ledger.calls.violations().byKind, { overlap: 0, 'double-join': 1, 'until-decreased': 0, 'renew-after-leave': 0 });
});

test('a break/make renewal hands on another resource, the reservation id stays, and a leave by the old one leaves nothing behind', async (context) => {
  const { substrate, plugin } = await simulated(context);
  substrate.behave({ breakMake: true });
  const joined = await plugin.join(inHours(1), {}, call('op-join'));
  const id = joined.reservationId ?? '';
  const renewed = await plugin.renew(id, inHours(2), {}, joined.properties ?? {}, call('op-renew'));
  assert.equal(renewed.reservationId, id);
  const next = renewed.properties?.['simulator.resource'];
  assert.notEqual(next, id);
  assert.deepEqual(
    [...substrate.ledger.resources()].map(({ id: resource, state, operationId }) => [resource, state, operationId]),
    [
      [id, 'replaced', 'op-join'],
      [next, 'provisioned', 'op-renew'],
    ],
  );
  assert.deepEqual(await plugin.list?.(call()), [id]);
  assert.equal((await plugin.find?.('op-join', call()))?.properties?.['simulator.resource'], next);
  // As after a crash before the renewal's answer was kept: the properties are those of the join.
  assert.equal((await plugin.leave(id, {}, joined.properties ?? {}, call())).status, 0);
  assert.deepEqual(substrate.ledger.states(), { provisioned: 0, released: 1, replaced: 1, expired: 0 });
});

test('a join may answer with an id that is taken; its properties still tell the two apart', async (context) => {
  const { substrate, plugin } = await simulated(context);
  const first = await plugin.join(inHours(1), {}, call('op-1'));
  substrate.behave({ duplicateIdNext: 1 });
  const second = await plugin.join(inHours(1), {}, call('op-2'));
  assert.equal(second.reservationId, first.reservationId);
  assert.equal((await plugin.leave(second.reservationId ?? '', {}, second.properties ?? {}, call())).status, 0);
  assert.deepEqual(
    [...substrate.ledger.resources({ state: 'provisioned' })].map(({ joinOperationId }) => joinOperationId),
    ['op-1'],
  );
});

test('calls on one resource that overlap are a violation, and so are a shorter time, a renewal after a leave and a second join', async (context) => {
  const { substrate, plugin } = await simulated(context);
  const { reservationId } = await plugin.join(inHours(2), {}, call('op-join'));
  const id = reservationId ?? '';
  substrate.behave({ operations: { renew: { delayMs: 60 } } });
  await Promise.all([plugin.renew(id, inHours(3), {}, {}, call('op-renew')), sleep(20).then(() => plugin.status(id, {}, call('op-status')))]);
  await plugin.renew(id, inHours(1), {}, {}, call('op-shorter'));
  await plugin.leave(id, {}, {}, call());
  await plugin.renew(id, inHours(4), {}, {}, call('op-after'));
  await plugin.join(inHours(1), {}, call('op-join'));
  const { byKind, violations } = substrate.ledger.calls.violations();
  assert.deepEqual(byKind, { overlap: 1, 'double-join': 1, 'until-decreased': 1, 'renew-after-leave': 1 });
  assert.deepEqual(
    violations.map(({ operationId }) => operationId),
    ['op-status', 'op-shorter', 'op-after', 'op-join'],
  );
});

test('a call whose caller died is not running any more: the next one does not overlap it', async (context) => {
  const { substrate, plugin } = await simulated(context);
  const { reservationId } = await plugin.join(inHours(1), {}, call());
  const id = reservationId ?? '';
  substrate.behave({ operations: { renew: { delayMs: 200 } } });
  const dying = new AbortController();
  const first = assert.rejects(async () => plugin.renew(id, inHours(2), {}, {}, call('op-renew', dying.signal)));
  await eventually(() => substrate.ledger.calls.counts()['renew.begun'] === 1);
  // The next call is on its way before the end of the first one's connection.
  const second = plugin.status(id, {}, call());
  dying.abort();
  await Promise.all([first, second]);
  await eventually(() => substrate.ledger.calls.counts()['renew.cut'] === 1);
  assert.deepEqual(substrate.ledger.calls.violations().violations, []);
});

test('a reservation that nobody renews in time expires, cannot be renewed, and is a loss when Holdfast takes it for active', async (context) => {
  let nowMs = Date.parse('2026-03-01T00:00:00Z');
  const substrate = await substrateFor(context, { clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() } });
  const plugin = createSimulator();
  await plugin.initialize(undefined, { 'simulator.url': substrate.url });
  const { reservationId } = await plugin.join(new Date(nowMs + HOUR_MS), {}, call('op'));
  const held = [{ operation_id: 'op', state: 'active' }];
  assert.deepEqual(compareSides(substrate.ledger.resources(), held), { leaks: [], losses: [] });
  nowMs += HOUR_MS + 1;
  assert.equal(only(substrate).state, 'expired');
  assert.equal((await plugin.renew(reservationId ?? '', new Date(nowMs + HOUR_MS), {}, {}, call())).status, 410);
  assert.deepEqual(compareSides(substrate.ledger.resources(), held), { leaks: [], losses: held });
  assert.equal(await plugin.find?.('op', call()), undefined);
});

test('the ledger, the calls and the violations are told over HTTP, filtered; faults are set and everything is forgotten there', async (context) => {
  const { substrate, plugin } = await simulated(context);
  await plugin.join(inHours(1), {}, call('op-1'));
  const { reservationId } = await plugin.join(inHours(1), {}, call('op-2'));
  await plugin.leave(reservationId ?? '', {}, {}, call('op-3'));
  assert.deepEqual((await json(substrate, 'GET', '/ledger?state=released')).body.resources.length, 1);
  assert.deepEqual((await json(substrate, 'GET', '/ledger?limit=1')).body.resources.length, 1);
  assert.deepEqual((await json(substrate, 'GET', '/ledger?operationId=op-1')).body.resources[0].state, 'provisioned');
  const { body } = await json(substrate, 'GET', `/calls?id=${reservationId}`);
  assert.equal(body.calls[0].operation, 'leave');
  assert.ok(body.calls[0].endedMs >= body.calls[0].startedMs);
  assert.deepEqual(body.counts, { 'join.begun': 2, 'join.done': 2, 'leave.begun': 1, 'leave.done': 1 });
  assert.equal((await json(substrate, 'GET', '/violations')).body.count, 0);

  assert.equal((await json(substrate, 'POST', '/faults', { operations: { join: { failNext: 1 } } })).status, 200);
  await assert.rejects(async () => plugin.join(inHours(1), {}, call()));
  await json(substrate, 'POST', '/reset', {});
  assert.deepEqual((await json(substrate, 'GET', '/ledger')).body.resources, []);
});

test('settings that do not exist or make no sense are refused with their place; broken requests are answered', async (context) => {
  const { substrate } = await simulated(context);
  for (const [behaviour, place] of [
    [{ brakMake: true }, /^brakMake: there is no such setting/],
    [{ operations: { jion: {} } }, /no operation jion/],
    [{ operations: { join: { failRate: 2 } } }, /^operations\.join\.failRate: 2/],
    [{ operations: { join: { constructor: 1 } } }, /^operations\.join\.constructor/],
    [{ operations: [] }, /^operations/],
  ] as const) {
    const { status, body } = await json(substrate, 'POST', '/faults', behaviour);
    assert.equal(status, 400);
    assert.match(body.error, place);
  }
  assert.equal((await json(substrate, 'POST', '/join', { operationId: 'x' })).status, 400);
  assert.equal((await json(substrate, 'GET', '/nothing')).status, 404);
  assert.equal((await json(substrate, 'POST', '/leave/%zz', {})).status, 400);
  assert.equal((await fetch(`${substrate.url}/join`, { method: 'POST', body: '[' })).status, 400);
});

test('the plugin does not start without the place of its substrate, and says that a substrate is not there', async () => {
  const plugin = createSimulator();
  assert.throws(() => plugin.initialize(undefined, {}), /simulator\.url is needed/);
  assert.throws(() => plugin.initialize(undefined, { 'simulator.url': 'http://127.0.0.1:1', 'simulator.connections': '0' }), /simulator\.connections/);
  await plugin.initialize(undefined, { 'simulator.url': 'http://127.0.0.1:1' });
  await assert.rejects(async () => plugin.join(inHours(1), {}, call()), /not reached/);
});

async function simulated(context: TestContext, properties: Properties = {}): Promise<{ substrate: Substrate; plugin: Plugin }> {
  const substrate = await substrateFor(context);
  const plugin = createSimulator();
  await plugin.initialize(undefined, { 'simulator.url': substrate.url, ...properties });
  return { substrate, plugin };
}

function call(operationId: string = randomUUID(), signal: AbortSignal = AbortSignal.timeout(5000)): CallContext {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return { operationId, signal, log, instance: 'test' };
}

function only(substrate: Substrate) {
  const [resource, ...others] = [...substrate.ledger.resources()];
  assert.deepEqual(others, []);
  assert.ok(resource !== undefined);
  return resource;
}

/** What so many joins come to: the status that was returned, or `threw`. */
async function outcomes(plugin: Plugin, count: number): Promise<readonly string[]> {
  const all: string[] = [];
  for (let number = 0; number < count; number++) {
    try {
      all.push(String((await plugin.join(inHours(1), {}, call())).status));
    } catch {
      all.push('threw');
    }
  }
  return all;
}

function inHours(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS);
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (const startedMs = Date.now(); Date.now() - startedMs < 5000; ) {
    if (isSo()) return;
    await sleep(2);
  }
  assert.fail('it did not come true in time');
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
async function json(substrate: Substrate, method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: any }> {
  const response = await fetch(`${substrate.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: await response.json() };
}
