import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskError, troubledFiles } from '../store/failing-files.ts';
import { AgentRig, type AgentRigOptions, agentConfig, endpointConfig, type HeldCall, Plugins, works } from './agent-rig.ts';

/** What becomes of operations that a crash interrupted: a substrate counts its own time, whatever happens to the server. */

const MINUTE = 60_000;
const SECOND = 1000;

async function working(options: AgentRigOptions = {}): Promise<AgentRig> {
  const rig = await AgentRig.start(options);
  rig.plugins.answering = works();
  return rig;
}

async function joined(rig: AgentRig, endpoint = 'oscars'): Promise<string> {
  const answer = await rig.agent.join(endpoint, {}, 'admin');
  assert(answer.ok && answer.value.type === 'returned');
  return answer.value.answer.reservationId ?? '';
}

function untilOf(held: HeldCall | undefined): number {
  return held?.call.operation === 'renew' ? held.call.input.untilMs : 0;
}

/** Crashes with the renewal of one reservation under way, and comes back so much later. */
async function crashedInRenewal(laterMs: number): Promise<{ rig: AgentRig; id: string; first: HeldCall }> {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = () => undefined;
  await rig.pass(9 * MINUTE);
  const [first] = rig.plugins.underWay;
  assert(first !== undefined);
  rig.clock.ms += laterMs;
  const again = await rig.crash();
  await again.until(() => again.plugins.calls.length > 0);
  return { rig: again, id, first };
}

test('a renewal that is made again says the same end, because the substrate may know the call and keep to that end', async () => {
  const { rig, id, first } = await crashedInRenewal(5 * MINUTE);
  const [resumed] = rig.plugins.calls;
  assert.deepEqual([resumed?.call.operationId, untilOf(resumed)], [first.call.operationId, untilOf(first)]);
  resumed?.returns();
  await rig.until(() => rig.state(id) === 'active');
  assert.equal(Date.parse(rig.image(id).until ?? ''), untilOf(first));
});

test('a renewal that is made again after its own deadline is followed by the next one at once, and not at the next tick', async () => {
  const { rig, id, first } = await crashedInRenewal(9.9 * MINUTE);
  rig.plugins.calls[0]?.returns();
  await rig.until(() => rig.plugins.calls.length === 2);
  const [, next] = rig.plugins.calls;
  assert.notEqual(next?.call.operationId, first.call.operationId);
  assert.equal(untilOf(next), rig.clock.ms + 10 * MINUTE);
  next?.returns();
  await rig.until(() => rig.state(id) === 'active');
});

test('a renewal whose own end has passed is followed by another one: a substrate that knows the first would keep to its end', async () => {
  const { rig, id, first } = await crashedInRenewal(11 * MINUTE);
  const [next] = rig.plugins.calls;
  assert.notEqual(next?.call.operationId, first.call.operationId);
  assert.equal(untilOf(next), rig.clock.ms + 10 * MINUTE);
  next?.returns();
  await rig.until(() => rig.state(id) === 'active');
  assert.equal(Date.parse(rig.image(id).until ?? ''), untilOf(next));
});

test('a renewal that the full disk kept out of the journal is another call after a crash, because it asks for another end', async () => {
  const disk = troubledFiles();
  const rig = await working({ rig: { files: disk.files } });
  const id = await joined(rig);
  disk.trouble = ({ name }) => (name === 'write' ? diskError('ENOSPC') : undefined);
  await rig.pass(9 * MINUTE);
  const [first] = rig.plugins.of('renew');
  assert(first !== undefined);
  rig.clock.ms += 4 * MINUTE;
  const plugins = new Plugins();
  plugins.answering = works();
  const again = await rig.crash({ plugins });
  await again.until(() => plugins.of('renew').length === 1);
  const [next] = plugins.of('renew');
  assert(untilOf(next) > untilOf(first));
  assert.notEqual(next?.call.operationId, first.call.operationId);
  await again.until(() => Date.parse(again.image(id).until ?? '') === untilOf(next));
});

test('when a renewal fails, the end is again the one that the substrate was told before', async () => {
  const rig = await working();
  const id = await joined(rig);
  const { until } = rig.image(id);
  rig.plugins.answering = () => undefined;
  await rig.pass(9 * MINUTE);
  rig.plugins.underWay[0]?.throws('no');
  await rig.until(() => rig.state(id) === 'renew-failed');
  assert.equal(rig.image(id).until, until);
});

