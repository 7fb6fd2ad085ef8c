import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { COLD, RecordReader, UNSURE } from '../../src/protocol/record-reader.ts';
import { PHASE } from '../../src/protocol/shared-memory.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { AddressTable } from '../../src/store/address-table.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { fc } from '../support/properties.ts';

/** A kind's key table, beside a Map that it must be like in what it finds and in its order. */

const KIND = 'Thing';

class TableRig {
  readonly memory: SharedMemory;
  readonly log: RecordLog;
  readonly table: AddressTable;
  readonly reader: RecordReader = new RecordReader();
  readonly expected: Map<string, number> = new Map();

  constructor(seed: number) {
    this.memory = new SharedMemory(seed);
    this.log = new RecordLog(this.memory);
    this.table = new AddressTable(KIND, this.memory, this.log);
    this.memory.control.phase = PHASE.filled;
    this.memory.show({ postMessage: (shown) => this.reader.take(shown) });
  }

  put(key: string, revision: number): void {
    const address = this.log.put(JSON.stringify({ id: key, revision }), revision, key);
    assert.equal(this.table.set(key, address), this.expected.get(key));
    this.expected.set(key, address);
  }

  remove(key: string): void {
    assert.equal(this.table.delete(key), this.expected.get(key));
    this.expected.delete(key);
  }

  /** Gives every record of an even number another address. */
  move(): void {
    const to = new Map<number, number>();
    let number = 0;
    for (const [key, address] of this.expected) {
      if (number++ % 2 === 0) to.set(address, this.log.putBytes(this.log.imageAt(address), this.log.revisionAt(address), key));
    }
    this.table.moveAll((address) => to.get(address) ?? address);
    for (const [key, address] of this.expected) this.expected.set(key, to.get(address) ?? address);
  }

  check(keys: Iterable<string>): void {
    const { table, reader, expected } = this;
    assert.equal(table.size, expected.size);
    assert.equal(reader.countOf(KIND), expected.size);
    assert.deepEqual([...table.addresses()], [...expected.values()]);
    assert.deepEqual([...(reader.listed(KIND) ?? [])], [...expected.values()]);
    for (const key of keys) {
      assert.equal(table.get(key), expected.get(key), key);
      assert.equal(reader.locate(KIND, key), expected.get(key) ?? NOWHERE, key);
    }
  }
}

type Step =
  | { readonly does: 'put' | 'remove'; readonly from: number; readonly count: number }
  | { readonly does: 'move' }
  | { readonly does: 'hidden'; readonly from: number; readonly puts: number; readonly removals: number };

const KEYS = 600;
const place = fc.nat({ max: KEYS - 1 });
const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ does: fc.constant('put' as const), from: place, count: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('remove' as const), from: place, count: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('move' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('hidden' as const), from: place, puts: fc.nat({ max: 300 }), removals: fc.nat({ max: 300 }) }),
    },
  ),
  { maxLength: 40 },
);

test('a key table finds and lists what a Map of the same changes has, while it grows, shrinks and is copied', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 30 }), fc.integer(), STEPS, (odd, seed, steps) => {
      const keys = [...odd, ...Array.from({ length: KEYS - odd.length }, (_, index) => `key ${index}`)];
      const rig = new TableRig(seed);
      let revision = 0;
      const some = (from: number, count: number): readonly string[] => Array.from({ length: count }, (_, index) => keys[(from + index) % KEYS] as string);
      for (const step of steps) {
        switch (step.does) {
          case 'put':
            for (const key of some(step.from, step.count)) rig.put(key, ++revision);
            break;
          case 'remove':
            for (const key of some(step.from, step.count)) rig.remove(key);
            break;
          case 'move':
            rig.move();
            break;
          case 'hidden': {
            const before = [...rig.expected];
            rig.table.hide(step.puts + step.removals);
            for (const key of some(step.from, step.puts)) rig.put(key, ++revision);
            for (const key of some(step.from + Math.floor(step.puts / 2), step.removals).filter((_, index) => index % 2 === 0)) rig.remove(key);
            assert.deepEqual(
              [...(rig.reader.listed(KIND) ?? [])],
              before.map(([, address]) => address),
              'nobody sees it yet',
            );
            for (const [key, address] of before) assert.equal(rig.reader.locate(KIND, key), address);
            rig.table.reveal();
          }
        }
        rig.check(some(revision, 20));
      }
      rig.check(keys);
    }),
    { numRuns: 60 },
  );
});

