import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Unique } from '../../schemas/kind.ts';
import { Images } from './images.ts';
import { hashOf, type KeyReader, KeyTable } from './key-table.ts';
import { ControlBlock, PHASE, type Shown } from './shared-memory.ts';
import { hasKeyAt, isStubAt, NOWHERE, offsetOf, type Slab, slabIndexOf, slabOver } from './slab.ts';
import { hasValueAt, normalOf, valueHashOf } from './unique-values.ts';

/**
 * How a thread beside the owner reads records: key or unique value → address → bytes, all of it in shared memory, with
 * nothing asked.
 * Invariant: what it says of a key was so at some moment while it looked; and whoever has an answer to a write reads that
 * write, because the owner publishes before it answers.
 */

/** The record is there, and its image is not in memory yet (after a start). */
export const COLD = -2;
/** Nothing can be said without asking the owner. */
export const UNSURE = -3;

/** How long a reader waits for the end of a batch that is being published, each time … */
const PUBLISHING_WAIT_MS = 1;
/** … and how often it looks again, before it leaves the question to the owner. */
const LOOKS_MAX = 4;
const NO_NATURAL_KEYS: readonly Unique[] = [];

export class RecordReader extends Images implements KeyReader {
  #control = new ControlBlock();
  readonly #tables = new Map<string, KeyTable>();
  readonly #generations: number[] = [];
  #port: MessagePort | undefined;
  /** An address was met whose slab this reader does not have, or not any more. */
  #hasMissed = false;

  /** From here on reads what another owner shows at this port. */
  follow(port: MessagePort): void {
    this.reset();
    this.#port = port;
    this.catchUp();
  }

  /** The owner is gone: whatever is asked from here on, by whichever thread, is to be asked of the next one. */
  end(): void {
    this.#control.end();
    this.reset();
  }

  /** Forgets everything. */
  reset(): void {
    this.#control = new ControlBlock();
    this.#tables.clear();
    this.slabs.length = 0;
    this.#generations.length = 0;
    this.#port?.close();
    this.#port = undefined;
  }

