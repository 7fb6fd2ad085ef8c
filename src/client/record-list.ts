import { arrayIn } from './answers.ts';
import { type AsOf, type At, addAt, asOfIn } from './as-of.ts';
import { HoldfastError } from './error.ts';
import { type AnswerHeaders, type CallOptions, callOptions, type Transport } from './transport.ts';
import { addConditions } from './where.ts';

export interface ListOptions<W> extends CallOptions {
  readonly where?: W;
  /** Names of properties; `-` before a name turns it round. Records without the property come last. */
  readonly sort?: string | readonly string[];
  /** Only these properties, and the key. */
  readonly fields?: readonly string[];
  /** At most so many records altogether. */
  readonly limit?: number;
  /** Records in one answer; one page at a time is in memory. */
  readonly pageSize?: number;
  readonly at?: At;
}

export interface CountOptions<W> extends CallOptions {
  readonly where?: W;
  readonly at?: At;
}

const PAGE_SIZE = 1000;

/**
 * The records that fit, page by page. A page is read as a whole before its first record is given out, so that nobody who
 * takes long keeps the server waiting, and `break` leaves nothing open. Pages of the present are not frozen: a record that changes
 * meanwhile may be seen as it was or as it is.
 */
export class RecordList<R> implements AsyncIterable<R> {
  readonly #transport: Transport;
  readonly #path: string;
  readonly #query: URLSearchParams;
  readonly #options: ListOptions<object>;
  #sequence: number | undefined;
  #asOf: AsOf | undefined;

  /** @param more parameters beside those of the options. */
  constructor(transport: Transport, path: string, options: ListOptions<object>, more: URLSearchParams = new URLSearchParams()) {
    this.#transport = transport;
    this.#path = path;
    this.#query = listQuery(options, more);
    this.#options = options;
  }

  /** Every change up to this one is in the list: a feed `since` it misses nothing. Known when the first page is. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  /** Of a list of the past: what its `at` came to. Known when the first page is. */
  get asOf(): AsOf | undefined {
    return this.#asOf;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, void> {
    const { limit = Number.POSITIVE_INFINITY, pageSize = PAGE_SIZE } = this.#options;
    const query = new URLSearchParams(this.#query);
    for (let left = limit; left > 0; ) {
      query.set('limit', String(Math.min(pageSize, left)));
      const { headers, text } = await this.#transport.send({ ...callOptions(this.#options), method: 'GET', path: this.#path, query });
      const records = arrayIn<R>(text, this.#path);
      // Of the first page: what changed while the later ones were read is told by the feed.
      if (!query.has('after')) {
        this.#sequence = sequenceIn(headers);
        this.#asOf = asOfIn(headers);
      }
      yield* records;
      left -= records.length;
      const next = nextCursor(headers['link']);
      if (next === undefined || records.length === 0) return;
      query.set('after', next);
    }
  }

  /** All of them, in memory. */
  async toArray(): Promise<R[]> {
    const all: R[] = [];
    for await (const record of this) all.push(record);
    return all;
  }
}

/** How many fit. */
export async function countOf(transport: Transport, path: string, options: CountOptions<object>, more?: URLSearchParams): Promise<number> {
  const query = listQuery(options, more);
  query.set('count', 'true');
  query.set('limit', '1');
  const { headers } = await transport.send({ ...callOptions(options), method: 'GET', path, query });
  const count = Number(headers['x-total-count']);
  if (!Number.isInteger(count)) throw new HoldfastError({ code: 'unexpected-answer', message: `the list ${path} came without X-Total-Count` });
  return count;
}

function listQuery({ where, sort, fields, at }: ListOptions<object>, more?: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(more);
  addAt(query, at);
  if (where !== undefined) addConditions(query, where);
  if (sort !== undefined) query.set('sort', typeof sort === 'string' ? sort : sort.join(','));
  if (fields !== undefined) query.set('fields', fields.join(','));
  return query;
}

/** The cursor of `Link: <…?after=…>; rel="next"`. */
export function nextCursor(link: string | string[] | undefined): string | undefined {
  for (const each of Array.isArray(link) ? link : [link ?? '']) {
    const target = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(each)?.[1];
    if (target !== undefined) return new URL(target, 'http://localhost').searchParams.get('after') ?? undefined;
  }
  return undefined;
}

function sequenceIn(headers: AnswerHeaders): number | undefined {
  const text = headers['x-holdfast-sequence'];
  return typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
