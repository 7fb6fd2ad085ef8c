import { strict as assert } from 'node:assert';
import { NOWHERE } from './slab.ts';

/**
 * One kind's keys and unique values in shared memory. Entries are the addresses of the records, in the order in which they
 * came; a deleted one is NOWHERE, and a key that comes again gets another entry. Slots are where a key's hash leads to: the
 * number of its entry, and some bits of the hash, so that records of other keys are hardly ever looked at. The keys
 * themselves stand in the record log. Each unique property has as many slots again, where the hash of its value leads to
 * the same entries; so a record that lies elsewhere, or has another value of one property, changes nothing else.
 * Invariant: an entry belongs to one key for as long as the table lives, and is complete before a slot names it; so a
 * reader of keys needs no lock. A table that is too full, or has too many deleted entries, is followed by another one,
 * which is complete before this one is marked as superseded. Slots of values come and go, and move: what a reader finds by
 * them holds only if nothing was published meanwhile.
 */

/** Superseded, entries that are used, records that are there, unique properties. */
const HEADER_CELLS = 4;
const SUPERSEDED = 0;
const USED = 1;
const LIVE = 2;
const PROPERTIES = 3;
/** Slots for each entry: half of them are always free, so that a search ends soon. */
const SLOTS_PER_ENTRY = 2;
const ENTRY_BITS = 26;
const ENTRY_MASK: number = 2 ** ENTRY_BITS - 1;
/** Entries of one table: more than a record log of 32 GiB has room for. */
export const ENTRIES_MAX: number = 2 ** (ENTRY_BITS - 1);

/** Whoever looks for a key says whether an address has it. */
export interface KeyReader {
  hasKey(address: number, key: string): boolean;
}

