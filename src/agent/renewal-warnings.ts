import type { BookEntry, ReservationState } from '../protocol/reservations.ts';
import type { Book } from './book.ts';

/** What whoever watches reservations hears of renewals beside the changes of the records. */

export interface RenewalWarning {
  /** `due`: it is renewed as soon as its turn comes. `failed`: an attempt was in vain. `expiring`: it ends soon, and nothing will renew it. */
  readonly type: 'due' | 'failed' | 'expiring';
  /** The operation id of the join. */
  readonly key: string;
  readonly endpoint: string;
  readonly reservationId: string | undefined;
  /** When the substrate ends it; 0 when that is not known. */
  readonly untilMs: number;
  /** Of a failed attempt. */
  readonly error?: string;
  /** When it is tried again; absent: never. */
  readonly retryMs?: number;
}

export interface WarningEar {
  /** Nobody makes a hundred thousand warnings for nobody. */
  readonly isHeard: boolean;
  warn(warning: RenewalWarning): void;
}

/** So long before its end a reservation that nothing renews is warned of. */
const EXPIRY_WARNING_MS = 10 * 60_000;
/** Somebody wants these to last; what is being left may end. */
const WANTED: ReadonlySet<ReservationState> = new Set<ReservationState>(['active', 'renewing', 'modifying', 'renew-failed', 'unknown']);

export function warningOf(type: RenewalWarning['type'], { key, endpoint, reservationId, untilMs }: BookEntry): RenewalWarning {
  return { type, key, endpoint, reservationId, untilMs };
}

/** Finds reservations that end soon though somebody wants them; each end is warned of once. */
export class ExpiryWatch {
  readonly #book: Book;
  readonly #ear: WarningEar;
  readonly #isEndless: (endpoint: string) => boolean;
  /** The end that was warned of, by key. */
  #warned = new Map<string, number>();

  /** @param isEndless whether an endpoint's reservations are kept without ever being renewed (period 0): their end says nothing. */
  constructor(book: Book, ear: WarningEar, isEndless: (endpoint: string) => boolean) {
    this.#book = book;
    this.#ear = ear;
    this.#isEndless = isEndless;
  }

  /** @param tickMs a deadline that passed so long ago will not be met by the next tick either. */
  look(nowMs: number, tickMs: number): void {
    // Whoever begins to listen later hears of what ends then.
    if (!this.#ear.isHeard) return;
    const warned = new Map<string, number>();
    for (const entry of this.#book.all) {
      const { key, endpoint, state, untilMs, renewDeadlineMs } = entry;
      if (untilMs === 0 || untilMs - nowMs > EXPIRY_WARNING_MS || !WANTED.has(state) || this.#isEndless(endpoint)) continue;
      const isRenewed = renewDeadlineMs !== undefined && renewDeadlineMs + tickMs >= nowMs;
      if (isRenewed) continue;
      if (this.#warned.get(key) !== untilMs) this.#ear.warn(warningOf('expiring', entry));
      warned.set(key, untilMs);
    }
    this.#warned = warned;
  }
}
