import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { creation, type Fields, fault, NODE, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from '../rig.ts';

/** What follows from storing a node: its BMC, its location, and its place in collections. */

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'ComputeNode', 'NodeCollection') };
const BMC = { xname: 'x1000c0s0b0', username: 'operator', password: 'secret', mac_address: '00:00:5e:00:53:b1' };

function rules(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

async function bmcOf(rig: Rig, node: string): Promise<Fields> {
  const { bmc } = await rig.record('ComputeNode', node);
  return (bmc ?? {}) as Fields;
}

rules('a node with an xname gets the BMC that its xname implies, in the same step', async (rig) => {
  const { key, revision } = await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  const bmc = await rig.record('BMC', 'x1000c0s0b0');
  assert.deepEqual(await bmcOf(rig, key), { id: bmc['id'], xname: 'x1000c0s0b0' });
  assert.deepEqual([bmc['revision'], revision], [1, 2]);
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

rules('a second node of the same BMC shares it, whatever zeros lead', async (rig) => {
  await rig.created('ComputeNode', { ...NODE, xname: 'x01000c00s0b0n0' });
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s00b0n1' });
  const [bmc, ...others] = await rig.found('BMC');
  assert.equal(bmc?.['xname'], 'x01000c00s0b0', 'leading zeros are kept as given');
  assert.deepEqual(others, []);
  assert.deepEqual((await bmcOf(rig, 'x1000c0s0b0n1'))['id'], bmc?.['id']);
});

rules('an existing BMC is the one that an xname implies, and its public properties are copied', async (rig) => {
  const { key } = await rig.created('BMC', { ...BMC, xname: 'x01000c0s0b0', description: 'old one' });
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  assert.deepEqual(await bmcOf(rig, 'x1000c0s0b0n0'), {
    id: key,
    xname: 'x01000c0s0b0',
    username: 'operator',
    password_set: true,
    mac_address: BMC.mac_address,
    description: 'old one',
  });
});

rules('a node without an xname and without a bmc has none', async (rig) => {
  const { key } = await rig.created('ComputeNode', NODE);
  assert.deepEqual(await rig.found('BMC'), []);
  assert.equal((await rig.record('ComputeNode', key))['bmc'], undefined);
  await rig.created('ComputeNode', NODE);
  await rig.created('ComputeNode', { ...NODE, location_string: 'Row 3' });
  await rig.created('ComputeNode', { ...NODE, location_string: 'Row 3' });
  assert.equal((await rig.found('ComputeNode')).length, 4, 'absent values do not collide, nor do hostnames');
});

rules('a bmc is matched by id, by xname or by MAC address in any spelling', async (rig) => {
  const { key } = await rig.created('BMC', BMC);
  const given: readonly Fields[] = [
    { id: key },
    { id: key.toUpperCase() },
    { xname: 'x01000c00s00b00' },
    { mac_address: '00-00-5E-00-53-B1' },
    { xname: 'x1000c0s0b0', mac_address: BMC.mac_address },
    { id: '00000000-0000-0000-0000-000000000000', xname: 'x1000c0s0b0' },
    { ...BMC },
  ];
  for (const bmc of given) {
    const node = await rig.created('ComputeNode', { ...NODE, bmc });
    assert.equal((await bmcOf(rig, node.key))['id'], key, JSON.stringify(bmc));
    assert.equal((await rig.found('BMC')).length, 1, JSON.stringify(bmc));
  }
});

rules('a bmc whose xname and MAC address belong to two BMCs is refused', async (rig) => {
  await rig.created('BMC', BMC);
  await rig.created('BMC', { ...BMC, xname: 'x1000c0s1b0', mac_address: '00:00:5e:00:53:b2' });
  const before = rig.status.sequence;
  fault(await rig.create('ComputeNode', { ...NODE, bmc: { xname: 'x1000c0s0b0', mac_address: '00:00:5e:00:53:b2' } }), 'conflict');
  fault(await rig.create('ComputeNode', { ...NODE, bmc: { id: '0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11' } }), 'invalid');
  assert.equal(rig.status.sequence, before);
});

rules('a bmc that matches none is made, and has to be complete unless it is just an xname', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, bmc: BMC });
  const bmc = await rig.record('BMC', BMC.mac_address);
  assert.equal((await bmcOf(rig, key))['id'], bmc['id']);
  assert.deepEqual(await rig.query('secrets.read', { kind: 'BMC', name: 'x1000c0s0b0' }), { password: 'secret' });
  await rig.created('ComputeNode', { ...NODE, bmc: { xname: 'x1000c0s9b0' } });
  const refused = fault(await rig.create('ComputeNode', { ...NODE, bmc: { mac_address: '00:00:5e:00:53:b7' } }), 'invalid');
  assert.deepEqual(
    (refused.errors ?? []).map(({ pointer }) => pointer),
    ['/bmc/username'],
  );
  fault(await rig.create('ComputeNode', { ...NODE, bmc: { mac_address: '00:00:5e:00:53:b7', username: 'operator' } }), 'invalid');
});

