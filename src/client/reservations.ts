import type { ReservationCall, ReservationImage, ReservationState } from '../protocol/reservations.ts';
import { jsonIn, orUndefined } from './answers.ts';
import { addAt, type PastOptions } from './as-of.ts';
import { HoldfastError } from './error.ts';
import { segment } from './paths.ts';
import type { WriteOptions } from './record-kind.ts';
import { type CountOptions, countOf, type ListOptions, RecordList } from './record-list.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type Transport } from './transport.ts';
import type { Where } from './where.ts';

export type { ReservationCall, ReservationState };

/** As lists show it: what it is doing, until when, and what happened to it. Values of properties whose names say secret are masked. */
export type Reservation = Omit<ReservationImage, 'held_as' | 'resume_state' | 'has_private' | 'idempotency' | 'request_hash'>;

export type Properties = Readonly<Record<string, string>>;

/** What a plugin answered to a call that it carried out. */
export interface PluginAnswer {
  readonly reservationId: string;
  readonly properties: Properties;
}

/** What a plugin says about a reservation. */
export interface PluginStatus {
  /** 0: all is well; 255: the plugin threw. */
  readonly status: number;
  readonly properties: Properties;
  readonly message: string | undefined;
}

/** What will be renewed. */
export interface ScheduleEntry {
  readonly endpoint: string;
  readonly reservationId: string;
  /** When it is to be renewed, in milliseconds since 1970. */
  readonly renewDeadlineMs: number;
  readonly joinProperties: Properties;
  readonly schedProperties: Properties;
}

interface ReservationConditions {
  /** Has a property with this value, or one of these, from its caller or its plugin. */
  readonly properties?: Readonly<Record<string, string | readonly string[]>>;
  /** On the schedule with an earlier renew deadline. */
  readonly dueBefore?: Date;
}

export type ReservationListOptions = ListOptions<Where<Reservation>> & ReservationConditions;
export type ReservationCountOptions = CountOptions<Where<Reservation>> & ReservationConditions;

const LIST = '/reservations';

