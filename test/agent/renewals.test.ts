import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskError, troubledFiles } from '../store/failing-files.ts';
import { AgentRig, agentConfig, endpointConfig, type HeldCall, ONE, works } from './agent-rig.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

async function joined(rig: AgentRig, endpoint = 'oscars'): Promise<string> {
  const answer = await rig.agent.join(endpoint, {}, 'admin');
  assert(answer.ok && answer.value.type === 'returned');
  return answer.value.answer.reservationId ?? '';
}

async function withReservation(config = ONE): Promise<{ rig: AgentRig; id: string }> {
  const rig = await AgentRig.start({ config });
  rig.plugins.answering = works();
  return { rig, id: await joined(rig) };
}

function renewals(rig: AgentRig): readonly HeldCall[] {
  return rig.plugins.of('renew');
}

function untilOf(held: HeldCall | undefined): number {
  return held?.call.operation === 'renew' ? held.call.input.untilMs : 0;
}

test('a reservation is renewed at the first tick after its renew deadline, and not before', async () => {
  const { rig, id } = await withReservation();
  const start = rig.clock.ms;
  for (let minute = 1; minute <= 8; minute++) await rig.pass(MINUTE);
  assert.equal(renewals(rig).length, 0);
  await rig.pass(MINUTE);
  assert.equal(renewals(rig).length, 1);
  assert.equal(untilOf(renewals(rig)[0]), start + 9 * MINUTE + 10 * MINUTE);
  assert.deepEqual(rig.image(id).sched_properties, { made: '1', 'after.renew': 'yes' });
  for (let minute = 1; minute <= 27; minute++) await rig.pass(MINUTE);
  assert.equal(renewals(rig).length, 4);
  assert.equal(rig.state(id), 'active');
});

test('a failed renewal takes the reservation off the schedule and keeps it; status and leave work; an admin puts it back', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = (held) => held.throws('no path');
  await rig.pass(10 * MINUTE);
  assert.equal(rig.state(id), 'renew-failed');
  assert.equal(rig.image(id).last_error, 'no path');
  assert.equal(rig.image(id).attempts, 1);
  await rig.pass(10 * MINUTE);
  assert.equal(renewals(rig).length, 1);
  rig.plugins.answering = works();
  assert.equal((await rig.agent.status('oscars', id)).ok, true);
  assert.equal((await rig.agent.renew('oscars', id, 'root')).ok, true);
  assert.equal(rig.state(id), 'active');
  await rig.pass(10 * MINUTE);
  assert.equal(renewals(rig).length, 3);
  assert.equal((await rig.agent.leave('oscars', id, {}, 'admin')).ok, true);
});

test('with retries a failed renewal is tried again before the real end, later each time', async () => {
  const { rig, id } = await withReservation(
    agentConfig([endpointConfig('oscars', { renewRetries: 2, renewAdvanceTicks: 3 })], { tick: { length: 5, unit: 'SECOND' } }),
  );
  rig.plugins.answering = (held) => held.throws('busy');
  const times: number[] = [];
  const start = rig.clock.ms;
  for (let second = 0; second < 660; second += 5) {
    const before = renewals(rig).length;
    await rig.pass(5000);
    if (renewals(rig).length > before) times.push((rig.clock.ms - start) / 1000);
  }
  assert.deepEqual(times, [585, 590]);
  assert.equal(rig.state(id), 'renew-failed');
  rig.plugins.answering = works();
});

test('a renewal that failed and worked when it was tried again is on the schedule as before', async () => {
  const { rig, id } = await withReservation(
    agentConfig([endpointConfig('oscars', { renewRetries: 1, renewAdvanceTicks: 3 })], { tick: { length: 5, unit: 'SECOND' } }),
  );
  rig.plugins.answering = (held) => held.throws('busy');
  await rig.pass(585_000);
  assert.equal(rig.state(id), 'active');
  rig.plugins.answering = works();
  await rig.pass(5000);
  assert.equal(rig.state(id), 'active');
  assert.equal(rig.image(id).attempts, undefined);
  assert.equal(Date.parse(rig.image(id).until ?? ''), rig.clock.ms + 10 * MINUTE);
});

test('a leave during a renewal waits for it, and the renewal does not bring back what was left', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  await rig.pass(10 * MINUTE);
  const leaving = rig.agent.leave('oscars', id, {}, 'admin');
  await rig.settled();
  assert.deepEqual(
    rig.plugins.underWay.map(({ call }) => call.operation),
    ['renew'],
  );
  rig.plugins.answering = works();
  rig.plugins.underWay[0]?.returns({ properties: { circuit: 'renewed' } });
  assert.equal((await leaving).ok, true);
  const leave = rig.plugins.of('leave')[0]?.call;
  assert.equal(leave?.operation === 'leave' && leave.input.schedProperties['circuit'], 'renewed');
  assert.equal(rig.state(id), 'closed');
  await rig.pass(60 * MINUTE);
  assert.equal(renewals(rig).length, 1);
});