rules('what a given bmc says beside its name changes the BMC, and every node that has it', async (rig) => {
  await rig.created('BMC', BMC);
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n1', bmc: { xname: 'x1000c0s0b0', description: 'new card', password: 'other' } });
  assert.equal((await rig.record('BMC', 'x1000c0s0b0'))['description'], 'new card');
  for (const node of ['x1000c0s0b0n0', 'x1000c0s0b0n1']) assert.equal((await bmcOf(rig, node))['description'], 'new card');
  assert.deepEqual(await rig.query('secrets.read', { kind: 'BMC', name: 'x1000c0s0b0' }), { password: 'other' });
  assert.equal((await rig.record('BMC', 'x1000c0s0b0'))['username'], 'operator', 'what is not given stays');
});

rules('location_string and xname name the same thing when the location is an xname', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, location_string: 'x1000c0s0b0n0' });
  const node = await rig.record('ComputeNode', key);
  assert.deepEqual([node['xname'], (node['bmc'] as Fields)['xname']], ['x1000c0s0b0n0', 'x1000c0s0b0']);
  fault(await rig.create('ComputeNode', { ...NODE, location_string: 'x01000c0s0b0n0' }), 'conflict');
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n1', location_string: 'x01000c0s0b0n1' });
  const refused = fault(await rig.create('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n2', location_string: 'x1000c0s0b0n3' }), 'invalid');
  assert.equal(refused.errors?.[0]?.pointer, '/location_string');
  const other = await rig.created('ComputeNode', { ...NODE, location_string: 'Row 3, rack 12' });
  assert.equal((await rig.record('ComputeNode', other.key))['xname'], undefined);
  const bmc = await rig.created('BMC', { username: 'u', password: 'p', mac_address: '00:00:5e:00:53:b9', location_string: 'x1000c0s5b0' });
  assert.equal((await rig.record('BMC', bmc.key))['xname'], 'x1000c0s5b0');
});

rules('xname and boot MAC address are unique in normal form, and stored as given', async (rig) => {
  await rig.created('ComputeNode', { ...NODE, xname: 'x01000c0s0b0n0', boot_mac: '00-00-5E-00-53-17' });
  const taken = fault(await rig.create('ComputeNode', { ...NODE, xname: 'x1000c00s0b0n0' }), 'conflict');
  assert.equal(taken.errors?.[0]?.pointer, '/xname');
  assert.equal(fault(await rig.create('ComputeNode', { ...NODE, boot_mac: '00:00:5e:00:53:17' }), 'conflict').errors?.[0]?.pointer, '/boot_mac');
  const node = await rig.record('ComputeNode', 'x1000c0s0b0n0');
  assert.deepEqual([node['xname'], node['boot_mac']], ['x01000c0s0b0n0', '00:00:5e:00:53:17']);
  assert.equal((await rig.found('ComputeNode')).length, 1);
  assert.equal((await rig.found('BMC')).length, 1, 'a refused node leaves no BMC behind');
});

