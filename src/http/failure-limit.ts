import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

/** Counts failures by address, each with its own allowance, which comes back with time. */

export const FAILURES_PER_SECOND_MAX = 10;
const ADDRESSES_MAX = 10_000;

interface Allowance {
  left: number;
  atMs: number;
}

export class FailureLimit {
  readonly #clock: Clock;
  readonly #allowances = new LRUCache<string, Allowance>({ max: ADDRESSES_MAX });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the allowance is used up, so that one failure more would be one too many. */
  isReachedBy(address: string): boolean {
    return this.#leftOf(address, this.#clock.monotonicMs()) < 1;
  }

  count(address: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#allowances.set(address, { left: Math.max(0, this.#leftOf(address, nowMs) - 1), atMs: nowMs });
  }

  #leftOf(address: string, nowMs: number): number {
    const allowance = this.#allowances.get(address);
    if (allowance === undefined) return FAILURES_PER_SECOND_MAX;
    const regained = ((nowMs - allowance.atMs) / 1000) * FAILURES_PER_SECOND_MAX;
    return Math.min(FAILURES_PER_SECOND_MAX, allowance.left + regained);
  }
}