/** What is reserved on the substrates. A reservation is named by its endpoint and its id, or the operation id of its join. */
export class Reservations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Provisions. With an idempotency key, the same join again never joins twice. A plugin that throws or refuses is a
   * `HoldfastError`; with the codes `plugin-failed`, `plugin-timeout`, `outcome-unknown` and `connection-lost` it is open
   * what the substrate did, and the reservation may be listed as `unknown`.
   */
  async join(endpoint: string, properties: Properties = {}, options: WriteOptions = {}): Promise<PluginAnswer> {
    const headers: Record<string, string> = options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey };
    return carriedOut(await this.#call('POST', `/join/${segment(endpoint)}`, properties, options, headers));
  }

  /** Tears down. */
  async leave(endpoint: string, id: string, properties: Properties = {}, options: CallOptions = {}): Promise<PluginAnswer> {
    return carriedOut(await this.#call('POST', `/leave/${segment(endpoint)}/${segment(id)}`, properties, options));
  }

  async modify(endpoint: string, id: string, properties: Properties, options: CallOptions = {}): Promise<PluginAnswer> {
    return carriedOut(await this.#call('POST', `/modify/${segment(endpoint)}/${segment(id)}`, properties, options));
  }

  /** Asks the plugin. That something is wrong is an answer. */
  async status(endpoint: string, id: string, options: CallOptions = {}): Promise<PluginStatus> {
    const { status, properties, errorMsg } = await this.#call('GET', `/status/${segment(endpoint)}/${segment(id)}`, undefined, options);
    return { status, properties: properties ?? {}, message: errorMsg ?? undefined };
  }

  /** Renews now, whatever the schedule says, and puts one that is `renew-failed` back on it. */
  renew(endpoint: string, id: string, options: CallOptions = {}): Promise<Reservation> {
    return this.#act(endpoint, id, 'renew', undefined, options);
  }

  /** Forgets one that its substrate no longer knows, without calling the plugin. @param reason is kept with it */
  release(endpoint: string, id: string, reason: string, options: CallOptions = {}): Promise<Reservation> {
    return this.#act(endpoint, id, 'release', { reason }, options);
  }

  /** With its newest `calls`. @returns undefined when there is none */
  async get(endpoint: string, id: string, options: PastOptions = {}): Promise<Reservation | undefined> {
    const path = `${LIST}/${segment(endpoint)}/${segment(id)}`;
    const query = addAt(new URLSearchParams(), options.at);
    const answer = await orUndefined(this.#transport.send({ ...callOptions(options), method: 'GET', path, query }));
    return answer === undefined ? undefined : (jsonIn(answer.text, path) as Reservation);
  }

  list(options: ReservationListOptions & { readonly fields: readonly string[] }): RecordList<Partial<Reservation>>;
  list(options?: ReservationListOptions): RecordList<Reservation>;
  list(options: ReservationListOptions = {}): RecordList<Reservation> {
    return new RecordList(this.#transport, LIST, options, parametersOf(options));
  }

  /** Those in state `unknown` or `orphaned`: they need a person. */
  listUnknown(options: ReservationListOptions = {}): RecordList<Reservation> {
    return new RecordList(this.#transport, `${LIST}/unknown`, options, parametersOf(options));
  }

  count(options: ReservationCountOptions = {}): Promise<number> {
    return countOf(this.#transport, LIST, options, parametersOf(options));
  }

  /** What will be renewed, soonest first; of one endpoint, or of one reservation. */
  schedule(endpoint?: string, id?: string, options: CallOptions = {}): Promise<readonly ScheduleEntry[]> {
    const names = [endpoint, id].filter((name) => name !== undefined);
    return this.#entries(['/schedule', ...names.map(segment)].join('/'), options);
  }

  /** Entries of the schedule whose renew deadline has passed. */
  expired(options: CallOptions = {}): Promise<readonly ScheduleEntry[]> {
    return this.#entries('/expired', options);
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    properties: Properties | undefined,
    options: CallOptions,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<PluginReturn> {
    const body = properties === undefined ? {} : { body: JSON.stringify(properties) };
    const { text } = await this.#transport.send({ answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(options), method, path, headers, ...body });
    return jsonIn(text, path) as PluginReturn;
  }

  async #act(endpoint: string, id: string, action: 'renew' | 'release', body: object | undefined, options: CallOptions): Promise<Reservation> {
    const path = `${LIST}/${segment(endpoint)}/${segment(id)}/${action}`;
    const ask = { answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(options), method: 'POST', path } as const;
    const { text } = await this.#transport.send(body === undefined ? ask : { ...ask, body: JSON.stringify(body) });
    return jsonIn(text, path) as Reservation;
  }

  async #entries(path: string, options: CallOptions): Promise<readonly ScheduleEntry[]> {
    const { text } = await this.#transport.send({ ...callOptions(options), method: 'GET', path });
    const { list } = jsonIn(text, path) as { readonly list: readonly WireEntry[] };
    return list.map(({ name, reservationId, deadline, joinProperties, schedProperties }) => ({
      endpoint: name,
      reservationId,
      renewDeadlineMs: deadline,
      joinProperties,
      schedProperties,
    }));
  }
}

/** NodeAgent2's own form of an answer. */
interface PluginReturn {
  readonly status: number;
  readonly properties: Properties | null;
  readonly resId: { readonly id: string } | null;
  readonly errorMsg: string | null;
}

interface WireEntry {
  readonly name: string;
  readonly reservationId: string;
  readonly deadline: number;
  readonly joinProperties: Properties;
  readonly schedProperties: Properties;
}

function carriedOut({ status, properties, resId, errorMsg }: PluginReturn): PluginAnswer {
  if (status !== 0)
    throw new HoldfastError({ code: 'plugin-refused', message: errorMsg ?? `the plugin answered with status ${status}`, status: 200, pluginStatus: status });
  return { reservationId: resId?.id ?? '', properties: properties ?? {} };
}

function parametersOf({ properties = {}, dueBefore }: ReservationConditions): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(properties)) for (const value of [values].flat()) query.append('property', `${name}:${value}`);
  if (dueBefore !== undefined) query.set('due_before', dueBefore.toISOString());
  return query;
}
