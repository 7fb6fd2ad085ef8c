import type { Clock } from '../clock.ts';
import { messageOf, type Result } from '../faults.ts';
import type { BookEntry, ReservationStep } from '../protocol/reservations.ts';
import type { CallAnswer } from './agent-api.ts';
import type { AgentCounts } from './agent-counts.ts';
import type { Book } from './book.ts';
import { noReservation } from './call-answers.ts';
import { type CallLog, type Calls, renewalIdOf, type TrueProperties } from './calls.ts';
import { type Endpoint, untilOf } from './endpoint.ts';
import type { LaneFigures } from './figures.ts';
import type { Recorder } from './recorder.ts';
import { type WarningEar, warningOf } from './renewal-warnings.ts';
import type { Turns } from './turns.ts';

/**
 * Renewals: each tick takes what is due into the lane of its endpoint, and each lane works through its own with a bound on
 * what is under way at once. A slow endpoint fills its own lane and nobody else's.
 */

export interface RenewalParts {
  readonly book: Book;
  readonly turns: Turns;
  readonly calls: Calls;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly tickMs: () => number;
  endpoint(name: string): Endpoint | undefined;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly ear: WarningEar;
  readonly counts: AgentCounts;
  readonly log: CallLog;
}

/** What fell due while the server was down is spread over at most this long, so that a substrate is not hit at once. */
const SPREAD_MS_MAX = 30_000;
/** Wait after a first failed renewal; doubles with each further one. */
const BACKOFF_MS = 5000;
/** Wait until a renewal that could not be tried (the store recovers, too much waits) is tried again. */
const AGAIN_MS = 1000;

/** Of a reservation that is being renewed. */
interface Ends {
  /** When the substrate ends it unless it is renewed; 0 when that is not known. */
  readonly toldMs: number;
  /** What the renewal asks for. */
  readonly untilMs: number;
}

interface Waiting {
  readonly key: string;
  readonly startMs: number;
}

interface Lane {
  /** Soonest start last. */
  waiting: Waiting[];
  underWay: number;
}

export class Renewals {
  readonly #parts: RenewalParts;
  readonly #lanes = new Map<string, Lane>();
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  get underWay(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.underWay;
    return sum;
  }

