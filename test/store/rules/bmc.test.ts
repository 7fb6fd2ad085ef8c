import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Fields, fault, NODE, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from '../rig.ts';

/** What follows from storing and deleting a BMC, and what becomes of passwords. */

const OPTIONS: RigOptions = { kinds: onlyKinds('BMC', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint') };
const BMC = { xname: 'x1000c0s0b0', username: 'operator', password: 'secret', mac_address: '00:00:5e:00:53:b1' };

function rules(name: string, work: (rig: Rig) => Promise<void>): void {
  test(name, () => withRig(Rig.open(temporaryFolder(), OPTIONS), work));
}

function secrets(rig: Rig, kind: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
  return rig.query('secrets.read', { kind, name });
}

rules('a change of a BMC goes to all of its nodes in the same step', async (rig) => {
  for (const node of ['x1000c0s0b0n0', 'x1000c0s0b0n1', 'x1000c0s1b0n0']) await rig.created('ComputeNode', { ...NODE, xname: node });
  const untouched = await rig.image('ComputeNode', 'x1000c0s1b0n0');
  const { sequence } = rig.status;
  rig.clock.ms += 5000;
  value(await rig.patch('BMC', 'x1000c0s0b0', { ipv4_address: '192.0.2.177' }));
  assert.equal(rig.status.sequence, sequence + 3);
  for (const name of ['x1000c0s0b0n0', 'x1000c0s0b0n1']) {
    const node = await rig.record('ComputeNode', name);
    assert.equal((node['bmc'] as Fields)['ipv4_address'], '192.0.2.177');
    assert.deepEqual([node['created_at'], node['updated_at']], ['2026-11-22T02:10:00Z', '2026-11-22T02:10:05Z']);
    assert.equal(node['revision'], (await rig.image('ComputeNode', name))?.revision);
  }
  assert.deepEqual(await rig.image('ComputeNode', 'x1000c0s1b0n0'), untouched);
  await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
});

rules('a BMC that a node has is deleted by force only, and then the node has none', async (rig) => {
  const { key: node } = await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  const refused = fault(await rig.remove('BMC', 'x1000c0s0b0'), 'conflict');
  assert.match(refused.detail, new RegExp(node));
  const { sequence } = rig.status;
  value(await rig.remove('BMC', 'x1000c0s0b0', { force: true }));
  assert.equal(rig.status.sequence, sequence + 2);
  assert.equal((await rig.record('ComputeNode', node))['bmc'], undefined);
  assert.equal(await rig.image('BMC', 'x1000c0s0b0'), undefined);
  value(await rig.patch('ComputeNode', node, { description: 'still there' }));
  assert.equal(((await rig.record('ComputeNode', node))['bmc'] as Fields)['xname'], 'x1000c0s0b0', 'the next write of the node brings the implied one');
  value(await rig.remove('ComputeNode', node));
  value(await rig.remove('BMC', 'x1000c0s0b0'));
});

rules('a conflict about many nodes names some of them', async (rig) => {
  for (let node = 0; node < 8; node++) await rig.created('ComputeNode', { ...NODE, xname: `x1000c0s0b0n${node}` });
  assert.match(fault(await rig.remove('BMC', 'x1000c0s0b0'), 'conflict').detail, /and 3 more/);
});

rules('an implied BMC takes a patch of one property, but no replacement without what is required', async (rig) => {
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  value(await rig.patch('BMC', 'x1000c0s0b0', { description: 'found it' }));
  assert.equal((await rig.record('BMC', 'x1000c0s0b0'))['description'], 'found it');
  fault(await rig.replace('BMC', 'x1000c0s0b0', { xname: 'x1000c0s0b0', username: 'operator', mac_address: BMC.mac_address }), 'invalid');
  value(await rig.patch('BMC', 'x1000c0s0b0', { username: 'operator' }));
  fault(await rig.patch('BMC', 'x1000c0s0b0', { username: null }), 'invalid');
  fault(await rig.patch('BMC', 'x1000c0s0b0', { ipv4_address: 'nowhere' }), 'invalid');
  value(await rig.replace('BMC', 'x1000c0s0b0', BMC));
  assert.deepEqual(await secrets(rig, 'BMC', 'x1000c0s0b0'), { password: 'secret' });
});

rules('xname and MAC address of BMCs are unique in normal form', async (rig) => {
  await rig.created('BMC', BMC);
  fault(await rig.create('BMC', { ...BMC, xname: 'x01000c0s0b0', mac_address: '00:00:5e:00:53:b2' }), 'conflict');
  fault(await rig.create('BMC', { ...BMC, xname: 'x1000c0s1b0', mac_address: '00-00-5E-00-53-B1' }), 'conflict');
  const second = await rig.created('BMC', { ...BMC, xname: 'x1000c0s1b0', mac_address: '00:00:5e:00:53:b2' });
  fault(await rig.patch('BMC', second.key, { mac_address: BMC.mac_address }), 'conflict');
  value(await rig.patch('BMC', second.key, { xname: 'x01000c0s1b0' }));
});

rules('a password is kept by a replacement without one, changed by one with it, and never in an answer', async (rig) => {
  const { key } = await rig.created('BMC', BMC);
  value(await rig.replace('BMC', key, { username: 'other', mac_address: BMC.mac_address }));
  assert.deepEqual(await secrets(rig, 'BMC', key), { password: 'secret' });
  value(await rig.replace('BMC', key, { ...BMC, password: 'changed' }));
  assert.deepEqual(await secrets(rig, 'BMC', key), { password: 'changed' });
  value(await rig.patch('BMC', key, { password: 'patched' }));
  assert.deepEqual(await secrets(rig, 'BMC', key), { password: 'patched' });
  const added = { type: 'json', document: [{ op: 'add', path: '/password', value: 'added' }] } as const;
  value(await rig.send('record.patch', { kind: 'BMC', name: key, patch: added, origin: {} }));
  assert.deepEqual(await secrets(rig, 'BMC', key), { password: 'added' });
  assert.equal((await rig.record('BMC', key))['password_set'], true);
  assert.doesNotMatch([...rig.images().values()].join(), /secret|changed|patched|added"/);
});

rules('a required password must be there, and cannot be cleared', async (rig) => {
  const { password, ...without } = BMC;
  assert.equal(fault(await rig.create('BMC', without), 'invalid').errors?.[0]?.pointer, '/password');
  await rig.created('BMC', BMC);
  assert.equal(fault(await rig.patch('BMC', 'x1000c0s0b0', { password: null }), 'invalid').errors?.[0]?.pointer, '/password');
  assert.deepEqual(await secrets(rig, 'BMC', 'x1000c0s0b0'), { password });
});

rules('a password that is not required is cleared by null in a merge patch', async (rig) => {
  await rig.created('RedfishEndpoint', { ID: 'x1000c0', Password: 'secret' });
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], true);
  value(await rig.patch('RedfishEndpoint', 'x1000c0', { Password: null, Name: 'n' }));
  assert.deepEqual(await secrets(rig, 'RedfishEndpoint', 'x1000c0'), {});
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], undefined);
});

