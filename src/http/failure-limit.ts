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

  /** Counts one more; whether it is one too many. */
  isExceededBy(address: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const allowance = this.#allowances.get(address) ?? { left: FAILURES_PER_SECOND_MAX, atMs: nowMs };
    const regained = ((nowMs - allowance.atMs) / 1000) * FAILURES_PER_SECOND_MAX;
    const left = Math.min(FAILURES_PER_SECOND_MAX, allowance.left + regained);
    this.#allowances.set(address, { left: Math.max(0, left - 1), atMs: nowMs });
    return left < 1;
  }
}
