import type { Clock } from '../../../src/clock.ts';

/** Time that passes only when a life lets it: a wall clock that can be set, one that cannot, and what waits for a moment. */

const START_MS = Date.UTC(2026, 10, 22, 2, 10, 0);

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export class VirtualTime implements Clock {
  #monotonicMs = 0;
  #wallMs = START_MS;
  /** Soonest last; of the same moment, first come first. */
  readonly #timers: Timer[] = [];
  /** The latest that the wall clock ever was. */
  maxWallMs: number = START_MS;

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Somebody sets the machine's clock. */
  jump(byMs: number): void {
    this.#wallMs += byMs;
    this.maxWallMs = Math.max(this.maxWallMs, this.#wallMs);
  }

  after(ms: number, run: () => void): void {
    const atMs = this.#monotonicMs + ms;
    const later = this.#timers.findLastIndex((timer) => timer.atMs > atMs);
    this.#timers.splice(later + 1, 0, { atMs, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Goes to the next moment at which something waits, or to `untilMs` if that comes before. @returns what is to be done then. */
  next(untilMs: number): (() => void) | undefined {
    const timer = this.#timers.at(-1);
    if (timer === undefined || timer.atMs > untilMs) {
      this.#go(untilMs);
      return undefined;
    }
    this.#timers.pop();
    this.#go(timer.atMs);
    return timer.run;
  }

  #go(monotonicMs: number): void {
    const passedMs = Math.max(0, monotonicMs - this.#monotonicMs);
    this.#monotonicMs += passedMs;
    this.jump(passedMs);
  }
}
