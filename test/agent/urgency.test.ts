import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteadyClock } from '../../src/agent/steady-clock.ts';
import { diskError, troubledFiles } from '../store/failing-files.ts';
import { AgentRig, agentConfig, endpointConfig, type HeldCall, works } from './agent-rig.ts';

/** Renewals come in time whatever else goes on, and never with less than they need. */

const MINUTE = 60_000;

async function withReservation(rig: AgentRig, properties: Record<string, string> = {}): Promise<void> {
  rig.plugins.answering = (held) => held.returns(held.call.operation === 'join' ? { reservationId: 'r1', properties } : {});
  assert.equal((await rig.agent.join('oscars', {}, 'admin')).ok, true);
}

function schedOf(held: HeldCall | undefined): unknown {
  return held?.call.operation === 'renew' ? held.call.input.schedProperties : undefined;
}

test('a flood of questions to the store keeps no secret from a renewal', async () => {
  const rig = await AgentRig.start();
  await withReservation(rig, { 'switch.password': 'true-value' });
  const find = { kind: 'Component', conditions: [], sort: [], count: false, limit: 5 } as const;
  const flood = Array.from({ length: 400 }, () => rig.owner.query('record.find', find));
  rig.plugins.answering = (held) => held.returns({ properties: (schedOf(held) ?? {}) as Record<string, string> });
  rig.clock.ms += 10 * MINUTE;
  rig.agent.look();
  await Promise.all(flood);
  await rig.until(() => rig.plugins.of('renew').length === 1);
  assert.deepEqual(schedOf(rig.plugins.of('renew')[0]), { 'switch.password': 'true-value' });
});

test('while secrets cannot be read no plugin is called with masks, and the renewal is made as soon as they can', async () => {
  const rig = await AgentRig.start();
  await withReservation(rig, { 'switch.password': 'true-value' });
  const query = rig.owner.query.bind(rig.owner);
  rig.owner.query = async () => ({ ok: false, fault: { code: 'recovering', detail: 'the store is being recovered' } });
  await rig.pass(10 * MINUTE);
  for (const call of [rig.agent.leave('oscars', 'r1', {}, 'a'), rig.agent.modify('oscars', 'r1', {}, 'a'), rig.agent.status('oscars', 'r1')]) {
    const result = await call;
    assert.equal(!result.ok && result.fault.code, 'recovering');
  }
  assert.equal(rig.plugins.calls.length, 1);
  assert.equal(rig.state('r1'), 'active');
  rig.owner.query = query;
  await rig.pass(1000);
  assert.deepEqual(schedOf(rig.plugins.of('renew')[0]), { 'switch.password': 'true-value' });
});

test('a mask that a plugin returns does not replace the secret', async () => {
  const rig = await AgentRig.start();
  await withReservation(rig, { 'switch.password': 'true-value' });
  rig.plugins.answering = (held) => held.returns({ properties: { 'switch.password': '******' } });
  await rig.pass(10 * MINUTE);
  await rig.pass(10 * MINUTE);
  assert.deepEqual(schedOf(rig.plugins.of('renew')[1]), { 'switch.password': 'true-value' });
});

test('with the default advance a failed renewal is tried again between the ticks, before the end', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars', { renewRetries: 5 })]) });
  await withReservation(rig);
  const start = rig.clock.ms;
  rig.plugins.answering = (held) => held.throws('busy');
  const times: number[] = [];
  for (let second = 0; second < 620; second += 5) {
    const before = rig.plugins.of('renew').length;
    await rig.pass(5000);
    if (rig.plugins.of('renew').length > before) times.push((rig.clock.ms - start) / 1000);
  }
  assert.deepEqual(times, [540, 545, 555, 575]);
  assert.equal(rig.state('r1'), 'renew-failed');
});

test('a retry that was to come is made between the ticks after a restart as well', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars', { renewRetries: 5 })]) });
  await withReservation(rig);
  rig.plugins.answering = (held) => held.throws('busy');
  await rig.pass(9 * MINUTE);
  assert.equal(rig.plugins.of('renew').length, 1);
  const again = await rig.crash();
  again.plugins.answering = works();
  await again.pass(5000);
  assert.equal(again.plugins.of('renew').length, 1);
  assert.equal(again.state('r1'), 'active');
});