  figuresOf(name: string): LaneFigures {
    const lane = this.#lanes.get(name);
    const next = lane?.waiting.at(-1);
    const deadlineMs = next === undefined ? undefined : this.#deadlineOf(next.key);
    const waitMs = deadlineMs === undefined ? 0 : Math.max(0, this.#parts.clock.nowMs() - deadlineMs);
    return { underWay: lane?.underWay ?? 0, waiting: lane?.waiting.length ?? 0, waitMs };
  }

  /** Takes what is due. @param spread after a downtime: what is not urgent starts a little later. */
  tick(spread = false): void {
    if (this.#stopped) return;
    const { book, clock } = this.#parts;
    const nowMs = clock.nowMs();
    for (const name of book.endpoints) {
      // Of an endpoint that is not configured nothing can be renewed; it stays due, and is listed as expired.
      if (this.#parts.endpoint(name) === undefined) continue;
      const due = [...book.takeDueRetries(name, nowMs), ...book.takeDue(name, nowMs)];
      if (due.length === 0) continue;
      if (this.#parts.ear.isHeard) this.#tellDue(due);
      const lane = this.#lane(name);
      for (const [place, key] of due.entries()) lane.waiting.push({ key, startMs: spread ? this.#startOf(key, nowMs, place, due.length) : nowMs });
      // By what ends first, and what starts last at the front, because the end of an array is cheap to take from.
      lane.waiting.sort((a, b) => b.startMs - a.startMs || this.#untilOf(b.key) - this.#untilOf(a.key));
    }
    this.pump();
  }

  #tellDue(keys: readonly string[]): void {
    for (const key of keys) {
      const entry = this.#parts.book.entry(key);
      if (entry !== undefined) this.#parts.ear.warn(warningOf('due', entry));
    }
  }

  /** Between ticks: takes what failed and is to be tried again, and starts what may start. */
  pump(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const name of this.#parts.book.endpoints) {
      if (this.#stopped || this.#parts.endpoint(name) === undefined) continue;
      for (const key of this.#parts.book.takeDueRetries(name, nowMs)) insert(this.#lane(name), { key, startMs: nowMs });
    }
    for (const [name, lane] of this.#lanes) this.#pumpLane(name, lane);
  }

  /** Renews now, because somebody asked for it. */
  async renewNow(endpoint: Endpoint, name: string, id: string, caller: string): Promise<Result<CallAnswer>> {
    const { book, turns, recorder } = this.#parts;
    const found = book.held(name, id);
    if (found === undefined) return noReservation(name, id);
    const turn = await turns.take(found.key, 'urgent');
    if (!turn.ok) return turn;
    try {
      const entry = book.entry(found.key);
      if (entry === undefined || entry.state === 'closed') return noReservation(name, id);
      const properties = await this.#parts.calls.propertiesOf(entry.key);
      if (!properties.ok) return properties;
      const ends = this.#endsOf(endpoint, entry);
      const operationId = renewalIdOf(name, entry.key, this.#parts.clock.nowMs(), ends.untilMs);
      const begun = await recorder.intend({ key: entry.key, step: 'renew.begin', operationId, untilMs: ends.untilMs, caller });
      if (!begun.ok) return begun;
      return await this.#renew(endpoint, entry, operationId, ends, properties.value);
    } finally {
      turn.value.end();
    }
  }

  /**
   * Goes on with a renewal that was under way when the server stopped. It is the same call, so it says the same end: a
   * substrate that has made it already answers without doing anything, and keeps to the end that it was told then. When
   * that end has passed, the reservation is due again.
   */
  async resume(key: string): Promise<void> {
    const { book, turns, recorder, clock } = this.#parts;
    const turn = await turns.take(key, 'urgent');
    if (!turn.ok) return;
    try {
      const entry = book.entry(key);
      const endpoint = entry === undefined ? undefined : this.#parts.endpoint(entry.endpoint);
      const call = book.image(key)?.calls?.at(-1);
      // What is known here and not in the journal yet has not been interrupted.
      const isKnown = recorder.unwritten(key) !== undefined;
      if (entry?.state !== 'renewing' || endpoint === undefined || call === undefined || isKnown) return;
      const { untilMs } = entry;
      if (untilMs <= clock.nowMs() && endpoint.config.schedulePeriod.length > 0) {
        // A substrate that knows the call would not make it again: another end needs another call, which the next tick makes.
        await recorder.renewed(undefined, {
          key,
          step: 'renew.retry',
          operationId: call.operation_id,
          error: 'the server stopped while it was renewed, and what it asked for has passed',
          renewDeadlineMs: clock.nowMs(),
        });
        return;
      }
      const properties = await this.#parts.calls.propertiesOf(key);
      // Looked at again in a minute.
      if (!properties.ok) return;
      const ends = { toldMs: untilMs, untilMs };
      await this.#renew(endpoint, entry, call.operation_id, ends, properties.value);
    } finally {
      turn.value.end();
    }
  }

  /** Takes nothing new; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const lane of this.#lanes.values()) lane.waiting = [];
    if (this.underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { waiting: [], underWay: 0 };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #pumpLane(name: string, lane: Lane): void {
    const endpoint = this.#parts.endpoint(name);
    if (endpoint === undefined || this.#stopped) return;
    const nowMs = this.#parts.clock.nowMs();
    while (lane.underWay < endpoint.config.concurrentRenewals) {
      const next = lane.waiting.at(-1);
      if (next === undefined || next.startMs > nowMs) return;
      lane.waiting.pop();
      lane.underWay += 1;
      void this.#renewDue(endpoint, next.key)
        .catch((error: unknown) => this.#parts.log.error({ operationId: next.key, reason: messageOf(error) }, 'a renewal met a defect'))
        .then(() => {
          lane.underWay -= 1;
          this.#putBack(lane, next.key);
          if (this.#stopped && this.underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
          this.#pumpLane(name, lane);
        });
    }
  }

  /** Reads the record when the turn has come: it may have been left, renewed or modified meanwhile. */
  async #renewDue(endpoint: Endpoint, key: string): Promise<void> {
    const { book, turns, recorder, clock, log } = this.#parts;
    const turn = await turns.take(key, 'urgent');
    if (!turn.ok) return;
    try {
      const entry = book.entry(key);
      const deadlineMs = this.#deadlineOf(key);
      if (entry === undefined || deadlineMs === undefined || !this.#mayRenew(entry)) return;
      if (deadlineMs > clock.nowMs()) return;
      const properties = await this.#parts.calls.propertiesOf(key);
      if (!properties.ok) return log.warn({ endpoint: entry.endpoint, operationId: key, reason: properties.fault.detail }, 'a renewal waits');
      const ends = this.#endsOf(endpoint, entry);
      const operationId = renewalIdOf(entry.endpoint, key, deadlineMs, ends.untilMs);
      const begin: ReservationStep = { key, step: 'renew.begin', operationId, untilMs: ends.untilMs };
      const begun = await recorder.intend(begin);
      const isTried = begun.ok || begun.fault.code === 'not-durable';
      if (isTried) this.#countBegun(entry.endpoint, deadlineMs, ends);
      if (begun.ok) {
        await this.#renew(endpoint, entry, operationId, ends, properties.value);
      } else if (begun.fault.code === 'not-durable') {
        // The substrate must not end the reservation because our disk is full.
        log.warn({ endpoint: entry.endpoint, reservation: entry.reservationId, operationId }, 'renewing without a journaled intent: the disk takes no writes');
        await this.#renew(endpoint, entry, operationId, ends, properties.value, begin);
      } else {
        log.warn({ endpoint: entry.endpoint, operationId: key, reason: begun.fault.detail }, 'a renewal waits');
      }
    } finally {
      turn.value.end();
    }
  }

  #countBegun(endpoint: string, deadlineMs: number, { toldMs }: Ends): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#parts.counts.renewalBegan(endpoint, nowMs - deadlineMs, toldMs > 0 && nowMs > toldMs);
  }

  /** What the journal could not take yet counts as well. */
  #mayRenew({ key, state, reservationId }: BookEntry): boolean {
    const isSettled = state === 'active' || state === 'unknown';
    return reservationId !== undefined && (isSettled || ((state === 'renewing' || state === 'modifying') && this.#parts.recorder.unwritten(key) !== undefined));
  }

  #renew(
    endpoint: Endpoint,
    entry: BookEntry,
    operationId: string,
    { toldMs, untilMs }: Ends,
    properties: TrueProperties,
    begin?: ReservationStep,
  ): Promise<Result<CallAnswer>> {
    return this.#parts.calls.renewing(endpoint, entry, {
      operationId,
      untilMs,
      properties,
      begin,
      failed: (error, durationMs, isRefused = false) => {
        const step = { key: entry.key, operationId, error, durationMs, ...(toldMs > 0 ? { untilMs: toldMs } : {}) };
        const retryMs = this.#retryOf(endpoint, entry.key, isRefused);
        const warning = { ...warningOf('failed', entry), untilMs: toldMs, error };
        this.#parts.ear.warn(retryMs < toldMs ? { ...warning, retryMs } : warning);
        return retryMs < toldMs ? { ...step, step: 'renew.retry', renewDeadlineMs: retryMs } : { ...step, step: 'renew.failed' };
      },
    });
  }

  /** Read before the intent is journaled: from then on the record says the new end. */
  #endsOf({ config }: Endpoint, { key, untilMs }: BookEntry): Ends {
    const toldMs = this.#parts.recorder.unwritten(key)?.untilMs ?? untilMs;
    // Never earlier than what the substrate was told before, whatever the clock says.
    return { toldMs, untilMs: Math.max(toldMs, untilOf(config, this.#parts.clock.nowMs())) };
  }

  /** Where it belongs after an attempt: on the list, or soon into its lane again when it could not even be tried. */
  #putBack(lane: Lane, key: string): void {
    const { book, clock } = this.#parts;
    const deadlineMs = this.#deadlineOf(key);
    if (deadlineMs === undefined) return;
    const nowMs = clock.nowMs();
    if (deadlineMs > nowMs || !book.isRenewable(key)) book.postpone(key, deadlineMs);
    else if (!this.#stopped) insert(lane, { key, startMs: nowMs + AGAIN_MS });
  }

  /** Undefined when it is not to be renewed. */
  #deadlineOf(key: string): number | undefined {
    const { book, recorder } = this.#parts;
    const unwritten = recorder.unwritten(key)?.renewDeadlineMs;
    return unwritten === undefined ? book.entry(key)?.renewDeadlineMs : (unwritten ?? undefined);
  }

  /** When a failed renewal may be tried again; Infinity when it may not. */
  #retryOf({ config }: Endpoint, key: string, isRefused: boolean): number {
    const nowMs = this.#parts.clock.nowMs();
    if (isRefused) return nowMs + AGAIN_MS;
    const attempts = this.#parts.book.image(key)?.attempts ?? 0;
    return attempts < config.renewRetries ? nowMs + BACKOFF_MS * 2 ** attempts : Number.POSITIVE_INFINITY;
  }

  /** In the order in which they are due, so that a lane that cannot keep up renews first what ends first. */
  #startOf(key: string, nowMs: number, place: number, count: number): number {
    const slackMs = this.#untilOf(key) - nowMs - this.#parts.tickMs();
    const share = (place + this.#parts.random()) / count;
    return nowMs + Math.floor(share * Math.max(0, Math.min(SPREAD_MS_MAX, slackMs)));
  }

  #untilOf(key: string): number {
    return this.#parts.book.entry(key)?.untilMs ?? 0;
  }
}

/** Keeps the order: soonest start last. */
function insert({ waiting }: Lane, added: Waiting): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((waiting[middle] as Waiting).startMs > added.startMs) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, added);
}
