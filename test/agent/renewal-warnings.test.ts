import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RenewalWarning, WarningEar } from '../../src/agent/renewal-warnings.ts';
import { AgentRig, agentConfig, endpointConfig, works } from './agent-rig.ts';

/** What whoever watches reservations hears beside the changes of the records. */

const MINUTE = 60_000;

class Ear implements WarningEar {
  isHeard = true;
  readonly warnings: RenewalWarning[] = [];

  warn(warning: RenewalWarning): void {
    this.warnings.push(warning);
  }

  get types(): readonly string[] {
    return this.warnings.map(({ type }) => type);
  }
}

async function withReservation(more: Parameters<typeof endpointConfig>[1] = {}): Promise<{ rig: AgentRig; ear: Ear; id: string; key: string }> {
  const ear = new Ear();
  const rig = await AgentRig.start({ config: agentConfig([endpointConfig('oscars', more)]), ear });
  rig.plugins.answering = works();
  const joined = await rig.agent.join('oscars', {}, 'admin');
  assert(joined.ok && joined.value.type === 'returned');
  const id = joined.value.answer.reservationId ?? '';
  return { rig, ear, id, key: rig.image(id).operation_id };
}

test('a renewal is told as due when its tick takes it, once, and one that works says nothing more', async () => {
  const { rig, ear, id, key } = await withReservation();
  const untilMs = rig.clock.ms + 10 * MINUTE;
  for (let minute = 1; minute <= 8; minute++) await rig.pass(MINUTE);
  assert.deepEqual(ear.warnings, []);
  await rig.pass(MINUTE);
  assert.deepEqual(ear.warnings, [{ type: 'due', key, endpoint: 'oscars', reservationId: id, untilMs }]);
  for (let minute = 1; minute <= 27; minute++) await rig.pass(MINUTE);
  assert.deepEqual(ear.types, ['due', 'due', 'due', 'due']);
});

test('a renewal that fails is told with its error and when it is tried again; the last one with neither time nor hope', async () => {
  const { rig, ear, id, key } = await withReservation({ renewRetries: 1 });
  const untilMs = rig.clock.ms + 10 * MINUTE;
  rig.plugins.answering = (held) => held.throws('no path');
  await rig.pass(9 * MINUTE);
  const failedMs = rig.clock.ms;
  await rig.pass(6000);
  const failed = ear.warnings.filter(({ type }) => type === 'failed');
  const about = { type: 'failed', key, endpoint: 'oscars', reservationId: id, untilMs, error: 'no path' };
  assert.deepEqual(failed, [{ ...about, retryMs: failedMs + 5000 }, about]);
  assert.equal(rig.state(id), 'renew-failed');
});

test('the end of a reservation that nothing renews is warned of once, ten minutes before, and not when it is being left', async () => {
  const { rig, ear, id, key } = await withReservation({ schedulePeriod: { length: 30, unit: 'MINUTE' } });
  const untilMs = rig.clock.ms + 30 * MINUTE;
  rig.plugins.answering = (held) => held.throws('no path');
  assert.equal((await rig.agent.renew('oscars', id, 'admin')).ok, true);
  assert.equal(rig.state(id), 'renew-failed');
  ear.warnings.length = 0;
  for (let minute = 1; minute <= 19; minute++) await rig.pass(MINUTE);
  assert.deepEqual(ear.warnings, []);
  for (let minute = 20; minute <= 35; minute++) await rig.pass(MINUTE);
  assert.deepEqual(ear.warnings, [{ type: 'expiring', key, endpoint: 'oscars', reservationId: id, untilMs }]);
});

test('who is renewed in time, who has left, and who has no end is not warned of', async () => {
  const renewed = await withReservation();
  const left = await withReservation();
  const endless = await withReservation({ schedulePeriod: { length: 0, unit: 'MINUTE' } });
  assert.equal((await left.rig.agent.leave('oscars', left.id, {}, 'admin')).ok, true);
  for (const { rig, ear } of [renewed, left, endless]) {
    for (let minute = 1; minute <= 20; minute++) await rig.pass(MINUTE);
    assert.ok(!ear.types.includes('expiring'), JSON.stringify(ear.warnings));
  }
});

test('nothing is made for nobody, and who begins to listen hears of what ends soon', async () => {
  const { rig, ear, id } = await withReservation({ schedulePeriod: { length: 20, unit: 'MINUTE' } });
  ear.isHeard = false;
  rig.plugins.answering = (held) => held.throws('no path');
  await rig.pass(19 * MINUTE);
  assert.equal(rig.state(id), 'renew-failed');
  assert.deepEqual(
    ear.types.filter((type) => type !== 'failed'),
    [],
  );
  ear.isHeard = true;
  await rig.pass(MINUTE / 2);
  await rig.pass(MINUTE / 2);
  assert.deepEqual(
    ear.types.filter((type) => type !== 'failed'),
    ['expiring'],
  );
});
