import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until a test moves it. */
export interface HandClock extends Clock {
  ms: number;
}

export function handClock(ms: number = Date.UTC(2026, 10, 22, 2, 10, 0)): HandClock {
  return {
    ms,
    nowMs() {
      return this.ms;
    },
    monotonicMs() {
      return this.ms;
    },
  };
}
