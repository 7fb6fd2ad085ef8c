/** How long to wait before a plugin is started again: not at all, until it has died too often in a short time. */

const DEATHS_MAX = 5;
const PERIOD_MS = 10_000;
const PAUSE_MS = 2000;

export class RestartPause {
  readonly #monotonicMs: () => number;
  #deathsMs: number[] = [];

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  died(): void {
    this.#deathsMs.push(this.#monotonicMs());
    if (this.#deathsMs.length > DEATHS_MAX) this.#deathsMs.shift();
  }

  get pauseMs(): number {
    const [oldest] = this.#deathsMs;
    if (oldest === undefined || this.#deathsMs.length < DEATHS_MAX) return 0;
    return this.#monotonicMs() - oldest < PERIOD_MS ? PAUSE_MS : 0;
  }
}
