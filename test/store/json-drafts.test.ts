import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Command } from '../../src/protocol/commands.ts';
import { draftOfJson } from '../../src/protocol/wire.ts';
import { type Fields, onlyKinds, Rig, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** Records that travel to the owner as the JSON that a client sent. */

const OPTIONS = { kinds: onlyKinds('ComputeNode', 'BMC', 'NodeCollection') };
const SENT: Fields = {
  hostname: 'nid000017',
  architecture: 'x86_64',
  xname: 'x3000c0s17b1n0',
  boot_mac: '00-00-5E-00-53-17',
  description: 'Zweite Reihe, hinten – 第二排 \u{1f9ca} "\\/"',
  bmc: null,
  id: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
  revision: 99,
  created_at: '1999-01-01T00:00:00Z',
};

function asText(record: Fields): Fields {
  return draftOfJson(Buffer.from(JSON.stringify(record)));
}

const create = (record: Fields): Command => ({
  kind: 'record.create',
  input: { kind: 'ComputeNode', records: [record], asArray: false, origin: {} },
});

test('a record that comes as JSON becomes the same as one that comes as a draft; nulls and what only the server sets are left out', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    const [answer] = await rig.batch([create(asText(SENT))]);
    assert(answer !== undefined);
    const { key, revision } = storedIn(value(answer) as Parameters<typeof storedIn>[0]);
    const made = await rig.record('ComputeNode', key);
    assert.deepEqual([made['description'], made['revision'], made['boot_mac']], [SENT['description'], revision, '00:00:5e:00:53:17']);
    assert.notEqual(made['id'], SENT['id']);
    assert.notEqual(made['created_at'], SENT['created_at']);
    const before = { ...made };
    await rig.replace('ComputeNode', key, made);
    const asDraft = await rig.record('ComputeNode', key);
    await rig.send('record.replace', { kind: 'ComputeNode', name: key, record: asText(asDraft), origin: {}, upsert: false });
    const asJson = await rig.record('ComputeNode', key);
    assert.deepEqual({ ...asJson, revision: 0 }, { ...asDraft, revision: 0 });
    assert.deepEqual({ ...asJson, revision: 0 }, { ...before, revision: 0 });
  });
});

test('a batch that is judged twice, because of a cold record, takes its records as they were sent both times', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const { key } = await rig.created('ComputeNode', { hostname: 'nid000001', architecture: 'x86_64', xname: 'x3000c0s1b0n0' });
  await rig.snapshot();
  await withRig(rig.restart({ cold: true }), async (cold) => {
    while (!cold.status.indexed) await cold.ask('store.fill', {});
    const replaced: Command = { kind: 'record.replace', input: { kind: 'ComputeNode', name: key, record: asText(SENT), origin: {}, upsert: false } };
    const answers = await cold.batch([create(asText({ ...SENT, xname: 'x3000c0s18b0n0', boot_mac: '00:00:5e:00:53:18' })), replaced]);
    assert.deepEqual(
      answers.map(({ ok }) => ok),
      [true, true],
    );
    assert.equal((await cold.record('ComputeNode', key))['description'], SENT['description']);
    assert.equal((await cold.record('ComputeNode', 'x3000c0s18b0n0'))['description'], SENT['description']);
  });
});
