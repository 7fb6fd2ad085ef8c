import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYNC_SECONDS } from '../../src/protocol/commands.ts';
import { diskError, troubledFiles } from '../store/failing-files.ts';
import { onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from '../store/rig.ts';

/** What the owner's thread counts, as its answers say it. */

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };

function sum(numbers: readonly number[]): number {
  return numbers.reduce((so, number) => so + number, 0);
}

test('each batch is a frame and an fdatasync; a refusal is none', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    assert.deepEqual(rig.status.journal.frames, 0);
    await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
    await rig.created('Component', { ID: 'x2c0', Type: 'Node' });
    await rig.create('Component', { ID: 'x2c0', Type: 'Node' });
    const { frames, bytes, refusals, syncs, syncSeconds } = rig.status.journal;
    assert.deepEqual([frames, refusals, sum(syncs), syncs.length], [2, 0, 2, SYNC_SECONDS.length + 1]);
    assert.equal(bytes, rig.status.journalBytesSinceSnapshot);
    assert.ok(syncSeconds > 0 && syncSeconds < 10, String(syncSeconds));
    await rig.snapshot();
    assert.equal(rig.status.journalBytesSinceSnapshot, 0);
    assert.equal(rig.status.journal.bytes, bytes, 'a counter does not go back');
  });
});

test('writes that a full disk refuses are counted, and nothing of them', async () => {
  const disk = troubledFiles();
  await withRig(Rig.open(temporaryFolder(), { ...OPTIONS, files: disk.files }), async (rig) => {
    await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
    const { bytes } = rig.status.journal;
    disk.trouble = ({ name, path }) => (name === 'write' && path.endsWith('.journal') ? diskError('ENOSPC') : undefined);
    for (const ID of ['x2c0', 'x3c0']) await rig.create('Component', { ID, Type: 'Node' });
    assert.deepEqual([rig.status.journal.refusals, rig.status.journal.frames, rig.status.journal.bytes], [2, 1, bytes]);
  });
});

test('what DuckDB lacks is told with the time of its oldest change', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    assert.equal(rig.status.behindSinceMs, undefined);
    const startMs = rig.clock.nowMs();
    await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
    rig.clock.ms += 5000;
    await rig.created('Component', { ID: 'x2c0', Type: 'Node' });
    assert.deepEqual([rig.status.sequence, rig.status.appliedSequence, rig.status.behindSinceMs], [2, 0, startMs]);
    await rig.query('store.apply', {});
    assert.deepEqual([rig.status.appliedSequence, rig.status.behindSinceMs], [2, undefined]);
    await rig.created('Component', { ID: 'x3c0', Type: 'Node' });
    assert.equal(rig.status.behindSinceMs, startMs + 5000);
  });
});

test('the newest snapshot is known after a restart, and how much of the journal was replayed', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    assert.deepEqual([rig.status.lastSnapshot, rig.replies[0]?.recovery?.replayedChanges], [undefined, 0]);
    await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
    const { time, sequence, seconds, bytes } = await rig.snapshot();
    assert.deepEqual(rig.status.lastSnapshot, { time, sequence, seconds, bytes });
    for (const ID of ['x2c0', 'x3c0']) await rig.created('Component', { ID, Type: 'Node' });
    await withRig(rig.another(), async (other) => {
      assert.deepEqual(other.status.lastSnapshot, { time, sequence, seconds, bytes });
      assert.equal(other.replies[0]?.recovery?.replayedChanges, 2);
      assert.ok(other.replies.slice(1).every(({ recovery }) => recovery === undefined));
    });
  });
});
