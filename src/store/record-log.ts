import { strict as assert } from 'node:assert';
import type { Unique } from '../../schemas/kind.ts';
import type { KeyReader } from '../protocol/key-table.ts';
import {
  addressOf,
  entryBytesAt,
  HEADER_BYTES,
  hasKeyAt,
  imageIn,
  isKeyText,
  isStubAt,
  keyIn,
  keyText,
  NOWHERE,
  offsetOf,
  RECORD_BYTES_MAX,
  revisionIn,
  SLAB_BYTES,
  SLABS_MAX,
  type Slab,
  slabIndexOf,
  slabOver,
  UNIT_BYTES,
} from '../protocol/slab.ts';
import { hasValueAt } from '../protocol/unique-values.ts';
import { SharedMemory } from './shared-memory.ts';

/**
 * The record log: the current image of every record, append-only, in shared memory that the main thread reads.
 * Invariant: bytes that an address has been given out for never change; a slab is let go as a whole, once nothing in it
 * is current.
 */

interface OwnedSlab extends Slab {
  usedBytes: number;
  liveBytes: number;
}

/** What a key may take behind its image: JSON spells a character with six bytes at most. */
const KEY_CHARACTER_BYTES = 6;
/** A brace, and the name of a property in quotes: where the first value of an image begins at the latest. */
const FIRST_VALUE_MAX = 68;
const COLON = 0x3a;
/** Share of the slabs that new images leave free: for compaction, for a start, and for what lets go of more than it takes. */
const RESERVED_SHARE = 1 / 16;
const NO_IMAGE = new Uint8Array(0);

export class RecordLog implements KeyReader {
  readonly #memory: SharedMemory;
  readonly #slabsMax: number;
  readonly #slabs: (OwnedSlab | undefined)[] = [];
  #released: number[] = [];
  #current = -1;
  #held = 0;
  liveBytes = 0;

  constructor(memory: SharedMemory = new SharedMemory(), slabsMax: number = SLABS_MAX) {
    this.#memory = memory;
    this.#slabsMax = slabsMax;
  }

  /** So little is left that no record may come or grow. */
  get isFull(): boolean {
    return this.#held >= this.#slabsMax - Math.ceil(this.#slabsMax * RESERVED_SHARE);
  }

  /** Appends the image of the record with this key. It is not visible to anybody until its address is published. */
  put(image: string, revision: number, key: string): number {
    const keyBytes = key.length * KEY_CHARACTER_BYTES + 1;
    const slab = this.#slabs[this.#current];
    const room = slab === undefined ? 0 : SLAB_BYTES - slab.usedBytes - HEADER_BYTES - keyBytes;
    // Where even three bytes a character fit, the length comes with the writing.
    if (slab === undefined || room < image.length * 3) return this.putBytes(Buffer.from(image), revision, key);
    const length = slab.bytes.write(image, slab.usedBytes + HEADER_BYTES, 'utf8');
    return this.#close(slab, length, revision, key);
  }

  putBytes(image: Uint8Array, revision: number, key: string): number {
    assert(image.length <= RECORD_BYTES_MAX, 'the size of an image is judged before it is put');
    const slab = this.#slabWithRoom(HEADER_BYTES + image.length + key.length * KEY_CHARACTER_BYTES + 1);
    slab.bytes.set(image, slab.usedBytes + HEADER_BYTES);
    return this.#close(slab, image.length, revision, key);
  }

  /** The key of a record whose image comes later. */
  putStub(key: string): number {
    return this.putBytes(NO_IMAGE, 0, key);
  }

  /** Whether the record that lies there has no image yet. */
  isStub(location: number): boolean {
    return isStubAt(this.#slabAt(location), offsetOf(location));
  }

  hasKey(location: number, key: string): boolean {
    return hasKeyAt(this.#slabAt(location), offsetOf(location), key);
  }

  /** Whether the record that lies there, which is no stub, has this value, in normal form. */
  hasValue(location: number, unique: Unique, normal: string): boolean {
    return hasValueAt(this.#slabAt(location), location, unique, normal);
  }

  keyAt(location: number): string {
    return keyIn(this.#slabAt(location), offsetOf(location));
  }

  imageAt(location: number): Buffer {
    return imageIn(this.#slabAt(location), offsetOf(location));
  }

  revisionAt(location: number): number {
    return revisionIn(this.#slabAt(location), offsetOf(location));
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
    const bytes = inUnits(entryBytesAt(slab, offsetOf(location)));
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
      return imageIn(slab, offsetOf(location));
    };
  }

  /** Slabs that were let go since the last call. */
  takeReleased(): number[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  #slabAt(location: number): OwnedSlab {
    const slab = this.#slabs[slabIndexOf(location)];
    assert(location !== NOWHERE && slab !== undefined, 'an address points into a slab that is held');
    return slab;
  }

  /** The current slab, or a new one. */
  #slabWithRoom(bytes: number): OwnedSlab {
    const slab = this.#slabs[this.#current];
    return slab === undefined || slab.usedBytes + bytes > SLAB_BYTES ? this.#open() : slab;
  }

  /** Completes what has been written behind the room for its header. */
  #close(slab: OwnedSlab, length: number, revision: number, key: string): number {
    const offset = slab.usedBytes;
    const start = offset + HEADER_BYTES;
    let keyPlace = firstValueIn(slab.bytes, start, length);
    if (keyPlace === length || !isKeyText(slab.bytes, start + keyPlace, key)) {
      keyPlace = length;
      slab.bytes.write(keyText(key), start + length, 'utf8');
    }
    slab.view.setUint32(offset, length, true);
    slab.view.setUint32(offset + 4, keyPlace, true);
    slab.view.setFloat64(offset + 8, revision, true);
    const bytes = inUnits(entryBytesAt(slab, offset));
    slab.usedBytes += bytes;
    slab.liveBytes += bytes;
    this.liveBytes += bytes;
    return addressOf(this.#current, offset);
  }

  #open(): OwnedSlab {
    const full = this.#current;
    const index = this.#nextFree();
    const memory = new SharedArrayBuffer(SLAB_BYTES);
    const slab: OwnedSlab = { ...slabOver(memory), usedBytes: 0, liveBytes: 0 };
    this.#slabs[index] = slab;
    this.#held += 1;
    this.#memory.openSlab(index, memory);
    this.#current = index;
    if (full !== -1 && this.#slabs[full]?.liveBytes === 0) this.#release(full);
    return slab;
  }

  /** Every other one comes first: who has an address still must not find in it what came long after. */
  #nextFree(): number {
    for (let step = 1; step <= this.#slabsMax; step++) {
      const index = (this.#current + step) % this.#slabsMax;
      if (this.#slabs[index] === undefined) return index;
    }
    const size = `${this.#slabsMax} slabs of ${SLAB_BYTES} bytes`;
    throw new Error(`the record log is full: ${size}; nothing is lost: divide the records among several servers, snapshots can be read without one`);
  }

  #release(index: number): void {
    this.#slabs[index] = undefined;
    this.#held -= 1;
    this.#released.push(index);
    this.#memory.letGoSlab(index);
  }
}

function inUnits(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;
}

/** Where the first value of an image begins, behind its quote; the image's length when it does not begin with a text. */
function firstValueIn(bytes: Buffer, start: number, length: number): number {
  const end = Math.min(length, FIRST_VALUE_MAX);
  for (let at = 0; at < end; at++) {
    if (bytes[start + at] === COLON) return Math.min(at + 2, length);
  }
  return length;
}
