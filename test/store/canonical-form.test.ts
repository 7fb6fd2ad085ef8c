import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../schemas/canonical.ts';
import { loadKinds } from '../../schemas/registry.ts';
import type { CommandOutput } from '../../src/protocol/commands.ts';
import { seedOfTests } from '../torture/torture.ts';
import { recordsOf } from './arbitrary-records.ts';
import { creation, type Fields, Rig, type RigOptions, storedIn, temporaryFolder, value, withRig } from './rig.ts';

/** Bytes and revision of a record before a restart are those after it, for every kind and whatever is in it. */

const RECORDS_PER_KIND = 200;
const SEED = seedOfTests();

const TEXT = { type: 'string' };
const TIME = { type: 'string', format: 'date-time' };
/** Everything that a column can be, in lists and in objects. */
const PROBE = {
  'x-holdfast': { key: 'id' },
  type: 'object',
  additionalProperties: false,
  properties: {
    id: { type: 'string', format: 'uuid', readOnly: true },
    ratio: { type: 'number' },
    count: { type: 'integer' },
    text: TEXT,
    'with-dash': TEXT,
    flag: { type: 'boolean' },
    when: TIME,
    times: { type: 'array', items: TIME },
    flags: { type: 'array', items: { type: 'boolean' } },
    counts: { type: 'array', items: { type: 'integer' } },
    matrix: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
    words: { type: 'array', items: { type: 'array', items: { type: 'array', items: TEXT } } },
    free: { type: 'object' },
    bag: { type: 'array' },
    bags: { type: 'array', items: { type: 'object' } },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { name: TEXT, weight: { type: 'number' }, seen: TIME, extra: { type: 'object' }, more: { type: 'array', items: TEXT } },
      },
    },
    deep: {
      type: 'object',
      additionalProperties: false,
      properties: {
        inner: { type: 'object', additionalProperties: false, properties: { leaf: TEXT, at: TIME, free: { type: 'object' } } },
        other: { type: 'number' },
      },
    },
    created_at: { ...TIME, readOnly: true },
    updated_at: { ...TIME, readOnly: true },
    revision: { type: 'integer', readOnly: true },
  },
};
/** No floating point in it: what DuckDB renders goes out as it is. */
const { ratio, matrix, parts, deep, ...exact } = PROBE.properties;
const EXACT = { ...PROBE, properties: exact };

const schemas = temporaryFolder();
mkdirSync(schemas, { recursive: true });
writeFileSync(join(schemas, 'Probe.json'), JSON.stringify(PROBE));
writeFileSync(join(schemas, 'Exact.json'), JSON.stringify(EXACT));
const kinds = await loadKinds(schemas);

const UNIQUE: Readonly<Record<string, (index: number, given: unknown) => unknown>> = {
  xname: (index) => `x${index % 2 === 0 ? '0' : ''}${1000 + index}c0s${index % 3 === 0 ? '00' : '0'}b0n0`,
  boot_mac: (index) =>
    `${index % 2 === 0 ? 'AA-BB-CC-DD-' : 'aa:bb:cc:dd:'}${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(index % 2 === 0 ? '-' : ':')}`,
  mac_address: (index) => UNIQUE['boot_mac']?.(index, undefined),
  name: (index, given) => `${index} ${String(given)}`.slice(0, 200),
  ID: (index) => `x${1000 + index}c0r${index % 2 === 0 ? '03' : '3'}`,
};

/** A record that the store takes as it is: unique values differ, and no rule has anything to add. */
function storable(kindName: string, record: Fields, index: number): Fields {
  const kind = kinds.find(kindName);
  assert(kind !== undefined);
  const made: Fields = { ...record };
  for (const { property } of kind.uniques) {
    if (made[property] !== undefined) made[property] = UNIQUE[property]?.(index, made[property]);
  }
  // A bmc makes records of its own; those are the business of other tests.
  if (kindName === 'ComputeNode') delete made['bmc'];
  if (kindName === 'NodeCollection' && !['ad-hoc', 'job'].includes(String(made['type']))) made['nodes'] = [];
  if (kindName === 'BMC') {
    made['password'] = 'p';
    if (made['xname'] !== undefined) made['xname'] = `x${1000 + index}c0s0b0`;
  }
  return made;
}

function withoutServerSet(kindName: string, record: Fields): Fields {
  const copy = { ...record };
  for (const name of [...(kinds.find(kindName)?.serverSet ?? []), ...(kindName === 'ComputeNode' ? ['bmc'] : [])]) delete copy[name];
  return copy;
}

async function roundTrip(test: TestContext, kindName: string): Promise<void> {
  test.diagnostic(`HOLDFAST_SEED=${SEED}`);
  const kind = kinds.find(kindName);
  assert(kind !== undefined);
  const records = fc.sample(recordsOf(kind), { numRuns: RECORDS_PER_KIND, seed: SEED }).map((record, index) => storable(kindName, record, index));
  const options: RigOptions = { kinds: { ...kinds, all: kinds.all.filter(({ name }) => [kindName, 'BMC', 'ComputeNode', 'NodeCollection'].includes(name)) } };
  const rig = await Rig.open(temporaryFolder(), options);
  const keys: string[] = [];
  const answers = await rig.batch(records.map((record) => ({ kind: 'record.create', input: creation(rig, kindName, [record]) })));
  for (const answer of answers) keys.push(storedIn(value(answer) as CommandOutput<'record.create'>).key);
  for (const [index, key] of keys.entries()) {
    const stored = await rig.record(kindName, key);
    const expected = withoutServerSet(kindName, canonical(kind, rig.draft(kindName, records[index] ?? {})));
    assert.equal(JSON.stringify(withoutServerSet(kindName, stored)), JSON.stringify(expected), `record ${index}`);
  }
  const before = rig.images();
  await withRig(rig.another(), async (replayed) => expectSame(replayed, before, 'replayed from the journal'));
  await rig.query('store.apply', {});
  await rig.snapshot();
  rmSync(rig.journalDirectory, { recursive: true });
  await rig.close();
  const restored = await rig.another();
  expectSame(restored, before, 'restored from a snapshot');
  // Half of the records change places with others, so that old and new rows lie mixed.
  for (const [index, key] of keys.entries()) {
    if (index % 2 === 1) continue;
    const partner = records[(index + 2) % records.length] ?? {};
    const replacement = { ...partner };
    for (const { property } of kind.uniques) {
      if (records[index]?.[property] === undefined) delete replacement[property];
      else replacement[property] = records[index]?.[property];
    }
    if (kind.keyIsServerSet || kind.key !== 'ID') value(await restored.replace(kindName, key, replacement));
    else value(await restored.replace(kindName, key, { ...replacement, ID: key }));
  }
  await restored.query('store.apply', {});
  const changed = restored.images();
  assert.notDeepEqual(changed, before);
  await withRig(restored.restart(), async (again) => {
    expectSame(again, changed, 'snapshot and journal together');
    again.clock.ms += 1000;
    await again.snapshot();
    await withRig(again.another(), async (last) => expectSame(last, changed, 'the next snapshot'));
  });
}

function expectSame(rig: Rig, images: ReadonlyMap<string, string>, when: string): void {
  const found = rig.images();
  assert.equal(found.size, images.size, when);
  for (const [place, image] of images) assert.equal(found.get(place), image, `${when}: ${place}`);
}

for (const name of [...kinds.all.map((kind) => kind.name)]) {
  test(`records of kind ${name} keep their bytes over a restart`, (context) => roundTrip(context, name));
}