rules('the flag of a password is the truth, whatever clients send', async (rig) => {
  const draft = { ID: 'x1000c0', PasswordSet: true };
  await rig.send('record.create', { kind: 'RedfishEndpoint', records: [draft], asArray: false, origin: {} });
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], undefined);
  value(await rig.patch('RedfishEndpoint', 'x1000c0', { PasswordSet: true }));
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], undefined);
  value(await rig.patch('RedfishEndpoint', 'x1000c0', { Password: 'p', PasswordSet: false }));
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], true);

  const { key } = await rig.created('ComputeNode', { ...NODE, spec: { bmc_password_set: true } });
  assert.equal((await rig.record('ComputeNode', key))['spec'], undefined);
  value(await rig.patch('ComputeNode', key, { spec: { bmc_username: 'u', bmc_password_set: true } }));
  assert.deepEqual((await rig.record('ComputeNode', key))['spec'], { bmc_username: 'u' });
  await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s0b0n0' });
  const { key: other } = await rig.created('ComputeNode', { ...NODE, bmc: { xname: 'x1000c0s0b0', password_set: true } });
  assert.equal(((await rig.record('ComputeNode', other))['bmc'] as Fields)['password_set'], undefined);
});

rules('the password in the specification of a node comes, stays and goes with it', async (rig) => {
  const { key } = await rig.created('ComputeNode', { ...NODE, spec: { bmc_username: 'u', bmc_password: 'nested' } });
  const specOf = async (): Promise<unknown> => (await rig.record('ComputeNode', key))['spec'];
  assert.deepEqual(await specOf(), { bmc_username: 'u', bmc_password_set: true });
  assert.deepEqual(await secrets(rig, 'ComputeNode', key), { 'spec.bmc_password': 'nested' });
  value(await rig.replace('ComputeNode', key, { ...NODE, spec: { bmc_username: 'v' } }));
  assert.deepEqual(await specOf(), { bmc_username: 'v', bmc_password_set: true });
  value(await rig.patch('ComputeNode', key, { spec: { bmc_username: null } }));
  assert.deepEqual(await specOf(), { bmc_password_set: true });
  assert.deepEqual(await secrets(rig, 'ComputeNode', key), { 'spec.bmc_password': 'nested' });
  value(await rig.patch('ComputeNode', key, { spec: { bmc_password: null } }));
  assert.equal(await specOf(), undefined);
  assert.deepEqual(await secrets(rig, 'ComputeNode', key), {});
  value(await rig.patch('ComputeNode', key, { spec: { bmc_password: 'again' } }));
  value(await rig.patch('ComputeNode', key, { spec: null }));
  assert.deepEqual(await secrets(rig, 'ComputeNode', key), {});
  await withRig(rig.another(), async (other) => assert.deepEqual(await secrets(other, 'ComputeNode', key), {}));
});

