import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { entryOf, RESERVATIONS, type ReservationImage, type ReservationStep } from '../../../src/protocol/reservations.ts';
import { onlyKinds, Rig, value } from '../rig.ts';

const KEY = 'a0000000-0000-4000-8000-000000000001';
const OTHER = 'a0000000-0000-4000-8000-000000000002';
const SECRET = 'canary-3f9a77';

const FEW = { kinds: onlyKinds('Component') };

async function step(rig: Rig, more: Omit<ReservationStep, 'key'> & { key?: string }) {
  const result = await rig.send('reservation.step', { key: KEY, ...more });
  // What a step answers for the main thread's book is what the record says.
  if (result.ok && !('existing' in result.value)) {
    const image = imageOf(rig, more.key);
    assert.deepEqual(result.value.entry, image === undefined ? undefined : entryOf(image));
  }
  return result;
}

async function joined(rig: Rig, key = KEY, reservationId = 'r1'): Promise<void> {
  value(
    await step(rig, {
      key,
      step: 'join.begin',
      operationId: key,
      endpoint: 'oscars',
      caller: 'admin',
      joinProperties: { 'oscars.password': SECRET, vlan: '7' },
    }),
  );
  value(
    await step(rig, {
      key,
      step: 'join.done',
      operationId: key,
      reservationId,
      properties: { 'session.token': SECRET, circuit: 'c1' },
      untilMs: rig.clock.ms + 60_000,
      renewDeadlineMs: rig.clock.ms + 30_000,
    }),
  );
}

function imageOf(rig: Rig, key = KEY): ReservationImage | undefined {
  const location = rig.view.locationOf(RESERVATIONS, key);
  return location === undefined ? undefined : (JSON.parse(rig.view.imageAt(location).bytes.toString()) as ReservationImage);
}

async function privateOf(rig: Rig, key = KEY): Promise<unknown> {
  const secrets = await rig.query('secrets.read', { kind: RESERVATIONS, name: key });
  return JSON.parse(secrets?.['private'] ?? 'null');
}

test('a reservation is there after a crash, from the journal alone and from a snapshot, byte for byte, with its secrets', async () => {
  let rig = await Rig.open(undefined, FEW);
  await joined(rig);
  const before = imageOf(rig);
  assert.equal(before?.state, 'active');
  assert.deepEqual(before?.join_properties, { 'oscars.password': '******', vlan: '7' });
  for (const way of ['journal', 'snapshot']) {
    if (way === 'snapshot') await rig.snapshot();
    rig = await rig.another();
    assert.deepEqual(imageOf(rig), before, way);
    assert.deepEqual(await privateOf(rig), { join: { 'oscars.password': SECRET }, sched: { 'session.token': SECRET } }, way);
  }
  assert.equal(Object.keys(rig.status.records).includes(RESERVATIONS), true);
  const folder = join(rig.snapshotDirectory, rig.snapshots().at(-1) ?? '');
  assert(readdirSync(folder).includes('reservations.parquet'));
  for (const directory of [folder, rig.journalDirectory]) {
    for (const file of readdirSync(directory)) assert(!readFileSync(join(directory, file)).includes(SECRET), `${file} has no secret`);
  }
});

test('reservations are in memory with the key index, before the records of the inventory', async () => {
  const rig = await Rig.open(undefined, FEW);
  await joined(rig);
  for (let count = 0; count < 3; count++) await rig.created('Component', { ID: `x${count}`, Type: 'Cabinet' });
  await rig.snapshot();
  const cold = await rig.another({ cold: true });
  await cold.query('store.fill', {});
  assert.equal(cold.status.indexed, true);
  assert.equal(cold.status.filled, false);
  assert.equal(imageOf(cold)?.state, 'active');
});

