import type { EndpointConfig } from '../agent/endpoint-config.ts';
import type { HostOptions } from '../agent/plugin-host/endpoint-host.ts';
import { openPluginHost } from '../agent/plugin-host/plugin-host.ts';
import { type Clock, systemClock } from '../clock.ts';
import { done, type Result } from '../faults.ts';
import { newUuid } from '../ids.ts';
import type { PluginAnswer, PluginCall, PluginFeatures, PluginHost, PluginOutcome, Properties, RunningCall } from '../protocol/plugin-calls.ts';
import { type Random, systemRandom } from '../random.ts';

/** What the checks of the conformance kit work with: a plugin in its real host, and the reservations that they have made. */

export interface BenchOptions {
  readonly endpoint: EndpointConfig;
  readonly host: HostOptions;
  /** Given to join and modify. */
  readonly callerProperties: Properties;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A reservation as Holdfast would keep it. */
export interface HeldReservation {
  readonly operationId: string;
  readonly id: string;
  readonly joinProperties: Properties;
  /** Everything that the plugin has returned, merged. */
  schedProperties: Properties;
}

/** Says why a check failed. Thrown by checks, and caught by the kit. */
export class CheckFailure extends Error {}

const CLOSE_LIMIT_MS = 5000;
const PERIOD_MS = 3_600_000;

export class Bench {
  readonly callerProperties: Properties;
  readonly #options: BenchOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #held = new Map<string, HeldReservation>();
  #opened: { readonly host: PluginHost; readonly features: PluginFeatures } | undefined;

  constructor(options: BenchOptions) {
    this.callerProperties = options.callerProperties;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom();
  }

  /** Starts the plugin; again after a `stop`, as a restarted server would. */
  async start(): Promise<Result<PluginFeatures>> {
    const opened = await openPluginHost(this.#options.endpoint, this.#options.host);
    if (!opened.ok) return opened;
    this.#opened = opened.value;
    return done(opened.value.features);
  }

  async stop(): Promise<void> {
    await this.#opened?.host.close(CLOSE_LIMIT_MS);
    this.#opened = undefined;
  }

  newOperationId(): string {
    return newUuid(this.#clock, this.#random);
  }

  /** An hour from now. */
  get untilMs(): number {
    return this.#clock.nowMs() + PERIOD_MS;
  }

  get held(): readonly HeldReservation[] {
    return [...this.#held.values()];
  }

  run(call: PluginCall, timeLimitMs: number = this.#options.endpoint.timeLimitsMs[call.operation]): RunningCall {
    if (this.#opened === undefined) throw new CheckFailure('the plugin does not run any more');
    return this.#opened.host.call(call, timeLimitMs);
  }

  call(call: PluginCall): Promise<PluginOutcome> {
    return this.run(call).ended;
  }

  async join(callerProperties: Properties = this.callerProperties): Promise<HeldReservation> {
    const operationId = this.newOperationId();
    const outcome = await this.call({ operation: 'join', operationId, input: { untilMs: this.untilMs, callerProperties } });
    const { reservationId, properties } = wentWell('join', outcome);
    const reservation = { operationId, id: reservationId ?? '', joinProperties: callerProperties, schedProperties: properties ?? {} };
    if (this.#held.has(reservation.id)) throw new CheckFailure(`join returned the id ${reservation.id}, which another reservation has`);
    this.#held.set(reservation.id, reservation);
    return reservation;
  }

  async renew(reservation: HeldReservation, operationId: string = this.newOperationId()): Promise<void> {
    const { id, joinProperties, schedProperties } = reservation;
    const outcome = await this.call({ operation: 'renew', operationId, input: { reservationId: id, untilMs: this.untilMs, joinProperties, schedProperties } });
    this.#keep(reservation, wentWell('renew', outcome), 'renew');
  }

  async modify(reservation: HeldReservation): Promise<void> {
    const { id, schedProperties } = reservation;
    const input = { reservationId: id, callerProperties: this.callerProperties, schedProperties };
    const outcome = await this.call({ operation: 'modify', operationId: this.newOperationId(), input });
    this.#keep(reservation, wentWell('modify', outcome), 'modify');
  }

  async status({ id, schedProperties }: HeldReservation): Promise<void> {
    const outcome = await this.call({ operation: 'status', operationId: this.newOperationId(), input: { reservationId: id, schedProperties } });
    sameId(wentWell('status', outcome), id, 'status');
  }

  async leave(reservation: HeldReservation): Promise<void> {
    const { id, schedProperties } = reservation;
    const input = { reservationId: id, callerProperties: this.callerProperties, schedProperties };
    sameId(wentWell('leave', await this.call({ operation: 'leave', operationId: this.newOperationId(), input })), id, 'leave');
    this.#held.delete(id);
  }

  /** The id of the reservation that a join made, or undefined when the plugin knows of none. */
  async find(joinOperationId: string): Promise<string | undefined> {
    const outcome = await this.call({ operation: 'find', operationId: this.newOperationId(), input: { joinOperationId } });
    return outcome.type === 'nothing' ? undefined : (wentWell('find', outcome).reservationId ?? '');
  }

  async list(): Promise<readonly string[]> {
    const outcome = await this.call({ operation: 'list', operationId: this.newOperationId(), input: {} });
    if (outcome.type !== 'listed') throw new CheckFailure(`list ${inWords(outcome)}`);
    return outcome.reservationIds;
  }

  #keep(reservation: HeldReservation, answer: PluginAnswer, operation: string): void {
    sameId(answer, reservation.id, operation);
    reservation.schedProperties = { ...reservation.schedProperties, ...answer.properties };
  }
}

export function inWords(outcome: PluginOutcome): string {
  switch (outcome.type) {
    case 'returned':
      return `returned status ${outcome.answer.status}${outcome.answer.errorMessage === null ? '' : `: ${outcome.answer.errorMessage}`}`;
    case 'nothing':
      return 'knows of nothing';
    case 'listed':
      return `listed ${outcome.reservationIds.length} ids`;
    case 'threw':
      return `threw: ${outcome.message}`;
    case 'junk':
      return `says what cannot be taken for an answer: ${outcome.message}`;
    default:
      return `has no outcome: ${outcome.message}`;
  }
}

function wentWell(operation: string, outcome: PluginOutcome): PluginAnswer {
  if (outcome.type === 'returned' && outcome.answer.status === 0) return outcome.answer;
  throw new CheckFailure(`${operation} ${inWords(outcome)}`);
}

function sameId({ reservationId }: PluginAnswer, id: string, operation: string): void {
  if (reservationId === null || reservationId === id) return;
  throw new CheckFailure(`${operation} of ${id} returned the id ${reservationId}: an id never changes; hand a new one on as a property`);
}
