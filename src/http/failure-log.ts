import type { Clock } from '../clock.ts';
import type { FrontLog } from './front-log.ts';

/**
 * Tells the log of wrong answers to HTTP Digest: at most one line a second for each address, with how many there were.
 * The lines are written by `flush`, so that the last guesses of a row are told as well as the first.
 */

export const LOG_STEP_MS = 1000;
/** In one step; of further ones only the number is told. */
export const LOGGED_ADDRESSES_MAX = 20;

interface Failures {
  wrong: number;
  refused: number;
}

export class FailureLog {
  readonly #log: FrontLog;
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Failures>();
  /** Of addresses beyond those. */
  #others = 0;
  #nextMs: number;

  constructor(log: FrontLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#nextMs = clock.monotonicMs() + LOG_STEP_MS;
  }

  /** @param kind `refused`: nobody looked whether it was wrong. */
  count(address: string, kind: 'wrong' | 'refused'): void {
    const failures = this.#byAddress.get(address);
    if (failures !== undefined) failures[kind] += 1;
    else if (this.#byAddress.size < LOGGED_ADDRESSES_MAX) this.#byAddress.set(address, { wrong: 0, refused: 0, [kind]: 1 });
    else this.#others += 1;
  }

  /** @param isLast writes what there is, whether it is time or not. */
  flush(isLast = false): void {
    const nowMs = this.#clock.monotonicMs();
    if (!isLast && nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + LOG_STEP_MS;
    for (const [address, { wrong, refused }] of this.#byAddress) this.#log.warn({ address, wrong, refused }, 'wrong passwords by HTTP Digest');
    if (this.#others > 0) this.#log.warn({ failures: this.#others }, 'wrong passwords by HTTP Digest, from further addresses');
    this.#byAddress.clear();
    this.#others = 0;
  }
}