test('properties that renewals return are merged, and a value that became secret is masked', async () => {
  const rig = await Rig.open(undefined, FEW);
  await joined(rig);
  value(await step(rig, { step: 'renew.begin', operationId: OTHER }));
  value(
    await step(rig, {
      step: 'renew.done',
      operationId: OTHER,
      properties: { circuit: 'c2', 'session.token': 'canary-2' },
      renewDeadlineMs: rig.clock.ms + 90_000,
    }),
  );
  assert.deepEqual(imageOf(rig)?.sched_properties, { 'session.token': '******', circuit: 'c2' });
  assert.deepEqual(await privateOf(rig), { join: { 'oscars.password': SECRET }, sched: { 'session.token': 'canary-2' } });
});

test('an id is held by one reservation of an endpoint, also within one batch, until that one closes', async () => {
  const rig = await Rig.open(undefined, FEW);
  await joined(rig);
  const begin = { kind: 'reservation.step', input: { key: OTHER, step: 'join.begin', operationId: OTHER, endpoint: 'oscars' } } as const;
  const done = { kind: 'reservation.step', input: { key: OTHER, step: 'join.done', operationId: OTHER, reservationId: 'r1' } } as const;
  const [, taken] = await rig.batch([begin, done]);
  assert.equal(!taken?.ok && taken?.fault.code, 'reservation-id-taken');
  value(await step(rig, { step: 'leave.begin', operationId: OTHER }));
  value(await step(rig, { step: 'leave.done', operationId: OTHER }));
  assert.equal(imageOf(rig)?.held_as, undefined);
  assert.equal((await rig.send(done.kind, done.input)).ok, true);
  // Another endpoint has ids of its own.
  const key = 'a0000000-0000-4000-8000-000000000003';
  value(await step(rig, { key, step: 'join.begin', operationId: key, endpoint: 'other-one' }));
  value(await step(rig, { key, step: 'join.done', operationId: key, reservationId: 'r1' }));
});

test('the same idempotency key names the same join, and another request with it is refused', async () => {
  const rig = await Rig.open(undefined, FEW);
  const begin = { step: 'join.begin', endpoint: 'oscars', idempotency: { key: 'k', requestHash: 'h' } } as const;
  value(await step(rig, { ...begin, operationId: KEY }));
  assert.deepEqual(value(await step(rig, { ...begin, key: OTHER, operationId: OTHER })), { existing: KEY });
  const mismatch = await step(rig, { ...begin, key: OTHER, operationId: OTHER, idempotency: { key: 'k', requestHash: 'other' } });
  assert.equal(!mismatch.ok && mismatch.fault.code, 'idempotency-mismatch');
  // The key belongs to the endpoint.
  const { entry: _, ...other } = value(await step(rig, { ...begin, key: OTHER, operationId: OTHER, endpoint: 'other-one' })) as { entry: unknown };
  assert.deepEqual(other, { key: OTHER, revision: 2 });
  const again = await rig.another();
  assert.deepEqual(value(await step(again, { ...begin, key: 'a0000000-0000-4000-8000-000000000004' })), { existing: KEY });
});

test('what is closed loses its secrets, and what is purged is gone', async () => {
  const rig = await Rig.open(undefined, FEW);
  await joined(rig);
  value(await step(rig, { step: 'release', reason: 'the substrate was rebuilt' }));
  assert.equal(imageOf(rig)?.state, 'closed');
  assert.equal(imageOf(rig)?.close_reason, 'the substrate was rebuilt');
  assert.equal(await privateOf(rig), null);
  value(await step(rig, { step: 'purge' }));
  assert.equal(imageOf(rig), undefined);
  assert.equal(imageOf(await rig.another()), undefined);
});

test('properties without end are refused and change nothing', async () => {
  const rig = await Rig.open(undefined, FEW);
  await joined(rig);
  value(await step(rig, { step: 'renew.begin', operationId: OTHER }));
  const result = await step(rig, { step: 'renew.done', operationId: OTHER, properties: { large: 'x'.repeat(1024 * 1024) } });
  assert.equal(!result.ok && result.fault.code, 'too-large');
  assert.equal(imageOf(rig)?.state, 'renewing');
});
