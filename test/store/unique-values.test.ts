import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { kindOf, type Unique } from '../../schemas/kind.ts';
import { hashOf } from '../../src/protocol/key-table.ts';
import { RecordReader, UNSURE } from '../../src/protocol/record-reader.ts';
import { PHASE, type Shown } from '../../src/protocol/shared-memory.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { naturalKeysOf } from '../../src/protocol/unique-values.ts';
import type { Filling } from '../../src/store/fill.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { ColdRecord, Overlay } from '../../src/store/overlay.ts';
import { type ReadParts, Reads } from '../../src/store/reads.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { fc } from '../support/properties.ts';

/** Unique values in a kind's key table, beside a Map of the records that it must be like. */

const SEED = 4711;
const THING = kindOf('Thing', {
  type: 'object',
  'x-holdfast': { key: 'id', naturalKeys: ['name', 'place'] },
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    more: { type: 'object' },
    name: { type: 'string', 'x-holdfast-unique': 'exact' },
    place: { type: 'string', 'x-holdfast-unique': 'xname' },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', readOnly: true },
  },
});
const [NAME, PLACE] = THING.uniques as readonly [Unique, Unique];
const NATURAL_KEYS = naturalKeysOf(THING);

/** Texts whose hashes are the same, two and two. */
const MEETING = ((): readonly (readonly [string, string])[] => {
  const texts = new Map<number, string>();
  const pairs: (readonly [string, string])[] = [];
  for (let number = 0; pairs.length < 3; number++) {
    const text = `m${number}`;
    const hash = hashOf(text, SEED);
    const other = texts.get(hash);
    if (other === undefined) texts.set(hash, text);
    else pairs.push([other, text]);
  }
  return pairs;
})();

interface Thing {
  readonly name?: string;
  readonly place?: string;
}

type Change = readonly [key: string, thing: Thing | undefined];

class ThingRig {
  readonly memory: SharedMemory = new SharedMemory(SEED);
  readonly log: RecordLog = new RecordLog(this.memory);
  readonly index: KeyIndex = new KeyIndex([THING], [], this.memory, this.log);
  readonly reader: RecordReader;
  readonly things: Map<string, Thing> = new Map();
  tables = 0;
  #revision = 0;

  constructor(reader: RecordReader = new RecordReader()) {
    this.reader = reader;
    this.memory.control.phase = PHASE.filled;
    const postMessage = (shown: Shown): void => {
      if (shown.type === 'table') this.tables += 1;
      this.reader.take(shown);
    };
    this.memory.show({ postMessage });
  }

