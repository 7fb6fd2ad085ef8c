import { done, fail, type Result } from '../faults.ts';

/**
 * One operation at a time per reservation. Whoever has the turn reads the record after the turn has come, so that nothing
 * acts on what another operation has changed meanwhile.
 */

/** Operations that may wait for one reservation. */
export const WAITING_PER_RESERVATION_MAX = 32;

export class Turn {
  readonly #over: () => void;
  #held = 1;

  constructor(over: () => void) {
    this.#over = over;
  }

  /** The turn lasts at least until this has settled, whatever it settles with. */
  hold(work: Promise<unknown>): void {
    this.#held += 1;
    const release = (): void => this.#release();
    work.then(release, release);
  }

  /** Call once. */
  end(): void {
    this.#release();
  }

  #release(): void {
    this.#held -= 1;
    if (this.#held === 0) this.#over();
  }
}

export class Turns {
  /** Whose turn it is; and who waits, first come first served. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #idle: (() => void)[] = [];

  /** Whether an operation on this reservation is under way. */
  isTaken(key: string): boolean {
    return this.#waiting.has(key);
  }

  get taken(): number {
    return this.#waiting.size;
  }

  async take(key: string): Promise<Result<Turn>> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else if (waiting.length >= WAITING_PER_RESERVATION_MAX) return fail('overloaded', `${waiting.length} operations wait for this reservation`);
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return done(new Turn(() => this.#over(key)));
  }

  /** Resolves when no operation is under way. */
  async idle(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #over(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#waiting.delete(key);
    if (this.#waiting.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
