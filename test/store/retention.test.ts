import { strict as assert } from 'node:assert';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RetentionRules } from '../../src/protocol/commands.ts';
import { type Aged, superfluous } from '../../src/store/retention.ts';
import { onlyKinds, Rig, type RigOptions, temporaryFolder, withRig } from './rig.ts';

const HOUR_MS = 3_600_000;
const NONE: RetentionRules = { newest: 2, hourly: 0, daily: 0, weekly: 0 };

/** One snapshot at each of these times, oldest first, named by its time. */
function at(...times: readonly string[]): readonly Aged[] {
  return times.map((time, index) => ({ name: time, timeMs: Date.parse(time), sequence: index + 1 }));
}

function kept(snapshots: readonly Aged[], rules: Partial<RetentionRules>): readonly string[] {
  const gone = superfluous(snapshots, { ...NONE, ...rules });
  return snapshots.map(({ name }) => name).filter((name) => !gone.includes(name));
}

test('the newest N stay, and never fewer than two', () => {
  const three = at('2026-11-22T01:00:00Z', '2026-11-22T02:00:00Z', '2026-11-22T03:00:00Z');
  assert.deepEqual(
    kept(three, { newest: 3 }),
    three.map(({ name }) => name),
  );
  for (const newest of [0, 1, 2]) assert.deepEqual(kept(three, { newest }), ['2026-11-22T02:00:00Z', '2026-11-22T03:00:00Z']);
  assert.deepEqual(superfluous([], NONE), []);
  assert.deepEqual(superfluous(at('2026-11-22T01:00:00Z'), { ...NONE, newest: 0 }), []);
});

test('the newest of each of the last hours, days and weeks that have one stay', () => {
  const snapshots = at(
    '2026-11-01T12:00:00Z', // Sunday
    '2026-11-02T00:00:00Z', // Monday: another week
    '2026-11-15T23:59:59Z', // Sunday
    '2026-11-20T10:00:00Z',
    '2026-11-20T10:30:00Z',
    '2026-11-21T09:00:00Z',
    '2026-11-21T09:59:59Z',
    '2026-11-21T10:00:00Z',
    '2026-11-21T10:10:00Z',
    '2026-11-21T10:20:00Z',
  );
  assert.deepEqual(kept(snapshots, { hourly: 3 }), ['2026-11-20T10:30:00Z', '2026-11-21T09:59:59Z', '2026-11-21T10:10:00Z', '2026-11-21T10:20:00Z']);
  assert.deepEqual(kept(snapshots, { daily: 3 }), ['2026-11-15T23:59:59Z', '2026-11-20T10:30:00Z', '2026-11-21T10:10:00Z', '2026-11-21T10:20:00Z']);
  assert.deepEqual(kept(snapshots, { weekly: 4 }), [
    '2026-11-01T12:00:00Z',
    '2026-11-02T00:00:00Z',
    '2026-11-15T23:59:59Z',
    '2026-11-21T10:10:00Z',
    '2026-11-21T10:20:00Z',
  ]);
  assert.deepEqual(kept(snapshots, { hourly: 1, daily: 2, weekly: 1 }), ['2026-11-20T10:30:00Z', '2026-11-21T10:10:00Z', '2026-11-21T10:20:00Z']);
});

test('age is told by sequence, not by a clock that went back', () => {
  const snapshots = [...at('2026-11-22T03:00:00Z', '2026-11-22T02:00:00Z', '2026-11-22T01:00:00Z')];
  assert.deepEqual(kept(snapshots, {}), ['2026-11-22T02:00:00Z', '2026-11-22T01:00:00Z']);
});

test('retention never keeps more than its rules ask for', () => {
  const hours = at(...Array.from({ length: 200 }, (_, index) => new Date(Date.UTC(2026, 10, 1) + index * HOUR_MS).toISOString()));
  assert(kept(hours, { newest: 3, hourly: 24, daily: 7, weekly: 4 }).length <= 3 + 24 + 7 + 4);
});

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };

test('the journal reaches back to the second newest snapshot, so that a damaged newest one loses nothing', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    for (let round = 1; round <= 5; round++) {
      await rig.created('Component', { ID: `x${round}c0`, Type: 'Node' });
      rig.clock.ms += 60_000;
      await rig.snapshot({ retention: NONE });
      assert(rig.snapshots().length <= 2);
      assert(rig.segments().length <= 2);
    }
    await rig.created('Component', { ID: 'x6c0', Type: 'Node' });
    assert.deepEqual(rig.segments(), ['0000000000000005.journal', '0000000000000006.journal']);
    assert.match(rig.log.join(), /deleted the snapshot .*, as retention says.*dropped 1 journal segments/);
    truncateSync(join(rig.snapshotDirectory, rig.snapshots().at(-1) ?? '?', 'Component.parquet'), 4);
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});
