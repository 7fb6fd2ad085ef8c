import { strict as assert } from 'node:assert';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { nameFlaw } from '../../src/ids.ts';
import { type Fields, Rig, temporaryFolder, value, withRig } from './rig.ts';

/** A site's schema that changes between two starts: nothing is dropped in silence. */

const BOOKKEEPING = {
  created_at: { type: 'string', format: 'date-time', readOnly: true },
  updated_at: { type: 'string', format: 'date-time', readOnly: true },
  revision: { type: 'integer', readOnly: true },
};
const TEXT = { type: 'string' };

function schema(properties: Fields, annotation: Fields = { key: 'name' }): Fields {
  const key = annotation['key'] === 'id' ? { id: { type: 'string', format: 'uuid', readOnly: true } } : { name: TEXT };
  return { 'x-holdfast': annotation, type: 'object', additionalProperties: false, properties: { ...key, ...properties, ...BOOKKEEPING } };
}

function struct(properties: Fields): Fields {
  return { type: 'object', additionalProperties: false, properties };
}

/** Opens the folder with kinds as these schemas say, and no built-in ones. */
async function openWith(directory: string, schemas: Readonly<Record<string, Fields>>, cold = false): Promise<Rig> {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(schemas)) writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
  const kinds = await loadKinds(folder);
  return await Rig.open(directory, { kinds: { ...kinds, all: kinds.all.filter(({ name }) => name in schemas) }, cold });
}

/** A folder with one snapshot, and these records in it (or, `journaled`, in the journal only). */
async function folderWith(schemas: Readonly<Record<string, Fields>>, kind: string, records: readonly Fields[], journaled = false): Promise<string> {
  return await withRig(openWith(temporaryFolder(), schemas), async (rig) => {
    for (const record of records) await rig.created(kind, record);
    if (!journaled) {
      await rig.snapshot();
      rmSync(rig.journalDirectory, { recursive: true });
    }
    return rig.directory;
  });
}

const RACK = schema({
  height: { type: 'integer' },
  remark: TEXT,
  power: struct({ watts: { type: 'integer' }, feed: TEXT }),
  doors: { type: 'array', items: struct({ side: TEXT, locked: { type: 'boolean' } }) },
});
const RACKS: readonly Fields[] = [
  { name: 'r1', height: 42, remark: 'full', power: { watts: 9000, feed: 'A' }, doors: [{ side: 'front', locked: true }, { side: 'back' }] },
  { name: 'r2', height: 47, doors: [] },
];

function changed(change: (properties: Record<string, Fields>) => void): Fields {
  const copy = structuredClone(RACK);
  change(copy['properties'] as Record<string, Fields>);
  return copy;
}

function withoutBookkeeping({ created_at, updated_at, revision, ...record }: Fields): Fields {
  return record;
}

function inPower(properties: Record<string, Fields>): Fields {
  return (properties['power'] as { properties: Fields }).properties;
}

function inDoors(properties: Record<string, Fields>): Fields {
  return (properties['doors'] as { items: { properties: Fields } }).items.properties;
}

test('a schema that gained properties loads, and what is not there is absent', async () => {
  const directory = await folderWith({ Rack: RACK }, 'Rack', RACKS);
  const grown = changed((properties) => {
    properties['owner'] = TEXT;
    inPower(properties)['phases'] = { type: 'integer' };
    inDoors(properties)['width'] = { type: 'number' };
  });
  await withRig(openWith(directory, { Rack: grown }), async (rig) => {
    assert.deepEqual(withoutBookkeeping(await rig.record('Rack', 'r1')), RACKS[0]);
    value(await rig.patch('Rack', 'r1', { owner: 'ops', power: { phases: 3 } }));
    assert.equal((await rig.found('Rack', [{ path: ['owner'], operator: 'missing', values: [] }])).length, 1);
    await rig.snapshot();
    await withRig(rig.another(), async (other) => assert.deepEqual(other.images(), rig.images()));
  });
});

