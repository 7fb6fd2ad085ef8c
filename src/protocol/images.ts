import { strict as assert } from 'node:assert';
import { HEADER_BYTES, imageIn, keyIn, NOWHERE, offsetOf, revisionIn, type Slab, slabIndexOf, UNIT_BYTES, UNITS_PER_SLAB } from './slab.ts';

/** One record's image. `bytes` lies in shared memory that is never overwritten: it may be sent without a copy. */
export interface RecordImage {
  readonly bytes: Buffer;
  readonly revision: number;
}

/** Records that lie behind each other in one slab. */
export interface Neighbours {
  readonly count: number;
  /** From the header of the first to the end of the image of the last, with whatever lies between. */
  readonly bytes: Buffer;
}

/** Where the next one begins further behind, it costs less to begin anew there than to copy what lies between. */
const UNITS_APART_MAX = 4096 / UNIT_BYTES;

/** Slabs by their index, as one reader has been shown them: what lies at an address. */
export class Images {
  protected readonly slabs: (Slab | undefined)[] = [];

  /** The image at an address that was current when this reader was shown the last slab, or has been kept since. */
  imageAt(location: number): RecordImage {
    const slab = this.#slabAt(location);
    const offset = offsetOf(location);
    return { bytes: imageIn(slab, offset), revision: revisionIn(slab, offset) };
  }

  revisionAt(location: number): number {
    return revisionIn(this.#slabAt(location), offsetOf(location));
  }

  keyAt(location: number): string {
    return keyIn(this.#slabAt(location), offsetOf(location));
  }

  /** The key of the record at an address, or undefined when the owner has let go of it already. */
  keyIfThere(location: number): string | undefined {
    return location === NOWHERE || this.slabs[slabIndexOf(location)] === undefined ? undefined : this.keyAt(location);
  }

  /**
   * The records from this position of a list of addresses on that lie behind each other, as many as end within `bytesMax`;
   * undefined when the first does not. Only the last is looked at: each header would come from memory for its own sake.
   */
  neighboursAt(locations: Int32Array, position: number, bytesMax: number): Neighbours | undefined {
    const first = locations[position] as number;
    const slab = this.#slabAt(first);
    const start = offsetOf(first);
    const end = Math.min(first + bytesMax / UNIT_BYTES, (slabIndexOf(first) + 1) * UNITS_PER_SLAB);
    let after = position + 1;
    for (let last = first; after < locations.length; after++) {
      const location = locations[after] as number;
      if (location <= last || location >= end || location - last > UNITS_APART_MAX) break;
      last = location;
    }
    for (; after > position; after--) {
      const offset = offsetOf(locations[after - 1] as number);
      const bytes = slab.bytes.subarray(start, offset + HEADER_BYTES + slab.view.getUint32(offset, true));
      if (bytes.length <= bytesMax) return { count: after - position, bytes };
    }
    return undefined;
  }

  /** The image, or undefined when the owner has let go of it already. */
  imageIfThere(location: number): RecordImage | undefined {
    return location === NOWHERE || this.slabs[slabIndexOf(location)] === undefined ? undefined : this.imageAt(location);
  }

  /** Keeps the slabs of today readable, though compaction may let them go meanwhile: for answers that take a while. */
  pinned(): Images {
    const pinned = new Images();
    pinned.slabs.push(...this.slabs);
    return pinned;
  }

  #slabAt(location: number): Slab {
    const slab = this.slabs[slabIndexOf(location)];
    assert(slab !== undefined, 'an address points into a slab that the owner has shown');
    return slab;
  }
}
