import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { realFiles } from '../../src/store/files.ts';
import type { FrameContent } from '../../src/store/frame.ts';
import { Journal } from '../../src/store/journal.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';
import { diskError, type FileCall, troubledFiles } from './failing-files.ts';
import { fault, onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from './rig.ts';

/** What happens to writes when the disk under a running store fails. */

const KINDS = onlyKinds('Component');
const OPTIONS: RigOptions = { kinds: KINDS };

function component(number: number): { ID: string; Type: string } {
  return { ID: `x${number}c0`, Type: 'Node' };
}

async function names(rig: Rig): Promise<readonly string[]> {
  return (await rig.found('Component')).map(({ ID }) => String(ID)).sort();
}

const onJournal = (call: FileCall, name: FileCall['name']): boolean => call.name === name && call.path.endsWith('.journal');

async function openTroubled(disk: ReturnType<typeof troubledFiles>, options: RigOptions = OPTIONS, clock: HandClock = handClock()): Promise<Rig> {
  return await Rig.open(temporaryFolder(), { ...options, files: disk.files }, clock);
}

for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']) {
  for (const tornWriteBytes of [0, 1, 40, 100]) {
    test(`a write that fails with ${code} after ${tornWriteBytes} bytes is taken back, and the next one works`, async () => {
      const disk = troubledFiles();
      const rig = await openTroubled(disk);
      await rig.created('Component', component(1));
      const segment = join(rig.journalDirectory, rig.segments()[0] ?? '');
      const before = readFileSync(segment);
      disk.tornWriteBytes = tornWriteBytes;
      disk.trouble = (call) => (onJournal(call, 'write') ? diskError(code) : undefined);
      const refused = fault(await rig.create('Component', component(2)), 'not-durable');
      if (code !== 'EIO') assert.match(refused.detail, new RegExp(`no room on the disk \\(${code}\\)`));
      assert.equal(rig.status.fatal, undefined);
      assert.deepEqual(readFileSync(segment), before, 'the file is as it was');
      assert.equal(await rig.image('Component', 'x2c0'), undefined);
      assert.deepEqual(await names(rig), ['x1c0'], 'reads go on');
      disk.trouble = undefined;
      assert.equal((await rig.created('Component', component(2))).revision, 2, 'no sequence was used up');
      fault(await rig.create('Component', component(1)), 'conflict');
      await withRig(rig.another(), async (other) => {
        assert.deepEqual(await names(other), ['x1c0', 'x2c0']);
        assert.deepEqual(other.images(), rig.images());
      });
      await rig.close();
    });
  }
}

/** As Node tells of errors that it has no names for, a quota that is used up among them. */
for (const [code, errno, told] of [
  ['UNKNOWN', -122, 'no room on the disk (EDQUOT)'],
  ['Unknown system error -122', -122, 'no room on the disk (EDQUOT)'],
  ['UNKNOWN', -117, 'cannot be written'],
] as const) {
  test(`a write that fails with ${code}, error ${errno}, is refused like every other that the disk does not take`, async () => {
    const disk = troubledFiles();
    const rig = await openTroubled(disk);
    disk.trouble = (call) => (onJournal(call, 'write') ? Object.assign(diskError(code), { errno, syscall: 'write' }) : undefined);
    const refused = fault(await rig.create('Component', component(1)), 'not-durable');
    assert(refused.detail.includes(told), refused.detail);
    assert.equal(rig.status.fatal, undefined);
    disk.trouble = undefined;
    await rig.created('Component', component(1));
    await rig.close();
  });
}

test('when the journal fails the whole batch fails, its refusals included', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  disk.trouble = (call) => (onJournal(call, 'write') ? diskError('ENOSPC') : undefined);
  const create = (number: number) =>
    ({ kind: 'record.create', input: { kind: 'Component', records: [component(number)], asArray: false, origin: {} } }) as const;
  const remove = { kind: 'record.delete', input: { kind: 'Component', name: 'x1c0', force: false } } as const;
  const answers = await rig.batch([create(2), create(2), remove, remove, create(1)]);
  for (const answer of answers) fault(answer, 'not-durable');
  disk.trouble = undefined;
  // A batch of refusals alone rests on nothing that was not journaled.
  const [refused] = await rig.batch([create(1)]);
  assert(refused !== undefined);
  fault(refused, 'conflict');
  assert.deepEqual(await names(rig), ['x1c0']);
  await rig.close();
});

test('a bulk of several frames that fails in the middle leaves nothing behind, neither in memory nor on disk', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  let writes = 0;
  disk.trouble = (call) => (onJournal(call, 'write') && ++writes === 2 ? diskError('ENOSPC') : undefined);
  disk.tornWriteBytes = 1000;
  const many = Array.from({ length: 9000 }, (_, index) => ({ ID: `x${1000 + index}c0`, Type: 'Node' }));
  fault(await rig.bulk('Component', many), 'not-durable');
  assert.equal(writes, 2);
  disk.trouble = undefined;
  assert.deepEqual(await names(rig), ['x1c0']);
  const { recordLogLiveBytes } = rig.status;
  assert(recordLogLiveBytes < 1000, 'the images are let go');
  await withRig(rig.another(), async (other) => assert.deepEqual(await names(other), ['x1c0']));
  assert.equal((await rig.bulk('Component', many)).ok, true);
  await withRig(rig.another(), async (other) => assert.equal((await names(other)).length, 9001));
  await rig.close();
});