rules('a node is read, changed and deleted by its xname or MAC address in any spelling', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0', boot_mac: '00:00:5e:00:53:17' });
  for (const name of [key, key.toUpperCase(), 'x01000c0s00b0n0', '00:00:5E:00:53:17', '00-00-5e-00-53-17']) {
    assert.equal((await rig.image('ComputeNode', name))?.key, key, name);
    value(await rig.patch('ComputeNode', name, { description: name }));
    assert.equal((await rig.record('ComputeNode', key))['description'], name);
  }
  for (const name of ['x1000c0s0b0', 'x1000c0s0b0n1', '', 'constructor', '__proto__']) assert.equal(await rig.image('ComputeNode', name), undefined, name);
  value(await rig.remove('ComputeNode', 'x1000c0s0b0n00'));
  assert.equal(await rig.image('ComputeNode', key), undefined);
});

rules('a node that moves gets the BMC of its new place, and one that keeps its place keeps its BMC', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  value(await rig.patch('ComputeNode', key, { xname: 'x1000c0s7b0n0' }));
  assert.equal((await bmcOf(rig, key))['xname'], 'x1000c0s7b0');
  // What was read is sent back with another xname.
  const copy = await rig.record('ComputeNode', key);
  value(await rig.replace('ComputeNode', key, { ...copy, xname: 'x1000c0s8b0n0' }));
  assert.equal((await bmcOf(rig, key))['xname'], 'x1000c0s8b0');
  value(await rig.replace('ComputeNode', key, { ...NODE, xname: 'x1000c0s8b0n0' }));
  assert.equal((await bmcOf(rig, key))['xname'], 'x1000c0s8b0', 'a replacement without a bmc has the implied one');
});

rules('a deleted node leaves its collections in the same step, and its BMC stays', async (rig) => {
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  await rig.created('NodeCollection', { name: 'p', type: 'partition', nodes: ['x1000c0s0b0n1', 'x01000c0s0b0n0', 'x1000c0s0b0n2'] });
  await rig.created('NodeCollection', { name: 'a', type: 'ad-hoc', nodes: ['x1000c0s0b0n0'] });
  await rig.created('NodeCollection', { name: 'b', type: 'job', nodes: ['x1000c0s0b0n2'] });
  const untouched = await rig.image('NodeCollection', 'b');
  const { sequence } = rig.status;
  value(await rig.remove('ComputeNode', 'x1000c0s0b0n0'));
  assert.equal(rig.status.sequence, sequence + 3);
  assert.deepEqual((await rig.record('NodeCollection', 'p'))['nodes'], ['x1000c0s0b0n1', 'x1000c0s0b0n2']);
  assert.deepEqual((await rig.record('NodeCollection', 'a'))['nodes'], []);
  assert.deepEqual(await rig.image('NodeCollection', 'b'), untouched);
  assert.notEqual(await rig.image('BMC', 'x1000c0s0b0'), undefined);
  // The place in the partition is free again.
  await rig.created('NodeCollection', { name: 'q', type: 'partition', nodes: ['x1000c0s0b0n0'] });
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

rules('an array of nodes is stored as a whole or not at all', async (rig) => {
  const input = (records: readonly Fields[]) => ({ ...creation(rig, 'ComputeNode', records), asArray: true });
  const refused = await rig.send(
    'record.create',
    input([
      { ...NODE, xname: 'x1000c0s0b0n0' },
      { ...NODE, xname: 'x1000c0s0b0n1' },
      { ...NODE, xname: 'x1000c0s0b0n0' },
    ]),
  );
  assert.equal(fault(refused, 'conflict').errors?.[0]?.pointer, '/2/xname');
  assert.equal(rig.status.sequence, 0);
  assert.deepEqual(await rig.found('BMC'), []);
  const stored = value(
    await rig.send(
      'record.create',
      input([
        { ...NODE, xname: 'x1000c0s0b0n0' },
        { ...NODE, xname: 'x1000c0s0b0n1' },
      ]),
    ),
  );
  assert('stored' in stored);
  assert.deepEqual(
    stored.stored.map(({ revision }) => revision),
    [2, 3],
  );
});
