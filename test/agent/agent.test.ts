import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallAnswer } from '../../src/agent/agent-api.ts';
import type { Result } from '../../src/faults.ts';
import { AgentRig, agentConfig, endpointConfig, type HeldCall, ONE, works } from './agent-rig.ts';

const MINUTE = 60_000;

function answerIn(result: Result<CallAnswer>) {
  assert(result.ok, result.ok ? '' : result.fault.detail);
  assert.equal(result.value.type, 'returned');
  return result.value.type === 'returned' ? result.value.answer : undefined;
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.fault.code;
}

async function joined(rig: AgentRig, properties: Record<string, string> = { vlan: '7' }): Promise<string> {
  const joining = rig.agent.join('oscars', properties, 'admin');
  return answerIn(await joining)?.reservationId ?? '';
}

async function working(config = ONE): Promise<AgentRig> {
  const rig = await AgentRig.start({ config });
  rig.plugins.answering = works();
  return rig;
}

test('a join journals its intent before the plugin is called, and its outcome before the caller is answered', async () => {
  const rig = await AgentRig.start();
  const joining = rig.agent.join('oscars', { vlan: '7' }, 'admin');
  await rig.until(() => rig.plugins.calls.length === 1);
  const [held] = rig.plugins.calls;
  assert.equal(rig.state(held?.call.operationId ?? ''), 'joining');
  assert.deepEqual(held?.call.input, { untilMs: rig.clock.ms + 10 * MINUTE, callerProperties: { vlan: '7' } });
  held?.returns({ reservationId: 'r1', properties: { circuit: 'c1' } });
  assert.deepEqual(answerIn(await joining), { status: 0, properties: { circuit: 'c1' }, reservationId: 'r1', errorMessage: null });
  const image = rig.image('r1');
  assert.equal(image.state, 'active');
  assert.equal(Date.parse(image.renew_deadline ?? ''), rig.clock.ms + 10 * MINUTE - MINUTE - 1000);
  assert.deepEqual(image.sched_properties, { circuit: 'c1' });
  assert.equal((await rig.crash()).state('r1'), 'active');
});

test('a join that throws or is refused is closed with its reason and holds nothing', async () => {
  const rig = await AgentRig.start();
  rig.plugins.answering = (held) => held.throws('no such vlan');
  const threw = await rig.agent.join('oscars', {}, 'admin');
  assert.deepEqual(threw, { ok: true, value: { type: 'threw', message: 'no such vlan' } });
  rig.plugins.answering = (held) => held.returns({ status: 17, errorMessage: 'no room' });
  const refused = await rig.agent.join('oscars', {}, 'admin');
  assert.equal(codeOf(refused), 'join-refused');
  for (const { call } of rig.plugins.calls) assert.equal(rig.state(call.operationId), 'closed');
  const schedule = rig.agent.schedule();
  assert(schedule.ok);
  assert.deepEqual([...schedule.value], []);
});

test('an unknown endpoint or reservation is not found', async () => {
  const rig = await working();
  assert.equal(codeOf(await rig.agent.join('nowhere', {}, 'admin')), 'not-found');
  for (const operation of ['leave', 'modify'] as const) {
    assert.equal(codeOf(await rig.agent[operation]('oscars', 'r9', {}, 'admin')), 'not-found');
    assert.equal(codeOf(await rig.agent[operation]('nowhere', 'r9', {}, 'admin')), 'not-found');
  }
  assert.equal(codeOf(await rig.agent.status('oscars', 'r9')), 'not-found');
  assert.equal(rig.plugins.calls.length, 0);
});

test('a leave that the plugin confirmed closes the reservation, and one that failed keeps it, to be left again', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = (held) => held.throws('the substrate is down');
  assert.deepEqual(await rig.agent.leave('oscars', id, {}, 'admin'), { ok: true, value: { type: 'threw', message: 'the substrate is down' } });
  assert.equal(rig.state(id), 'leave-failed');
  assert.equal(rig.image(id).last_error, 'the substrate is down');
  rig.plugins.answering = (held) => held.returns({ status: 3 });
  assert.equal(answerIn(await rig.agent.leave('oscars', id, {}, 'admin'))?.status, 3);
  assert.equal(rig.state(id), 'leave-failed');
  rig.plugins.answering = works();
  answerIn(await rig.agent.leave('oscars', id, {}, 'admin'));
  assert.equal(rig.state(id), 'closed');
  assert.equal(codeOf(await rig.agent.leave('oscars', id, {}, 'admin')), 'not-found');
});

