import type { At } from './as-of.ts';
import { Diff, type DiffOptions } from './diff.ts';
import type { EventOf, PatchEventOf, ResetEvent, Topic } from './events.ts';
import { Feed, type FeedOptions } from './feed.ts';
import type { DraftOf, KindName, RecordOf, SiteRecord } from './kinds.ts';
import { askQuery, type QueryOptions, type QueryRow, QueryRows } from './query.ts';
import { RecordKind } from './record-kind.ts';
import { Reservations } from './reservations.ts';
import { Snapshots } from './snapshots.ts';
import { type Ask, type ClientOptions, type StreamAnswer, type TextAnswer, Transport } from './transport.ts';
import type { Where } from './where.ts';

/** The entry of `holdfast/client`. */

export type { AsOf, At, PastOptions } from './as-of.ts';
export type { BulkCounts, ImportAllOptions, ImportCounts, ImportEachOptions, RefusedItem } from './bulk.ts';
export type { Diff, DiffChange, DiffOptions, DiffSummary } from './diff.ts';
export type { ClientCode, ErrorCode, Problem } from './error.ts';
// biome-ignore lint/performance/noBarrelFile: programs need the class to ask what went wrong, and this is their one entry
export { HoldfastError } from './error.ts';
export type {
  FeedEvent,
  InventoryEvent,
  RecordEvent,
  RecordPatchEvent,
  RenewalEvent,
  ReservationEvent,
  ReservationPatchEvent,
  ResetEvent,
  ServerEvent,
  SnapshotEvent,
  Topic,
} from './events.ts';
export type { Feed, FeedOptions, Interruption } from './feed.ts';
export type { DraftOf, JsonPatchOperation, KindName, MergePatch, RecordOf, Replacement, SiteRecord } from './kinds.ts';
export type { QueryMoment, QueryOptions, QueryRow, QueryRows } from './query.ts';
export type { HistoryOptions, RecordHistory, RecordVersion } from './record-history.ts';
export type { DeleteOptions, IfMatch, PatchOptions, RecordKind, ReplaceOptions, WriteOptions } from './record-kind.ts';
export type { CountOptions, ListOptions, RecordList } from './record-list.ts';
export type {
  PluginAnswer,
  PluginStatus,
  Properties,
  Reservation,
  ReservationCall,
  ReservationListOptions,
  ReservationState,
  Reservations,
  ScheduleEntry,
} from './reservations.ts';
export type { RetryOptions } from './retry.ts';
export type { RestoredRecord, RestoreOptions, RestoreReport, Snapshot, Snapshots, SnapshotWithFiles } from './snapshots.ts';
export type { AnswerHeaders, Ask, CallOptions, ClientOptions, StreamAnswer, TextAnswer } from './transport.ts';
export type { Comparison, Condition, Scalar, Where } from './where.ts';

type BuiltInTopic = KindName | 'reservations' | 'snapshots' | 'server';

/** One server. Everything that goes wrong is a `HoldfastError`; an abort throws the reason of its signal. */
export class Client implements AsyncDisposable {
  readonly #transport: Transport;
  readonly reservations: Reservations;
  readonly snapshots: Snapshots;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.reservations = new Reservations(this.#transport);
    this.snapshots = new Snapshots(this.#transport);
  }

  /** The records of a kind. What a site's own kinds look like is for the caller to say: `client.kind<Rack>('Rack')`. */
  kind<K extends KindName>(name: K): RecordKind<RecordOf<K>, DraftOf<K>>;
  kind<R extends object = SiteRecord, D extends object = Partial<R>>(name: string): RecordKind<R, D>;
  kind(name: string): RecordKind<SiteRecord, SiteRecord> {
    return new RecordKind(this.#transport, name);
  }

  /** What changes from now on, or `since` a place. */
  feed<K extends Topic = BuiltInTopic>(options: FeedOptions<K, Where<RecordOf<K>>> & { readonly patch: true }): Feed<EventOf<K> | PatchEventOf<K> | ResetEvent>;
  feed<K extends Topic = BuiltInTopic>(options?: FeedOptions<K, Where<RecordOf<K>>>): Feed<EventOf<K> | ResetEvent>;
  feed(options: FeedOptions<string> = {}): Feed<unknown> {
    return new Feed(this.#transport, options);
  }

  /** The rows of one SELECT, over the records as they are now or over snapshots. What they look like is for the caller to say. */
  query<R = QueryRow>(sql: string, options: QueryOptions = {}): QueryRows<R> {
    return new QueryRows<R>(this.#transport, sql, options);
  }

  /** The same result as the server writes it. @param accept one of the types that docs/query.md lists */
  queryText(sql: string, accept: string, options: QueryOptions = {}): Promise<StreamAnswer> {
    return askQuery(this.#transport, sql, options, accept);
  }

  /** What is different between two moments; of the inventory, unless `kinds` says otherwise. `to` may be the earlier one. */
  diff<R = Readonly<Record<string, unknown>>>(from: At, to: At = 'now', options: DiffOptions = {}): Diff<R> {
    return new Diff<R>(this.#transport, from, to, options);
  }

  /** Anything else that the server can be asked: the text of a success. */
  request(ask: Ask): Promise<TextAnswer> {
    return this.#transport.send(ask);
  }

  /** The same for a long answer, piece by piece. */
  stream(ask: Ask): Promise<StreamAnswer> {
    return this.#transport.stream(ask);
  }

  /** Ends every connection, and with that calls and feeds that are under way. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
