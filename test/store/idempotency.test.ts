import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Commands } from '../../src/protocol/commands.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { fault, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };
const HOUR_MS = 3_600_000;
const KEY = { key: 'k', requestHash: 'hash of the request' };

function store(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

const CREATE: Commands['record.create']['in'] = { kind: 'Component', records: [{ ID: 'x1c0', Type: 'Node' }], asArray: false, origin: {}, idempotency: KEY };

async function replayed(rig: Rig, input: Commands['record.create']['in'] = CREATE): Promise<{ status: number; body: string; key: string; revision: number }> {
  const answer = value(await rig.send('record.create', structuredClone(input)));
  assert('replay' in answer, 'the request was answered before');
  return { ...answer.replay, body: Buffer.from(answer.replay.body).toString('utf8') };
}

store('the same key and request get the same answer, also when the record has changed since', async (rig) => {
  const { key } = await rig.created('Component', { ID: 'x1c0', Type: 'Node' }, { idempotency: KEY });
  const body = (await rig.image('Component', 'x1c0'))?.text;
  value(await rig.patch('Component', 'x1c0', { Subtype: 'changed' }));
  assert.deepEqual(await replayed(rig), { status: 201, body, key, revision: 1 });
  value(await rig.remove('Component', 'x1c0'));
  assert.deepEqual(await replayed(rig), { status: 201, body, key, revision: 1 });
  assert.equal(rig.status.sequence, 3, 'nothing was written again');
});

store('the answer is the same after a restart from the journal and after one from a snapshot', async (rig) => {
  await rig.created('Component', { ID: 'x1c0', Type: 'Node' }, { idempotency: KEY });
  const answer = await replayed(rig);
  await withRig(rig.another(), async (other) => assert.deepEqual(await replayed(other), answer));
  await rig.snapshot();
  await withRig(rig.another(), async (other) => assert.deepEqual(await replayed(other), answer));
});

store('the same key with another request is refused, in the same batch too', async (rig) => {
  const other = { ...CREATE, records: [{ ID: 'x2c0', Type: 'Node' }], idempotency: { ...KEY, requestHash: 'another' } };
  const [first, second, third] = await rig.batch([CREATE, other, CREATE].map((input) => ({ kind: 'record.create', input }) as const));
  assert(first !== undefined && second !== undefined && third !== undefined);
  value(first);
  fault(second, 'idempotency-mismatch');
  assert(third.ok && 'replay' in (third.value as object));
  fault(await rig.send('record.create', other), 'idempotency-mismatch');
  await withRig(rig.another(), async (again) => void fault(await again.send('record.create', other), 'idempotency-mismatch'));
});

store('a refused request is not remembered', async (rig) => {
  await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
  fault(await rig.send('record.create', structuredClone(CREATE)), 'conflict');
  value(await rig.remove('Component', 'x1c0'));
  const answer = value(await rig.send('record.create', structuredClone(CREATE)));
  assert('stored' in answer);
});

store('an answer is kept for a day, to the millisecond, and the key is then free', async (rig) => {
  await rig.created('Component', { ID: 'x1c0', Type: 'Node' }, { idempotency: KEY });
  rig.clock.ms += 24 * HOUR_MS - 1;
  await replayed(rig);
  await withRig(rig.another(), async (other) => void (await replayed(other)));
  rig.clock.ms += 1;
  fault(await rig.send('record.create', structuredClone(CREATE)), 'conflict');
  await withRig(rig.another(), async (other) => void fault(await other.send('record.create', structuredClone(CREATE)), 'conflict'));
  await rig.created('Component', { ID: 'x2c0', Type: 'Node' }, { idempotency: KEY });
  assert.match((await replayed(rig)).body, /x2c0/);
});

store('an array is answered as an array', async (rig) => {
  const input = {
    ...CREATE,
    records: [
      { ID: 'x1c0', Type: 'Node' },
      { ID: 'x2c0', Type: 'Node' },
    ],
    asArray: true,
  };
  value(await rig.send('record.create', structuredClone(input)));
  const parts = [await rig.image('Component', 'x1c0'), await rig.image('Component', 'x2c0')].map((image) => image?.text);
  assert.equal((await replayed(rig, input)).body, `[${parts.join(',')}]`);
});

store('a replacement is remembered with its own status', async (rig) => {
  const replace = { kind: 'Component', name: 'x1c0', record: { ID: 'x1c0', Type: 'Node' }, origin: {}, upsert: true };
  for (const [key, status] of [
    ['first', 201],
    ['second', 200],
  ] as const) {
    const input = { ...replace, idempotency: { key, requestHash: 'h' } };
    assert('stored' in value(await rig.send('record.replace', structuredClone(input))));
    const again = value(await rig.send('record.replace', structuredClone(input)));
    assert('replay' in again);
    assert.equal(again.replay.status, status);
  }
  assert.equal(rig.status.sequence, 2);
});

store('a bulk is remembered by its commit, across a restart', async (rig) => {
  const options = { upsert: false, dryRun: false };
  const stage = {
    kind: 'Component',
    bulkId: 'b',
    firstIndex: 0,
    packedRecords: packMessage([{ ID: 'x1c0', Type: 'Node' }]),
    options,
    origin: {},
    idempotency: KEY,
  };
  const commit = { kind: 'Component', bulkId: 'b', options, idempotency: KEY };
  value(await rig.send('bulk.stage', stage));
  value(await rig.send('bulk.commit', commit));
  await withRig(rig.another(), async (other) => {
    const staged = value(await other.send('bulk.stage', stage));
    assert('replay' in staged);
    const { created, updated, total, dry_run } = JSON.parse(Buffer.from(staged.replay.body).toString('utf8')) as Record<string, unknown>;
    assert.deepEqual([created, updated, total, dry_run, staged.replay.status], [1, 0, 1, false, 200]);
    fault(await other.send('bulk.stage', { ...stage, idempotency: { ...KEY, requestHash: 'another' } }), 'idempotency-mismatch');
    assert.equal(other.status.sequence, 1);
  });
});
