import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { canonical, canonicalObject } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import { imageOfParted, type PartedDrafts, Parter, type Parting, partingOf, RULED, settledOf } from '../../schemas/parted.ts';
import { type Kinds, loadKinds } from '../../schemas/registry.ts';
import { draftOf } from '../../src/http/draft.ts';
import type { Draft } from '../../src/protocol/commands.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { RULES } from '../../src/store/rules/rules.ts';
import { seedOfTests } from '../torture/torture.ts';
import { recordsOf } from './arbitrary-records.ts';
import { BUILT_IN, type Fields, onlyKinds, Rig, seededRandom, temporaryFolder, value, withRig } from './rig.ts';

/** Records of a bulk of which the owner sees only what it judges by: they become the same as whole ones. */

const SEED = seedOfTests();
const RECORDS = 150;
const PARTED = BUILT_IN.all.flatMap((kind) => {
  const parting = partingOf(kind);
  return parting === undefined ? [] : [{ kind, parting }];
});

function sample(kind: Kind, count: number): readonly Fields[] {
  return fc.sample(recordsOf(kind), { numRuns: count, seed: SEED });
}

function parted(parting: Parting, drafts: readonly Draft[]): PartedDrafts {
  const parter = new Parter(parting);
  for (const draft of drafts) parter.add(draft);
  return parter.drafts;
}

/** Xnames and BMCs of a small site, so that bulks meet what is there already, and each other. */
function crowded(kind: Kind, record: Fields, index: number): Fields {
  if (kind.name !== 'ComputeNode') return record;
  const place = `x1000c0s${index % 7}b${index % 2}`;
  const given = [
    undefined,
    null,
    { xname: place },
    { username: 'u', password: `p${index}`, mac_address: `02:00:00:00:00:${10 + (index % 11)}` },
    { xname: 'x1000c0s1b1' },
  ];
  const node: Fields = { ...record, bmc: given[index % given.length] };
  if (index % 3 === 0) delete node['xname'];
  else node['xname'] = `${place}n${index % 4}`;
  if (index % 4 === 1) node['location_string'] = `${place}n${index % 4}`;
  if (index % 5 === 1) delete node['boot_mac'];
  return node;
}

test('a rule that wants to see more of a record than its kind says is noticed', () => {
  for (const [name, rule] of RULES) {
    const ruled = RULED[name];
    assert(ruled !== undefined, `the rule of ${name} looks at something`);
    // These hear of the record as it was put.
    if (rule.afterPut !== undefined) assert.equal(ruled, 'all', name);
    const kind = BUILT_IN.find(name);
    const open = kind === undefined ? undefined : partingOf(kind)?.open.map((column) => column.name);
    for (const { kind: of, path } of rule.references ?? [])
      if (of === name && open !== undefined) assert(open.includes(String(path[0])), `${name}.${path.join('.')}`);
  }
  assert(PARTED.length > 0);
});

test('the image of a parted record has the bytes of the whole one', (context) => {
  context.diagnostic(`HOLDFAST_SEED=${SEED}`);
  for (const { kind, parting } of PARTED) {
    const drafts = sample(kind, RECORDS).map((record, index) => value(draftOf(BUILT_IN, kind, structuredClone(crowded(kind, record, index)))));
    const inParts = parted(parting, drafts);
    for (const [index, draft] of drafts.entries()) {
      const open = canonicalObject(parting.open, inParts.open[index] ?? {});
      assert.equal(imageOfParted(parting, open, settledOf(parting, inParts, index)), JSON.stringify(canonical(kind, draft)), kind.name);
    }
  }
});

async function bulkOf(rig: Rig, kind: Kind, drafts: readonly Draft[] | PartedDrafts, upsert: boolean): Promise<unknown> {
  const options = { upsert, dryRun: false };
  const bulkId = `bulk ${rig.replies.length}`;
  const staged = await rig.send('bulk.stage', { kind: kind.name, bulkId, firstIndex: 0, packedRecords: packMessage(drafts), options, origin: {} });
  return staged.ok ? await rig.send('bulk.commit', { kind: kind.name, bulkId, options }) : staged;
}

async function judgedAlike(context: TestContext, name: string): Promise<void> {
  context.diagnostic(`HOLDFAST_SEED=${SEED}`);
  const kinds = onlyKinds(name, 'BMC', 'NodeCollection');
  const whole = await Rig.open(temporaryFolder(), { kinds, random: seededRandom(SEED) });
  const inParts = await Rig.open(temporaryFolder(), { kinds, random: seededRandom(SEED) });
  const kind = whole.kind(name);
  const parting = partingOf(kind);
  assert(parting !== undefined);
  const records = sample(kind, RECORDS).map((record, index) => crowded(kind, record, index));
  for (let index = 0; index < records.length; index += 3) {
    const upsert = index % 2 === 0;
    const drafts = (): Draft[] => records.slice(index, index + 3).map((record) => value(draftOf(kinds, kind, structuredClone(record), upsert)));
    const expected = await bulkOf(whole, kind, drafts(), upsert);
    assert.deepEqual(await bulkOf(inParts, kind, parted(parting, drafts()), upsert), expected, `records ${index} and on`);
  }
  assert(whole.images().size > 0);
  assert.deepEqual(inParts.images(), whole.images());
  await inParts.close();
  await whole.close();
}

for (const { kind } of PARTED)
  test(`a bulk of parted records of kind ${kind.name} comes to what one of whole records does`, (context) => judgedAlike(context, kind.name));

/** A kind whose secret is a member of the record itself, beside a flag that clients may write as well. */
async function lockers(): Promise<Kinds> {
  const schema = {
    'x-holdfast': { key: 'name' },
    type: 'object',
    additionalProperties: false,
    properties: {
      name: { type: 'string' },
      code: { type: 'string', writeOnly: true, 'x-holdfast-secret': 'code_set' },
      code_set: { type: 'boolean' },
      created_at: { type: 'string', format: 'date-time', readOnly: true },
      updated_at: { type: 'string', format: 'date-time', readOnly: true },
      revision: { type: 'integer', readOnly: true },
    },
  };
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Locker.json'), JSON.stringify(schema));
  const kinds = await loadKinds(folder);
  return { ...kinds, all: kinds.all.filter(({ name }) => name === 'Locker') };
}

test('the flag of a secret is what the owner says, whatever the parted record says', async () => {
  const kinds = await lockers();
  await withRig(Rig.open(temporaryFolder(), { kinds }), async (rig) => {
    const kind = rig.kind('Locker');
    const parting = partingOf(kind);
    assert(parting !== undefined);
    const records = [{ name: 'locked', code: '1234' }, { name: 'open' }, { name: 'lying', code_set: true }];
    const drafts = records.map((record) => value(draftOf(kinds, kind, structuredClone(record))));
    value((await bulkOf(rig, kind, parted(parting, drafts), false)) as Parameters<typeof value>[0]);
    const flags = await Promise.all(records.map(async ({ name }) => (await rig.record('Locker', name))['code_set']));
    assert.deepEqual(flags, [true, undefined, undefined]);
  });
});