export class KeyTable {
  readonly memory: SharedArrayBuffer;
  /** A power of two. */
  readonly capacity: number;
  readonly #header: Int32Array;
  readonly #entries: Int32Array;
  readonly #slots: Int32Array;
  /** The slots of each unique property. */
  readonly #values: readonly Int32Array[];
  readonly #mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#header = new Int32Array(memory, 0, HEADER_CELLS);
    const properties = this.#header[PROPERTIES] as number;
    const cells = memory.byteLength / Int32Array.BYTES_PER_ELEMENT - HEADER_CELLS;
    const capacity = cells / (1 + SLOTS_PER_ENTRY * (1 + properties));
    const slotsAt = (position: number): Int32Array => {
      const cell = HEADER_CELLS + capacity * (1 + SLOTS_PER_ENTRY * position);
      return new Int32Array(memory, cell * Int32Array.BYTES_PER_ELEMENT, capacity * SLOTS_PER_ENTRY);
    };
    this.capacity = capacity;
    this.#entries = new Int32Array(memory, HEADER_CELLS * Int32Array.BYTES_PER_ELEMENT, capacity);
    this.#slots = slotsAt(0);
    this.#values = Array.from({ length: properties }, (_, position) => slotsAt(1 + position));
    this.#mask = this.#slots.length - 1;
  }

  /** @param capacity a power of two. @param properties how many have unique values */
  static ofCapacity(capacity: number, properties: number): KeyTable {
    const cells = HEADER_CELLS + capacity * (1 + SLOTS_PER_ENTRY * (1 + properties));
    const memory = new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(memory)[PROPERTIES] = properties;
    return new KeyTable(memory);
  }

  /** Another table is there, and this one is not kept up to date any more. */
  get isSuperseded(): boolean {
    return Atomics.load(this.#header, SUPERSEDED) !== 0;
  }

  /** Entries that are used, deleted ones included. */
  get used(): number {
    return Atomics.load(this.#header, USED);
  }

  /** Records that are there. */
  get live(): number {
    return Atomics.load(this.#header, LIVE);
  }

  /** The entry that a key has or had last; -1 when there is none with an address. */
  find(hash: number, key: string, keys: KeyReader): number {
    const tag = tagOf(hash);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const slot = Atomics.load(this.#slots, place);
      if (slot === 0) return -1;
      if ((slot & ~ENTRY_MASK) !== tag) continue;
      const entry = (slot & ENTRY_MASK) - 1;
      const address = this.addressOf(entry);
      if (address !== NOWHERE && keys.hasKey(address, key)) return entry;
    }
  }

  /** The entry that leads to an address. */
  findAddress(hash: number, address: number): number {
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const slot = Atomics.load(this.#slots, place);
      if (slot === 0) return -1;
      const entry = (slot & ENTRY_MASK) - 1;
      if (this.addressOf(entry) === address) return entry;
    }
  }

  /**
   * The first entry whose value may have this hash and of which `has` says so; -1 when there is none.
   * @param position of the unique property among those of the kind
   */
  findValue(position: number, hash: number, has: (address: number, entry: number) => boolean): number {
    const slots = this.#values[position] as Int32Array;
    const tag = tagOf(hash);
    // Each slot once at most: those that a writer moves meanwhile must not lead a reader around.
    for (let seen = 0; seen <= this.#mask; seen++) {
      const slot = Atomics.load(slots, (hash + seen) & this.#mask);
      if (slot === 0) return -1;
      if ((slot & ~ENTRY_MASK) !== tag) continue;
      const entry = (slot & ENTRY_MASK) - 1;
      const address = this.addressOf(entry);
      if (address !== NOWHERE && has(address, entry)) return entry;
    }
    return -1;
  }

  addressOf(entry: number): number {
    return Atomics.load(this.#entries, entry);
  }

  /** The addresses of all entries, in order; NOWHERE for deleted ones. A copy. */
  addresses(): Int32Array {
    return this.#entries.slice(0, this.used);
  }

  /** The writer's: a new record. @returns its entry */
  append(hash: number, address: number): number {
    const entry = this.used;
    Atomics.store(this.#entries, entry, address);
    let place = hash & this.#mask;
    while (this.#slots[place] !== 0) place = (place + 1) & this.#mask;
    Atomics.store(this.#slots, place, tagOf(hash) | (entry + 1));
    Atomics.store(this.#header, USED, entry + 1);
    Atomics.store(this.#header, LIVE, this.live + 1);
    return entry;
  }

  /** The writer's: the record lies elsewhere. */
  move(entry: number, address: number): void {
    Atomics.store(this.#entries, entry, address);
  }

  /** The writer's: the record is gone. */
  remove(entry: number): void {
    Atomics.store(this.#entries, entry, NOWHERE);
    Atomics.store(this.#header, LIVE, this.live - 1);
  }

  /** The writer's: the record of an entry, which has no value of this property, has one with this hash now. */
  addValue(position: number, entry: number, hash: number): void {
    const slots = this.#values[position] as Int32Array;
    // An entry has one value at most, so half of the slots are free.
    let place = hash & this.#mask;
    while (slots[place] !== 0) place = (place + 1) & this.#mask;
    Atomics.store(slots, place, tagOf(hash) | (entry + 1));
  }

  /**
   * The writer's: the record of an entry has its value of this property no more. What would not be found behind the gap
   * moves up into it, so that nothing is left behind however often values change.
   * @param hashes the hashes of the values of all entries
   */
  removeValue(position: number, entry: number, hashes: Int32Array): void {
    const slots = this.#values[position] as Int32Array;
    let gap = (hashes[entry] as number) & this.#mask;
    while (((slots[gap] as number) & ENTRY_MASK) !== entry + 1) {
      assert(slots[gap] !== 0, 'a slot leads to each value');
      gap = (gap + 1) & this.#mask;
    }
    for (let place = (gap + 1) & this.#mask; slots[place] !== 0; place = (place + 1) & this.#mask) {
      const slot = slots[place] as number;
      const first = (hashes[(slot & ENTRY_MASK) - 1] as number) & this.#mask;
      // A search that begins behind the gap does not come through it.
      if (((place - first) & this.#mask) < ((place - gap) & this.#mask)) continue;
      Atomics.store(slots, gap, slot);
      gap = place;
    }
    Atomics.store(slots, gap, 0);
  }

  /** The writer's: readers have been shown another table. */
  supersede(): void {
    Atomics.store(this.#header, SUPERSEDED, 1);
  }
}

function tagOf(hash: number): number {
  return (hash >>> ENTRY_BITS) << ENTRY_BITS;
}

/** 32 bits of a text; which ones, only who has the seed can foresee. */
export function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return lastMixed(hash);
}

/** The same of a text in UTF-8, which does not become one for that where all is ASCII. */
export function hashOfBytes(bytes: Buffer, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number;
    if (byte > 0x7f) return hashOf(bytes.toString('utf8', start, end), seed);
    hash = Math.imul(hash ^ byte, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return lastMixed(hash);
}

function lastMixed(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13);
}