test('properties in another order, and other words about them, change nothing', async () => {
  const directory = await folderWith({ Rack: RACK }, 'Rack', RACKS);
  const { properties, ...rest } = structuredClone(RACK);
  const reordered = { ...rest, description: 'a rack', properties: Object.fromEntries(Object.entries(properties as Fields).reverse()) };
  await withRig(openWith(directory, { Rack: reordered }), async (rig) => {
    assert.deepEqual(withoutBookkeeping(await rig.record('Rack', 'r1')), RACKS[0]);
  });
});

const LOSSES: Readonly<Record<string, { readonly change: (properties: Record<string, Fields>) => void; readonly names: RegExp }>> = {
  'a property that has gone': {
    change: (properties) => delete properties['remark'],
    names: /Rack has changed: remark is not in it any more, but 1 records have a value there/,
  },
  'a nested property that has gone': {
    change: (properties) => delete inPower(properties)['feed'],
    names: /power\.feed is not in it any more, but 1 records/,
  },
  'a property inside a list that has gone': {
    change: (properties) => delete inDoors(properties)['locked'],
    names: /doors.* records have a value there/,
  },
  'another type': { change: (properties) => Object.assign(properties, { height: TEXT }), names: /height was integer and is string, but 2 records/ },
  'a list instead of a text': {
    change: (properties) => Object.assign(properties, { remark: { type: 'array', items: TEXT } }),
    names: /remark was string and is list, but 1 records/,
  },
};

for (const [name, { change, names }] of Object.entries(LOSSES)) {
  test(`${name} is refused at start as long as a record has a value there`, async () => {
    const directory = await folderWith({ Rack: RACK }, 'Rack', RACKS);
    await assert.rejects(openWith(directory, { Rack: changed(change) }), { name: 'StartFailure', exitCode: 65, message: names });
    await withRig(openWith(directory, { Rack: RACK }), async (rig) => assert.equal(rig.images().size, 2));
    const without = await folderWith({ Rack: RACK }, 'Rack', [{ name: 'r3' }]);
    await withRig(openWith(without, { Rack: changed(change) }), async (rig) => assert.equal(rig.images().size, 1));
  });
}

test('a wider type takes the values as they are', async () => {
  const directory = await folderWith({ Rack: schema({ height: { type: 'integer' }, seen: { type: 'string', format: 'date-time' } }) }, 'Rack', [
    { name: 'r1', height: 9_007_199_254_740_991, seen: '2026-11-22T02:10:00.250+01:00' },
  ]);
  await withRig(openWith(directory, { Rack: schema({ height: { type: 'number' }, seen: TEXT }) }), async (rig) => {
    const { height, seen } = await rig.record('Rack', 'r1');
    assert.deepEqual([height, seen], [9_007_199_254_740_991, '2026-11-22T01:10:00.25Z']);
  });
});

test('a kind of which there are records cannot be left out, one without records can', async () => {
  const other = schema({});
  for (const journaled of [false, true]) {
    const directory = await folderWith({ Rack: RACK, Other: other }, 'Rack', RACKS, journaled);
    await assert.rejects(openWith(directory, { Other: other }), {
      name: 'StartFailure',
      exitCode: 65,
      message: /records of kind Rack, of which there is no schema now; start with the --schema-dir that has Rack\.json/,
    });
    const copy = temporaryFolder();
    cpSync(directory, copy, { recursive: true });
    await withRig(openWith(copy, { Rack: RACK }), async (rig) => assert.equal(rig.images().size, 2));
  }
});

test('a journal whose records have values that a changed schema does not have is refused too', async () => {
  const directory = await folderWith({ Rack: RACK }, 'Rack', RACKS, true);
  const narrowed = changed((properties) => delete properties['remark']);
  let images: ReadonlyMap<string, string> | undefined;
  try {
    await withRig(openWith(directory, { Rack: narrowed }), async (rig) => {
      images = rig.images();
    });
  } catch (error) {
    assert.equal((error as Error).name, 'StartFailure');
  }
  if (images !== undefined) assert.match([...images.values()].join(), /full/, 'what was acknowledged is there, or the start is refused');
});

