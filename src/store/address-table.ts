import { strict as assert } from 'node:assert';
import { ENTRIES_MAX, hashOf, type KeyReader, KeyTable } from '../protocol/key-table.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { valueHashOf } from '../protocol/unique-values.ts';
import type { SharedMemory } from './shared-memory.ts';

/**
 * The owner's side of a kind's key table: key, or unique value → address in the record log, as readers see it at once.
 * A table that is nearly full is copied into a new one, a few entries with each record that comes, so that nobody waits
 * for the whole of it; changes go into both until the new one takes over.
 */

const CAPACITY_MIN = 64;
/** The next table is begun when so much of this one is used … */
const FULL_SHARE = 7 / 8;
/** … and gets so many entries with each new record: it is done before this one is full. */
const COPIED_PER_APPEND = 16;
/** A table is made so large that its records leave a third of it free. */
const ROOM = 1.5;

/**
 * A table with the hashes of its entries' keys and values, so that it can be copied, and its slots be found, without looking
 * at records. Of a value: 0 when the record has none.
 */
interface Hashed {
  readonly table: KeyTable;
  readonly hashes: Int32Array;
  /** Of each unique property. */
  readonly values: readonly Int32Array[];
}

/** The hashes of a record's values, in the order of its kind's unique properties; 0 where it has none. */
export type ValueHashes = ArrayLike<number>;

export class AddressTable {
  readonly #kind: string;
  readonly #memory: SharedMemory;
  readonly #keys: KeyReader;
  readonly #properties: number;
  /** Of the entry that is being copied: one array for all. */
  readonly #copiedValues: Int32Array;
  #current: Hashed;
  /** The table that comes, and how many entries of the current one it has. */
  #next: Hashed | undefined;
  #copied = 0;
  /** Changes go into the next table only: readers see all of them together. */
  #isHidden = false;

