import type { Caller } from './auth.ts';

/** How much of something each address or caller has, so that one of them does not take all of it. */
export class Shares {
  readonly #shareMax: number;
  readonly #taken = new Map<string, number>();

  /** @param shareMax what one of them may have. */
  constructor(shareMax: number) {
    this.#shareMax = shareMax;
  }

  of(who: string): number {
    return this.#taken.get(who) ?? 0;
  }

  /** Whether this much more would be more than a share. */
  wouldExceed(who: string, more = 1): boolean {
    return this.of(who) + more > this.#shareMax;
  }

  /** To be given back, whatever happens. */
  take(who: string, amount = 1): void {
    this.#taken.set(who, this.of(who) + amount);
  }

  giveBack(who: string, amount = 1): void {
    const left = this.of(who) - amount;
    if (left > 0) this.#taken.set(who, left);
    else this.#taken.delete(who);
  }
}

/** Whom a share is for: callers behind one address have one each, and so have addresses with one token. */
export function holderOf(caller: Caller | undefined, address: string): string {
  return caller === undefined ? address : `${caller.subject} at ${address}`;
}