test('a renewal that falls due during a leave is not made', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  const leaving = rig.agent.leave('oscars', id, {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  await rig.pass(10 * MINUTE);
  rig.plugins.underWay[0]?.returns();
  assert.equal((await leaving).ok, true);
  await rig.pass(10 * MINUTE);
  assert.equal(renewals(rig).length, 0);
});

test('a renewal that fell due during a modify is made after it, with what the modify returned', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  const modifying = rig.agent.modify('oscars', id, {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  await rig.pass(10 * MINUTE);
  assert.equal(renewals(rig).length, 0);
  rig.plugins.answering = works();
  rig.plugins.underWay[0]?.returns({ properties: { circuit: 'modified' } });
  await modifying;
  await rig.pass(MINUTE);
  const renew = renewals(rig)[0]?.call;
  assert.equal(renew?.operation === 'renew' && renew.input.schedProperties['circuit'], 'modified');
  assert.equal(renewals(rig).length, 1);
  assert.equal(rig.state(id), 'active');
});

test('a modify during a renewal waits for it', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  await rig.pass(10 * MINUTE);
  const modifying = rig.agent.modify('oscars', id, {}, 'admin');
  await rig.settled();
  assert.deepEqual(
    rig.plugins.underWay.map(({ call }) => call.operation),
    ['renew'],
  );
  rig.plugins.answering = works();
  rig.plugins.underWay[0]?.returns({ properties: { circuit: 'renewed' } });
  await modifying;
  const modify = rig.plugins.of('modify')[0]?.call;
  assert.equal(modify?.operation === 'modify' && modify.input.schedProperties['circuit'], 'renewed');
});

test('a renewal whose thread died is sent again under the same operation id, and then counts as failed', async () => {
  const { rig, id } = await withReservation();
  let deaths = 1;
  rig.plugins.answering = (held) => (deaths-- > 0 ? held.end({ type: 'died', message: 'exit 3' }) : held.returns());
  await rig.pass(10 * MINUTE);
  assert.equal(rig.state(id), 'active');
  assert.equal(renewals(rig).length, 2);
  assert.equal(new Set(renewals(rig).map(({ call }) => call.operationId)).size, 1);
  rig.plugins.answering = (held) => held.end({ type: 'died', message: 'exit 3' });
  await rig.pass(10 * MINUTE);
  assert.equal(rig.state(id), 'renew-failed');
  assert.equal(renewals(rig).length, 5);
});

test('a renewal that a crash interrupted is made again under the same operation id, once', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  await rig.pass(10 * MINUTE);
  const { operationId } = rig.plugins.underWay[0]?.call ?? {};
  const again = await rig.crash();
  await again.until(() => again.plugins.calls.length > 0);
  await again.pass(MINUTE);
  assert.deepEqual(
    again.plugins.calls.map(({ call }) => call.operationId),
    [operationId],
  );
  again.plugins.answering = works();
  again.plugins.calls[0]?.returns();
  await again.until(() => again.state(id) === 'active');
});

test('what fell due while the server was down is renewed soon, spread out, and what ends first goes first', async () => {
  const rig = await AgentRig.start({
    config: agentConfig([endpointConfig('oscars', { concurrentRenewals: 50, schedulePeriod: { length: 60, unit: 'MINUTE' } })]),
  });
  rig.plugins.answering = works();
  for (let count = 0; count < 40; count++) await joined(rig);
  rig.clock.ms += 59.5 * MINUTE;
  const late = await rig.crash();
  await late.settled();
  assert.equal(renewals(late).length, 40, 'half a minute before the end nothing waits');
  for (const held of late.plugins.underWay) held.returns();
  await late.settled();

  const again = await AgentRig.start({
    config: agentConfig([endpointConfig('oscars', { concurrentRenewals: 50, schedulePeriod: { length: 60, unit: 'MINUTE' }, renewAdvanceTicks: 30 })]),
  });
  again.plugins.answering = works();
  for (let count = 0; count < 40; count++) await joined(again);
  again.clock.ms += 31 * MINUTE;
  const spread = await again.crash();
  await spread.settled();
  const atOnce = renewals(spread).length;
  assert(atOnce < 20, `${atOnce} of 40 at once`);
  for (let second = 0; second < 30; second++) await spread.pass(1000);
  assert.equal(renewals(spread).length, 40);
});

test('renewals of one endpoint are bounded, and an endpoint that hangs costs the others nothing', async () => {
  const config = agentConfig([endpointConfig('hangs-on', { concurrentRenewals: 2 }), endpointConfig('works-on', { concurrentRenewals: 3 })]);
  const rig = await AgentRig.start({ config });
  rig.plugins.answering = works();
  for (let count = 0; count < 10; count++) for (const name of ['hangs-on', 'works-on']) await joined(rig, name);
  let most = 0;
  rig.plugins.answering = (held) => {
    if (held.endpoint === 'hangs-on') return;
    most = Math.max(most, rig.plugins.underWay.filter(({ endpoint }) => endpoint === 'works-on').length);
    setImmediate(() => held.returns());
  };
  await rig.pass(10 * MINUTE);
  await rig.until(() => renewals(rig).filter(({ endpoint, ended }) => endpoint === 'works-on' && ended).length === 10);
  assert.equal(renewals(rig).filter(({ endpoint }) => endpoint === 'hangs-on').length, 2);
  assert(most <= 3, `${most} at once`);
});

