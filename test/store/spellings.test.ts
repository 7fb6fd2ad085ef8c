import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { recordName } from '../../src/http/record-name.ts';
import { fault, Rig, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** Keys and unique values of formats in which one value has several spellings, in a kind of a site. */

const PORT = {
  'x-holdfast': { key: 'mac', naturalKeys: ['asset'] },
  type: 'object',
  additionalProperties: false,
  properties: {
    mac: { type: 'string', format: 'mac-address' },
    asset: { type: 'string', format: 'uuid', 'x-holdfast-unique': 'exact' },
    label: { type: 'string' },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', readOnly: true },
  },
};
const MAC = '02:aa:bb:cc:dd:01';
const OTHER_MAC = '02-AA-BB-CC-DD-01';
const ASSET = '0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8eaa';
const OTHER_ASSET = ASSET.toUpperCase();

async function openPorts(): Promise<Rig> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Port.json'), JSON.stringify(PORT));
  const kinds = await loadKinds(folder);
  return await Rig.open(temporaryFolder(), { kinds: { ...kinds, all: kinds.all.filter(({ name }) => name === 'Port') } });
}

test('a key that a client chooses is one key, however it is spelt', async () => {
  const rig = await openPorts();
  assert.equal((await rig.created('Port', { mac: OTHER_MAC, label: 'first' })).key, MAC);
  fault(await rig.create('Port', { mac: MAC }), 'conflict');
  const named = value(recordName(rig.kind('Port'), OTHER_MAC));
  assert.equal((await rig.image('Port', named))?.key, MAC);
  assert.equal(storedIn(value(await rig.replace('Port', named, { mac: OTHER_MAC, label: 'second' }, { upsert: true }))).created, false);
  value(await rig.patch('Port', MAC, { mac: OTHER_MAC, label: 'third' }));
  value(await rig.bulk('Port', [{ mac: OTHER_MAC, label: 'fourth' }], true));
  assert.equal((await rig.found('Port', [{ path: ['label'], operator: 'present', values: [] }])).length, 1);
  const before = rig.images();
  await withRig(rig.restart(), async (again) => assert.deepEqual(again.images(), before));
});

test('a value that only one record has is one value, however it is spelt', async () => {
  await withRig(openPorts(), async (rig) => {
    await rig.created('Port', { mac: MAC, asset: ASSET });
    fault(await rig.create('Port', { mac: '02:aa:bb:cc:dd:02', asset: OTHER_ASSET }), 'conflict');
    await rig.created('Port', { mac: '02:aa:bb:cc:dd:03' });
    fault(await rig.patch('Port', '02:aa:bb:cc:dd:03', { asset: OTHER_ASSET }), 'conflict');
  });
});
