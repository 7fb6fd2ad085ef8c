/**
 * How record images lie in the shared memory of the record log. An address is one small integer: the slab's index and
 * the position in it, in units of 16 bytes, so that 32 GiB fit into 31 bits and a Map of addresses allocates nothing.
 * At an address stand the image's length (uint32), where its record's key stands (uint32, from the end of this header),
 * its revision (float64), and then the image. The key stands there as JSON spells it, without the quote before it and with
 * the one behind. It is a part of the image when that begins with it, as nearly all do, and else a copy behind the image.
 * A record whose image is not in memory yet has a stub: no image, only the key.
 */

export const UNIT_BYTES = 16;
export const HEADER_BYTES = 16;
export const SLAB_BYTES: number = 16 * 1024 * 1024;
export const UNITS_PER_SLAB: number = SLAB_BYTES / UNIT_BYTES;
/** Of an address, behind those of the slab's index. */
const PLACE_BITS: number = Math.log2(UNITS_PER_SLAB);
/** 2 048 slabs of 16 MiB: 32 GiB of records. */
export const SLABS_MAX = 2048;
/** The largest image of one record; a body may be larger when it has several records. */
export const RECORD_BYTES_MAX: number = 8 * 1024 * 1024;
/** The address of a record that does not exist (any more). */
export const NOWHERE = -1;

/** One slab as both threads see it. */
export interface Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function slabOver(memory: SharedArrayBuffer): Slab {
  return { bytes: Buffer.from(memory), view: new DataView(memory) };
}

export function slabIndexOf(location: number): number {
  return location >> PLACE_BITS;
}

export function offsetOf(location: number): number {
  return (location & (UNITS_PER_SLAB - 1)) * UNIT_BYTES;
}

export function addressOf(slabIndex: number, offset: number): number {
  return slabIndex * UNITS_PER_SLAB + offset / UNIT_BYTES;
}

/** Whether the record at an address has no image here yet. */
export function isStubAt(slab: Slab, offset: number): boolean {
  return slab.view.getUint32(offset, true) === 0;
}

/** The image at an offset, in shared memory that is never overwritten. */
export function imageIn(slab: Slab, offset: number): Buffer {
  const start = offset + HEADER_BYTES;
  return slab.bytes.subarray(start, start + slab.view.getUint32(offset, true));
}

export function revisionIn(slab: Slab, offset: number): number {
  return slab.view.getFloat64(offset + 8, true);
}

/** Whether the record at an offset has this key. */
export function hasKeyAt(slab: Slab, offset: number, key: string): boolean {
  return isKeyText(slab.bytes, offset + HEADER_BYTES + slab.view.getUint32(offset + 4, true), key);
}

/** The key of the record at an offset. */
export function keyIn(slab: Slab, offset: number): string {
  const start = offset + HEADER_BYTES + slab.view.getUint32(offset + 4, true);
  const text = slab.bytes.toString('utf8', start, endOfText(slab.bytes, start));
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** What stands at an offset altogether, without what fills its last unit. */
export function entryBytesAt(slab: Slab, offset: number): number {
  const length = slab.view.getUint32(offset, true);
  const keyPlace = slab.view.getUint32(offset + 4, true);
  if (keyPlace < length) return HEADER_BYTES + length;
  return endOfText(slab.bytes, offset + HEADER_BYTES + keyPlace) + 1 - offset;
}

/** Nearly all keys: JSON spells them as they are. */
const PLAIN_KEY = /^[\w:.-]*$/;

/** A key as it stands in a slab. */
export function keyText(key: string): string {
  return PLAIN_KEY.test(key) ? `${key}"` : JSON.stringify(key).slice(1);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether these bytes are the key's text. Nearly all keys are of characters that JSON and UTF-8 leave as they are. */
export function isKeyText(bytes: Buffer, start: number, key: string): boolean {
  for (let index = 0; index < key.length; index++) {
    const character = key.charCodeAt(index);
    if (character < 0x20 || character > 0x7e || character === QUOTE || character === BACKSLASH) return isSpelt(bytes, start, key);
    if (bytes[start + index] !== character) return false;
  }
  return bytes[start + key.length] === QUOTE;
}

function isSpelt(bytes: Buffer, start: number, key: string): boolean {
  const text = Buffer.from(keyText(key));
  return start + text.length <= bytes.length && bytes.compare(text, 0, text.length, start, start + text.length) === 0;
}

/** The place of the quote that ends a JSON text. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
