import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fault, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from '../rig.ts';

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'ComputeNode', 'NodeCollection') };

function rules(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

rules('a node is in one partition and in one tenant at most, whatever zeros lead', async (rig) => {
  const first = await rig.created('NodeCollection', { name: 'p1', type: 'partition', nodes: ['x1000c0s0b0n0', 'x1000c0s0b0n1'] });
  const refused = fault(await rig.create('NodeCollection', { name: 'p2', type: 'partition', nodes: ['x1000c0s0b0n9', 'x01000c0s0b0n1'] }), 'conflict');
  assert.deepEqual(refused.errors, [{ pointer: '/nodes/1', detail: `x01000c0s0b0n1 is in partition "p1" (${first.key})` }]);
  await rig.created('NodeCollection', { name: 't1', type: 'tenant', nodes: ['x1000c0s0b0n0'] });
  fault(await rig.create('NodeCollection', { name: 't2', type: 'tenant', nodes: ['x1000c0s0b0n0'] }), 'conflict');
  for (const type of ['ad-hoc', 'job']) {
    await rig.created('NodeCollection', { name: `${type} 1`, type, nodes: ['x1000c0s0b0n0'] });
    await rig.created('NodeCollection', { name: `${type} 2`, type, nodes: ['x1000c0s0b0n0'] });
  }
});

rules('exclusivity holds for replacements and patches too, and a collection does not stand in its own way', async (rig) => {
  await rig.created('NodeCollection', { name: 'p1', type: 'partition', nodes: ['x1000c0s0b0n0'] });
  await rig.created('NodeCollection', { name: 'a', type: 'ad-hoc', nodes: ['x1000c0s0b0n0', 'x1000c0s0b0n1'] });
  fault(await rig.patch('NodeCollection', 'a', { type: 'partition' }), 'conflict');
  value(await rig.patch('NodeCollection', 'a', { type: 'partition', nodes: ['x1000c0s0b0n1'] }));
  fault(await rig.replace('NodeCollection', 'a', { name: 'a', type: 'partition', nodes: ['x1000c0s0b0n0'] }), 'conflict');
  value(await rig.replace('NodeCollection', 'p1', { name: 'p1', type: 'partition', nodes: ['x1000c0s0b0n0', 'x1000c0s0b0n2'] }));
  value(await rig.remove('NodeCollection', 'p1'));
  value(await rig.replace('NodeCollection', 'a', { name: 'a', type: 'partition', nodes: ['x1000c0s0b0n0'] }));
});

rules('exclusivity is judged within a batch and after a restart', async (rig) => {
  const create = (name: string) =>
    ({
      kind: 'record.create',
      input: { kind: 'NodeCollection', records: [{ name, type: 'partition', nodes: ['x1000c0s0b0n0'] }], asArray: false, origin: {} },
    }) as const;
  const [first, second] = await rig.batch([create('p1'), create('p2')]);
  assert.equal(first?.ok, true);
  assert.equal(second?.ok, false);
  await rig.snapshot();
  await withRig(
    rig.another(),
    async (other) => void fault(await other.create('NodeCollection', { name: 'p3', type: 'partition', nodes: ['x01000c0s0b0n0'] }), 'conflict'),
  );
});

rules('names of collections are unique and name them', async (rig) => {
  const { key } = await rig.created('NodeCollection', { name: 'Partition 1', type: 'ad-hoc', nodes: [] });
  fault(await rig.create('NodeCollection', { name: 'Partition 1', type: 'job', nodes: [] }), 'conflict');
  await rig.created('NodeCollection', { name: 'partition 1', type: 'job', nodes: [] });
  assert.equal((await rig.image('NodeCollection', 'Partition 1'))?.key, key);
  value(await rig.patch('NodeCollection', 'Partition 1', { name: 'Partition 2' }));
  assert.equal(await rig.image('NodeCollection', 'Partition 1'), undefined);
  await rig.created('NodeCollection', { name: 'Partition 1', type: 'ad-hoc', nodes: [] });
});

rules('a collection may name nodes that are not there, and names each node once', async (rig) => {
  await rig.created('NodeCollection', { name: 'a', type: 'ad-hoc', nodes: ['x1000c0s0b0n0', 'x01000c0s0b0n0', 'x1000c0s0b0n1', 'x1000c0s0b0n0'] });
  assert.deepEqual((await rig.record('NodeCollection', 'a'))['nodes'], ['x1000c0s0b0n0', 'x1000c0s0b0n1']);
});

rules('the creator is who made the collection, and nobody can change that', async (rig) => {
  await rig.created('NodeCollection', { name: 'a', type: 'ad-hoc', nodes: [] }, { origin: { subject: 'ann' } });
  value(await rig.replace('NodeCollection', 'a', { name: 'a', type: 'ad-hoc', nodes: [], creator_subject: 'mallory' }, { origin: { subject: 'bob' } }));
  value(await rig.patch('NodeCollection', 'a', { creator_subject: 'mallory' }, { origin: { subject: 'bob' } }));
  assert.equal((await rig.record('NodeCollection', 'a'))['creator_subject'], 'ann');
  await rig.send('record.create', {
    kind: 'NodeCollection',
    records: [{ name: 'b', type: 'job', nodes: [], creator_subject: 'mallory' }],
    asArray: false,
    origin: {},
  });
  assert.equal((await rig.record('NodeCollection', 'b'))['creator_subject'], undefined);
});

rules('only so many conflicts are named', async (rig) => {
  const nodes = Array.from({ length: 250 }, (_, index) => `x1000c0s0b0n${index}`);
  await rig.created('NodeCollection', { name: 'p1', type: 'partition', nodes });
  assert.equal(fault(await rig.create('NodeCollection', { name: 'p2', type: 'partition', nodes }), 'conflict').errors?.length, 20);
});
