import { strict as assert } from 'node:assert';
import {
  addressOf,
  HEADER_BYTES,
  NOWHERE,
  offsetOf,
  RECORD_BYTES_MAX,
  SLAB_BYTES,
  SLABS_MAX,
  type Slab,
  slabIndexOf,
  slabOver,
  UNIT_BYTES,
} from '../protocol/slab.ts';

/**
 * The record log: the current image of every record, append-only, in shared memory that the main thread reads.
 * Invariant: bytes that an address has been given out for never change; a slab is let go as a whole, once nothing in it
 * is current.
 */

interface OwnedSlab extends Slab {
  readonly memory: SharedArrayBuffer;
  usedBytes: number;
  liveBytes: number;
}

export class RecordLog {
  readonly #slabs: (OwnedSlab | undefined)[] = [];
  #unseen: number[] = [];
  #released: number[] = [];
  #current = -1;
  liveBytes = 0;

  /** Appends an image. It is not visible to anybody until its address is published. */
  put(image: string, revision: number): number {
    const slab = this.#slabs[this.#current];
    const room = slab === undefined ? 0 : SLAB_BYTES - slab.usedBytes - HEADER_BYTES;
    // Where even three bytes a character fit, the length comes with the writing.
    if (slab === undefined || room < image.length * 3) {
      const reserved = this.#reserve(Buffer.byteLength(image), revision);
      reserved.slab.bytes.write(image, reserved.offset + HEADER_BYTES, 'utf8');
      return reserved.location;
    }
    const length = slab.bytes.write(image, slab.usedBytes + HEADER_BYTES, 'utf8');
    return this.#reserve(length, revision).location;
  }

  putBytes(image: Uint8Array, revision: number): number {
    const { slab, offset, location } = this.#reserve(image.length, revision);
    slab.bytes.set(image, offset + HEADER_BYTES);
    return location;
  }

  imageAt(location: number): Buffer {
    const slab = this.#slabAt(location);
    const offset = offsetOf(location);
    const start = offset + HEADER_BYTES;
    return slab.bytes.subarray(start, start + slab.view.getUint32(offset, true));
  }

  revisionAt(location: number): number {
    return this.#slabAt(location).view.getFloat64(offsetOf(location) + 8, true);
  }

  /** The record at an address, parsed: a copy of its own. */
  recordAt(location: number): Record<string, unknown> {
    const slab = this.#slabAt(location);
    const offset = offsetOf(location);
    const start = offset + HEADER_BYTES;
    return JSON.parse(slab.bytes.toString('utf8', start, start + slab.view.getUint32(offset, true))) as Record<string, unknown>;
  }

  /** The image at this address is not current any more (or never became so). */
  forget(location: number): void {
    const slab = this.#slabAt(location);
    const bytes = entryBytes(slab.view.getUint32(offsetOf(location), true));
    slab.liveBytes -= bytes;
    this.liveBytes -= bytes;
    const index = slabIndexOf(location);
    if (slab.liveBytes === 0 && index !== this.#current) this.#release(index);
  }

  /** The slab, not the current one, in which most bytes are garbage; undefined when none is worth copying. */
  worstSlab(garbageShareMin: number): number | undefined {
    let worst: number | undefined;
    let share = garbageShareMin;
    for (const [index, slab] of this.#slabs.entries()) {
      if (slab === undefined || index === this.#current) continue;
      const garbage = 1 - slab.liveBytes / slab.usedBytes;
      if (garbage >= share) {
        share = garbage;
        worst = index;
      }
    }
    return worst;
  }

  /** All slabs, whatever is in them. */
  get heldBytes(): number {
    return this.#slabs.reduce((bytes, slab) => bytes + (slab === undefined ? 0 : SLAB_BYTES), 0);
  }

  get garbageBytes(): number {
    let used = 0;
    for (const slab of this.#slabs) used += slab?.usedBytes ?? 0;
    return used - this.liveBytes;
  }

  /** Reads at the addresses of now, also when their slabs are let go meanwhile. */
  reader(): (location: number) => Buffer {
    const slabs = [...this.#slabs];
    return (location) => {
      const slab = slabs[slabIndexOf(location)];
      assert(slab !== undefined, 'the address was current when the reader was made');
      const start = offsetOf(location) + HEADER_BYTES;
      return slab.bytes.subarray(start, start + slab.view.getUint32(offsetOf(location), true));
    };
  }

  /** Slabs that the other side has not been shown yet, and those that are gone, since the last call. */
  takeNews(): { slabs: { index: number; memory: SharedArrayBuffer }[]; released: number[] } {
    const slabs = this.#unseen.flatMap((index) => {
      const slab = this.#slabs[index];
      return slab === undefined ? [] : [{ index, memory: slab.memory }];
    });
    const released = this.#released;
    this.#unseen = [];
    this.#released = [];
    return { slabs, released };
  }

  #slabAt(location: number): OwnedSlab {
    const slab = this.#slabs[slabIndexOf(location)];
    assert(location !== NOWHERE && slab !== undefined, 'an address points into a slab that is held');
    return slab;
  }

  #reserve(length: number, revision: number): { slab: OwnedSlab; offset: number; location: number } {
    assert(length <= RECORD_BYTES_MAX, 'the size of an image is judged before it is put');
    const bytes = entryBytes(length);
    let slab = this.#slabs[this.#current];
    if (slab === undefined || slab.usedBytes + bytes > SLAB_BYTES) slab = this.#open();
    const offset = slab.usedBytes;
    slab.usedBytes += bytes;
    slab.liveBytes += bytes;
    this.liveBytes += bytes;
    slab.view.setUint32(offset, length, true);
    slab.view.setFloat64(offset + 8, revision, true);
    return { slab, offset, location: addressOf(this.#current, offset) };
  }

  #open(): OwnedSlab {
    const full = this.#current;
    // A new slab takes the first free index: readers of a released one have their own hold on its memory.
    let index = this.#slabs.indexOf(undefined);
    if (index === -1 || this.#released.includes(index)) index = this.#slabs.length;
    assert(index < SLABS_MAX, `the record log is full: ${SLABS_MAX} slabs of ${SLAB_BYTES} bytes`);
    const memory = new SharedArrayBuffer(SLAB_BYTES);
    const slab: OwnedSlab = { ...slabOver(memory), memory, usedBytes: 0, liveBytes: 0 };
    this.#slabs[index] = slab;
    this.#unseen.push(index);
    this.#current = index;
    if (full !== -1 && this.#slabs[full]?.liveBytes === 0) this.#release(full);
    return slab;
  }

  #release(index: number): void {
    this.#slabs[index] = undefined;
    this.#released.push(index);
    this.#unseen = this.#unseen.filter((unseen) => unseen !== index);
  }
}

function entryBytes(imageBytes: number): number {
  return Math.ceil((HEADER_BYTES + imageBytes) / UNIT_BYTES) * UNIT_BYTES;
}