const SQL_NAMES: Readonly<Record<string, { readonly properties: Fields; readonly record: Fields }>> = {
  Order: {
    properties: { select: TEXT, 'group-by': TEXT, table: { type: 'integer' }, e0: { type: 'array', items: struct({ e0: TEXT, f0: { type: 'object' } }) } },
    record: { select: 's', 'group-by': 'g', table: 1, e0: [{ e0: 'x', f0: { a: 1 } }] },
  },
  Stage: {
    properties: { part: TEXT, image: TEXT, images: TEXT, keys: TEXT, sequence: { type: 'integer' }, present: { type: 'array', items: TEXT } },
    record: { part: 'p', image: 'i', images: 'j', keys: 'k', sequence: 5, present: ['x'] },
  },
  Row: { properties: { rowid: { type: 'integer' } }, record: { rowid: 70_000 } },
  Hollow: { properties: { nothing: struct({}), other: TEXT }, record: { nothing: {}, other: 'n' } },
};

for (const [name, { properties, record }] of Object.entries(SQL_NAMES)) {
  test(`a schema whose names mean something to SQL works like any other, or is refused when it is read: ${name}`, async () => {
    let rig: Rig;
    try {
      rig = await openWith(temporaryFolder(), { [name]: schema(properties) });
    } catch (error) {
      assert.equal((error as Error).name, 'SchemaProblem', (error as Error).message);
      return;
    }
    await rig.created(name, { name: 'a', ...record });
    await rig.created(name, { name: 'b' });
    const images = rig.images();
    await rig.snapshot();
    const again = await rig.restart();
    assert.deepEqual(again.images(), images, name);
    await again.close();
  });
}

for (const [what, text] of Object.entries({
  'a line feed': 'a\nb',
  'a unit separator': 'a\u001fb',
  'a record separator': 'a\u001eb',
  'no character at all': '',
  'a NUL': '\u0000',
  'a quote': '"\\\'',
})) {
  test(`a start finds a record whose unique value or key has ${what}`, async () => {
    const schemas = { Thing: schema({ label: { type: 'string', 'x-holdfast-unique': 'exact' } }, { key: 'name', naturalKeys: ['label'] }) };
    const things = [
      { name: nameFlaw(text) === undefined ? `key ${text}` : 'key 1', label: 'label 1' },
      { name: 'key 2', label: text },
      { name: 'key 3', label: 'label 3' },
    ];
    const directory = await withRig(openWith(temporaryFolder(), schemas), async (rig) => {
      for (const thing of things) await rig.created('Thing', thing);
      await rig.snapshot();
      return rig.directory;
    });
    const rig = await openWith(directory, schemas);
    assert.equal(rig.images().size, things.length);
    for (const { name, label } of things) {
      assert.equal((await rig.record('Thing', name))['label'], label);
      assert.equal((await rig.image('Thing', label))?.key, name);
      assert.equal((await rig.create('Thing', { name: `${name} again`, label })).ok, false, 'the label is taken');
    }
    await rig.close();
  });
}

test('a name that is the key of one record and a value of another names the same record before and after filling', async () => {
  const schemas = { Thing: schema({ label: { type: 'string', 'x-holdfast-unique': 'exact' } }, { key: 'name', naturalKeys: ['label'] }) };
  const directory = await withRig(openWith(temporaryFolder(), schemas), async (rig) => {
    for (const thing of [
      { name: 'a', label: 'b' },
      { name: 'b', label: 'c' },
      { name: 'c', label: 'a' },
    ]) {
      await rig.created('Thing', thing);
    }
    return rig.directory;
  });
  for (const name of ['a', 'b', 'c']) {
    await withRig(openWith(directory, schemas, true), async (rig) => {
      const early = await rig.image('Thing', name);
      await rig.fill();
      assert.deepEqual(early, await rig.image('Thing', name));
      assert.equal(early?.key, name);
    });
  }
});
