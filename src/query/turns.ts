import { done, fail, type Result } from '../faults.ts';

/** So many at once, some more who wait in order, and nobody beyond that. */
export class Turns {
  #free: number;
  readonly #waitingMax: number;
  readonly #waitLimitMs: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, waitingMax: number, waitLimitMs: number) {
    this.#free = atOnce;
    this.#waitingMax = waitingMax;
    this.#waitLimitMs = waitLimitMs;
  }

  /** Turns that nobody has. */
  get free(): number {
    return this.#free;
  }

  /** A turn, to be given back once. Faults: overloaded. */
  async take(signal: AbortSignal): Promise<Result<() => void>> {
    if (this.#free > 0) return done(this.#give());
    if (this.#waiting.length >= this.#waitingMax) return fail('overloaded', `${this.#waiting.length} queries are waiting`);
    const isMine = await new Promise<boolean>((resolve) => {
      const settle = (mine: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        const place = this.#waiting.indexOf(enter);
        if (place !== -1) this.#waiting.splice(place, 1);
        resolve(mine);
      };
      const enter = (): void => settle(true);
      const leave = (): void => settle(false);
      const timer = setTimeout(leave, this.#waitLimitMs);
      signal.addEventListener('abort', leave);
      this.#waiting.push(enter);
    });
    return isMine ? done(this.#give()) : fail('overloaded', `no query ended within ${this.#waitLimitMs} ms`);
  }

  #give(): () => void {
    this.#free -= 1;
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      this.#free += 1;
      this.#waiting[0]?.();
    };
  }
}
