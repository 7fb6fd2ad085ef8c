import { type Fault, fail, type Result } from '../faults.ts';

/**
 * Questions of callers on their way to the owner: a few are asked at once, so that a batch of writes never finds the
 * owner's places taken, and some more wait in order. Nobody waits so long that he has better things to do than to hear
 * the answer, and nothing is asked for a caller who has gone.
 */

export interface QueryLaneLimits {
  /** Questions that are asked or wait. */
  readonly queriesMax: number;
  /** Those that are asked at once. */
  readonly queriesAtOnceMax: number;
  readonly queryWaitMsMax: number;
}

interface Waiting {
  readonly sinceMs: number;
  enter(): void;
  refuse(fault: Fault): void;
  isWanted(): boolean;
}

export class QueryLane {
  readonly #limits: QueryLaneLimits;
  readonly #nowMs: () => number;
  readonly #waiting: Waiting[] = [];
  #asked = 0;

  /** @param nowMs monotonic */
  constructor(limits: QueryLaneLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Questions that are asked or wait. */
  get length(): number {
    return this.#asked + this.#waiting.length;
  }

  /** Asks when it is time. Faults: those of the question, and overloaded when its time does not come soon enough. */
  async run<T>(ask: () => Promise<Result<T>>, isWanted: () => boolean): Promise<Result<T>> {
    const refused = await this.#enter(isWanted);
    if (refused !== undefined) return { ok: false, fault: refused };
    try {
      return await ask();
    } finally {
      this.#asked -= 1;
      this.#next();
    }
  }

  #enter(isWanted: () => boolean): Promise<Fault | undefined> | undefined {
    if (this.#asked < this.#limits.queriesAtOnceMax && this.#waiting.length === 0) {
      this.#asked += 1;
      return undefined;
    }
    if (this.length >= this.#limits.queriesMax) return Promise.resolve(tooMuch(`${this.length} queries are running`));
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#hasWaitedTooLong(oldest)) return Promise.resolve(this.#tooLate());
    return new Promise((resolve) => {
      this.#waiting.push({ sinceMs: this.#nowMs(), enter: () => resolve(undefined), refuse: resolve, isWanted });
    });
  }

  #next(): void {
    while (this.#asked < this.#limits.queriesAtOnceMax) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!next.isWanted()) next.refuse(tooMuch('nobody waits for the answer any more'));
      else if (this.#hasWaitedTooLong(next)) next.refuse(this.#tooLate());
      else {
        this.#asked += 1;
        next.enter();
      }
    }
  }

  #hasWaitedTooLong({ sinceMs }: Waiting): boolean {
    return this.#nowMs() - sinceMs > this.#limits.queryWaitMsMax;
  }

  #tooLate(): Fault {
    return tooMuch(`queries wait longer than ${this.#limits.queryWaitMsMax} ms`);
  }
}

function tooMuch(detail: string): Fault {
  return fail('overloaded', detail).fault;
}
