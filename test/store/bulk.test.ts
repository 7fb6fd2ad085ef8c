import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { BulkOptions, Commands } from '../../src/protocol/commands.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { type Fields, fault, NODE, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'Component', 'ComputeNode', 'NodeCollection') };
const ATOMIC: BulkOptions = { upsert: false, dryRun: false };

function store(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

function components(from: number, count: number, more: Fields = {}): readonly Fields[] {
  return Array.from({ length: count }, (_, index) => ({ ID: `x${from + index}c0`, Type: 'Node', ...more }));
}

function stage(records: readonly Fields[], more: Partial<Commands['bulk.stage']['in']> = {}): Commands['bulk.stage']['in'] {
  return { kind: 'Component', bulkId: 'b', firstIndex: 0, packedRecords: packMessage(records), options: ATOMIC, origin: {}, ...more };
}

const COMMIT: Commands['bulk.commit']['in'] = { kind: 'Component', bulkId: 'b', options: ATOMIC };

store('nothing of a bulk can be seen before its commit, everything after it', async (rig) => {
  assert.deepEqual(value(await rig.send('bulk.stage', stage(components(1000, 10)))), { staged: 10 });
  assert.deepEqual(value(await rig.send('bulk.stage', stage(components(1010, 10), { firstIndex: 10 }))), { staged: 10 });
  assert.equal(rig.status.sequence, 0);
  assert.equal(await rig.image('Component', 'x1000c0'), undefined);
  assert.deepEqual(await rig.found('Component'), []);
  await rig.snapshot();
  await withRig(rig.another(), async (other) => assert.equal(other.images().size, 0));
  const counts = value(await rig.send('bulk.commit', COMMIT));
  assert(!('replay' in counts));
  assert.deepEqual([counts.created, counts.updated, rig.status.sequence], [20, 0, 20]);
  assert.equal((await rig.found('Component')).length, 20);
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

store('a bulk with one bad record is refused as a whole, and names the record by its place in the bulk', async (rig) => {
  await rig.created('Component', { ID: 'x1015c0', Type: 'Node' });
  value(await rig.send('bulk.stage', stage(components(1000, 10))));
  const refused = fault(await rig.send('bulk.stage', stage(components(1010, 10), { firstIndex: 10 })), 'conflict');
  assert.equal(refused.errors?.[0]?.pointer, '/15/ID');
  assert.equal(rig.status.sequence, 1);
  assert.equal((await rig.found('Component')).length, 1);
  assert.equal((await rig.send('bulk.commit', COMMIT)).ok, false, 'there is nothing left to commit');
  await rig.created('Component', { ID: 'x1000c0', Type: 'Node' });
});

store('a part that is not the next one of its bulk is refused, and with it the bulk', async (rig) => {
  // The owner's thread may have been replaced between two parts.
  assert.equal((await rig.send('bulk.stage', stage(components(1010, 10), { firstIndex: 10 }))).ok, false);
  assert.equal((await rig.send('bulk.commit', COMMIT)).ok, false);
  value(await rig.send('bulk.stage', stage(components(1000, 10))));
  assert.equal((await rig.send('bulk.stage', stage(components(1020, 10), { firstIndex: 20 }))).ok, false);
  assert.equal((await rig.send('bulk.commit', COMMIT)).ok, false);
  assert.equal(rig.status.sequence, 0);
});

store('the commit of a bulk whose parts are gone is no success', async (rig) => {
  value(await rig.send('bulk.stage', stage(components(1000, 10))));
  await withRig(rig.another(), async (other) => assert.equal((await other.send('bulk.commit', COMMIT)).ok, false, 'the owner is another one'));
  await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
  assert.equal((await rig.send('bulk.commit', COMMIT)).ok, false, 'another write has ended the bulk');
  assert.equal((await rig.found('Component')).length, 1);
});

store('an aborted bulk leaves nothing, and its images are let go', async (rig) => {
  value(await rig.send('bulk.stage', stage(components(1000, 1000))));
  assert(rig.status.recordLogLiveBytes > 100_000);
  value(await rig.send('bulk.abort', { bulkId: 'b' }));
  assert.equal(rig.status.recordLogLiveBytes, 0);
  assert.equal((await rig.send('bulk.commit', COMMIT)).ok, false);
  assert.deepEqual(await rig.found('Component'), []);
});

store('a dry run says what would be done and does nothing', async (rig) => {
  await rig.bulk('Component', components(1000, 3));
  const options = { upsert: true, dryRun: true };
  value(await rig.send('bulk.stage', stage(components(1002, 3), { options })));
  const counts = value(await rig.send('bulk.commit', { ...COMMIT, options, idempotency: { key: 'k', requestHash: 'h' } }));
  assert(!('replay' in counts));
  assert.deepEqual([counts.created, counts.updated, rig.status.sequence], [2, 1, 3]);
  assert.equal((await rig.found('Component')).length, 3);
  const again = await rig.send(
    'bulk.stage',
    stage(components(1002, 3), { options: { upsert: true, dryRun: false }, idempotency: { key: 'k', requestHash: 'h' } }),
  );
  assert(again.ok && !('replay' in again.value), 'a dry run is not remembered');
});

store('with upsert a record of the same natural key is replaced, in any spelling, and keeps its key', async (rig) => {
  const { key } = await rig.created('Component', { ID: 'x01000c0', Type: 'Node', NID: 3 });
  const counts = value(await rig.bulk('Component', [...components(1000, 2, { Subtype: 'new' }), { ID: 'x1000c00', Type: 'Drive' }], true));
  assert(!('replay' in counts));
  assert.deepEqual([counts.created, counts.updated], [1, 2]);
  const record = await rig.record('Component', 'x1000c0');
  assert.deepEqual([record['UID'], record['Type'], record['Subtype'], record['NID'], record['revision']], [key, 'Drive', undefined, undefined, 4]);
  assert.equal((await rig.send('bulk.stage', stage(components(1001, 1)))).ok, false, 'without upsert it is in the way');
});

store('what follows from a bulk is part of it', async (rig) => {
  const nodes = Array.from({ length: 100 }, (_, index) => ({ ...NODE, xname: `x1000c0s${index >> 1}b0n${index % 2}` }));
  value(await rig.bulk('ComputeNode', nodes));
  assert.equal((await rig.found('BMC')).length, 50);
  assert.equal(rig.status.sequence, 150);
  value(
    await rig.bulk(
      'BMC',
      Array.from({ length: 50 }, (_, index) => ({
        xname: `x1000c0s${index}b0`,
        username: 'u',
        password: 'p',
        mac_address: `00:00:5e:00:53:${(index + 16).toString(16)}`,
      })),
      true,
    ),
  );
  assert.equal(rig.status.sequence, 300);
  for (const { bmc } of await rig.found('ComputeNode')) assert.equal((bmc as Fields)['username'], 'u');
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

store('a bulk of more changes than fit into one frame is found whole after a restart', async (rig) => {
  value(await rig.bulk('Component', components(10_000, 20_000)));
  await withRig(rig.another(), async (other) => {
    assert.equal(other.images().size, 20_000);
    assert.equal(other.status.sequence, 20_000);
  });
});

store('a bulk of large records is journaled in pieces that can be read back', async (rig) => {
  const data = 'x'.repeat(300_000);
  const collections = Array.from({ length: 150 }, (_, index) => ({ name: `c${index}`, type: 'job', nodes: [], cloud_init_data: { data } }));
  value(await rig.bulk('NodeCollection', collections));
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

store('a partial bulk judges every item for itself, in order', async (rig) => {
  await rig.created('Component', { ID: 'x1c0', Type: 'Node' });
  const records = [
    { ID: 'x2c0', Type: 'Node' },
    { ID: 'x1c0', Type: 'Node' },
    { ID: 'x2c0', Type: 'Node' },
    { ID: 'x3c0', Type: 'Node' },
  ];
  const { items } = value(await rig.send('bulk.partial', { kind: 'Component', records, options: ATOMIC, origin: {} }));
  assert.deepEqual(
    items.map((item) => ('fault' in item ? item.fault.code : item.revision)),
    [2, 'conflict', 'conflict', 3],
  );
  const upserted = value(await rig.send('bulk.partial', { kind: 'Component', records, options: { upsert: true, dryRun: false }, origin: {} })).items;
  assert.deepEqual(
    upserted.map((item) => ('fault' in item ? item.fault.code : item.created)),
    [false, false, false, false],
  );
  const { sequence } = rig.status;
  const dry = value(
    await rig.send('bulk.partial', { kind: 'Component', records: components(50, 2), options: { upsert: true, dryRun: true }, origin: {} }),
  ).items;
  assert.equal(dry.length, 2);
  assert.equal(rig.status.sequence, sequence);
  assert.equal((await rig.found('Component')).length, 3);
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});
