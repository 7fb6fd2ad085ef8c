import type { RecordView } from '../dispatch/record-view.ts';
import { type BookEntry, entryOf, RESERVATIONS, type ReservationImage, type ReservationState, type ReservationStepped } from '../protocol/reservations.ts';
import { Deadlines } from './deadlines.ts';

/**
 * The main thread's book of reservations: who holds which id, and what is due when. It says nothing that the owner has
 * not journaled: it is read from record images at start, and again after every step.
 */

interface EndpointPage {
  readonly deadlines: Deadlines;
  readonly retries: Deadlines;
  readonly counts: Map<ReservationState, number>;
}

/** States in which a passed deadline means a renewal. `unknown`: after a modify whose outcome nobody knows. */
const RENEWABLE: ReadonlySet<ReservationState> = new Set<ReservationState>(['active', 'unknown']);

export class Book {
  readonly #view: RecordView;
  readonly #entries = new Map<string, BookEntry>();
  /** `endpoint/id` → the key of the reservation that holds it. */
  readonly #held = new Map<string, string>();
  /** `endpoint/id` → the key of the last reservation that had it and is closed or orphaned. */
  readonly #former = new Map<string, string>();
  readonly #pages = new Map<string, EndpointPage>();
  /** Keys of closed reservations, about in the order in which they closed. */
  readonly #closed = new Set<string>();

  constructor(view: RecordView) {
    this.#view = view;
  }

  /** Reads everything anew. */
  load(): void {
    this.#entries.clear();
    this.#held.clear();
    this.#former.clear();
    this.#pages.clear();
    this.#closed.clear();
    const closed: BookEntry[] = [];
    for (const location of this.#view.locationsOf(RESERVATIONS)) {
      const entry = entryOf(JSON.parse(this.#view.imageAt(location).bytes.toString('utf8')) as ReservationImage);
      if (entry.state === 'closed') closed.push(entry);
      else this.#put(entry);
    }
    for (const entry of closed.sort((a, b) => (a.closedMs ?? 0) - (b.closedMs ?? 0))) this.#put(entry);
  }

  /** The record of a reservation as of now. */
  image(key: string): ReservationImage | undefined {
    const location = this.#view.locationOf(RESERVATIONS, key);
    if (location === undefined) return undefined;
    return JSON.parse(this.#view.imageAt(location).bytes.toString('utf8')) as ReservationImage;
  }

  /** Takes over what a step has changed. What it came to is believed as long as nothing has changed the record since. */
  take({ key, revision, entry }: Exclude<ReservationStepped, { existing: string }>): void {
    const location = this.#view.locationOf(RESERVATIONS, key);
    if (entry === undefined || location === undefined || this.#view.revisionAt(location) !== revision) this.refresh(key);
    else this.#replace(key, entry);
  }

  /** Reads the record anew. */
  refresh(key: string): void {
    const image = this.image(key);
    this.#replace(key, image === undefined ? undefined : entryOf(image));
  }

  #replace(key: string, entry: BookEntry | undefined): void {
    const before = this.#entries.get(key);
    if (before !== undefined && entry !== undefined && isHeldAlike(before, entry)) {
      this.#restate(before, entry);
      return;
    }
    if (before !== undefined) this.#remove(before);
    if (entry !== undefined) this.#put(entry);
  }

  /** Most steps leave open what a reservation holds: then only its state and its place on the schedule are looked at. */
  #restate(before: BookEntry, entry: BookEntry): void {
    const { key, state } = entry;
    this.#entries.set(key, entry);
    const page = this.#page(entry.endpoint);
    if (state !== before.state) {
      page.counts.set(before.state, (page.counts.get(before.state) ?? 0) - 1);
      page.counts.set(state, (page.counts.get(state) ?? 0) + 1);
    }
    const schedule = scheduleOf(page, entry);
    // From both: what is not on the schedule may have been postponed.
    if (schedule !== page.deadlines) page.deadlines.delete(key);
    if (schedule !== page.retries) page.retries.delete(key);
    schedule?.set(key, entry.renewDeadlineMs ?? 0);
  }

  entry(key: string): BookEntry | undefined {
    return this.#entries.get(key);
  }

  get all(): IterableIterator<BookEntry> {
    return this.#entries.values();
  }

  /** The reservation that a client means: the one that holds the id, else the one that this join made. */
  held(endpoint: string, id: string): BookEntry | undefined {
    const key = this.#held.get(place(endpoint, id));
    if (key !== undefined) return this.#entries.get(key);
    const entry = this.#entries.get(id.toLowerCase());
    return entry?.endpoint === endpoint ? entry : undefined;
  }

  /** The last one that had the id and has it no more. */
  former(endpoint: string, id: string): BookEntry | undefined {
    const key = this.#former.get(place(endpoint, id));
    return key === undefined ? undefined : this.#entries.get(key);
  }

  /** Endpoints of which there are reservations, closed ones included. */
  get endpoints(): IterableIterator<string> {
    return this.#pages.keys();
  }

  /** Reservations of an endpoint that its substrate may still hold. */
  openCount(endpoint: string): number {
    let count = 0;
    for (const [state, number] of this.#pages.get(endpoint)?.counts ?? []) if (state !== 'closed') count += number;
    return count;
  }

  hasAny(states: ReadonlySet<ReservationState>): boolean {
    for (const { counts } of this.#pages.values()) for (const [state, number] of counts) if (number > 0 && states.has(state)) return true;
    return false;
  }

  countsOf(endpoint: string): ReadonlyMap<ReservationState, number> {
    return this.#pages.get(endpoint)?.counts ?? new Map();
  }

  /** Takes the keys of what is due at `nowMs` off the list, soonest deadline first; `refresh` or `postpone` puts them back. */
  takeDue(endpoint: string, nowMs: number): readonly string[] {
    return this.#pages.get(endpoint)?.deadlines.takeDue(nowMs) ?? [];
  }

  /** The same for renewals that failed and are to be tried again. */
  takeDueRetries(endpoint: string, nowMs: number): readonly string[] {
    return this.#pages.get(endpoint)?.retries.takeDue(nowMs) ?? [];
  }

  isRenewable(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && isScheduled(entry);
  }

  /** Puts a reservation (back) on the list of what falls due. */
  postpone(key: string, deadlineMs: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.reservationId === undefined || entry.state === 'closed') return;
    const { deadlines, retries } = this.#page(entry.endpoint);
    (entry.isRetry ? retries : deadlines).set(key, deadlineMs);
  }

  /** Everything with a renew deadline, soonest first. */
  scheduled(endpoint?: string): readonly BookEntry[] {
    const entries: BookEntry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.renewDeadlineMs !== undefined && entry.reservationId !== undefined && (endpoint === undefined || entry.endpoint === endpoint))
        entries.push(entry);
    }
    return entries.sort((a, b) => (a.renewDeadlineMs ?? 0) - (b.renewDeadlineMs ?? 0) || (a.key < b.key ? -1 : 1));
  }

  /** At most `limit` keys of reservations that closed before `beforeMs`. */
  closedBefore(beforeMs: number, limit: number): readonly string[] {
    const keys: string[] = [];
    for (const key of this.#closed) {
      const entry = this.#entries.get(key);
      if (keys.length >= limit || entry === undefined || (entry.closedMs ?? 0) >= beforeMs) break;
      keys.push(key);
    }
    return keys;
  }

  #put(entry: BookEntry): void {
    const { key, endpoint, reservationId, state } = entry;
    this.#entries.set(key, entry);
    const page = this.#page(endpoint);
    page.counts.set(state, (page.counts.get(state) ?? 0) + 1);
    scheduleOf(page, entry)?.set(key, entry.renewDeadlineMs ?? 0);
    if (state === 'closed') this.#closed.add(key);
    if (reservationId === undefined) return;
    if (state === 'closed' || state === 'orphaned') this.#former.set(place(endpoint, reservationId), key);
    else this.#held.set(place(endpoint, reservationId), key);
  }

