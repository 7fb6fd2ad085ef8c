import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Statements } from '../../src/store/database.ts';
import { onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };

test('when DuckDB cannot follow the journal the store is over, whoever made it try', async (context) => {
  const tries: Readonly<Record<string, (rig: Rig) => Promise<{ readonly ok: boolean }>>> = {
    'a list': (rig) => rig.ask('record.find', { kind: 'Component', conditions: [], sort: [], count: false }),
    'the timer': (rig) => rig.ask('store.apply', {}),
    'a snapshot': (rig) => rig.ask('snapshot.take', { reason: 'demand', retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: false }),
  };
  for (const [name, attempt] of Object.entries(tries)) {
    await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
      await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
      const outOfMemory = context.mock.method(Statements.prototype, 'appendBlobs', () => Promise.reject(new Error('Out of Memory Error: injected')));
      assert.equal((await attempt(rig)).ok, false, name);
      outOfMemory.mock.restore();
      if (rig.status.fatal === undefined) {
        // A store that goes on must not have lost the changes that it was about to apply.
        await rig.snapshot();
        assert.equal((await rig.found('Component')).length, 1, `after ${name}: the list has lost a record`);
      }
      await withRig(rig.another(), async (other) =>
        assert.notEqual(await other.image('Component', 'x1c0'), undefined, `after ${name}: a record was lost for good`),
      );
    });
  }
});

test('a list sees every write that was answered before it was asked', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    for (let number = 0; number < 30; number++) {
      value(await rig.replace('Component', 'x1c0', { ID: 'x1c0', Type: 'Node', NID: number }, { upsert: true }));
      if (number % 2 === 0) await rig.created('Component', { ID: `x${100 + number}c0`, Type: 'Drive' });
      const [found] = await rig.found('Component', [{ path: ['NID'], operator: 'gte', values: [number] }]);
      assert.equal(found?.['NID'], number);
      assert.equal((await rig.found('Component', [{ path: ['Type'], operator: 'equal', values: ['Drive'] }])).length, (number >> 1) + 1);
    }
    assert.equal(rig.status.unappliedChanges, 0);
  });
});

test('lists, writes and snapshots at the same time give whole records only', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    value(
      await rig.bulk(
        'Component',
        Array.from({ length: 500 }, (_, index) => ({ ID: `x${1000 + index}c0`, Type: 'Node', NID: 0 })),
      ),
    );
    const work: Promise<unknown>[] = [];
    for (let round = 1; round <= 8; round++) {
      work.push(
        rig.bulk(
          'Component',
          Array.from({ length: 500 }, (_, index) => ({ ID: `x${1000 + index}c0`, Type: 'Node', NID: round })),
          true,
        ),
      );
      work.push(rig.found('Component').then((found) => assert.equal(found.length, 500)));
      if (round % 3 === 0)
        work.push(rig.ask('snapshot.take', { reason: 'demand', retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: false }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(work);
    const found = await rig.found('Component');
    assert.deepEqual(new Set(found.map(({ NID }) => NID)), new Set([8]));
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});
