import type { Clock } from '../clock.ts';

/**
 * Wall time that never goes back. When the machine's clock is set back, renewals go on in the rhythm that they had: the
 * substrates' own time has not gone back, and a reservation that waited for the clock to catch up would end meanwhile.
 */

/** Less than this is the ordinary correction of a clock. */
const JUMP_MS = 2000;

export class SteadyClock implements Clock {
  readonly #clock: Clock;
  readonly #jumped: (byMs: number) => void;
  #lastWallMs: number;
  #lastMonotonicMs: number;
  #lastMs: number;

  /** @param jumped told once for each jump of the machine's clock, forward or back. */
  constructor(clock: Clock, jumped: (byMs: number) => void) {
    this.#clock = clock;
    this.#jumped = jumped;
    this.#lastWallMs = clock.nowMs();
    this.#lastMonotonicMs = clock.monotonicMs();
    this.#lastMs = this.#lastWallMs;
  }

  nowMs(): number {
    const wallMs = this.#clock.nowMs();
    const monotonicMs = this.#clock.monotonicMs();
    const passedMs = monotonicMs - this.#lastMonotonicMs;
    const jumpMs = wallMs - this.#lastWallMs - passedMs;
    if (Math.abs(jumpMs) > JUMP_MS) this.#jumped(Math.round(jumpMs));
    // Fractions are kept: what is lost or won with each look would add up.
    this.#lastMs = Math.max(wallMs, this.#lastMs + passedMs);
    this.#lastWallMs = wallMs;
    this.#lastMonotonicMs = monotonicMs;
    return Math.floor(this.#lastMs);
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }
}