  #remove({ key, endpoint, reservationId, state }: BookEntry): void {
    this.#entries.delete(key);
    const page = this.#page(endpoint);
    page.counts.set(state, (page.counts.get(state) ?? 0) - 1);
    page.deadlines.delete(key);
    page.retries.delete(key);
    this.#closed.delete(key);
    if (reservationId === undefined) return;
    const at = place(endpoint, reservationId);
    if (this.#held.get(at) === key) this.#held.delete(at);
    if (this.#former.get(at) === key) this.#former.delete(at);
  }

  #page(endpoint: string): EndpointPage {
    let page = this.#pages.get(endpoint);
    if (page === undefined) {
      page = { deadlines: new Deadlines(), retries: new Deadlines(), counts: new Map() };
      this.#pages.set(endpoint, page);
    }
    return page;
  }
}

function isScheduled({ state, renewDeadlineMs, reservationId }: BookEntry): boolean {
  return renewDeadlineMs !== undefined && reservationId !== undefined && RENEWABLE.has(state);
}

/** Where its deadline is kept, if it has one that means something. */
function scheduleOf(page: EndpointPage, entry: BookEntry): Deadlines | undefined {
  if (!isScheduled(entry)) return undefined;
  return entry.isRetry ? page.retries : page.deadlines;
}

function isHeldAlike(before: BookEntry, after: BookEntry): boolean {
  return before.endpoint === after.endpoint && before.reservationId === after.reservationId && isHolding(before) && isHolding(after);
}

function isHolding({ state }: BookEntry): boolean {
  return state !== 'closed' && state !== 'orphaned';
}

function place(endpoint: string, id: string): string {
  return `${endpoint}/${id}`;
}
