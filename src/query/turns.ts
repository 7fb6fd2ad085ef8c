import { done, fail, type Result } from '../faults.ts';

/** So many at once, some more who wait in order, and nobody beyond that. */
export class Turns {
  #free: number;
  readonly #waitingMax: number;
  readonly #waitLimitMs: number;
  /** Each takes the turn that is handed to it. */
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

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** A turn, to be given back once. Faults: overloaded; query-failed when it is not wanted any more. */
  async take(signal: AbortSignal): Promise<Result<() => void>> {
    if (signal.aborted) return NOT_WANTED;
    if (this.#free > 0) {
      this.#free -= 1;
      return done(this.#turn());
    }
    if (this.#waiting.length >= this.#waitingMax) return fail('overloaded', `${this.#waiting.length} queries are waiting`);
    return await new Promise((resolve) => {
      const settle = (outcome: Result<() => void>): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        const place = this.#waiting.indexOf(enter);
        if (place !== -1) this.#waiting.splice(place, 1);
        resolve(outcome);
      };
      const enter = (): void => settle(done(this.#turn()));
      const leave = (): void => settle(NOT_WANTED);
      const timer = setTimeout(() => settle(fail('overloaded', `no query ended within ${this.#waitLimitMs} ms`)), this.#waitLimitMs);
      signal.addEventListener('abort', leave);
      this.#waiting.push(enter);
    });
  }

  #turn(): () => void {
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      const [next] = this.#waiting;
      // From hand to hand: a turn that is free for a moment would be taken by whoever comes just then.
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}

const NOT_WANTED = fail('query-failed', 'the query is not wanted any more');