test('a defect while frames are made is thrown, and leaves the journal as it was', () => {
  const directory = temporaryFolder();
  const identity = { storeId: 's', keyId: 'k', epoch: 1, schemaId: 'x' };
  const journal = new Journal(directory, realFiles, identity, 'always', { nextSequence: 1, chain: 0, segment: undefined });
  const content = (key: string) => ({ timeMs: 1, changes: [{ kind: 'Component', key, image: Buffer.from('{}'), predecessor: 0 }], answers: [] });
  assert.equal(journal.append(content('one'), 1).ok, true);
  const [segment = ''] = readdirSync(directory);
  const before = readFileSync(join(directory, segment));
  const contents = function* (): Generator<FrameContent> {
    yield content('two');
    throw new TypeError('a defect');
  };
  assert.throws(() => journal.appendAtomically(contents(), 2, { timeMs: 1, changes: [], answers: [] }), /a defect/);
  assert.throws(() => journal.append(content('two'), 7), /without a gap/);
  assert.deepEqual(readFileSync(join(directory, segment)), before);
  assert.deepEqual([journal.nextSequence, journal.refusedWith, journal.counts.refusals, journal.broken], [2, undefined, 0, undefined]);
  assert.equal(journal.append(content('two'), 2).ok, true, 'the place is free');
  journal.close();
});

test('a defect while a batch is journaled ends the store, which says what it was, and nothing of the batch is there', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  disk.trouble = (call) => (onJournal(call, 'write') ? new RangeError('a defect') : undefined);
  disk.tornWriteBytes = 40;
  fault(await rig.create('Component', component(2)), 'outcome-unknown');
  assert.match(rig.status.fatal ?? '', /a defect in the store: RangeError: a defect/);
  disk.trouble = undefined;
  await withRig(rig.another(), async (other) => assert.deepEqual(await names(other), ['x1c0']));
  await rig.close();
});

test('after a failed fdatasync nothing is acknowledged any more, and the store says that it is over', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  let failures = 0;
  disk.trouble = (call) => (onJournal(call, 'syncFile') && failures++ === 0 ? diskError('EIO') : undefined);
  fault(await rig.create('Component', component(2)), 'outcome-unknown');
  assert.match(rig.status.fatal ?? '', /fdatasync of .* failed: EIO/);
  for (let number = 3; number < 6; number++) fault(await rig.create('Component', component(number)), 'outcome-unknown');
  fault(await rig.bulk('Component', [component(7)]).catch(() => rig.create('Component', component(7))), 'outcome-unknown');
  assert.equal(failures, 1, 'the file is not synced again');
  assert.equal(await rig.image('Component', 'x2c0'), undefined, 'what may not be durable is not shown');
  assert.deepEqual(await names(rig), ['x1c0']);
  await withRig(rig.another(), async (other) => {
    const found = await names(other);
    assert.deepEqual(found.slice(0, 1), ['x1c0']);
    assert(found.length <= 2 && !found.includes('x3c0'), found.join());
  });
  await rig.close();
});

test('when a failed write cannot be taken back the store is over, and what is on disk is found by the next start', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  disk.tornWriteBytes = 60;
  disk.trouble = (call) => (onJournal(call, 'write') ? diskError('ENOSPC') : onJournal(call, 'truncate') ? diskError('EIO') : undefined);
  fault(await rig.create('Component', component(2)), 'outcome-unknown');
  assert.match(rig.status.fatal ?? '', /could not be cut back/);
  disk.trouble = undefined;
  fault(await rig.create('Component', component(3)), 'outcome-unknown');
  await withRig(rig.another(), async (other) => {
    assert.deepEqual(await names(other), ['x1c0']);
    assert.match(other.log.join(), /ended in 60 bytes of an unfinished write/);
    await other.created('Component', component(2));
  });
  await rig.close();
});

test('a journal that is deleted under the running store is noticed at the next write', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  await rig.created('Component', component(1));
  rmSync(rig.directory, { recursive: true });
  fault(await rig.create('Component', component(2)), 'outcome-unknown');
  assert.match(rig.status.fatal ?? '', /deleted under the running server/);
  fault(await rig.create('Component', component(3)), 'outcome-unknown');
  await rig.close();
});

test('a segment that cannot be begun costs the write and nothing else', async () => {
  for (const name of ['remove', 'create', 'write', 'syncFile', 'syncDirectory'] as const) {
    const disk = troubledFiles();
    const rig = await openTroubled(disk);
    disk.trouble = (call) => (call.name === name ? diskError('ENOSPC') : undefined);
    fault(await rig.create('Component', component(1)), 'not-durable');
    disk.trouble = undefined;
    await rig.created('Component', component(1));
    await withRig(rig.another(), async (other) => assert.deepEqual(await names(other), ['x1c0'], name));
    await rig.close();
  }
});

