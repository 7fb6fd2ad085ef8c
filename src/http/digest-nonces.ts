import { createHmac, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/**
 * The nonces of HTTP Digest. They are made without remembering them, so that whoever asks without credentials costs no
 * memory: a nonce is a time, randomness, and an HMAC over both with a key of this start. Only one that has been used with
 * the right password is kept, with the counts that it was used with.
 * Invariant: a nonce is taken with each count at most once, whatever has been forgotten in between.
 */

export interface NonceOptions {
  readonly lifetimeMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Used nonces that are kept. */
  readonly usedMax?: number;
}

export const USED_NONCES_MAX = 65_536;
/** Many connections share a nonce, and their requests come out of order: a count may be late by so many. */
export const NONCE_COUNTS_WINDOW = 4096;

const KEY_BYTES = 32;
const TIME_BYTES = 6;
const RANDOM_BYTES = 11;
const SIGNED_BYTES = TIME_BYTES + RANDOM_BYTES;
const MAC_BYTES = 16;
/** A multiple of three bytes, so that each nonce has only one spelling in base64. */
const NONCE_BYTES = SIGNED_BYTES + MAC_BYTES;
const NONCE_LENGTH = (NONCE_BYTES / 3) * 4;

interface UsedNonce {
  readonly mintedMs: number;
  readonly counts: CountWindow;
}

export class Nonces {
  readonly #lifetimeMs: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Uint8Array;
  readonly #used: LRUCache<string, UsedNonce>;
  /** Of nonces as old as this nobody knows any more how they were used. */
  #forgottenUpToMs = -1;

  constructor({ lifetimeMs, clock, random, usedMax }: NonceOptions) {
    this.#lifetimeMs = lifetimeMs;
    this.#clock = clock;
    this.#random = random;
    this.#key = random.bytes(KEY_BYTES);
    this.#used = new LRUCache({
      max: usedMax ?? USED_NONCES_MAX,
      dispose: ({ mintedMs }) => {
        this.#forgottenUpToMs = Math.max(this.#forgottenUpToMs, mintedMs);
      },
    });
  }

  mint(): string {
    const bytes = Buffer.alloc(NONCE_BYTES);
    // The monotonic clock: a nonce lives as long as it should, also when somebody sets the machine's time.
    bytes.writeUIntBE(Math.floor(this.#clock.monotonicMs()), 0, TIME_BYTES);
    bytes.set(this.#random.bytes(RANDOM_BYTES), TIME_BYTES);
    bytes.set(this.#macOf(bytes), SIGNED_BYTES);
    return bytes.toString('base64url');
  }

  /** Takes a count of a nonce. False: a new nonce is needed, because this one is foreign, expired, or was used like this. */
  take(nonce: string, count: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const used = this.#used.get(nonce);
    if (used !== undefined) return nowMs - used.mintedMs <= this.#lifetimeMs && used.counts.take(count);
    const mintedMs = this.#mintedMs(nonce);
    if (mintedMs === undefined || nowMs - mintedMs > this.#lifetimeMs || mintedMs <= this.#forgottenUpToMs) return false;
    this.#used.set(nonce, { mintedMs, counts: new CountWindow(count) });
    return true;
  }

  /** Whether it has been taken, which needs the password. */
  isUsed(nonce: string): boolean {
    return this.#used.has(nonce);
  }

  /** Undefined when it isn't ours. */
  #mintedMs(nonce: string): number | undefined {
    if (nonce.length !== NONCE_LENGTH) return undefined;
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== NONCE_BYTES || !timingSafeEqual(bytes.subarray(SIGNED_BYTES), this.#macOf(bytes))) return undefined;
    return bytes.readUIntBE(0, TIME_BYTES);
  }

  #macOf(bytes: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(bytes.subarray(0, SIGNED_BYTES)).digest().subarray(0, MAC_BYTES);
  }
}

/** Which counts there have been: the highest, and in a ring of bits each of those shortly before it. */
class CountWindow {
  #highest: number;
  /** Most nonces are used once only, and need none. */
  #bits: Uint32Array | undefined;

  constructor(first: number) {
    this.#highest = first;
  }

  /** False when the count has been there, or is too old to know. */
  take(count: number): boolean {
    if (count === this.#highest || count <= this.#highest - NONCE_COUNTS_WINDOW) return false;
    const bits = this.#bits ?? new Uint32Array(NONCE_COUNTS_WINDOW / 32);
    if (this.#bits === undefined) {
      this.#bits = bits;
      mark(bits, this.#highest);
    }
    if (count > this.#highest) {
      if (count - this.#highest >= NONCE_COUNTS_WINDOW) bits.fill(0);
      else for (let passed = this.#highest + 1; passed < count; passed++) unmark(bits, passed);
      this.#highest = count;
    } else if (isMarked(bits, count)) {
      return false;
    }
    mark(bits, count);
    return true;
  }
}

function mark(bits: Uint32Array, count: number): void {
  const place = count % NONCE_COUNTS_WINDOW;
  bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31));
}

function unmark(bits: Uint32Array, count: number): void {
  const place = count % NONCE_COUNTS_WINDOW;
  bits[place >>> 5] = (bits[place >>> 5] ?? 0) & ~(1 << (place & 31));
}

function isMarked(bits: Uint32Array, count: number): boolean {
  const place = count % NONCE_COUNTS_WINDOW;
  return ((bits[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0;
}