test('a join that is found after its renew deadline is renewed at once', async () => {
  const rig = await working({ find: true });
  rig.plugins.answering = () => undefined;
  void rig.agent.join('oscars', {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  rig.clock.ms += 9 * MINUTE + 30 * SECOND;
  const plugins = new Plugins();
  plugins.answering = (held) => held.returns({ reservationId: 'found-1' });
  const again = await rig.crash({ plugins });
  await again.until(() => plugins.of('renew').length === 1);
  await again.until(() => again.state('found-1') === 'active');
});

test('a reservation whose modify was interrupted is renewed at once when that is due', async () => {
  const rig = await working();
  const id = await joined(rig);
  rig.plugins.answering = () => undefined;
  void rig.agent.modify('oscars', id, {}, 'admin');
  await rig.until(() => rig.plugins.underWay.length === 1);
  rig.clock.ms += 9 * MINUTE + 30 * SECOND;
  const again = await rig.crash();
  await again.until(() => again.plugins.of('renew').length === 1);
});

test('after a downtime a lane that cannot keep up renews first what ends first', async () => {
  const config = agentConfig([endpointConfig('oscars', { concurrentRenewals: 1, schedulePeriod: { length: 60, unit: 'MINUTE' }, renewAdvanceTicks: 30 })]);
  const rig = await working({ config });
  const ids: string[] = [];
  for (let count = 0; count < 20; count++) {
    ids.push(await joined(rig));
    rig.clock.ms += 5 * SECOND;
  }
  rig.clock.ms += 31 * MINUTE;
  const again = await rig.crash();
  // The first one takes so long that all the others have to wait for it.
  await again.pass(31 * SECOND);
  again.plugins.answering = works();
  again.plugins.underWay[0]?.returns();
  await again.until(() => again.plugins.of('renew').length === ids.length);
  assert.deepEqual(
    again.plugins.calls.map(({ call }) => call.operation === 'renew' && call.input.reservationId),
    ids,
  );
});

test('what was interrupted at an endpoint that was not configured at the start goes on when it is', async () => {
  const config = agentConfig([endpointConfig('oscars')]);
  const rig = await working({ config, find: true });
  const [id, left] = [await joined(rig), await joined(rig)];
  rig.plugins.answering = () => undefined;
  void rig.agent.leave('oscars', left, {}, 'admin');
  await rig.pass(9 * MINUTE);
  assert.equal(rig.plugins.underWay.length, 2);
  const without = await rig.crash({ config: agentConfig([endpointConfig('nothing')]) });
  await without.settled();
  assert.equal(without.state(id), 'renewing');
  without.plugins.answering = works();
  assert.deepEqual(await without.agent.reload(config), []);
  await without.until(() => without.state(id) === 'active');
  assert.equal(without.state(left), 'unknown');
});

/** Renews with the clock set back by eleven minutes, crashes, and renews again. @returns the ends that were asked for, in minutes after the join. */
async function renewedAcrossACrash(isFull: boolean): Promise<{ ends: readonly number[]; recorded: number }> {
  const disk = troubledFiles();
  const rig = await working({ rig: { files: disk.files } });
  const id = await joined(rig);
  const { clock } = rig;
  const joinedMs = clock.ms;
  // The rig's monotonic clock is its wall clock, which is the one that is set back.
  clock.monotonicMs = () => clock.ms + 11 * MINUTE;
  clock.ms -= 11 * MINUTE;
  if (isFull) disk.trouble = ({ name }) => (name === 'write' ? diskError('ENOSPC') : undefined);
  await rig.pass(10 * MINUTE);
  await rig.until(() => rig.plugins.underWay.length === 0 && rig.plugins.of('renew').length === 1);
  const again = await rig.crash();
  const recorded = Date.parse(again.image(id).until ?? '');
  again.plugins.answering = works();
  assert.equal((await again.agent.renew('oscars', id, 'admin')).ok, true);
  const ends = [...rig.plugins.of('renew'), ...again.plugins.of('renew')].map((held) => (untilOf(held) - joinedMs) / MINUTE);
  return { ends, recorded: (recorded - joinedMs) / MINUTE };
}

test('after a crash and with the clock set back, the end that the journal says does not go back', async () => {
  assert.deepEqual(await renewedAcrossACrash(false), { ends: [20, 20], recorded: 20 });
});

test('an end that a full disk kept out of the journal is lost in a crash: with the clock set back the next renewal asks for an earlier one', async () => {
  assert.deepEqual(await renewedAcrossACrash(true), { ends: [20, 10], recorded: 10 });
});
