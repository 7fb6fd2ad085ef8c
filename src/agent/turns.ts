import { done, fail, type Result } from '../faults.ts';

/**
 * One operation at a time per reservation. Whoever has the turn reads the record after the turn has come, so that nothing
 * acts on what another operation has changed meanwhile.
 */

/**
 * `urgent`: renewals and leaves, which are next when the operation before them has ended. `idle`: questions, of which a
 * poller may have no more than a few.
 */
export type Urgency = 'urgent' | 'normal' | 'idle';

/** Operations that may wait for one reservation, and how many of them may be questions. */
export const WAITING_PER_RESERVATION_MAX = 32;
export const QUESTIONS_PER_RESERVATION_MAX = 4;

interface Waiting {
  readonly urgency: Urgency;
  readonly start: () => void;
}

const ORDER: Readonly<Record<Urgency, number>> = { urgent: 0, normal: 1, idle: 2 };

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
  /** Whose turn it is; and who waits, by urgency, then first come first served. */
  readonly #waiting = new Map<string, Waiting[]>();
  #idle: (() => void)[] = [];

  /** Whether an operation on this reservation is under way. */
  isTaken(key: string): boolean {
    return this.#waiting.has(key);
  }

  async take(key: string, urgency: Urgency = 'normal'): Promise<Result<Turn>> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#waiting.set(key, []);
      return done(new Turn(() => this.#over(key)));
    }
    const questions = waiting.filter((each) => each.urgency === 'idle').length;
    if (urgency !== 'urgent' && (waiting.length >= WAITING_PER_RESERVATION_MAX || (urgency === 'idle' && questions >= QUESTIONS_PER_RESERVATION_MAX))) {
      return fail('overloaded', `${waiting.length} operations wait for this reservation`);
    }
    await new Promise<void>((resolve) => {
      const place = waiting.findIndex((each) => ORDER[each.urgency] > ORDER[urgency]);
      waiting.splice(place === -1 ? waiting.length : place, 0, { urgency, start: resolve });
    });
    return done(new Turn(() => this.#over(key)));
  }

  /** Resolves when no operation is under way. */
  async idle(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #over(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next !== undefined) {
      next.start();
      return;
    }
    this.#waiting.delete(key);
    if (this.#waiting.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
