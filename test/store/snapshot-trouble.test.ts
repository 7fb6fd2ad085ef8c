import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskError, troubledFiles } from './failing-files.ts';
import { fault, onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from './rig.ts';

/** What happens to snapshots when the disk or the process does not give what they need. */

const KINDS = onlyKinds('Component');
const DEMAND = { reason: 'demand', retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: false } as const;

async function openTroubled(): Promise<{ disk: ReturnType<typeof troubledFiles>; rig: Rig; options: RigOptions }> {
  const disk = troubledFiles();
  // The journal goes back to the first change, so that any snapshot may be deleted.
  const options = { kinds: KINDS, files: disk.files, journalKeepBytes: 1_000_000 };
  return { disk, rig: await Rig.open(temporaryFolder(), options), options };
}

async function write(rig: Rig, number: number): Promise<void> {
  await rig.created('Component', { ID: `x${number}c0`, Type: 'Node' });
}

test('a snapshot whose name cannot be made durable is not left in sight', async () => {
  const { disk, rig } = await openTroubled();
  await write(rig, 1);
  disk.trouble = ({ name, path }) => (name === 'syncDirectory' && path === rig.snapshotDirectory ? diskError('EIO') : undefined);
  assert.equal((await rig.ask('snapshot.take', DEMAND)).ok, false);
  assert.match(rig.snapshots().join(), /^\.tmp-\d+$/, 'it is out of sight, and goes when that is durable');
  disk.trouble = undefined;
  rig.clock.ms += 1000;
  const { name } = await rig.snapshot();
  assert.deepEqual(rig.snapshots(), [`snapshot=${name}`]);
  await rig.close();
});

test('what a snapshot that failed could not take away goes with the next one', async () => {
  const { disk, rig } = await openTroubled();
  await write(rig, 1);
  disk.trouble = ({ name, path }) => (path.includes('/.tmp-') && ['rename', 'remove'].includes(name) ? diskError('EIO') : undefined);
  assert.equal((await rig.ask('snapshot.take', DEMAND)).ok, false);
  assert.match(rig.snapshots().join(), /^\.tmp-\d+$/);
  disk.trouble = undefined;
  rig.clock.ms += 1000;
  const { name } = await rig.snapshot();
  assert.deepEqual(rig.snapshots(), [`snapshot=${name}`]);
  await rig.close();
});

test('what a crash left of a deletion is taken away when its new name is on disk, and not before', async () => {
  const { disk, rig, options } = await openTroubled();
  await rig.close();
  const leftover = join(rig.snapshotDirectory, '.del-2026-11-22T02-10-00Z-000000000001');
  mkdirSync(leftover);
  disk.calls.length = 0;
  await withRig(Rig.open(rig.directory, options), async () => undefined);
  const order = disk.calls.filter(({ name, path }) => (name === 'remove' && path === leftover) || (name === 'syncDirectory' && path === rig.snapshotDirectory));
  assert.deepEqual(
    order.slice(0, 2).map(({ name }) => name),
    ['syncDirectory', 'remove'],
  );
});

test('a snapshot that cannot be read for want of file descriptors or rights is not taken for a damaged one', async () => {
  for (const code of ['EMFILE', 'ENFILE', 'EACCES']) {
    for (const file of ['_manifest.json', 'Component.parquet']) {
      const { disk, rig, options } = await openTroubled();
      await write(rig, 1);
      await rig.snapshot();
      await write(rig, 2);
      await rig.close();
      const before = readdirSync(rig.snapshotDirectory);
      disk.trouble = ({ name, path }) => ((name === 'readAll' || name === 'openToRead') && path.endsWith(file) ? diskError(code) : undefined);
      await assert.rejects(Rig.open(rig.directory, options), new RegExp(code));
      assert.deepEqual(readdirSync(rig.snapshotDirectory), before, 'nothing was set aside');
      await withRig(Rig.open(rig.directory, { kinds: KINDS }), async (other) => assert.equal((await other.found('Component')).length, 2));
    }
  }
});

test('a start reads no table of a snapshot at once: Node takes no file for that which has more than 2 GiB', async () => {
  const { disk, rig, options } = await openTroubled();
  await write(rig, 1);
  await rig.snapshot();
  await rig.close();
  const before = readdirSync(rig.snapshotDirectory);
  disk.trouble = ({ name, path }) => (name === 'readAll' && path.endsWith('.parquet') ? diskError('ERR_FS_FILE_TOO_LARGE') : undefined);
  await withRig(Rig.open(rig.directory, options), async (other) => assert.equal((await other.found('Component')).length, 1));
  assert.deepEqual(readdirSync(rig.snapshotDirectory), before, 'nothing was set aside');
});

test('a deletion that fails half-way leaves the state that a snapshot of it would be new', async () => {
  const { disk, rig } = await openTroubled();
  await write(rig, 1);
  await rig.snapshot();
  rig.clock.ms += 1000;
  await write(rig, 2);
  const newest = await rig.snapshot();
  disk.trouble = ({ name, path }) => (name === 'remove' && path.includes('/.del-') ? diskError('EIO') : undefined);
  fault(await rig.ask('snapshot.delete', { name: newest.name }), 'snapshot-failed');
  disk.trouble = undefined;
  rig.clock.ms += 1000;
  const again = await rig.query('snapshot.take', { ...DEMAND, skipUnchanged: true });
  assert.equal(again.taken?.sequence, newest.sequence, 'it is not skipped');
  await rig.close();
});

test('a folder of the data folder that is a file, or that cannot be made, ends the start with the error of the system', async () => {
  for (const name of ['journal', 'snapshots']) {
    const directory = temporaryFolder();
    writeFileSync(join(directory, name), '');
    await assert.rejects(Rig.open(directory, { kinds: KINDS }), /EEXIST|ENOTDIR/);
  }
});
