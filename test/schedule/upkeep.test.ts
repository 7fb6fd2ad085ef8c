import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { OwnerClient } from '../../src/dispatch/owner-client.ts';
import { done } from '../../src/faults.ts';
import type { QueryKind, StoreStatus } from '../../src/protocol/commands.ts';
import { startUpkeep, type UpkeepSettings } from '../../src/schedule/upkeep.ts';
import { onlyKinds, Rig, temporaryFolder, value, withRig } from '../store/rig.ts';

const SETTINGS: UpkeepSettings = {
  snapshotEvery: { type: 'interval', intervalMs: 3_600_000 },
  journalBytesMax: Number.POSITIVE_INFINITY,
  lagChangesMax: 4096,
  lagMs: 1000,
  journalSyncIntervalMs: undefined,
};

test('tables are packed once after many changes, when no more come and all of them are in the tables, and again where that was no moment for it', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const status = { sequence: 10, appliedSequence: 10, unappliedChanges: 0, filled: true, recordLogGarbageBytes: 0, recordLogLiveBytes: 0 };
  const asked: QueryKind[] = [];
  let packed = false;
  const query = ((kind: QueryKind) => {
    asked.push(kind);
    return Promise.resolve(done({ packed }));
  }) as unknown as OwnerClient['query'];
  const owner = { status: status as unknown as StoreStatus, query };
  const log = { debug: () => undefined } as unknown as Parameters<typeof startUpkeep>[4];
  const stop = startUpkeep(SETTINGS, owner, { takeSnapshot: async () => undefined }, systemClock, log);
  const after = (more: Partial<typeof status>): readonly QueryKind[] => {
    Object.assign(status, more);
    context.mock.timers.tick(1000);
    return asked.splice(0);
  };
  assert.deepEqual(after({}), []);
  assert.deepEqual(after({ sequence: 60_010 }), [], 'changes come');
  assert.deepEqual(after({}), [], 'the tables do not have them');
  assert.deepEqual(after({ appliedSequence: 60_010 }), ['store.pack']);
  await new Promise((resolve) => setImmediate(resolve));
  packed = true;
  assert.deepEqual(after({}), ['store.pack'], 'a transaction stood in the way');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(after({}), []);
  assert.deepEqual(after({ sequence: 60_020, appliedSequence: 60_020 }), []);
  assert.deepEqual(after({}), [], 'few have come since');
  stop();
});

test('what a large bulk leaves in the tables is packed to a small part of it', async () => {
  await withRig(Rig.open(temporaryFolder(), { kinds: onlyKinds('Component') }), async (rig) => {
    const records = Array.from({ length: 30_000 }, (_, number) => ({ ID: `x${number}c0`, Type: 'Node', Subtype: 'of a kind that many are' }));
    value(await rig.bulk('Component', records));
    await rig.query('store.apply', {});
    const { workingSet: before } = await rig.query('store.memory', {});
    await rig.query('store.pack', {});
    const { workingSet: after } = await rig.query('store.memory', {});
    assert(after < before / 2, `${after} of ${before} bytes`);
    assert.equal((await rig.found('Component')).length, records.length);
  });
});
