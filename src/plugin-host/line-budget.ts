/**
 * How many lines a plugin may log in a second; what is beyond is counted and told in one line. A plugin that logs in a loop
 * would otherwise fill the server's memory with messages, or its disk with log.
 */

export const LINES_PER_SECOND_MAX = 200;
const SECOND_MS = 1000;

export class LineBudget {
  readonly #linesMax: number;
  readonly #monotonicMs: () => number;
  #secondStartedMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #leftOut = 0;

  constructor(linesPerSecondMax: number = LINES_PER_SECOND_MAX, monotonicMs: () => number = () => performance.now()) {
    this.#linesMax = linesPerSecondMax;
    this.#monotonicMs = monotonicMs;
  }

  /** Whether another line may go out now. */
  take(): boolean {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#secondStartedMs >= SECOND_MS) {
      this.#secondStartedMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines >= this.#linesMax) {
      this.#leftOut += 1;
      return false;
    }
    this.#lines += 1;
    return true;
  }

  /** How many lines were left out since this was asked last. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
