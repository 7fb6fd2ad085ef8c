import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

/** Counts what an address does, wrong passwords for one, each address with its own allowance, which comes back with time. */

export const FAILURES_PER_SECOND_MAX = 10;
/** Tokens cannot be guessed; what is saved is the time that looking at them takes. */
export const TOKEN_FAILURES_PER_SECOND_MAX = 100;
const ADDRESSES_MAX = 10_000;

interface Allowance {
  left: number;
  atMs: number;
}

export class FailureLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #allowances = new LRUCache<string, Allowance>({ max: ADDRESSES_MAX });

  constructor(clock: Clock, perSecond: number = FAILURES_PER_SECOND_MAX) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Whether the allowance is used up, so that one more would be one too many. */
  isReachedBy(address: string): boolean {
    return this.#leftOf(address, this.#clock.monotonicMs()) < 1;
  }

  count(address: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#allowances.set(address, { left: Math.max(0, this.#leftOf(address, nowMs) - 1), atMs: nowMs });
  }

  #leftOf(address: string, nowMs: number): number {
    const allowance = this.#allowances.get(address);
    if (allowance === undefined) return this.#perSecond;
    const regained = ((nowMs - allowance.atMs) / 1000) * this.#perSecond;
    return Math.min(this.#perSecond, allowance.left + regained);
  }
}
