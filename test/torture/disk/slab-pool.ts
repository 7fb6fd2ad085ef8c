import { SLAB_BYTES } from '../../../src/protocol/slab.ts';

/**
 * Memory for record logs that is used again: 16 MiB of new zeros for a few records would take most of the time of a run
 * that opens a store for every power cut. A record log writes before it reads, so it does not see what was there.
 */

const idle: SharedArrayBuffer[] = [];

/** From now on a new slab takes memory that was given back, if there is any. */
export function reuseSlabs(): void {
  if (globalThis.SharedArrayBuffer !== Original) return;
  globalThis.SharedArrayBuffer = new Proxy(Original, {
    construct: (target, [bytes]: [number]) => (bytes === SLAB_BYTES ? idle.pop() : undefined) ?? new target(bytes),
  });
}

/** Nobody reads there any more. */
export function giveBack(memory: SharedArrayBuffer): void {
  if (memory.byteLength === SLAB_BYTES) idle.push(memory);
}

const Original = globalThis.SharedArrayBuffer;