rules('secrets go with their record, and do not come back with another one of the same key', async (rig) => {
  await rig.created('RedfishEndpoint', { ID: 'x1000c0', Password: 'secret' });
  value(await rig.remove('RedfishEndpoint', 'x1000c0'));
  assert.equal(await secrets(rig, 'RedfishEndpoint', 'x1000c0'), undefined);
  await rig.created('RedfishEndpoint', { ID: 'x1000c0' });
  assert.deepEqual(await secrets(rig, 'RedfishEndpoint', 'x1000c0'), {});
  await withRig(rig.another(), async (other) => assert.deepEqual(await secrets(other, 'RedfishEndpoint', 'x1000c0'), {}));
});

rules('secrets do not come back either when all of that is one batch', async (rig) => {
  await rig.created('RedfishEndpoint', { ID: 'x1000c0', Password: 'secret' });
  const create = { kind: 'RedfishEndpoint', records: [{ ID: 'x1000c0' }], asArray: false, origin: {} };
  const answers = await rig.batch([
    { kind: 'record.delete', input: { kind: 'RedfishEndpoint', name: 'x1000c0', force: false } },
    { kind: 'record.create', input: create },
    { kind: 'record.patch', input: { kind: 'RedfishEndpoint', name: 'x1000c0', patch: { type: 'merge', document: { Name: 'new' } }, origin: {} } },
  ]);
  for (const answer of answers) value(answer);
  assert.deepEqual(await secrets(rig, 'RedfishEndpoint', 'x1000c0'), {});
  assert.equal((await rig.record('RedfishEndpoint', 'x1000c0'))['PasswordSet'], undefined);
});

rules('a password that is set and read in one batch of changes is the last one', async (rig) => {
  await rig.created('BMC', BMC);
  const patch = (document: Fields) =>
    ({ kind: 'record.patch', input: { kind: 'BMC', name: 'x1000c0s0b0', patch: { type: 'merge', document }, origin: {} } }) as const;
  for (const answer of await rig.batch([
    patch({ password: 'one' }),
    patch({ description: 'between' }),
    patch({ password: 'two' }),
    patch({ password: null }),
  ])) {
    if (!answer.ok) fault(answer, 'invalid');
  }
  assert.deepEqual(await secrets(rig, 'BMC', 'x1000c0s0b0'), { password: 'two' });
  await withRig(rig.another(), async (other) => assert.deepEqual(await secrets(other, 'BMC', 'x1000c0s0b0'), { password: 'two' }));
  await rig.snapshot();
  await withRig(rig.another(), async (other) => assert.deepEqual(await secrets(other, 'BMC', 'x1000c0s0b0'), { password: 'two' }));
});
