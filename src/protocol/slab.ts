/**
 * How record images lie in the shared memory of the record log. An address is one small integer: the slab's index and
 * the position in it, in units of 16 bytes, so that 32 GiB fit into 31 bits and a Map of addresses allocates nothing.
 * At an address stand the image's length (uint32), 4 bytes of nothing, its revision (float64), and then the image.
 */

export const UNIT_BYTES = 16;
export const HEADER_BYTES = 16;
export const SLAB_BYTES: number = 16 * 1024 * 1024;
export const UNITS_PER_SLAB: number = SLAB_BYTES / UNIT_BYTES;
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
  return Math.floor(location / UNITS_PER_SLAB);
}

export function offsetOf(location: number): number {
  return (location % UNITS_PER_SLAB) * UNIT_BYTES;
}

export function addressOf(slabIndex: number, offset: number): number {
  return slabIndex * UNITS_PER_SLAB + offset / UNIT_BYTES;
}