test('a renewal that its plugin could not even be asked for is tried again in a second, however long a tick is', async () => {
  const config = agentConfig([endpointConfig('oscars', { schedulePeriod: { length: 1, unit: 'DAY' } })], { tick: { length: 1, unit: 'HOUR' } });
  const rig = await AgentRig.start({ config });
  await withReservation(rig);
  rig.plugins.answering = (held) => held.end({ type: 'refused', message: 'the endpoint is closing' });
  await rig.pass(23 * 60 * MINUTE);
  assert.equal(rig.plugins.of('renew').length, 1);
  rig.plugins.answering = works();
  await rig.pass(1000);
  assert.equal(rig.plugins.of('renew').length, 2);
  assert.equal(rig.state('r1'), 'active');
});

test('renewals and leaves go before questions that wait, of which only a few may', async () => {
  const rig = await AgentRig.start();
  await withReservation(rig);
  rig.plugins.answering = () => undefined;
  const questions = Array.from({ length: 10 }, () => rig.agent.status('oscars', 'r1'));
  await rig.settled();
  await rig.pass(9 * MINUTE);
  const leaving = rig.agent.leave('oscars', 'r1', {}, 'admin');
  await rig.settled();
  const order: string[] = [];
  for (let count = 0; count < 3; count++) {
    const [held] = rig.plugins.underWay;
    order.push(held?.call.operation ?? '');
    held?.returns();
    await rig.settled();
  }
  assert.deepEqual(order, ['status', 'renew', 'leave']);
  assert.equal((await leaving).ok, true);
  const refused = (await Promise.all(questions)).filter((each) => !each.ok && each.fault.code === 'overloaded').length;
  assert.equal(refused, 5);
});

test('a modify that ended while the disk was full does not keep its reservation from being renewed', async () => {
  const disk = troubledFiles();
  const rig = await AgentRig.start({ rig: { files: disk.files } });
  await withReservation(rig);
  rig.plugins.answering = () => undefined;
  const modifying = rig.agent.modify('oscars', 'r1', {}, 'admin');
  await rig.until(() => rig.plugins.of('modify').length === 1);
  disk.trouble = ({ name }) => (name === 'write' ? diskError('ENOSPC') : undefined);
  rig.plugins.of('modify')[0]?.returns({ properties: { circuit: 'modified' } });
  const modified = await modifying;
  assert.equal(!modified.ok && modified.fault.code, 'outcome-unknown');
  rig.plugins.answering = works();
  for (let minute = 0; minute < 30; minute++) await rig.pass(MINUTE);
  assert.equal(rig.plugins.of('renew').length, 3);
  assert.deepEqual(schedOf(rig.plugins.of('renew')[0]), { circuit: 'modified' });
  disk.trouble = undefined;
  await rig.until(() => rig.state('r1') === 'active' && rig.image('r1').sched_properties?.['circuit'] === 'modified');
  for (let minute = 0; minute < 10; minute++) await rig.pass(MINUTE);
  assert.equal(rig.plugins.of('renew').length, 4);
});

test('closed reservations are purged as fast as they come', async () => {
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars')], { closedRetentionMs: 1000 }) });
  rig.plugins.answering = (held) => held.throws('no');
  await Promise.all(Array.from({ length: 1200 }, () => rig.agent.join('oscars', {}, 'admin')));
  assert.equal(rig.rig.view.countOf('reservations'), 1200);
  rig.clock.ms += 2 * MINUTE;
  rig.agent.look();
  await rig.until(() => rig.rig.view.countOf('reservations') === 0);
});

test('the steady clock neither wins nor loses by being looked at often', () => {
  const wall = { ms: 1_000_000 };
  let monotonicMs = 0;
  const clock = new SteadyClock({ nowMs: () => Math.floor(wall.ms), monotonicMs: () => monotonicMs }, () => undefined);
  const pass = (ms: number): number => {
    wall.ms += ms;
    monotonicMs += ms;
    return clock.nowMs();
  };
  for (let look = 0; look < 100_000; look++) pass(0.6);
  assert(Math.abs(clock.nowMs() - wall.ms) <= 1, `${clock.nowMs() - wall.ms} ms off`);
  const before = clock.nowMs();
  wall.ms -= 3_600_000;
  for (let look = 0; look < 100_000; look++) pass(0.4);
  assert(Math.abs(clock.nowMs() - before - 40_000) <= 2, 'after a jump back it goes on as before');
});
