import { systemClock } from '../../clock.ts';

/** A time limit that can be made shorter while it runs, never longer. */
export class EarliestLimit {
  readonly #whenPassed: () => void;
  #atMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #hasPassed = false;

  constructor(whenPassed: () => void) {
    this.#whenPassed = whenPassed;
  }

  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** From now on; without effect when it has passed, or passes earlier anyway. */
  shorten(timeLimitMs: number): void {
    const atMs = systemClock.monotonicMs() + timeLimitMs;
    if (this.#hasPassed || atMs >= this.#atMs) return;
    this.#atMs = atMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pass(), timeLimitMs);
  }

  pass(): void {
    if (this.#hasPassed) return;
    this.#hasPassed = true;
    clearTimeout(this.#timer);
    this.#whenPassed();
  }
}
