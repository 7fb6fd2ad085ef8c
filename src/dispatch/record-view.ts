import { strict as assert } from 'node:assert';
import type { Changes, OwnerReply } from '../protocol/commands.ts';
import { HEADER_BYTES, NOWHERE, offsetOf, type Slab, slabIndexOf, slabOver } from '../protocol/slab.ts';

/**
 * The main thread's view of the record log: key → address, and the bytes there. The owner writes, this side only reads.
 * Invariant: the changes of a batch are merged before any reply to that batch is sent, so everybody reads their own writes.
 */

/** One record's image. `bytes` lies in shared memory that is never overwritten: it may be sent without a copy. */
export interface RecordImage {
  readonly bytes: Buffer;
  readonly revision: number;
}

interface CommittedImages {
  readonly kind: string;
  readonly locations: Int32Array;
  readonly sequences: Float64Array;
}

export class RecordView {
  readonly #kinds = new Map<string, Map<string, number>>();
  readonly #slabs: (Slab | undefined)[] = [];
  /** Of the newest batch: where each change has put its image. */
  #committed: readonly CommittedImages[] = [];
  /** Every record has its address here: a key that is missing does not exist. False while a start still fills the log. */
  complete = false;

  /** Merges what the owner says has changed. */
  merge(reply: OwnerReply): void {
    for (const { index, memory } of reply.slabs) this.#slabs[index] = slabOver(memory);
    for (const changes of reply.changes) this.#mergeChanges(changes);
    const committed = reply.changes.flatMap(({ kind, locations, committed: { sequences } = {} }) =>
      sequences === undefined ? [] : [{ kind, locations, sequences }],
    );
    if (committed.length > 0) this.#committed = committed;
    this.complete = reply.status.filled;
  }

  /** Lets go what the owner has let go: after everybody who has to see what was there before a change has seen it. */
  release(reply: OwnerReply): void {
    for (const index of reply.releasedSlabs) this.#slabs[index] = undefined;
  }

  /** The owner's thread has died, and its memory with it: everything comes again from the next one. */
  reset(): void {
    this.#kinds.clear();
    this.#slabs.length = 0;
    this.#committed = [];
    this.complete = false;
  }

  #mergeChanges({ kind, keys, locations }: Changes): void {
    const addresses = this.#addresses(kind);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      const location = locations[index] as number;
      if (location === NOWHERE) addresses.delete(key);
      else addresses.set(key, location);
    }
  }

  /** The address of a record by its key (not by a natural key), or undefined. */
  locationOf(kind: string, key: string): number | undefined {
    return this.#kinds.get(kind)?.get(key);
  }

  /** The addresses of all records of a kind, as of now; in the order in which they came. Only when `complete`. */
  locationsOf(kind: string): Int32Array {
    const addresses = this.#addresses(kind);
    const locations = new Int32Array(addresses.size);
    let index = 0;
    for (const location of addresses.values()) locations[index++] = location;
    return locations;
  }

  /** The keys of all records of a kind, as they are when each is come to. Only when `complete`. */
  keysOf(kind: string): IterableIterator<string> {
    return this.#addresses(kind).keys();
  }

  countOf(kind: string): number {
    return this.#kinds.get(kind)?.size ?? 0;
  }

  /** The image at an address that came from this view or from a query's answer. */
  imageAt(location: number): RecordImage {
    const slab = this.#slabs[slabIndexOf(location)];
    assert(slab !== undefined, 'an address points into a slab that the owner has shown');
    const offset = offsetOf(location);
    const length = slab.view.getUint32(offset, true);
    return {
      bytes: slab.bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length),
      revision: slab.view.getFloat64(offset + 8, true),
    };
  }

  /**
   * The record as a change of the newest batch has made it. Later changes of the same batch are merged already: who wrote
   * first must not be told what somebody else wrote then, or he would take that for his own.
   */
  imageOf(kind: string, key: string, revision: number): RecordImage | undefined {
    const current = this.locationOf(kind, key);
    if (current !== undefined && this.revisionAt(current) === revision) return this.imageAt(current);
    for (const { kind: changed, locations, sequences } of this.#committed) {
      const index = changed === kind ? sequences.indexOf(revision) : -1;
      if (index !== -1) return this.imageIfThere(locations[index] as number);
    }
    return undefined;
  }

  revisionAt(location: number): number {
    const slab = this.#slabs[slabIndexOf(location)];
    assert(slab !== undefined, 'an address points into a slab that the owner has shown');
    return slab.view.getFloat64(offsetOf(location) + 8, true);
  }

  /** The image, or undefined when the owner has let go of it already. */
  imageIfThere(location: number): RecordImage | undefined {
    return location === NOWHERE || this.#slabs[slabIndexOf(location)] === undefined ? undefined : this.imageAt(location);
  }

  /** Keeps the slabs of today readable, though compaction may let them go meanwhile: for answers that take a while. */
  pinned(): RecordView {
    const pinned = new RecordView();
    pinned.#slabs.push(...this.#slabs);
    return pinned;
  }

  #addresses(kind: string): Map<string, number> {
    let addresses = this.#kinds.get(kind);
    if (addresses === undefined) {
      addresses = new Map();
      this.#kinds.set(kind, addresses);
    }
    return addresses;
  }
}