test('what modify returns is merged and given to later calls; secrets reach the plugin and nobody else', async () => {
  const rig = await working();
  const id = await joined(rig, { 'oscars.password': 'canary-7' });
  rig.plugins.answering = (held) => held.returns({ properties: { circuit: 'c2', 'api.token': 'canary-8' } });
  answerIn(await rig.agent.modify('oscars', id, { bandwidth: '10' }, 'admin'));
  assert.equal(JSON.stringify(rig.image(id)).includes('canary'), false);
  rig.plugins.answering = works();
  await rig.pass(10 * MINUTE);
  const renew = rig.plugins.of('renew').at(-1)?.call;
  assert.deepEqual(renew?.operation === 'renew' && renew.input.joinProperties, { 'oscars.password': 'canary-7' });
  assert.deepEqual(renew?.operation === 'renew' && renew.input.schedProperties, { made: '1', circuit: 'c2', 'api.token': 'canary-8' });
  assert.equal(rig.log.join('\n').includes('canary'), false);
});

test('status asks the plugin and changes nothing', async () => {
  const rig = await working();
  const id = await joined(rig);
  const before = rig.image(id).revision;
  rig.plugins.answering = (held) => held.returns({ status: 5, properties: { state: 'UP' } });
  assert.deepEqual(answerIn(await rig.agent.status('oscars', id)), { status: 5, properties: { state: 'UP' }, reservationId: null, errorMessage: null });
  assert.equal(rig.image(id).revision, before);
});

test('a join that returns a held id gets 412, and what it made is left again', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = (held) => held.returns({ reservationId: id, properties: { resource: 'second' } });
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'reservation-id-taken');
  await rig.settled();
  const leave = rig.plugins.of('leave').at(-1)?.call;
  assert.deepEqual(leave?.operation === 'leave' && leave.input, { reservationId: id, callerProperties: {}, schedProperties: { resource: 'second' } });
  assert.equal(rig.state(rig.plugins.of('join').at(-1)?.call.operationId ?? ''), 'closed');
  assert.equal(rig.state(id), 'active');
});

test('what a join with a held id made stays listed as orphaned when it cannot be left, and can be left by its operation id', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = (held) => (held.call.operation === 'leave' ? held.throws('no') : held.returns({ reservationId: id }));
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'reservation-id-taken');
  await rig.settled();
  const operationId = rig.plugins.of('join').at(-1)?.call.operationId ?? '';
  assert.equal(rig.state(operationId), 'orphaned');
  assert.equal((await rig.crash()).state(operationId), 'orphaned');
  rig.plugins.answering = works();
  answerIn(await rig.agent.leave('oscars', operationId, {}, 'admin'));
  assert.equal(rig.state(operationId), 'closed');
  assert.equal(rig.state(id), 'active');
});

test('a call beyond its time limit is answered, its reservation unknown, until it ends and says what it did', async () => {
  const rig = await AgentRig.start();
  const joining = rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.calls.length === 1);
  const held = rig.plugins.calls[0] as HeldCall;
  held.exceed();
  assert.equal(codeOf(await joining), 'plugin-timeout');
  const { operationId } = held.call;
  assert.equal(rig.state(operationId), 'unknown');
  held.returns({ reservationId: 'r1' });
  await rig.until(() => rig.state(operationId) === 'active');
  assert.equal(rig.state('r1'), 'active');
});

test('a join whose thread was ended stays unknown, and is released with a reason', async () => {
  const rig = await AgentRig.start();
  rig.plugins.answering = (held) => held.end({ type: 'late', message: 'ended after its time limit' });
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'plugin-timeout');
  const key = rig.plugins.calls[0]?.call.operationId ?? '';
  assert.equal(rig.state(key), 'unknown');
  assert.equal(codeOf(await rig.agent.leave('oscars', key, {}, 'admin')), 'wrong-state');
  const released = await rig.agent.release('oscars', key, 'looked at the switch: nothing there', 'root');
  assert.equal(released.ok && released.value.close_reason, 'released by root: looked at the switch: nothing there');
});

test('a plugin that can say what became of a join is asked, after a broken call and after a crash', async () => {
  const rig = await AgentRig.start({ find: true });
  rig.plugins.answering = (held) => {
    if (held.call.operation === 'join') held.end({ type: 'died', message: 'its thread ended' });
    else held.returns({ reservationId: 'found-1', properties: { circuit: 'c1' } });
  };
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'plugin-failed');
  await rig.until(() => rig.state('found-1') === 'active');
  rig.plugins.answering = () => undefined;
  void rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  const key = rig.plugins.underWay[0]?.call.operationId ?? '';
  const plugins = new (await import('./agent-rig.ts')).Plugins();
  plugins.answering = (held) => held.end({ type: 'nothing' });
  const again = await rig.crash({ plugins });
  await again.until(() => again.state(key) === 'closed');
  assert.equal(plugins.calls[0]?.call.operation === 'find' && plugins.calls[0].call.input.joinOperationId, key);
});

