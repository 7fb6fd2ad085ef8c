import type { OwnerClient } from '../dispatch/owner-client.ts';
import { done, type Fault, fail, type Result } from '../faults.ts';
import type { Properties } from '../protocol/plugin-calls.ts';
import type { ReservationStep, ReservationStepped } from '../protocol/reservations.ts';
import type { Book } from './book.ts';
import type { Turn, Turns } from './turns.ts';

/**
 * Sends steps to the owner and takes what they changed into the book. What has happened at a substrate cannot be taken
 * back because a disk is full: such a step is sent again until it is in the journal. Renewals go on meanwhile, from what
 * is kept here.
 */

export interface RecorderLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const RETRY_MS = 500;

/** The step was not made, and may be made later. */
const MAY_PASS: ReadonlySet<Fault['code']> = new Set<Fault['code']>(['not-durable', 'recovering', 'overloaded', 'outcome-unknown']);

/** Renewals (and perhaps a modify before them) of one reservation that have happened and are not in the journal. */
interface Unwritten {
  /** In order: perhaps the end of a renewal whose beginning is in the journal, then at most one more, whole. */
  readonly steps: readonly ReservationStep[];
  readonly untilMs: number | undefined;
  readonly renewDeadlineMs: number | null | undefined;
  readonly properties: Properties;
}

export class Recorder {
  readonly #owner: Pick<OwnerClient, 'send'>;
  readonly #book: Book;
  readonly #turns: Turns;
  readonly #log: RecorderLog;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #unwritten = new Map<string, Unwritten>();
  /** Other outcomes that are sent again and again. */
  #persisting = 0;
  #isWriting = false;
  #closing = false;

  constructor(owner: Pick<OwnerClient, 'send'>, book: Book, turns: Turns, log: RecorderLog, sleep: (ms: number) => Promise<void>) {
    this.#owner = owner;
    this.#book = book;
    this.#turns = turns;
    this.#log = log;
    this.#sleep = sleep;
  }

  /** Reservations of which something is not in the journal yet. */
  get unwrittenCount(): number {
    return this.#unwritten.size + this.#persisting;
  }

  /** What renewals have brought that the record does not say yet. */
  unwritten(key: string): Pick<Unwritten, 'untilMs' | 'renewDeadlineMs' | 'properties'> | undefined {
    return this.#unwritten.get(key);
  }

  /** One try: for intents, which come before anything has happened. */
  async intend(step: ReservationStep): Promise<Result<ReservationStepped>> {
    if (this.#unwritten.has(step.key)) {
      const written = await this.#write(step.key);
      if (!written.ok) return written;
    }
    return this.#send(step);
  }

  /** What has happened. A fault that may pass is told at once, while the step goes on being tried behind the turn. */
  async happened(step: ReservationStep, turn: Turn): Promise<Result<ReservationStepped>> {
    const result = await this.#send(step);
    if (result.ok || !MAY_PASS.has(result.fault.code)) return result;
    this.#log.error({ step: step.step, operationId: step.key, reason: result.fault.detail }, 'an outcome is not in the journal yet; trying again');
    // A modified reservation goes on being renewed meanwhile.
    if (step.step.startsWith('modify.')) this.#keep(undefined, step);
    else turn.hold(this.#persist(step));
    return fail('outcome-unknown', `the plugin has answered, but that could not be made durable yet; ask for the operation ${step.key} later`);
  }

  /** How a renewal ended. @param begin when the journal does not have it. */
  async renewed(begin: ReservationStep | undefined, end: ReservationStep): Promise<Result<ReservationStepped>> {
    if (begin === undefined && !this.#unwritten.has(end.key)) {
      const result = await this.#send(end);
      if (result.ok || !MAY_PASS.has(result.fault.code)) return result;
    }
    this.#keep(begin, end);
    return fail('outcome-unknown', `the renewal has ended, but that could not be made durable yet; see the operation ${end.key} later`);
  }

  close(): void {
    this.#closing = true;
  }

  async #send(step: ReservationStep): Promise<Result<ReservationStepped>> {
    const result = await this.#owner.send('reservation.step', step);
    if (result.ok && !('existing' in result.value)) this.#book.take(result.value);
    return result;
  }

  async #persist(step: ReservationStep): Promise<void> {
    this.#persisting += 1;
    for (;;) {
      await this.#sleep(RETRY_MS);
      // The intent is in the journal: the next start finds the reservation as unknown.
      if (this.#closing) break;
      const result = await this.#send(step);
      if (result.ok) break;
      if (MAY_PASS.has(result.fault.code)) continue;
      // The first try may have been journaled after all.
      this.#log.warn({ step: step.step, operationId: step.key, reason: result.fault.detail }, 'an outcome was refused when it was tried again');
      break;
    }
    this.#persisting -= 1;
    this.#book.refresh(step.key);
  }

  #keep(begin: ReservationStep | undefined, end: ReservationStep): void {
    const before = this.#unwritten.get(end.key);
    const properties = { ...before?.properties, ...end.properties };
    // Renewals between are of no interest any more but for what they returned.
    const first = before?.steps.find(({ step }, index) => index === 0 && step !== 'renew.begin');
    const steps = [...(first === undefined ? [] : [first]), ...(begin === undefined ? [] : [begin]), { ...end, properties }];
    this.#unwritten.set(end.key, {
      steps,
      properties,
      untilMs: end.untilMs ?? before?.untilMs,
      renewDeadlineMs: end.step === 'renew.failed' ? null : (end.renewDeadlineMs ?? before?.renewDeadlineMs),
    });
    const deadlineMs = end.renewDeadlineMs ?? this.#book.entry(end.key)?.renewDeadlineMs;
    if (deadlineMs !== undefined) this.#book.postpone(end.key, deadlineMs);
    if (!this.#isWriting) void this.#writeLater();
  }

  async #writeLater(): Promise<void> {
    this.#isWriting = true;
    this.#log.error({ renewals: this.#unwritten.size }, 'outcomes of renewals are not in the journal yet; trying again');
    while (this.#unwritten.size > 0 && !this.#closing) {
      await this.#sleep(RETRY_MS);
      for (const key of [...this.#unwritten.keys()]) {
        const turn = await this.#turns.take(key);
        if (!turn.ok) continue;
        const written = await this.#write(key);
        turn.value.end();
        if (!written.ok) break;
      }
    }
    this.#isWriting = false;
  }

  /** Brings the record of a reservation up to its renewals. Whoever calls has the turn. */
  async #write(key: string): Promise<Result<void>> {
    const unwritten = this.#unwritten.get(key);
    for (const step of unwritten?.steps ?? []) {
      const result = await this.#send(step);
      if (result.ok) continue;
      if (MAY_PASS.has(result.fault.code)) return result;
      // It was journaled the first time.
      this.#log.warn({ step: step.step, operationId: key, reason: result.fault.detail }, 'a renewal was refused when it was tried again');
    }
    this.#unwritten.delete(key);
    this.#book.refresh(key);
    return done(undefined);
  }
}
