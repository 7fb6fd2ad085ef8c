import { HoldfastError } from './error.ts';
import { eventIn, type FeedEvent } from './events.ts';
import { FEED_RETRIES, pauseAfter, type RetryOptions } from './retry.ts';
import { type SseMessage, SseParser } from './sse.ts';
import type { StreamAnswer, Transport } from './transport.ts';
import { addConditions } from './where.ts';

export interface FeedOptions<K extends string, W = object> {
  /** Default: everything that the token may see. */
  readonly kinds?: readonly K[];
  /** Keys of records; natural keys belong into `where`. */
  readonly keys?: readonly string[];
  /** Reservations of this endpoint. */
  readonly endpoint?: string;
  /** As in lists; with exactly one kind of the inventory. */
  readonly where?: W;
  /** The sequence or the id of an event, or the `sequence` of a list: what came after it is told first. Default: from now on. */
  readonly since?: number | string;
  /** Tell what changed instead of the whole record, where the record before is still known. */
  readonly patch?: boolean;
  readonly signal?: AbortSignal;
  /** When a connection breaks; the first one is tried as often as other calls. */
  readonly reconnect?: RetryOptions;
  /** A connection that is silent for so long is dead: the server says something every 15 seconds. */
  readonly silenceMsMax?: number;
  /** Told before the feed waits and connects again. */
  readonly onInterruption?: (interruption: Interruption) => void;
}

export interface Interruption {
  /** Undefined: the server has ended the connection, as it does when it stops. */
  readonly cause: unknown;
  /** Connections in a row that told nothing new. */
  readonly failures: number;
  readonly pauseMs: number;
}

const SILENCE_MS_MAX = 45_000;
/** A connection that held so long was a good one. */
const GOOD_CONNECTION_MS = 5000;
const PATH = '/feed';

/**
 * Everything that happens, in order, until the loop is left. When the connection breaks it is made again and goes on after
 * the last event, so that none is missed and none comes twice; where the server cannot go back so far, a `reset` comes.
 * Who reads slowly is sent as much as he reads. A second loop over the same feed goes on where the first one ended.
 */
export class Feed<E> implements AsyncIterable<E> {
  readonly #transport: Transport;
  readonly #options: FeedOptions<string>;
  readonly #place: Place;
  #failures = 0;

  constructor(transport: Transport, options: FeedOptions<string>) {
    this.#transport = transport;
    this.#options = options;
    this.#place = new Place(options.since);
  }

  /** Where the feed stands, for `since` of a later one; inside the loop, after the event that is being handled. */
  get position(): string | undefined {
    return this.#place.text;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void, void> {
    let isFirst = true;
    for (;;) {
      let connectedMs = Number.POSITIVE_INFINITY;
      let cause: unknown;
      try {
        const { body } = await this.#connect(isFirst);
        connectedMs = performance.now();
        isFirst = false;
        yield* this.#events(body);
      } catch (error) {
        if (isFirst || !mayGoOn(error, this.#options.signal)) throw error;
        cause = error;
      }
      if (performance.now() - connectedMs >= GOOD_CONNECTION_MS) this.#failures = 0;
      await this.#pause(cause);
    }
  }

  async #connect(isFirst: boolean): Promise<StreamAnswer> {
    const { silenceMsMax = SILENCE_MS_MAX, signal } = this.#options;
    const answer = await this.#transport.stream(
      {
        method: 'GET',
        path: PATH,
        query: feedQuery(this.#options, this.#place.text),
        accept: 'text/event-stream',
        answerTimeoutMs: silenceMsMax,
        ...(signal === undefined ? {} : { signal }),
        ...(isFirst ? {} : { retriesMax: 0 }),
      },
      true,
    );
    if (!String(answer.headers['content-type']).startsWith('text/event-stream')) {
      for await (const _ of answer.body) break;
      throw new HoldfastError({ code: 'unexpected-answer', message: `${PATH} answered with something that is no event stream` });
    }
    return answer;
  }

  async *#events(body: AsyncIterable<Buffer>): AsyncGenerator<E, void, void> {
    const parser = new SseParser();
    for await (const chunk of body) {
      for (const message of parser.push(chunk)) {
        const event = this.#take(message);
        if (event !== undefined) yield event as E;
      }
    }
  }

