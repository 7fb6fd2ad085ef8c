import type { AsOf } from '../protocol/past.ts';
import { jsonIn } from './answers.ts';
import { type At, atText } from './as-of.ts';
import { HoldfastError } from './error.ts';
import type { JsonPatchOperation } from './kinds.ts';
import { nextCursor } from './record-list.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type Transport } from './transport.ts';

/** A record that is not the same in two states. */
export interface DiffChange<R = Readonly<Record<string, unknown>>> {
  readonly kind: string;
  readonly key: string;
  /** What makes the second state of the first one. */
  readonly type: 'created' | 'changed' | 'deleted';
  /** In the first state; absent when it is not there. */
  readonly fromRevision?: number;
  readonly toRevision?: number;
  /** Of a changed record, unless whole records were asked for (RFC 6902). */
  readonly patch?: readonly JsonPatchOperation[];
  /** Of a deleted record, and of a changed one when whole records were asked for. */
  readonly before?: R;
  /** Of a created record, and of a changed one when whole records were asked for. */
  readonly after?: R;
}

export interface DiffSummary {
  readonly from: AsOf;
  readonly to: AsOf;
  /** By kind: of the whole, whatever the limit is. */
  readonly counts: Readonly<Record<string, { readonly created: number; readonly changed: number; readonly deleted: number }>>;
}

export interface DiffOptions extends CallOptions {
  /** Without it the whole inventory. `reservations` alone, which needs the scope `reservations`. */
  readonly kinds?: string | readonly string[];
  /** Of a changed record both versions, instead of a patch. */
  readonly records?: boolean;
  /** At most so many changes altogether. */
  readonly limit?: number;
  /** Changes in one answer; one page at a time is in memory. */
  readonly pageSize?: number;
}

const PATH = '/diff';
const PAGE_SIZE = 1000;

/** What is different between two moments, page by page; all pages are of the same two states. */
export class Diff<R = Readonly<Record<string, unknown>>> implements AsyncIterable<DiffChange<R>> {
  readonly #transport: Transport;
  readonly #query: URLSearchParams;
  readonly #options: DiffOptions;
  #summary: DiffSummary | undefined;

  constructor(transport: Transport, from: At, to: At, options: DiffOptions) {
    this.#transport = transport;
    this.#query = diffQuery(from, to, options);
    this.#options = options;
  }

  /** Which states they are, and how much is different; asks for it when no change has been read yet. */
  async summary(): Promise<DiffSummary> {
    if (this.#summary !== undefined) return this.#summary;
    const query = new URLSearchParams(this.#query);
    query.set('form', 'counts');
    return (await this.#page(query)).page;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<DiffChange<R>, void, void> {
    const { limit = Number.POSITIVE_INFINITY, pageSize = PAGE_SIZE } = this.#options;
    const query = new URLSearchParams(this.#query);
    for (let left = limit; left > 0; ) {
      query.set('limit', String(Math.min(pageSize, left)));
      const { page, next } = await this.#page(query);
      const { changes = [] } = page;
      yield* changes;
      left -= changes.length;
      if (next === undefined || changes.length === 0) return;
      query.set('after', next);
    }
  }

  /** All of them, in memory. */
  async toArray(): Promise<DiffChange<R>[]> {
    const all: DiffChange<R>[] = [];
    for await (const change of this) all.push(change);
    return all;
  }

  async #page(
    query: URLSearchParams,
  ): Promise<{ readonly page: DiffSummary & { readonly changes?: readonly DiffChange<R>[] }; readonly next: string | undefined }> {
    const ask = { answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(this.#options), method: 'GET', path: PATH, query } as const;
    const { headers, text } = await this.#transport.send(ask);
    const page = jsonIn(text, PATH);
    if (!isSummary(page)) throw new HoldfastError({ code: 'unexpected-answer', message: `${PATH} answered with something that is no diff` });
    const { from, to, counts } = page;
    this.#summary = { from, to, counts };
    return { page, next: nextCursor(headers['link']) };
  }
}

export function diffQuery(from: At, to: At | undefined, { kinds = [], records }: Pick<DiffOptions, 'kinds' | 'records'>): URLSearchParams {
  const query = new URLSearchParams({ from: atText(from), ...(to === undefined ? {} : { to: atText(to) }) });
  for (const kind of typeof kinds === 'string' ? [kinds] : kinds) query.append('kind', kind);
  if (records === true) query.set('form', 'records');
  return query;
}

function isSummary(value: unknown): value is DiffSummary {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value && 'counts' in value;
}