  /** One batch. */
  publish(changes: readonly Change[]): void {
    this.index.publish(
      changes.map((change) => this.#staged(change)),
      () => undefined,
    );
  }

  /** The same in the way of a very large one, whatever is in it. @param unseen called before anybody may see it */
  publishHidden(changes: readonly Change[], unseen: () => void): void {
    const { addresses } = this.index.of('Thing');
    addresses.hide(changes.length);
    const before = new Map(this.things);
    for (const change of changes) {
      const { key, location, values } = this.#staged(change);
      if (location === NOWHERE) addresses.delete(key);
      else addresses.set(key, location, values);
    }
    const after = new Map(this.things);
    this.#become(before);
    unseen();
    this.#become(after);
    this.memory.control.beginPublishing();
    addresses.reveal();
    this.memory.control.endPublishing();
  }

  /** Gives every second record another address. */
  move(): void {
    let number = 0;
    this.index.of('Thing').addresses.moveAll((address) => {
      if (number++ % 2 === 0) return address;
      return this.log.putBytes(this.log.imageAt(address), this.log.revisionAt(address), this.log.keyAt(address));
    });
  }

  /** What the owner and a reader beside it say of a value. */
  holder(unique: Unique, value: string): string | undefined {
    const address = this.index.of('Thing').holding(unique, value);
    const owners = address === undefined ? undefined : this.log.keyAt(address);
    const found = [...(this.reader.locateHolders('Thing', unique, [value]) ?? assert.fail('the reader is sure'))];
    const readers = found.map((location) => this.reader.keyAt(location));
    assert.deepEqual(readers, owners === undefined ? [] : [owners], `${unique.property} ${value}`);
    return owners;
  }

  check(values: Readonly<Record<'name' | 'place', readonly string[]>>): void {
    for (const unique of [NAME, PLACE]) {
      const property = unique.property as 'name' | 'place';
      const expected = new Map([...this.things].map(([key, thing]) => [thing[property], key]));
      for (const value of values[property]) assert.equal(this.holder(unique, value), expected.get(value), `${property} ${value}`);
    }
  }

  #staged([key, thing]: Change): { kind: string; key: string; location: number; values: ArrayLike<number> } {
    if (thing === undefined) this.things.delete(key);
    else this.things.set(key, thing);
    this.#revision += 1;
    const record = { id: key, more: { name: 'nobody', list: ['{"name":"x"}', 1, [true, null]] }, ...thing, revision: this.#revision };
    const location = thing === undefined ? NOWHERE : this.log.put(JSON.stringify(record), this.#revision, key);
    return { kind: 'Thing', key, location, values: this.index.of('Thing').valuesOf(record) };
  }

  #become(things: ReadonlyMap<string, Thing>): void {
    this.things.clear();
    for (const [key, thing] of things) this.things.set(key, thing);
  }
}

const KEYS = 400;
const NAMES: readonly string[] = [...MEETING.flat(), '', 'a"b\\c', 'é', 'name', ...Array.from({ length: 150 }, (_, number) => `name ${number}`)];
const PLACES: readonly string[] = [...MEETING.flat(), ...Array.from({ length: 150 }, (_, number) => `x${number}c0`)];

interface Wish {
  readonly key: number;
  readonly name: number | undefined;
  readonly place: number | undefined;
  readonly isGone: boolean;
  /** Whoever has the values now gives them up after they were taken, as it may be in a restore. */
  readonly isTakenFirst: boolean;
}

/** The changes that make a wish true, with those of the records that have the values now. */
function changesFor(things: Map<string, Thing>, { key: number, name, place, isGone, isTakenFirst }: Wish): readonly Change[] {
  const key = `key ${number}`;
  const own: Change = [
    key,
    isGone ? undefined : { ...(name === undefined ? {} : { name: NAMES[name] as string }), ...(place === undefined ? {} : { place: PLACES[place] as string }) },
  ];
  const giving: Change[] = [];
  for (const [other, { name: itsName, place: itsPlace }] of things) {
    if (other === key || own[1] === undefined) continue;
    const loses = { name: itsName !== undefined && itsName === own[1].name, place: itsPlace !== undefined && itsPlace === own[1].place };
    if (!loses.name && !loses.place) continue;
    giving.push([
      other,
      { ...(itsName === undefined || loses.name ? {} : { name: itsName }), ...(itsPlace === undefined || loses.place ? {} : { place: itsPlace }) },
    ]);
  }
  const changes = isTakenFirst ? [own, ...giving] : [...giving, own];
  for (const [changed, thing] of changes) {
    if (thing === undefined) things.delete(changed);
    else things.set(changed, thing);
  }
  return changes;
}

const WISH: fc.Arbitrary<Wish> = fc.record({
  key: fc.nat({ max: KEYS - 1 }),
  name: fc.option(fc.nat({ max: NAMES.length - 1 }), { nil: undefined }),
  place: fc.option(fc.nat({ max: PLACES.length - 1 }), { nil: undefined }),
  isGone: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
  isTakenFirst: fc.boolean(),
});
const BATCHES = fc.array(
  fc.record({ wishes: fc.array(WISH, { minLength: 1, maxLength: 60 }), way: fc.constantFrom('in place', 'in place', 'in place', 'hidden', 'moved') }),
  { maxLength: 25 },
);

test('values are found as in a Map of the same changes, by the owner and beside it, while the table grows, is copied and its records move', () => {
  const all = { name: NAMES, place: PLACES };
  fc.assert(
    fc.property(BATCHES, (batches) => {
      const rig = new ThingRig();
      for (const [number, { wishes, way }] of batches.entries()) {
        const things = new Map(rig.things);
        const changes = wishes.flatMap((wish) => changesFor(things, wish));
        if (way === 'hidden') rig.publishHidden(changes, () => rig.reader.locateHolders('Thing', NAME, NAMES)?.length);
        else rig.publish(changes);
        assert.deepEqual(rig.things, things);
        if (way === 'moved') rig.move();
        rig.check({ name: NAMES.slice(number, number + 12), place: PLACES.slice(number, number + 12) });
      }
      rig.check(all);
    }),
    { numRuns: 120 },
  );
});

test('what a hidden batch gives and takes is seen when it is revealed, and not before', () => {
  const rig = new ThingRig();
  rig.publish([
    ['a', { name: 'one' }],
    ['b', { name: 'two' }],
  ]);
  const changes: readonly Change[] = [
    ['a', { name: 'two' }],
    ['b', undefined],
    ['c', { name: 'one', place: 'x1c0' }],
  ];
  rig.publishHidden(changes, () => {
    const keysOf = (unique: Unique, value: string): readonly string[] =>
      [...(rig.reader.locateHolders('Thing', unique, [value]) ?? [])].map((location) => rig.reader.keyAt(location));
    assert.deepEqual([keysOf(NAME, 'one'), keysOf(NAME, 'two'), keysOf(PLACE, 'x1c0')], [['a'], ['b'], []]);
  });
  assert.deepEqual([rig.holder(NAME, 'one'), rig.holder(NAME, 'two'), rig.holder(PLACE, 'x1c0')], ['c', 'a', 'c']);
});

test('values whose hashes are the same are told apart by the records', () => {
  const rig = new ThingRig();
  const [[one, other]] = MEETING as unknown as readonly [readonly [string, string]];
  rig.publish([['a', { name: one }]]);
  assert.deepEqual([rig.holder(NAME, one), rig.holder(NAME, other)], ['a', undefined]);
  rig.publish([['b', { name: other }]]);
  assert.deepEqual([rig.holder(NAME, one), rig.holder(NAME, other)], ['a', 'b']);
  // The slot stays as it is: its hash is that of the new value, too.
  rig.publish([
    ['b', {}],
    ['a', { name: other }],
  ]);
  assert.deepEqual([rig.holder(NAME, one), rig.holder(NAME, other)], [undefined, 'a']);
  rig.publish([['a', undefined]]);
  assert.equal(rig.holder(NAME, other), undefined);
});

test('however often values of a few records change, searches end, and the table stays as it is', () => {
  const rig = new ThingRig();
  const { tables } = rig;
  for (let round = 0; round < 20_000; round++) rig.publish([[`key ${round % 20}`, { name: `name ${round}`, place: `x${round % 7_000}c0` }]]);
  assert.equal(rig.tables, tables);
  for (let round = 19_900; round < 20_100; round++) {
    const key = round >= 19_980 && round < 20_000 ? `key ${round % 20}` : undefined;
    assert.equal(rig.holder(NAME, `name ${round}`), key);
  }
});

test('values that change while their table is being copied are in the next one as they are then', () => {
  const rig = new ThingRig();
  const record = (number: number, name = `name ${number}`): Change => [`key ${number}`, { name, place: `x${number}c0` }];
  rig.publish(Array.from({ length: 448 }, (_, number) => record(number)));
  const { tables } = rig;
  // The next table is begun with the next record, and has some of the others now.
  rig.publish([record(448), record(449)]);
  rig.publish([record(0, 'name 1'), record(1, 'name 0'), record(2, 'another'), ['key 3', undefined], ['key 4', {}], record(440, 'the last')]);
  assert.equal(rig.tables, tables, 'it is still being copied');
  rig.publish(Array.from({ length: 40 }, (_, number) => record(450 + number)));
  assert.equal(rig.tables, tables + 1, 'it has taken over');
  rig.check({ name: [...NAMES, 'another', 'the last', 'name 440', 'name 489'], place: ['x3c0', 'x4c0', 'x0c0', 'x440c0'] });
});

test('a name is a key first, and then a value, in the order of the natural keys', () => {
  const rig = new ThingRig();
  rig.publish([
    ['a', { name: 'x1c0' }],
    ['b', { place: 'x1c0' }],
    ['c', { name: 'b' }],
    ['d', { place: 'x007c0' }],
  ]);
  const keyOf = (name: string): string => rig.reader.keyAt(rig.reader.locate('Thing', name, NATURAL_KEYS));
  assert.deepEqual([keyOf('x1c0'), keyOf('b'), keyOf('x7c00')], ['a', 'b', 'd']);
  assert.equal(rig.reader.locate('Thing', 'nobody', NATURAL_KEYS), NOWHERE, 'a nested name is none');
  assert.equal(rig.reader.locate('Thing', 'x1c0'), NOWHERE, 'who asks for a key gets no value');
});

test('of a record without an image nobody says which values it has, until the image is there', () => {
  const rig = new ThingRig();
  const [[one, other]] = MEETING as unknown as readonly [readonly [string, string]];
  const index = rig.index.of('Thing');
  const stub = rig.log.putStub('a');
  index.addresses.set('a', stub, index.valuesOf({ name: one }));
  for (const value of [one, other]) {
    assert.equal(rig.reader.locate('Thing', value, NATURAL_KEYS), UNSURE);
    assert.equal(rig.reader.locateHolders('Thing', NAME, ['b', value]), undefined);
    assert.equal(index.holding(NAME, value), stub);
  }
  assert.equal(rig.reader.locate('Thing', 'something else', NATURAL_KEYS), NOWHERE);
  index.addresses.set('a', rig.log.put(`{"id":"a","name":"${one}"}`, 5, 'a'));
  assert.deepEqual([rig.holder(NAME, one), rig.holder(NAME, other)], ['a', undefined]);
});

test('a batch and a list that ask for a value which a stub may have wait for its image', async () => {
  const rig = new ThingRig();
  const [[one, other]] = MEETING as unknown as readonly [readonly [string, string]];
  const index = rig.index.of('Thing');
  index.addresses.set('a', rig.log.putStub('a'), index.valuesOf({ name: one }));
  const overlay = new Overlay(rig.index, rig.log, 1, true);
  for (const value of [one, other]) assert.throws(() => overlay.holderOf('Thing', 'name', value), new ColdRecord('Thing', 'a'));
  assert.equal(overlay.holderOf('Thing', 'name', 'something else'), undefined);
  let warmed: readonly string[] = [];
  const filling: Partial<Filling> = {
    indexed: true,
    async warm(_kind, keys) {
      warmed = [...warmed, ...keys];
      index.addresses.set('a', rig.log.put(`{"id":"a","name":"${one}"}`, 5, 'a'));
    },
  };
  const reads = new Reads({ index: rig.index, log: rig.log, filling: filling as Filling } as ReadParts);
  const found = async (name: string): Promise<readonly string[]> => {
    const condition = { path: ['name'], operator: 'equal', values: [name] } as const;
    const { locations } = await reads.find({ kind: 'Thing', conditions: [condition], sort: [], count: false });
    return Array.from(locations, (location) => rig.log.keyAt(location));
  };
  assert.deepEqual([await found('something else'), warmed], [[], []]);
  assert.deepEqual([await found(other), warmed], [[], ['a']]);
  assert.deepEqual([await found(one), await found(other), warmed], [['a'], [], ['a']]);
  assert.equal(overlay.holderOf('Thing', 'name', one), 'a');
});

test('a value that a batch gives to another record while a reader looks is never seen with nobody', () => {
  class Interrupted extends RecordReader {
    interrupt: (() => void) | undefined;

    override find(kind: string, key: string): number {
      const found = super.find(kind, key);
      const { interrupt } = this;
      this.interrupt = undefined;
      interrupt?.();
      return found;
    }
  }
  const reader = new Interrupted();
  const rig = new ThingRig(reader);
  rig.publish([['a', { name: 'one' }]]);
  // It was no key when the reader looked for one, and it is nobody's name any more.
  reader.interrupt = () =>
    rig.publish([
      ['a', {}],
      ['one', {}],
    ]);
  assert.equal(reader.keyAt(reader.locate('Thing', 'one', NATURAL_KEYS)), 'one');
  rig.memory.control.beginPublishing();
  assert.equal(reader.locate('Thing', 'one', NATURAL_KEYS), UNSURE);
  assert.equal(reader.locateHolders('Thing', NAME, ['one']), undefined);
  rig.memory.control.endPublishing();
  const other = new RecordReader();
  rig.memory.show({ postMessage: (shown) => other.take(shown) });
  reader.end();
  assert.equal(other.locate('Thing', 'nobody', NATURAL_KEYS), UNSURE, 'the owner is gone');
  assert.equal(other.locateHolders('Thing', NAME, ['nobody']), undefined);
});