test('a record without an image is known to be there, and is not read', () => {
  const rig = new TableRig(1);
  const stub = rig.log.putStub('a');
  rig.table.set('a', stub);
  assert.equal(rig.reader.locate(KIND, 'a'), COLD);
  assert.equal(rig.reader.locate(KIND, 'b'), NOWHERE);
  rig.table.set('a', rig.log.put('{"id":"a"}', 5, 'a'));
  rig.log.forget(stub);
  assert.equal(rig.reader.imageAt(rig.reader.locate(KIND, 'a')).revision, 5);
});

test('a reader that was not shown a slab, or a table, does not guess', () => {
  const memory = new SharedMemory(7);
  const log = new RecordLog(memory);
  const table = new AddressTable(KIND, memory, log);
  let isDeaf = false;
  const reader = new RecordReader();
  memory.show({ postMessage: (shown) => isDeaf || reader.take(shown) });
  isDeaf = true;
  table.set('a', log.put('{"id":"a"}', 1, 'a'));
  assert.equal(reader.locate(KIND, 'a'), UNSURE);
  assert.equal(reader.listed(KIND), undefined);
  assert.equal(reader.locate('Another', 'a'), UNSURE);
  isDeaf = false;
  memory.show({ postMessage: (shown) => isDeaf || reader.take(shown) });
  assert.equal(reader.imageAt(reader.locate(KIND, 'a')).revision, 1);
  isDeaf = true;
  for (let index = 0; index < 100; index++) table.set(`${index}`, log.put(`{"id":"${index}"}`, 1, `${index}`));
  assert.equal(reader.locate(KIND, 'a'), UNSURE, 'the table has been superseded');
  assert.equal(reader.listed(KIND), undefined);
});

test('nothing is said in the middle of a batch, nor after the end of the owner', () => {
  const rig = new TableRig(3);
  rig.put('a', 1);
  rig.memory.control.beginPublishing();
  assert.equal(rig.reader.locate(KIND, 'a'), UNSURE);
  assert.equal(rig.reader.listed(KIND), undefined);
  rig.memory.control.endPublishing();
  assert.equal(rig.reader.locate(KIND, 'a'), rig.expected.get('a'));
  const other = new RecordReader();
  rig.memory.show({ postMessage: (shown) => other.take(shown) });
  rig.reader.end();
  assert.equal(other.locate(KIND, 'a'), UNSURE);
  assert.equal(other.locate(KIND, 'b'), UNSURE);
});

test('an address whose slab has gone, and its index with another slab come again, is not taken for one in the new slab', () => {
  const rig = new TableRig(5);
  rig.put('a', 1);
  const address = rig.expected.get('a') ?? NOWHERE;
  rig.memory.letGoSlab(0);
  assert.equal(rig.reader.locate(KIND, 'a'), UNSURE, 'the slab has been let go');
  assert.equal(rig.reader.listed(KIND), undefined);
  assert.equal(rig.reader.imageAt(address).revision, 1, 'who has the address has the bytes still');
  rig.reader.letGo();
  assert.equal(rig.reader.imageIfThere(address), undefined);
});

test('a batch that is published while a reader looks makes him look again', () => {
  const rig = new TableRig(9);
  rig.put('a', 1);
  let isPublishedMeanwhile = false;
  class Interrupted extends RecordReader {
    override find(kind: string, key: string): number {
      const found = super.find(kind, key);
      this.#interrupt();
      return found;
    }

    override addressesOf(kind: string): Int32Array | undefined {
      const found = super.addressesOf(kind);
      this.#interrupt();
      return found;
    }

    #interrupt(): void {
      if (isPublishedMeanwhile) return;
      isPublishedMeanwhile = true;
      rig.memory.control.beginPublishing();
      rig.put('a', 2);
      rig.memory.control.endPublishing();
    }
  }
  const reader = new Interrupted();
  rig.memory.show({ postMessage: (shown) => reader.take(shown) });
  assert.equal(reader.locate(KIND, 'a'), rig.expected.get('a'));
  isPublishedMeanwhile = false;
  assert.deepEqual([...(reader.listed(KIND) ?? [])], [rig.expected.get('a')]);
  assert.equal(reader.imageAt(reader.locate(KIND, 'a')).revision, 2);
});