  /** Takes everything that the owner has shown and this reader has not seen. */
  catchUp(): void {
    if (this.#port === undefined) return;
    for (let received = receiveMessageOnPort(this.#port); received !== undefined; received = receiveMessageOnPort(this.#port)) {
      this.take(received.message as Shown);
    }
  }

  /** Takes what the owner shows. */
  take(shown: Shown): void {
    switch (shown.type) {
      case 'control':
        this.#control = new ControlBlock(shown.memory);
        return;
      case 'slab':
        this.slabs[shown.index] = slabOver(shown.memory);
        this.#generations[shown.index] = shown.generation;
        return;
      case 'table':
        this.#tables.set(shown.kind, new KeyTable(shown.memory));
    }
  }

  /** Lets go the slabs that the owner has let go; of these indices, or all. */
  letGo(indices: Iterable<number> = this.slabs.keys()): void {
    for (const index of indices) {
      if (this.slabs[index] !== undefined && this.#control.generationOf(index) !== this.#generations[index]) this.slabs[index] = undefined;
    }
  }

  /** Every key is in the tables: one that is missing does not exist. */
  get isIndexed(): boolean {
    return this.#control.phase >= PHASE.indexed;
  }

  /** Every image is in memory as well. */
  get isFilled(): boolean {
    return this.#control.phase >= PHASE.filled;
  }

  /**
   * Where a record lies, between two batches; COLD, NOWHERE or UNSURE.
   * @param name its key or, where no record has that key, its value of one of the natural keys
   */
  locate(kind: string, name: string, naturalKeys: readonly Unique[] = NO_NATURAL_KEYS): number {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const version = this.#settledVersion();
      if (version === undefined) return UNSURE;
      let location = this.find(kind, name);
      for (const unique of naturalKeys) {
        if (location !== NOWHERE) break;
        location = this.#findHolder(kind, unique, normalOf(unique, name));
      }
      if (this.#control.version === version) return location;
    }
    return UNSURE;
  }

  /**
   * Where the records lie that have these values, in normal form, of a unique property, between two batches; those that
   * nobody has are left out. Undefined: ask the owner.
   */
  locateHolders(kind: string, unique: Unique, normals: readonly string[]): Int32Array | undefined {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const version = this.#settledVersion();
      if (version === undefined) return undefined;
      const locations = new Set(normals.map((normal) => this.#findHolder(kind, unique, normal)));
      if (this.#control.version !== version) continue;
      locations.delete(NOWHERE);
      return locations.has(UNSURE) ? undefined : Int32Array.from(locations);
    }
    return undefined;
  }

  /** The same as of now, without regard to what is being published. */
  find(kind: string, key: string): number {
    const hash = hashOf(key, this.#control.seed);
    for (let look = 0; look < LOOKS_MAX && !this.#control.isOver; look++) {
      const table = this.#tableOf(kind);
      if (table === undefined) return UNSURE;
      this.#hasMissed = false;
      const entry = table.find(hash, key, this);
      if (entry !== -1) {
        const location = table.addressOf(entry);
        if (location === NOWHERE) return NOWHERE;
        const slab = this.#slabOf(location);
        if (slab !== undefined) return isStubAt(slab, offsetOf(location)) ? COLD : location;
      } else if (!this.#hasMissed) return NOWHERE;
      // Its record has moved meanwhile, or lies in a slab that was shown a moment ago.
      this.catchUp();
    }
    return UNSURE;
  }

  /** Where the record lies that has this value; NOWHERE or UNSURE. It holds only if nothing was published meanwhile. */
  #findHolder(kind: string, unique: Unique, normal: string): number {
    const hash = valueHashOf(normal, this.#control.seed);
    for (let look = 0; look < LOOKS_MAX && !this.#control.isOver; look++) {
      const table = this.#tableOf(kind);
      if (table === undefined) return UNSURE;
      this.#hasMissed = false;
      let isMaybeStub = false;
      const entry = table.findValue(unique.position, hash, (address) => {
        const slab = this.#slabOf(address);
        if (slab === undefined) this.#hasMissed = true;
        else if (isStubAt(slab, offsetOf(address))) isMaybeStub = true;
        else return hasValueAt(slab, address, unique, normal);
        return false;
      });
      if (entry !== -1) {
        const location = table.addressOf(entry);
        if (location === NOWHERE || this.#has(location)) return location;
      } else if (!this.#hasMissed) return isMaybeStub ? UNSURE : NOWHERE;
      this.catchUp();
    }
    return UNSURE;
  }

  /** The addresses of all records of a kind, in the order in which they came, between two batches. Undefined: ask the owner. */
  listed(kind: string): Int32Array | undefined {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const version = this.#settledVersion();
      if (version === undefined) return undefined;
      const locations = this.addressesOf(kind);
      if (this.#control.version === version && locations !== undefined) return locations;
    }
    return undefined;
  }

  /** The same as of now, without regard to what is being published. */
  addressesOf(kind: string): Int32Array | undefined {
    for (let look = 0; look < LOOKS_MAX && !this.#control.isOver; look++) {
      const locations = this.#tableOf(kind)?.addresses();
      if (locations === undefined) return undefined;
      let live = 0;
      let last = -1;
      let isKnown = true;
      for (const location of locations) {
        if (location === NOWHERE) continue;
        locations[live++] = location;
        const slab = slabIndexOf(location);
        if (slab !== last) isKnown &&= this.#has(location);
        last = slab;
      }
      if (isKnown) return live === locations.length ? locations : locations.slice(0, live);
      this.catchUp();
    }
    return undefined;
  }

  countOf(kind: string): number {
    return this.#tableOf(kind)?.live ?? 0;
  }

  hasKey(address: number, key: string): boolean {
    const slab = this.#slabOf(address);
    if (slab !== undefined) return hasKeyAt(slab, offsetOf(address), key);
    this.#hasMissed = true;
    return false;
  }

  /** Whether this reader has the slab that the address is of. */
  #has(address: number): boolean {
    return this.#slabOf(address) !== undefined;
  }

  /** The slab that the address is of, if this reader has been shown it. */
  #slabOf(address: number): Slab | undefined {
    const index = slabIndexOf(address);
    return this.#control.generationOf(index) === this.#generations[index] ? this.slabs[index] : undefined;
  }

  /** The version of the last batch that is published; undefined when one is taking its time. */
  #settledVersion(): number | undefined {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const { version } = this.#control;
      if ((version & 1) === 0) return version;
      this.#control.awaitChange(version, PUBLISHING_WAIT_MS);
    }
    return undefined;
  }

  #tableOf(kind: string): KeyTable | undefined {
    const table = this.#tables.get(kind);
    if (table !== undefined && !table.isSuperseded) return table;
    this.catchUp();
    const next = this.#tables.get(kind);
    return next?.isSuperseded === true ? undefined : next;
  }
}