  /** @returns undefined for what was told before, and for what is about the feed alone */
  #take({ id, data }: SseMessage): FeedEvent | undefined {
    const event = eventIn(data);
    if (event.sequence !== undefined) {
      const isNew = this.#place.moveTo(id ?? event.id, event.sequence, event.topic === 'reset');
      if (isNew) this.#failures = 0;
      // A reset is told even where it changes nothing.
      else if (event.topic !== 'reset') return undefined;
    }
    return event.topic === 'position' || event.topic === 'other' ? undefined : event;
  }

  async #pause(cause: unknown): Promise<void> {
    const { reconnect, signal, onInterruption } = this.#options;
    const policy = { ...FEED_RETRIES, ...reconnect };
    this.#failures += 1;
    if (this.#failures > policy.retriesMax) {
      throw cause ?? new HoldfastError({ code: 'connection-lost', message: `the server ended the feed ${this.#failures} times in a row` });
    }
    const pauseMs = pauseAfter(policy, this.#failures, cause instanceof HoldfastError ? cause.retryAfterMs : undefined);
    onInterruption?.({ cause, failures: this.#failures, pauseMs });
    const { closed } = this.#transport;
    await policy.wait(pauseMs, signal === undefined ? closed : AbortSignal.any([signal, closed]));
  }
}

/** How far the feed has come, in which epoch. */
class Place {
  #epoch: string | undefined;
  #sequence: number | undefined;

  constructor(since: number | string | undefined) {
    if (since === undefined) return;
    const [, epoch, sequence] = /^(?:(\d+)-)?(\d{1,16})(?:-position|-reset)?$/.exec(String(since)) ?? [];
    if (sequence === undefined) throw new TypeError('since is the sequence or the id of an event');
    this.#epoch = epoch;
    this.#sequence = Number(sequence);
  }

  get text(): string | undefined {
    if (this.#sequence === undefined) return undefined;
    return this.#epoch === undefined ? String(this.#sequence) : `${this.#epoch}-${this.#sequence}`;
  }

  /** @returns whether that is further than before. After a reset every place is. */
  moveTo(id: string, sequence: number, isReset: boolean): boolean {
    const epoch = /^(\d+)-\d+$/.exec(id)?.[1] ?? this.#epoch;
    const isSameEpoch = epoch === this.#epoch || this.#epoch === undefined;
    const isNew = this.#sequence === undefined || !isSameEpoch || sequence > this.#sequence;
    if (isNew || isReset) this.#sequence = sequence;
    this.#epoch = epoch;
    return isNew;
  }
}

function feedQuery({ kinds, keys, endpoint, where, patch }: FeedOptions<string>, since: string | undefined): URLSearchParams {
  const query = new URLSearchParams();
  if (kinds !== undefined) query.set('kinds', listed('kinds', kinds));
  if (keys !== undefined) query.set('keys', listed('keys', keys));
  if (endpoint !== undefined) query.set('endpoint', endpoint);
  if (where !== undefined) addConditions(query, where);
  if (patch === true) query.set('patch', 'true');
  if (since !== undefined) query.set('since', since);
  return query;
}

/** An empty list would ask for everything. */
function listed(name: string, values: readonly string[]): string {
  if (values.length === 0) throw new TypeError(`${name} is an empty list`);
  return values.join(',');
}

/** What a new connection may mend. */
function mayGoOn(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted === true || !(error instanceof HoldfastError)) return false;
  const { status, code } = error;
  if (status === undefined) return code === 'unreachable' || code === 'connection-lost';
  return status >= 500 || status === 408 || status === 429;
}
