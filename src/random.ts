import { randomFillSync } from 'node:crypto';

/** Randomness as the rest of the code sees it: tests and the simulator put a seeded one in. */
export interface Random {
  /** `length` random bytes, fit for ids and for AES-GCM nonces. */
  bytes(length: number): Uint8Array;
}

/** A system call per id would cost more than the id, so bytes are drawn from a block that is filled now and then. */
const BLOCK_BYTES = 16_384;

export function systemRandom(): Random {
  const block = Buffer.alloc(BLOCK_BYTES);
  let used = BLOCK_BYTES;
  return {
    bytes(length) {
      if (length > BLOCK_BYTES) return randomFillSync(new Uint8Array(length));
      if (used + length > BLOCK_BYTES) {
        randomFillSync(block);
        used = 0;
      }
      used += length;
      return Uint8Array.prototype.slice.call(block, used - length, used);
    },
  };
}
