import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import { done, fail, type Result } from '../faults.ts';
import { newUuid } from '../ids.ts';
import type { Idempotency } from '../protocol/commands.ts';
import type { PluginAnswer, PluginCall, PluginOutcome, Properties, RunningCall } from '../protocol/plugin-calls.ts';
import { type BookEntry, type PrivateProperties, RESERVATIONS, type ReservationStep, type StepName } from '../protocol/reservations.ts';
import type { Random } from '../random.ts';
import type { CallAnswer } from './agent-api.ts';
import type { Book } from './book.ts';
import { answerOf, fullQueue, messageIn, noEndpoint, noReservation, refusalIn, repeated } from './call-answers.ts';
import { type Endpoint, renewDeadlineOf, untilOf } from './endpoint.ts';
import type { Recorder } from './recorder.ts';
import type { Turn, Turns, Urgency } from './turns.ts';

/**
 * Join, leave, modify, status: an operation takes its turn, reads the record, journals the intent, calls the plugin, and
 * journals what came of it, in this order and never another.
 */

export interface CallParts {
  readonly owner: Pick<OwnerClient, 'query'>;
  readonly book: Book;
  readonly turns: Turns;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly tickMs: () => number;
  endpoint(name: string): Endpoint | undefined;
  /** The server stops: what is cut off now goes on after the next start. */
  readonly isClosing: () => boolean;
  /** A call took so long that what it made is to be renewed already: it may end before the next tick. */
  fellDue(): void;
  /** A join was interrupted: its plugin may know what became of it. */
  joinLost(key: string): void;
  readonly log: CallLog;
}

export interface CallLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a reservation's plugin is called with: true values, secrets included. */
export interface TrueProperties {
  readonly join: Properties;
  readonly sched: Properties;
}

export interface Renewal {
  readonly operationId: string;
  readonly untilMs: number;
  readonly properties: TrueProperties;
  readonly begin: ReservationStep | undefined;
  /** @param isRefused the plugin was not even called. */
  failed(error: string, durationMs: number, isRefused?: boolean): ReservationStep;
}

/** Makes of an outcome what is journaled, and what the caller hears. */
type Settle = (outcome: PluginOutcome, durationMs: number) => Promise<Result<CallAnswer>>;