  /** @param keys knows whether a record that lies at an address has a key. @param properties how many have unique values */
  constructor(kind: string, memory: SharedMemory, keys: KeyReader, properties = 0) {
    this.#kind = kind;
    this.#memory = memory;
    this.#keys = keys;
    this.#properties = properties;
    this.#copiedValues = new Int32Array(properties);
    this.#current = hashed(CAPACITY_MIN, properties);
    memory.openTable(kind, this.#current.table.memory);
  }

  get size(): number {
    return this.#top.table.live;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): number | undefined {
    const { table } = this.#top;
    const entry = table.find(this.#hash(key), key, this.#keys);
    return entry === -1 ? undefined : table.addressOf(entry);
  }

  /** Where the record lies that has a value with this hash, and of whose address `has` says that it has the value. */
  holding(position: number, hash: number, has: (address: number) => boolean): number | undefined {
    const { table, values } = this.#top;
    const hashes = values[position] as Int32Array;
    const entry = table.findValue(position, hash, (address, candidate) => hashes[candidate] === hash && has(address));
    return entry === -1 ? undefined : table.addressOf(entry);
  }

  /** What `set` wants to know of a value in normal form. */
  valueHash(normal: string | undefined): number {
    return valueHashOf(normal, this.#memory.control.seed);
  }

  /** @param values of the record; undefined: those that it had. @returns where the record lay before; undefined when there was none */
  set(key: string, address: number, values?: ValueHashes): number | undefined {
    const hash = this.#hash(key);
    const { table } = this.#top;
    const entry = table.find(hash, key, this.#keys);
    if (entry !== -1) return this.#change(entry, hash, address, values);
    this.#append(hash, address, values ?? NO_VALUES);
    return undefined;
  }

  /** @returns where the record lay; undefined when there was none */
  delete(key: string): number | undefined {
    const hash = this.#hash(key);
    const entry = this.#top.table.find(hash, key, this.#keys);
    return entry === -1 ? undefined : this.#change(entry, hash, NOWHERE, NO_VALUES);
  }

  /** Asks for every address where its record is to lie; NOWHERE is not asked for. */
  moveAll(moved: (address: number) => number): void {
    const { table, hashes } = this.#top;
    for (let entry = 0; entry < table.used; entry++) {
      const address = table.addressOf(entry);
      if (address === NOWHERE) continue;
      const to = moved(address);
      if (to !== address) this.#change(entry, hashes[entry] as number, to);
    }
  }

  /** The addresses of all records, in the order in which they came. */
  addresses(): Int32Array {
    return this.#top.table.addresses().filter((address) => address !== NOWHERE);
  }

  /** Makes room for so many records at once: otherwise all of them would be copied each time that the table grows. */
  reserve(records: number): void {
    if (capacityFor(records) <= this.#current.table.capacity) return;
    this.hide(records);
    this.reveal();
  }

  /** What changes from here on, about so many records, nobody sees before `reveal`. */
  hide(changes: number): void {
    assert(!this.#isHidden, 'changes are revealed before others are hidden');
    this.#next = undefined;
    this.#begin(this.size + changes);
    this.#copy(Number.POSITIVE_INFINITY);
    this.#isHidden = true;
  }

  reveal(): void {
    this.#isHidden = false;
    this.#takeOver();
  }

  /** The table that answers. */
  get #top(): Hashed {
    return this.#isHidden && this.#next !== undefined ? this.#next : this.#current;
  }

  #hash(key: string): number {
    return hashOf(key, this.#memory.control.seed);
  }

  #append(hash: number, address: number, values: ValueHashes): void {
    if (!this.#isHidden) this.#makeRoom();
    append(this.#top, hash, address, values);
    if (this.#next !== undefined && !this.#isHidden) this.#copyOn();
  }

  #change(entry: number, hash: number, address: number, values?: ValueHashes): number {
    const top = this.#top;
    const before = top.table.addressOf(entry);
    if (this.#next !== undefined && !this.#isHidden && entry < this.#copied) {
      put(this.#next, this.#next.table.findAddress(hash, before), address, values);
    }
    put(top, entry, address, values);
    return before;
  }

  #makeRoom(): void {
    const { table } = this.#current;
    if (this.#next === undefined && table.used >= table.capacity * FULL_SHARE) this.#begin(table.live);
    if (table.used < table.capacity) return;
    this.#copy(Number.POSITIVE_INFINITY);
    this.#takeOver();
  }

  #begin(records: number): void {
    assert(records < ENTRIES_MAX, `there are at most ${ENTRIES_MAX} records of a kind`);
    this.#next = hashed(capacityFor(records), this.#properties);
    this.#copied = 0;
  }

  #copyOn(): void {
    this.#copy(COPIED_PER_APPEND);
    if (this.#copied === this.#current.table.used) this.#takeOver();
  }

  #copy(entries: number): void {
    const { table, hashes, values } = this.#current;
    const next = this.#next;
    assert(next !== undefined, 'a table was begun');
    const ofRecord = this.#copiedValues;
    const end = Math.min(table.used, this.#copied + entries);
    for (; this.#copied < end; this.#copied++) {
      const address = table.addressOf(this.#copied);
      if (address === NOWHERE) continue;
      for (let position = 0; position < ofRecord.length; position++) ofRecord[position] = values[position]?.[this.#copied] ?? 0;
      append(next, hashes[this.#copied] as number, address, ofRecord);
    }
  }

  /** Readers are shown the new table before they are told that the old one is superseded. */
  #takeOver(): void {
    const next = this.#next;
    assert(next !== undefined, 'a table was begun');
    const before = this.#current.table;
    this.#memory.openTable(this.#kind, next.table.memory);
    this.#current = next;
    this.#next = undefined;
    before.supersede();
  }
}

const NO_VALUES: ValueHashes = [];

function hashed(capacity: number, properties: number): Hashed {
  return {
    table: KeyTable.ofCapacity(capacity, properties),
    hashes: new Int32Array(capacity),
    values: Array.from({ length: properties }, () => new Int32Array(capacity)),
  };
}

function append(on: Hashed, hash: number, address: number, values: ValueHashes): void {
  const entry = on.table.append(hash, address);
  on.hashes[entry] = hash;
  putValues(on, entry, values);
}

function put(on: Hashed, entry: number, address: number, values: ValueHashes | undefined): void {
  if (address === NOWHERE) on.table.remove(entry);
  else on.table.move(entry, address);
  if (values !== undefined) putValues(on, entry, values);
}

/** Where the hash stays the same, so does the slot. */
function putValues({ table, values }: Hashed, entry: number, ofRecord: ValueHashes): void {
  for (let position = 0; position < values.length; position++) {
    const hashes = values[position] as Int32Array;
    const before = hashes[entry];
    const after = ofRecord[position] ?? 0;
    if (before === after) continue;
    if (before !== 0) table.removeValue(position, entry, hashes);
    hashes[entry] = after;
    if (after !== 0) table.addValue(position, entry, after);
  }
}

function capacityFor(records: number): number {
  return Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(records * ROOM + 1)));
}