test('operations that a crash interrupted are listed as unknown, whatever they were', async () => {
  const rig = await working();
  const [left, modified] = [await joined(rig), await joined(rig)];
  rig.plugins.answering = () => undefined;
  void rig.agent.leave('oscars', left, {}, 'admin');
  void rig.agent.modify('oscars', modified, {}, 'admin');
  void rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 3);
  const key = rig.plugins.of('join').at(-1)?.call.operationId ?? '';
  const again = await rig.crash();
  await again.until(() => [left, modified, key].every((id) => again.state(id) === 'unknown'));
  assert.equal(again.image(left).renew_deadline, undefined, 'who wanted to leave is not renewed');
  assert.notEqual(again.image(modified).renew_deadline, undefined, 'who wanted a change still wants the reservation');
  again.plugins.answering = works();
  answerIn(await again.agent.leave('oscars', left, {}, 'admin'));
  assert.equal(again.state(left), 'closed');
});

test('the same idempotency key waits for the first join and gets its answer; the plugin joins once', async () => {
  const rig = await AgentRig.start();
  const idempotency = { key: 'once', requestHash: 'h' };
  const both = [rig.agent.join('oscars', {}, 'admin', idempotency), rig.agent.join('oscars', {}, 'admin', idempotency)];
  await rig.until(() => rig.plugins.calls.length === 1);
  await rig.settled();
  rig.plugins.calls[0]?.returns({ reservationId: 'r1', properties: { a: '1' } });
  const [first, second] = await Promise.all(both);
  assert.deepEqual(first, second);
  assert.equal(rig.plugins.calls.length, 1);
  const again = await rig.crash();
  assert.deepEqual(await again.agent.join('oscars', {}, 'admin', idempotency), first);
  assert.equal(again.plugins.calls.length, 0);
  assert.equal(codeOf(await again.agent.join('oscars', {}, 'admin', { key: 'once', requestHash: 'other' })), 'idempotency-mismatch');
});

test('a join that the plugin could not even be asked for leaves nothing, and is made when it comes again under its key', async () => {
  const rig = await AgentRig.start();
  const idempotency = { key: 'once', requestHash: 'h' };
  rig.plugins.answering = (held) => held.end({ type: 'refused', message: 'too many calls wait' });
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin', idempotency)), 'overloaded');
  rig.plugins.answering = works();
  const joined = await rig.agent.join('oscars', {}, 'admin', idempotency);
  assert.equal(answerIn(joined)?.status, 0);
  assert.deepEqual(await rig.agent.join('oscars', {}, 'admin', idempotency), joined);
  assert.equal(rig.plugins.of('join').length, 2);
});

test('operations of one reservation come one after the other, each with what the one before left', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = () => undefined;
  const modify = rig.agent.modify('oscars', id, {}, 'admin');
  const leave = rig.agent.leave('oscars', id, {}, 'admin');
  const second = rig.agent.leave('oscars', id, {}, 'admin');
  const status = rig.agent.status('oscars', id);
  await rig.until(() => rig.plugins.underWay.length === 1);
  await rig.settled();
  assert.deepEqual(
    rig.plugins.underWay.map(({ call }) => call.operation),
    ['modify'],
  );
  rig.plugins.underWay[0]?.returns({ properties: { circuit: 'new' } });
  answerIn(await modify);
  await rig.until(() => rig.plugins.underWay.length === 1);
  const held = rig.plugins.underWay[0] as HeldCall;
  assert.deepEqual(held.call.operation === 'leave' && held.call.input.schedProperties, { made: '1', circuit: 'new' });
  held.returns();
  answerIn(await leave);
  assert.deepEqual([codeOf(await second), codeOf(await status)], ['not-found', 'not-found']);
});

test('two endpoints have the same id without knowing of each other', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars'), endpointConfig('stitch')]) });
  rig.plugins.answering = (held) => held.returns({ reservationId: 'same' });
  for (const name of ['oscars', 'stitch']) answerIn(await rig.agent.join(name, {}, 'admin'));
  answerIn(await rig.agent.leave('oscars', 'same', {}, 'admin'));
  assert.equal(rig.state('same', 'oscars'), 'closed');
  assert.equal(rig.state('same', 'stitch'), 'active');
});