export class Calls {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  async join(name: string, properties: Properties, caller: string, idempotency?: Idempotency): Promise<Result<CallAnswer>> {
    const { recorder, clock, random, turns } = this.#parts;
    const endpoint = this.#parts.endpoint(name);
    if (endpoint === undefined || endpoint.isRetired) return noEndpoint(name);
    const full = fullQueue(endpoint);
    if (full !== undefined) return full;
    const key = newUuid(clock, random);
    const untilMs = untilOf(endpoint.config, clock.nowMs());
    const turn = await turns.take(key);
    if (!turn.ok) return turn;
    const begun = await recorder.intend({
      key,
      step: 'join.begin',
      operationId: key,
      caller,
      endpoint: name,
      joinProperties: properties,
      untilMs,
      ...(idempotency === undefined ? {} : { idempotency }),
    });
    if (!begun.ok || 'existing' in begun.value) {
      turn.value.end();
      return begun.ok ? this.#joinedBefore((begun.value as { existing: string }).existing) : begun;
    }
    const call: PluginCall = { operation: 'join', operationId: key, input: { untilMs, callerProperties: properties } };
    return this.#perform(endpoint, call, key, turn.value, 'join.lost', (outcome, durationMs) =>
      this.settleJoin(endpoint, key, untilMs, outcome, durationMs, turn.value),
    );
  }

  /** Journals what a join came to; also for a join that recovery has asked about. */
  async settleJoin(endpoint: Endpoint, key: string, untilMs: number, outcome: PluginOutcome, durationMs: number, turn: Turn): Promise<Result<CallAnswer>> {
    const ended = { key, operationId: key, durationMs };
    const failed = (error: string): Promise<Result<unknown>> => this.#parts.recorder.happened({ ...ended, step: 'join.failed', error }, turn);
    switch (outcome.type) {
      case 'returned':
        if (outcome.answer.status !== 0) {
          const message = refusalIn(outcome.answer);
          const recorded = await failed(message);
          return recorded.ok ? fail('join-refused', message) : recorded;
        }
        return this.#joined(endpoint, ended, untilMs, outcome.answer, turn);
      case 'threw': {
        const recorded = await failed(outcome.message);
        return recorded.ok ? done({ type: 'threw', message: outcome.message }) : recorded;
      }
      case 'refused': {
        // The plugin was not even called. Who was not told of an operation that he may look for can ask for the same join again.
        const isTold = this.#parts.book.entry(key)?.state === 'unknown';
        const recorded = await failed(outcome.message);
        if (recorded.ok && !isTold) await this.#parts.recorder.happened({ key, step: 'purge' }, turn);
        return fail('overloaded', outcome.message);
      }
      default:
        return this.#interrupted(endpoint, 'join.lost', ended, outcome, turn);
    }
  }

  leave(name: string, id: string, callerProperties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#inTurn(name, id, 'urgent', async (endpoint, entry, turn) => {
      const operationId = newUuid(this.#parts.clock, this.#parts.random);
      const properties = await this.propertiesOf(entry.key);
      if (!properties.ok) return ended(turn, properties);
      const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'leave.begin', operationId, caller });
      if (!begun.ok) return ended(turn, begun);
      return this.#leaving(endpoint, entry.key, operationId, { callerProperties, schedProperties: properties.value.sched }, turn);
    });
  }

  modify(name: string, id: string, callerProperties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#inTurn(name, id, 'normal', async (endpoint, entry, turn) => {
      const operationId = newUuid(this.#parts.clock, this.#parts.random);
      const properties = await this.propertiesOf(entry.key);
      if (!properties.ok) return ended(turn, properties);
      const { sched } = properties.value;
      const begun = await this.#parts.recorder.intend({ key: entry.key, step: 'modify.begin', operationId, caller });
      if (!begun.ok) return ended(turn, begun);
      const call: PluginCall = {
        operation: 'modify',
        operationId,
        input: { reservationId: entry.reservationId ?? '', callerProperties, schedProperties: sched },
      };
      return this.#perform(endpoint, call, entry.key, turn, 'modify.lost', (outcome, durationMs) => {
        const step = { key: entry.key, operationId, durationMs };
        return this.#settle(endpoint, outcome, 'modify', { ...step, ...this.#returned(entry, outcome) }, turn);
      });
    });
  }

  status(name: string, id: string): Promise<Result<CallAnswer>> {
    return this.#inTurn(name, id, 'idle', async (endpoint, entry, turn) => {
      if (entry.reservationId === undefined) return ended(turn, noReservation(name, id));
      const properties = await this.propertiesOf(entry.key);
      if (!properties.ok) return ended(turn, properties);
      const { sched } = properties.value;
      const operationId = newUuid(this.#parts.clock, this.#parts.random);
      const call: PluginCall = { operation: 'status', operationId, input: { reservationId: entry.reservationId, schedProperties: sched } };
      return this.#perform(endpoint, call, entry.key, turn, undefined, (outcome) => {
        if (outcome.type === 'returned' || outcome.type === 'threw') return Promise.resolve(answerOf(outcome));
        return Promise.resolve(outcome.type === 'refused' ? fail('overloaded', outcome.message) : fail('plugin-failed', messageIn(outcome)));
      });
    });
  }

  /**
   * Renews a reservation whose turn the caller has.
   * @param renewal what to journal: `begin` when the journal could not take the intent, `failed` for an attempt that failed.
   */
  async renewing(endpoint: Endpoint, entry: BookEntry, renewal: Renewal): Promise<Result<CallAnswer>> {
    const { clock, recorder, tickMs, log } = this.#parts;
    const { operationId, untilMs, begin, failed } = renewal;
    const { join: joinProperties, sched: schedProperties } = renewal.properties;
    const input = { reservationId: entry.reservationId ?? '', untilMs, joinProperties, schedProperties };
    const startedMs = clock.monotonicMs();
    const outcome = await this.#renewWith(endpoint, { operation: 'renew', operationId, input });
    // The journal has it as begun: the next start makes the same call again.
    if (this.#parts.isClosing() && outcome.type !== 'returned' && outcome.type !== 'threw') return fail('stopping', 'the server is stopping');
    const durationMs = clock.monotonicMs() - startedMs;
    if (outcome.type === 'returned' && outcome.answer.status === 0) {
      const renewDeadlineMs = renewDeadlineOf(endpoint.config, tickMs(), untilMs);
      const step: ReservationStep = {
        key: entry.key,
        step: 'renew.done',
        operationId,
        durationMs,
        untilMs,
        renewDeadlineMs,
        ...this.#returned(entry, outcome),
      };
      const recorded = await recorder.renewed(begin, step);
      this.#lookAt(step);
      if (recorded.ok) return answerOf(outcome);
      if (recorded.fault.code !== 'too-large') return recorded;
      await recorder.renewed(begin, failed(recorded.fault.detail, durationMs));
      return fail('plugin-failed', recorded.fault.detail);
    }
    const error = outcome.type === 'returned' ? refusalIn(outcome.answer) : messageIn(outcome);
    log.error({ endpoint: entry.endpoint, reservation: entry.reservationId, operationId, reason: error }, 'a renewal failed');
    const isRefused = outcome.type === 'refused';
    const recorded = await recorder.renewed(begin, failed(error, durationMs, isRefused));
    if (!recorded.ok) return recorded;
    if (outcome.type === 'returned' || outcome.type === 'threw') return answerOf(outcome);
    if (outcome.type === 'late') return fail('plugin-timeout', outcome.message);
    return isRefused ? fail('overloaded', error) : fail('plugin-failed', error);
  }

  async #renewWith(endpoint: Endpoint, call: PluginCall): Promise<PluginOutcome> {
    let outcome = await this.#now(endpoint).host.call(call, endpoint.config.timeLimitsMs.renew).ended;
    // It died with its thread, perhaps through no fault of its own; the same operation id says that it is the same call.
    for (let again = 1; outcome.type === 'died' && again <= RESENDS_MAX; again++) {
      outcome = await this.#now(endpoint).host.call(call, endpoint.config.timeLimitsMs.renew).ended;
    }
    return outcome;
  }

  /**
   * Join and schedule properties with their true values; read in the reservation's turn, and before anything is begun: a
   * plugin must never be called with a mask for a password.
   */
  async propertiesOf(key: string): Promise<Result<TrueProperties>> {
    const { book, owner, recorder } = this.#parts;
    const image = book.image(key);
    // The owner's thread is gone, and its records with it: no properties are known, which is not the same as none.
    if (image === undefined) return fail('recovering', 'the store is being recovered');
    const join = image.join_properties ?? {};
    const sched = { ...image.sched_properties, ...recorder.unwritten(key)?.properties };
    if (image.has_private !== true) return done({ join, sched });
    const secrets = await owner.query('secrets.read', { kind: RESERVATIONS, name: key });
    if (!secrets.ok) return secrets;
    const sealed = secrets.value?.['private'];
    if (sealed === undefined) return fail('internal', `the secrets of the reservation ${key} are not there`);
    const hidden = JSON.parse(sealed) as PrivateProperties;
    return done({ join: { ...join, ...hidden.join }, sched: { ...sched, ...hidden.sched, ...recorder.unwritten(key)?.properties } });
  }

  async #joined(
    endpoint: Endpoint,
    ended: { key: string; operationId: string; durationMs: number },
    untilMs: number,
    answer: PluginAnswer,
    turn: Turn,
  ): Promise<Result<CallAnswer>> {
    const { recorder, tickMs, log } = this.#parts;
    const { key, operationId, durationMs } = ended;
    const reservationId = answer.reservationId ?? '';
    const plain = {
      key,
      operationId,
      durationMs,
      step: 'join.done',
      reservationId,
      untilMs,
      renewDeadlineMs: renewDeadlineOf(endpoint.config, tickMs(), untilMs),
    } as const;
    const step: ReservationStep = answer.properties === null ? plain : { ...plain, properties: answer.properties };
    const recorded = await recorder.happened(step, turn);
    if (recorded.ok) {
      this.#lookAt(step);
      return answerOf({ type: 'returned', answer });
    }
    if (recorded.fault.code !== 'reservation-id-taken' && recorded.fault.code !== 'too-large') return recorded;
    // What was made cannot be held under this id: it is left again, or stays listed as orphaned.
    const { renewDeadlineMs, properties, ...orphan } = step;
    const { detail } = recorded.fault;
    log.error(
      { endpoint: endpoint.config.name, reservation: answer.reservationId, operationId: ended.key, reason: detail },
      'a join cannot be held; leaving it again',
    );
    const kept = recorded.fault.code === 'too-large' || properties === undefined ? {} : { properties };
    const orphaned = await recorder.happened({ ...orphan, ...kept, step: 'join.orphaned', error: detail }, turn);
    if (orphaned.ok) await this.#leaveOrphan(endpoint, ended.key, turn);
    return recorded.fault.code === 'too-large' ? fail('plugin-failed', detail) : recorded;
  }

  async #leaveOrphan(endpoint: Endpoint, key: string, turn: Turn): Promise<void> {
    const operationId = newUuid(this.#parts.clock, this.#parts.random);
    const properties = await this.propertiesOf(key);
    if (!properties.ok) return;
    const begun = await this.#parts.recorder.intend({ key, step: 'leave.begin', operationId });
    if (!begun.ok) return;
    // The turn is the join's, which ends it.
    turn.hold(this.#leaving(endpoint, key, operationId, { callerProperties: {}, schedProperties: properties.value.sched }, turn, false));
  }

  async #leaving(
    endpoint: Endpoint,
    key: string,
    operationId: string,
    properties: { readonly callerProperties: Properties; readonly schedProperties: Properties },
    turn: Turn,
    endsTurn = true,
  ): Promise<Result<CallAnswer>> {
    const reservationId = this.#parts.book.image(key)?.reservation_id ?? '';
    const call: PluginCall = { operation: 'leave', operationId, input: { reservationId, ...properties } };
    const settle: Settle = (outcome, durationMs) => this.#settle(endpoint, outcome, 'leave', { key, operationId, durationMs }, turn);
    return this.#perform(endpoint, call, key, turn, 'leave.lost', settle, endsTurn);
  }

  /** Journals what a leave or a modify came to. */
  async #settle(
    endpoint: Endpoint,
    outcome: PluginOutcome,
    operation: 'leave' | 'modify',
    step: Omit<ReservationStep, 'step'>,
    turn: Turn,
  ): Promise<Result<CallAnswer>> {
    const { recorder } = this.#parts;
    if (outcome.type === 'returned' || outcome.type === 'threw') {
      const isDone = outcome.type === 'returned' && outcome.answer.status === 0;
      const { properties, ...plain } = step;
      const error = outcome.type === 'threw' ? outcome.message : refusalIn(outcome.answer);
      const recorded = await recorder.happened(isDone ? { ...step, step: `${operation}.done` } : { ...plain, step: `${operation}.failed`, error }, turn);
      if (recorded.ok) return answerOf(outcome);
      if (recorded.fault.code !== 'too-large') return recorded;
      await recorder.happened({ ...plain, step: `${operation}.failed`, error: recorded.fault.detail }, turn);
      return fail('plugin-failed', recorded.fault.detail);
    }
    if (outcome.type === 'refused') {
      await recorder.happened({ ...step, step: `${operation}.failed`, error: outcome.message }, turn);
      return fail('overloaded', outcome.message);
    }
    return this.#interrupted(endpoint, `${operation}.lost`, step, outcome, turn);
  }

  /** Nobody knows what the call did: the reservation is `unknown`, and says so. */
  async #interrupted(endpoint: Endpoint, lost: StepName, step: Omit<ReservationStep, 'step'>, outcome: PluginOutcome, turn: Turn): Promise<Result<CallAnswer>> {
    const { book, recorder, log } = this.#parts;
    const error = messageIn(outcome);
    log.error({ endpoint: endpoint.config.name, operationId: step.key, reason: error }, 'a plugin call was interrupted; its outcome is not known');
    // A call that went on after its time limit has made the reservation unknown already.
    if (book.entry(step.key)?.state !== 'unknown') await recorder.happened({ ...step, step: lost, error }, turn);
    if (lost === 'join.lost') this.#parts.joinLost(step.key);
    return outcome.type === 'late'
      ? fail('plugin-timeout', error)
      : fail('plugin-failed', `${error}; the reservation is listed under the operation ${step.key}`);
  }

  /** Calls the plugin; when the time limit passes the caller is answered, and the turn goes on until the call has really ended. */
  async #perform(
    endpoint: Endpoint,
    call: PluginCall,
    key: string,
    turn: Turn,
    lost: StepName | undefined,
    settle: Settle,
    endsTurn = true,
  ): Promise<Result<CallAnswer>> {
    const { clock, recorder, log } = this.#parts;
    const startedMs = clock.monotonicMs();
    const timeLimitMs = endpoint.config.timeLimitsMs[call.operation];
    const running: RunningCall = this.#now(endpoint).host.call(call, timeLimitMs);
    const outcome = await Promise.race([running.ended, running.overdue]);
    try {
      if (outcome !== undefined) return await settle(outcome, clock.monotonicMs() - startedMs);
      const error = `the plugin did not answer within ${timeLimitMs} ms`;
      log.error({ endpoint: endpoint.config.name, operation: call.operation, operationId: key, timeLimitMs }, 'a plugin call exceeded its time limit');
      if (lost !== undefined)
        await recorder.happened({ key, step: lost, operationId: call.operationId, durationMs: clock.monotonicMs() - startedMs, error }, turn);
      turn.hold(running.ended.then((late) => settle(late, clock.monotonicMs() - startedMs)));
      return fail(
        'plugin-timeout',
        `${error}; ${lost === undefined ? 'ask again later' : `the reservation is unknown until that is settled, see the operation ${key}`}`,
      );
    } finally {
      if (endsTurn) turn.end();
    }
  }

  /** Takes the turn of a reservation, and reads where it stands then. `work` ends the turn. */
  async #inTurn(
    name: string,
    id: string,
    urgency: Urgency,
    work: (endpoint: Endpoint, entry: BookEntry, turn: Turn) => Promise<Result<CallAnswer>>,
  ): Promise<Result<CallAnswer>> {
    const { book, turns } = this.#parts;
    const endpoint = this.#parts.endpoint(name);
    if (endpoint === undefined) return noEndpoint(name);
    const found = book.held(name, id);
    if (found === undefined) return noReservation(name, id);
    const full = urgency === 'urgent' ? undefined : fullQueue(endpoint);
    if (full !== undefined) return full;
    const turn = await turns.take(found.key, urgency);
    if (!turn.ok) return turn;
    const entry = book.entry(found.key);
    // Left or released while this call waited.
    if (entry === undefined || entry.state === 'closed') return ended(turn.value, noReservation(name, id));
    try {
      return await work(endpoint, entry, turn.value);
    } catch (error) {
      turn.value.end();
      throw error;
    }
  }

  /** The same join again: what it came to, once it has come to something. */
  async #joinedBefore(key: string): Promise<Result<CallAnswer>> {
    const turn = await this.#parts.turns.take(key);
    if (!turn.ok) return turn;
    const isKnown = this.#parts.book.entry(key) !== undefined;
    const image = this.#parts.book.image(key);
    const properties = await this.propertiesOf(key);
    turn.value.end();
    if (!isKnown) return fail('overloaded', `the join ${key}, which this one would repeat, came to nothing; try again`);
    if (!properties.ok) return properties;
    const { sched } = properties.value;
    if (image === undefined) return fail('recovering', 'the store is being recovered');
    return repeated(image, sched);
  }

  #lookAt({ renewDeadlineMs }: ReservationStep): void {
    if (renewDeadlineMs !== undefined && renewDeadlineMs !== null && renewDeadlineMs <= this.#parts.clock.nowMs()) this.#parts.fellDue();
  }

  /** A reload may have replaced the plugin since the operation began. */
  #now(endpoint: Endpoint): Endpoint {
    return this.#parts.endpoint(endpoint.config.name) ?? endpoint;
  }

  /** What a returned answer adds to the record. The id that clients see never changes. */
  #returned(entry: BookEntry, outcome: PluginOutcome): { readonly properties?: Properties } {
    if (outcome.type !== 'returned') return {};
    const { properties, reservationId } = outcome.answer;
    if (reservationId !== null && reservationId !== entry.reservationId) {
      this.#parts.log.warn(
        { endpoint: entry.endpoint, reservation: entry.reservationId, returned: reservationId },
        'a plugin returned another reservation id; the id stays as it was',
      );
    }
    return properties === null ? {} : { properties };
  }
}

/** Times that a renewal is sent again when its thread dies under it. */
const RESENDS_MAX = 2;

/**
 * The id of a renewal follows from what it renews and what it asks for: the same renewal has the same one, and one that
 * asks for another end is another renewal, also when the journal knows nothing of the first because the disk was full.
 */
export function renewalIdOf(endpoint: string, key: string, deadlineMs: number, untilMs: number): string {
  const hex = hash('sha256', `${endpoint}/${key}/${deadlineMs}/${untilMs}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function ended<T>(turn: Turn, result: Result<T>): Result<never> {
  turn.end();
  return result.ok ? fail('internal', 'an operation ended early') : result;
}