test('with sync policy "interval" a sync that fails is told as the end of the store, whoever asks for it', async () => {
  const syncs: Readonly<Record<string, (rig: Rig) => Promise<unknown>>> = {
    'the timer': (rig) => rig.ask('store.sync', {}),
    'a snapshot': (rig) => rig.ask('snapshot.take', { reason: 'demand', retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: false }),
  };
  for (const [name, sync] of Object.entries(syncs)) {
    const disk = troubledFiles();
    const rig = await openTroubled(disk, { kinds: KINDS, journalSync: 'interval' });
    await rig.created('Component', component(1));
    disk.trouble = (call) => (onJournal(call, 'syncFile') ? diskError('EIO') : undefined);
    assert.equal(((await sync(rig)) as { ok: boolean }).ok, false, name);
    disk.trouble = undefined;
    fault(await rig.create('Component', component(2)), 'outcome-unknown');
    assert.match(rig.status.fatal ?? 'nothing was told', /fdatasync/, name);
    await rig.close();
  }
});

test('a sync that failed is not tried again, whoever asks, and nothing counts as durable because of it', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk, { kinds: KINDS, journalSync: 'interval' });
  await rig.created('Component', component(1));
  await rig.query('store.sync', {});
  await rig.created('Component', component(2));
  let failures = 0;
  disk.trouble = (call) => (onJournal(call, 'syncFile') && failures++ === 0 ? diskError('EIO') : undefined);
  const retention = { newest: 2, hourly: 0, daily: 0, weekly: 0 };
  for (let count = 0; count < 2; count++) assert.equal((await rig.ask('store.sync', {})).ok, false);
  assert.equal((await rig.ask('snapshot.take', { reason: 'demand', retention, skipUnchanged: false })).ok, false);
  assert.deepEqual(rig.snapshots(), []);
  await rig.ask('store.close', {});
  assert.equal(failures, 1, 'the file is not synced again');
  assert.equal(rig.status.durableSequence, 1);
});

test('a segment whose file cannot be closed is not written to again, and what was written stands', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  disk.trouble = (call) => (onJournal(call, 'close') ? diskError('EIO', true) : undefined);
  await rig.snapshot();
  disk.trouble = undefined;
  await rig.created('Component', component(2));
  assert.equal(rig.status.fatal, undefined);
  assert.equal(rig.segments().length, 2);
  await withRig(rig.another(), async (other) => assert.deepEqual(await names(other), ['x1c0', 'x2c0']));
  await rig.close();
});

test('a write of an interval is answered without fdatasync, and store.sync brings it to the disk', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk, { kinds: KINDS, journalSync: 'interval' });
  await rig.created('Component', component(1));
  const start = disk.calls.length;
  await rig.created('Component', component(2));
  const during = disk.calls.slice(start).filter(({ name }) => name === 'syncFile');
  assert.deepEqual(during, []);
  await rig.query('store.sync', {});
  assert.equal(disk.calls.slice(start).filter(({ name }) => name === 'syncFile').length, 1);
  await rig.query('store.sync', {});
  assert.equal(disk.calls.slice(start).filter(({ name }) => name === 'syncFile').length, 1, 'nothing new to sync');
  await rig.close();
});

test('a write is answered only after its fdatasync', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  await rig.created('Component', component(1));
  const start = disk.calls.length;
  await rig.created('Component', component(2));
  const order = disk.calls.slice(start).map(({ name }) => name);
  assert.deepEqual(order, ['linkCount', 'write', 'syncFile']);
  await rig.close();
});

test('a folder of snapshots that cannot be listed fails the question, not the store', async () => {
  const disk = troubledFiles();
  const rig = await openTroubled(disk);
  disk.trouble = (call) => (call.name === 'list' ? diskError('EIO') : undefined);
  assert.equal((await rig.ask('snapshot.list', {})).ok, false);
  disk.trouble = undefined;
  assert.equal(rig.status.fatal, undefined);
  await rig.created('Component', component(1));
  await rig.close();
});

test('an answer that is remembered without any change survives a roll of the journal and a restart', async () => {
  // An answer that is remembered without any change makes a frame without a sequence of its own.
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  await rig.created('Component', component(1));
  await rig.snapshot();
  await rig.created('Component', component(2));
  await rig.snapshot();
  const idempotency = { key: 'k', requestHash: 'h' };
  const empty = { kind: 'Component', records: [], asArray: true, origin: {}, idempotency };
  assert.equal((await rig.send('record.create', empty)).ok, true);
  rig.clock.ms += 1000;
  await rig.snapshot();
  await rig.created('Component', component(3));
  await withRig(rig.another(), async (other) => {
    assert.deepEqual(await names(other), ['x1c0', 'x2c0', 'x3c0']);
    const again = await other.send('record.create', empty);
    assert(again.ok && 'replay' in again.value, 'the answer is remembered');
  });
  await rig.close();
});
