import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { OwnerPool } from '../src/dispatch/owner-pool.ts';
import type { Feed } from '../src/feed/feed.ts';
import type { Log } from '../src/log.ts';
import { StoreHalf, type StoreHalfParts } from '../src/store-half.ts';
import { fault, KEEP_ALL, onlyKinds, Rig, value } from './store/rig.ts';

/** A real store without its thread; nobody listens to feed, log and metrics. */
function storeHalf(rig: Rig): StoreHalf {
  const nothing = (): void => undefined;
  const parts: Partial<StoreHalfParts> = {
    config: { snapshots: { retain: KEEP_ALL } } as StoreHalfParts['config'],
    pool: { run: (task) => rig.store.run(task) } as OwnerPool,
    view: rig.view,
    feed: { changed: nothing, signal: nothing } as unknown as Feed,
    counts: { snapshotFailures: 0, snapshotsTaken: 0 } as StoreHalfParts['counts'],
    log: { info: nothing, error: nothing, warn: nothing } as unknown as Log,
  };
  return new StoreHalf(parts as StoreHalfParts);
}

test('a safety snapshot waits for the one that is being taken, also when another one was refused meanwhile', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component') });
  const half = storeHalf(rig);
  const first = half.takeSnapshot('demand');
  fault(await half.takeSnapshot('demand'), 'snapshot-failed');
  const safety = await half.takeSafetySnapshot('before');
  assert.equal(value(safety)?.sequence, 0);
  value(await first);
  await rig.close();
});