test('reservations of another agent are put on the schedule without a call', async () => {
  const rig = await working();
  const entry = {
    endpoint: 'oscars',
    reservationId: 'old-1',
    renewDeadlineMs: rig.clock.ms + 5 * MINUTE,
    joinProperties: { vlan: '3' },
    schedProperties: { circuit: 'c9' },
  };
  const results = await rig.agent.takeOver([entry, entry, { ...entry, endpoint: 'nowhere' }], 'root');
  assert.deepEqual(results.map(codeOf), ['ok', 'conflict', 'not-found']);
  assert.equal(rig.plugins.calls.length, 0);
  await rig.pass(6 * MINUTE);
  const renew = rig.plugins.of('renew')[0]?.call;
  assert.equal(renew?.operation === 'renew' && renew.input.reservationId, 'old-1');
  assert.equal(rig.state('old-1'), 'active');
});

test('with period 0 a reservation is kept, can be modified and left, and is never renewed', async () => {
  const rig = await working(agentConfig([endpointConfig('oscars', { schedulePeriod: { length: 0, unit: 'MINUTE' } })]));
  const id = await joined(rig);
  await rig.pass(1000 * MINUTE);
  assert.equal(rig.plugins.of('renew').length, 0);
  answerIn(await rig.agent.modify('oscars', id, {}, 'admin'));
  answerIn(await rig.agent.leave('oscars', id, {}, 'admin'));
  assert.equal(rig.state(id), 'closed');
});

test('closed reservations go after their time', async () => {
  const rig = await working();
  const id = await joined(rig);
  answerIn(await rig.agent.leave('oscars', id, {}, 'admin'));
  await rig.pass(23 * 3_600_000);
  assert.equal(rig.state(id), 'closed');
  await rig.pass(2 * 3_600_000);
  assert.equal(rig.state(id), 'not-found');
});

test('an endpoint that is taken out of the configuration keeps its reservations renewed and takes no joins', async () => {
  const rig = await working(agentConfig([endpointConfig('oscars'), endpointConfig('other')]));
  const id = await joined(rig);
  assert.deepEqual(await rig.agent.reload(agentConfig([])), []);
  assert.deepEqual(rig.plugins.closed, ['other']);
  assert(rig.log.some((line) => /oscars is not configured any more, but still holds 1 reservations/.test(line)));
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'not-found');
  await rig.pass(10 * MINUTE);
  assert.equal(rig.plugins.of('renew').length, 1);
  answerIn(await rig.agent.leave('oscars', id, {}, 'admin'));
});

test('a changed endpoint gets a new plugin while calls of the others go on', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars'), endpointConfig('other')]) });
  const joining = rig.agent.join('other', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  await rig.agent.reload(agentConfig([endpointConfig('oscars', { threads: 2 }), endpointConfig('other')]));
  assert.deepEqual(rig.plugins.closed, ['oscars']);
  rig.plugins.underWay[0]?.returns({ reservationId: 'r1' });
  answerIn(await joining);
});

test('a stop leaves nothing in the middle: cut calls are unknown, cut renewals go on after the start', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = () => undefined;
  await rig.pass(10 * MINUTE);
  const joining = rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 2);
  await rig.agent.close();
  assert.equal(codeOf(await joining), 'plugin-failed');
  const key = rig.plugins.of('join').at(-1)?.call.operationId ?? '';
  const renewal = rig.plugins.of('renew')[0]?.call.operationId;
  assert.equal(codeOf(await rig.agent.join('oscars', {}, 'admin')), 'stopping');
  const again = await rig.crash();
  await again.until(() => again.plugins.calls.length === 1);
  assert.equal(again.state(key), 'unknown');
  assert.deepEqual([again.plugins.calls[0]?.call.operation, again.plugins.calls[0]?.call.operationId], ['renew', renewal]);
  again.plugins.calls[0]?.returns();
  await again.until(() => again.state(id) === 'active');
});

test('a reservation that is taken over at an endpoint with period 0 is kept and never renewed', async () => {
  const rig = await working(agentConfig([endpointConfig('oscars', { schedulePeriod: { length: 0, unit: 'MINUTE' } })]));
  const entry = { endpoint: 'oscars', reservationId: 'old-1', renewDeadlineMs: rig.clock.ms + MINUTE, joinProperties: {}, schedProperties: {} };
  assert.deepEqual((await rig.agent.takeOver([entry], 'root')).map(codeOf), ['ok']);
  await rig.pass(10 * MINUTE);
  assert.equal(rig.plugins.of('renew').length, 0);
  assert.equal(rig.state('old-1'), 'active');
});
