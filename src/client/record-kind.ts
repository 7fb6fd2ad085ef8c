import { arrayIn, jsonIn, orUndefined } from './answers.ts';
import { addAt, type PastOptions } from './as-of.ts';
import { type BulkCounts, type ImportAllOptions, type ImportCounts, type ImportEachOptions, importAll, importEach } from './bulk.ts';
import type { JsonPatchOperation, MergePatch, Replacement } from './kinds.ts';
import { collectionPath, recordPath } from './paths.ts';
import { type HistoryOptions, RecordHistory } from './record-history.ts';
import { type CountOptions, countOf, type ListOptions, RecordList } from './record-list.ts';
import { type CallOptions, callOptions, type Transport } from './transport.ts';
import type { Where } from './where.ts';

/** Only when the record still has this revision (its `revision`, or an ETag as it came); `'*'`: only when there is one. */
export type IfMatch = number | string;

export interface WriteOptions extends CallOptions {
  /** The same key with the same request again gives the answer of the first time, for 24 hours: it makes a retry safe. */
  readonly idempotencyKey?: string;
}

export interface ReplaceOptions extends WriteOptions {
  readonly ifMatch?: IfMatch;
  /** Makes the record when there is none. */
  readonly upsert?: boolean;
}

export interface PatchOptions extends CallOptions {
  readonly ifMatch?: IfMatch;
}

export interface DeleteOptions extends CallOptions {
  readonly ifMatch?: IfMatch;
  /** Also when other records refer to it. */
  readonly force?: boolean;
}

/**
 * The records of one kind. `R` is a record as answers have it, `D` as clients write it. A record is named by its key or a
 * natural key (an xname, a MAC address, a name). Every method throws `HoldfastError`.
 */
export class RecordKind<R extends object, D extends object> {
  readonly name: string;
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, name: string) {
    this.name = name;
    this.#transport = transport;
    this.#path = collectionPath(name);
  }

  /** @returns undefined when there is no such record */
  async get(key: string, options: PastOptions = {}): Promise<R | undefined> {
    const path = recordPath(this.name, key);
    const query = addAt(new URLSearchParams(), options.at);
    const answer = await orUndefined(this.#transport.send({ ...callOptions(options), method: 'GET', path, query }));
    return answer === undefined ? undefined : (jsonIn(answer.text, path) as R);
  }

  /**
   * The record as it is now: `known` itself when nothing has changed, which costs no body. @returns undefined when it is gone
   * @param known has its `revision`
   */
  async refresh(key: string, known: R & { readonly revision: number }, options: CallOptions = {}): Promise<R | undefined> {
    const path = recordPath(this.name, key);
    const headers = { 'if-none-match': etagOf(known.revision) };
    const answer = await orUndefined(this.#transport.send({ ...callOptions(options), method: 'GET', path, headers }));
    if (answer === undefined) return undefined;
    return answer.status === 304 ? known : (jsonIn(answer.text, path) as R);
  }

  /** What the record has been, newest first, page by page; also when it has been deleted. */
  history(key: string, options: HistoryOptions = {}): RecordHistory<R> {
    return new RecordHistory(this.#transport, `${recordPath(this.name, key)}/history`, options);
  }

  /** What is otherwise never read, by property (`password`, `spec.bmc_password`). The server notes in its log who asked. */
  async secrets(key: string, options: CallOptions = {}): Promise<Readonly<Record<string, string>> | undefined> {
    const path = `${recordPath(this.name, key)}/secrets`;
    const answer = await orUndefined(this.#transport.send({ ...callOptions(options), method: 'GET', path }));
    return answer === undefined ? undefined : (jsonIn(answer.text, path) as Readonly<Record<string, string>>);
  }

  /** With `fields`, only those properties are there, and the key. */
  list(options: ListOptions<Where<R>> & { readonly fields: readonly string[] }): RecordList<Partial<R>>;
  list(options?: ListOptions<Where<R>>): RecordList<R>;
  list(options: ListOptions<Where<R>> = {}): RecordList<R> {
    return new RecordList(this.#transport, this.#path, options);
  }

  count(options: CountOptions<Where<R>> = {}): Promise<number> {
    return countOf(this.#transport, this.#path, options);
  }

  async create(draft: D, options: WriteOptions = {}): Promise<R> {
    return jsonIn(await this.#write('POST', this.#path, draft, options), this.#path) as R;
  }

  /** All of them or none, 10 000 at most; for more there is `importAll`. The records come in the order of the drafts. */
  async createMany(drafts: readonly D[], options: WriteOptions = {}): Promise<readonly R[]> {
    return arrayIn<R>(await this.#write('POST', this.#path, drafts, options), this.#path);
  }

  /** The whole record anew: what is not in the draft is gone. A secret that is left out stays. */
  async replace(key: string, draft: Replacement<R, D>, options: ReplaceOptions = {}): Promise<R> {
    const path = recordPath(this.name, key);
    return jsonIn(await this.#write('PUT', path, draft, options), path) as R;
  }

  /** Some of the record: a merge patch (an object, in which null takes a property out), or a JSON patch (a list of operations). */
  async patch(key: string, changes: MergePatch<D> | readonly JsonPatchOperation[], options: PatchOptions = {}): Promise<R> {
    const path = recordPath(this.name, key);
    const contentType = Array.isArray(changes) ? 'application/json-patch+json' : 'application/merge-patch+json';
    const headers = ifMatchHeader(options.ifMatch);
    return jsonIn(
      (await this.#transport.send({ ...callOptions(options), method: 'PATCH', path, body: JSON.stringify(changes), contentType, headers })).text,
      path,
    ) as R;
  }

  /** @returns false when there was none */
  async delete(key: string, options: DeleteOptions = {}): Promise<boolean> {
    const query = new URLSearchParams(options.force === true ? { force: 'true' } : {});
    const ask = { ...callOptions(options), method: 'DELETE', path: recordPath(this.name, key), query, headers: ifMatchHeader(options.ifMatch) } as const;
    return (await orUndefined(this.#transport.send(ask))) !== undefined;
  }

  /** All records or none, in one request that is sent as the items come. Drafts, records that were read, or their JSON in bytes. */
  importAll(items: Items<R, D>, options: ImportAllOptions = {}): Promise<BulkCounts> {
    return importAll(this.#transport, this.#path, items, options);
  }

  /** Each record for itself, in parts, one after the other. What is refused goes to `onRefused`; nothing is thrown for it. */
  importEach<I extends D | R | Uint8Array>(items: AsyncIterable<I> | Iterable<I>, options: ImportEachOptions<I> = {}): Promise<ImportCounts> {
    return importEach(this.#transport, this.#path, items, options);
  }

  async #write(method: 'POST' | 'PUT', path: string, body: object, options: ReplaceOptions): Promise<string> {
    const { idempotencyKey, ifMatch, upsert } = options;
    const headers = { ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }), ...ifMatchHeader(ifMatch) };
    const query = new URLSearchParams(upsert === true ? { upsert: 'true' } : {});
    return (await this.#transport.send({ ...callOptions(options), method, path, query, body: JSON.stringify(body), headers })).text;
  }
}

export type Items<R, D> = AsyncIterable<D | R | Uint8Array> | Iterable<D | R | Uint8Array>;

function etagOf(revision: IfMatch): string {
  const text = String(revision);
  return text === '*' || text.startsWith('"') ? text : `"${text}"`;
}

export function ifMatchHeader(ifMatch: IfMatch | undefined): Readonly<Record<string, string>> {
  return ifMatch === undefined ? {} : { 'if-match': etagOf(ifMatch) };
}