test('a clock that jumps a day ahead renews everything once; one that jumps back neither stops renewals nor shortens them', async () => {
  const { rig, id } = await withReservation();
  // The rig's monotonic clock is its wall clock: jumps are made by hand.
  const clock = rig.clock;
  let monotonicMs = clock.ms;
  clock.monotonicMs = () => monotonicMs;
  const pass = async (ms: number, jumpMs = 0): Promise<void> => {
    monotonicMs += ms;
    clock.ms += ms + jumpMs;
    rig.agent.look();
    await rig.settled();
  };
  await pass(0);
  await pass(MINUTE, DAY);
  assert.equal(renewals(rig).length, 1);
  const ahead = untilOf(renewals(rig)[0]);
  assert.equal(ahead, clock.ms + 10 * MINUTE);
  await pass(MINUTE, -DAY);
  assert.equal(renewals(rig).length, 1, 'nothing is renewed twice');
  for (let minute = 0; minute < 10; minute++) await pass(MINUTE);
  assert.equal(renewals(rig).length, 2, 'renewals keep their rhythm');
  assert(untilOf(renewals(rig)[1]) >= ahead, 'until never goes back');
  assert.equal(rig.log.filter((line) => line.startsWith("the machine's clock jumped")).length, 2);
  assert.equal(rig.state(id), 'active');
});

test('ticks that were missed are one tick', async () => {
  const { rig } = await withReservation();
  await rig.pass(3 * DAY);
  await rig.pass(1000);
  assert.equal(renewals(rig).length, 1);
});

test('while the disk is full renewals go on, each with an operation id of its own, and are in the journal as soon as it has room', async () => {
  const disk = troubledFiles();
  const rig = await AgentRig.start({ rig: { files: disk.files } });
  rig.plugins.answering = works();
  const id = await joined(rig);
  disk.trouble = ({ name }) => (name === 'write' ? diskError('ENOSPC') : undefined);
  for (let round = 1; round <= 3; round++) {
    rig.plugins.answering = (held) => held.returns({ properties: { [`round${round}`]: 'yes' } });
    await rig.pass(10 * MINUTE);
    assert.equal(renewals(rig).length, round);
  }
  assert.equal(new Set(renewals(rig).map(({ call }) => call.operationId)).size, 3);
  const last = renewals(rig)[2]?.call;
  assert.deepEqual(last?.operation === 'renew' && last.input.schedProperties, { made: '1', round1: 'yes', round2: 'yes' });
  assert.equal((await rig.agent.leave('oscars', id, {}, 'admin')).ok, false);
  disk.trouble = undefined;
  await rig.until(() => rig.image(id).sched_properties?.['round3'] === 'yes');
  assert.deepEqual(rig.image(id).sched_properties, { made: '1', round1: 'yes', round2: 'yes', round3: 'yes' });
  assert.equal(Date.parse(rig.image(id).until ?? ''), untilOf(renewals(rig)[2]));
  rig.plugins.answering = works();
  await rig.pass(10 * MINUTE);
  assert.equal(renewals(rig).length, 4);
  assert.equal((await rig.crash()).state(id), 'active');
});

test('the outcome of a join that the full disk did not take is in the journal as soon as it has room', async () => {
  const disk = troubledFiles();
  const rig = await AgentRig.start({ rig: { files: disk.files } });
  const joining = rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  disk.trouble = ({ name }) => (name === 'write' ? diskError('ENOSPC') : undefined);
  rig.plugins.underWay[0]?.returns({ reservationId: 'r1' });
  const answer = await joining;
  assert.equal(!answer.ok && answer.fault.code, 'outcome-unknown');
  assert.equal((await rig.agent.join('oscars', {}, 'admin')).ok, false, 'no intent, no call');
  assert.equal(rig.plugins.calls.length, 1);
  disk.trouble = undefined;
  await rig.until(() => rig.state('r1') === 'active');
});

test('what took so long to join that it is due already is renewed at once, and not at the next tick', async () => {
  const rig = await AgentRig.start();
  const joining = rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.calls.length === 1);
  rig.clock.ms += 9.5 * MINUTE;
  rig.plugins.answering = works();
  rig.plugins.calls[0]?.returns({ reservationId: 'r1' });
  assert.equal((await joining).ok, true);
  await rig.until(() => renewals(rig).length === 1);
  assert.equal(untilOf(renewals(rig)[0]), rig.clock.ms + 10 * MINUTE);
});

test('a reservation that was being renewed at an endpoint that is gone can be released', async () => {
  const { rig, id } = await withReservation();
  rig.plugins.answering = () => undefined;
  await rig.pass(10 * MINUTE);
  const again = await rig.crash({ config: agentConfig([]) });
  await again.settled();
  assert.equal(again.state(id), 'renewing');
  assert.equal((await again.agent.release('oscars', id, 'the substrate was taken down', 'root')).ok, true);
  assert.equal(again.state(id), 'closed');
});
