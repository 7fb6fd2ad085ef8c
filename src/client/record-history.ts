import { arrayIn } from './answers.ts';
import { nextCursor } from './record-list.ts';
import { type CallOptions, callOptions, type Transport } from './transport.ts';

/** One version of a record. */
export interface RecordVersion<R> {
  /** Of the change that made it: its revision. A deletion that only snapshots know of was made with it, or some time before. */
  readonly sequence: number;
  readonly time: string;
  readonly type: 'created' | 'updated' | 'deleted';
  /** `snapshot`: seen in that snapshot; changes around it may not be kept any more. */
  readonly source: 'journal' | 'snapshot';
  readonly snapshot?: string;
  /** Of a deletion, as it last was. */
  readonly record?: R;
  /** Instead of the record, when patches were asked for: what has changed since the version before (RFC 7396). */
  readonly patch?: object;
}

export interface HistoryOptions extends CallOptions {
  /** Updates as merge patches, where the version before is known. */
  readonly patch?: boolean;
  /** At most so many versions altogether. */
  readonly limit?: number;
}

const PAGE_SIZE = 100;

/** The versions of one record, newest first; a page at a time is in memory. */
export class RecordHistory<R> implements AsyncIterable<RecordVersion<R>> {
  readonly #transport: Transport;
  readonly #path: string;
  readonly #options: HistoryOptions;

  constructor(transport: Transport, path: string, options: HistoryOptions) {
    this.#transport = transport;
    this.#path = path;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordVersion<R>, void, void> {
    const { limit = Number.POSITIVE_INFINITY, patch } = this.#options;
    const query = new URLSearchParams(patch === true ? { patch: 'true' } : {});
    for (let left = limit; left > 0; ) {
      query.set('limit', String(Math.min(PAGE_SIZE, left)));
      const { headers, text } = await this.#transport.send({ ...callOptions(this.#options), method: 'GET', path: this.#path, query });
      const versions = arrayIn<RecordVersion<R>>(text, this.#path);
      yield* versions;
      left -= versions.length;
      const next = nextCursor(headers['link']);
      if (next === undefined || versions.length === 0) return;
      query.set('after', next);
    }
  }

  /** All of them, in memory. */
  async toArray(): Promise<RecordVersion<R>[]> {
    const all: RecordVersion<R>[] = [];
    for await (const version of this) all.push(version);
    return all;
  }
}
