import type { FaultDetail, Result } from '../faults.ts';
import type { At } from './at.ts';
import type { ReservationStep, ReservationStepped } from './reservations.ts';

/**
 * What crosses between the main thread and the owner. Commands change records and go through the journal, in batches,
 * one after the other; queries only read and run beside them. Everything here is plain data.
 */

/** A JSON object as a client sent it: validated against its kind, not yet canonical. It may still say what only the server sets. */
export type Draft = Record<string, unknown>;

/** Where a record stands after a command. `key` is the record's key, not the natural key that the caller may have used. */
export interface Stored {
  readonly key: string;
  /** The journal sequence of the record's last change; rises with every change of it. */
  readonly revision: number;
  readonly created: boolean;
}

/** Who asks, for properties that the server sets from the token (`creator_subject`). */
export interface Origin {
  readonly subject?: string;
}

/** The caller's Idempotency-Key and a keyed hash over method, path and body. */
export interface Idempotency {
  readonly key: string;
  readonly requestHash: string;
}

export type PatchDocument = { readonly type: 'merge'; readonly document: unknown } | { readonly type: 'json'; readonly document: unknown };

/** How a record is named in a path: by its key, or by a natural key (xname, name, MAC). */
export type Name = string;

export interface BulkOptions {
  /** An existing record with the same natural key (or key) is replaced instead of refused. */
  readonly upsert: boolean;
  readonly dryRun: boolean;
}

/** What became of one item of a partial bulk, in the order of the items. */
export type BulkItem = { readonly key: string; readonly revision: number; readonly created: boolean } | { readonly fault: import('../faults.ts').Fault };

/** What a finished bulk did. */
export interface BulkCounts {
  readonly created: number;
  readonly updated: number;
  /** Of the last change. */
  readonly sequence: number;
}

/** The body that answers a bulk, the first time and when it is asked for again. */
export function bulkAnswer({ created, updated, sequence }: BulkCounts, dryRun: boolean): object {
  return { created, updated, total: created + updated, dry_run: dryRun, sequence };
}

/** A write that was answered before under the same idempotency key: main sends that answer again. */
export interface Replay {
  readonly replay: { readonly status: number; readonly body: Uint8Array; readonly revision: number; readonly key: string };
}

export type Commands = {
  /** All or nothing. `asArray`: the answer (and what idempotency remembers) is an array. */
  'record.create': {
    in: { kind: string; records: readonly Draft[]; asArray: boolean; origin: Origin; idempotency?: Idempotency };
    out: { stored: readonly Stored[] } | Replay;
  };
  'record.replace': {
    in: {
      kind: string;
      name: Name;
      record: Draft;
      origin: Origin;
      upsert: boolean;
      ifMatch?: readonly number[] | '*';
      idempotency?: Idempotency;
    };
    out: { stored: readonly Stored[] } | Replay;
  };
  'record.patch': {
    in: { kind: string; name: Name; patch: PatchDocument; origin: Origin; ifMatch?: readonly number[] | '*' };
    out: { stored: readonly Stored[] };
  };
  'record.delete': {
    in: { kind: string; name: Name; force: boolean; ifMatch?: readonly number[] | '*' };
    out: { stored: readonly Stored[] };
  };
  'reservation.step': { in: ReservationStep; out: ReservationStepped };
  /** One part of a bulk that may partly fail: every item is judged for itself. */
  'bulk.partial': {
    in: { kind: string; records: readonly Draft[]; options: BulkOptions; origin: Origin };
    out: { items: readonly BulkItem[] };
  };
  /** One part of an all-or-nothing bulk; nothing is visible or durable before `bulk.commit`. */
  'bulk.stage': {
    in: {
      kind: string;
      bulkId: string;
      firstIndex: number;
      /** `packMessage` of `Draft[]` or `PartedDrafts`: they were packed when they were read, and are not unpacked on the way. */
      packedRecords: Uint8Array;
      options: BulkOptions;
      origin: Origin;
      idempotency?: Idempotency;
    };
    /** A replay ends the bulk: it was done before. */
    out: { staged: number } | Replay;
  };
  'bulk.commit': {
    in: { kind: string; bulkId: string; options: BulkOptions; idempotency?: Idempotency };
    out: BulkCounts | Replay;
  };
  /** One part of a restore; nothing is visible or durable before `restore.commit`. */
  'restore.stage': {
    in: {
      bulkId: string;
      firstIndex: number;
      /** How many there are. */
      entries: number;
      /** `packMessage` of `RestoreEntry[]`. */
      packedEntries: Uint8Array;
    };
    out: { staged: number };
  };
  /** Judges all parts together. Unless something stands against it, what they come to is kept for `restore.commit`. */
  'restore.judge': {
    in: {
      bulkId: string;
      /** Every record of these kinds is what it was: what would follow from another one's deletion does not change it. */
      wholeKinds: readonly string[];
      /** Only these go back, of records that are there: paths from the record's root. Absent: whole records. */
      properties?: readonly (readonly string[])[];
      /** So many changes are told with their records. */
      changesMax: number;
    };
    out: RestoreVerdict;
  };
  /** Journals what was judged. Of the answer: the sequence of the last change. */
  'restore.commit': { in: { bulkId: string }; out: { sequence: number } };
  'bulk.abort': { in: { bulkId: string }; out: { aborted: true } };
};

/**
 * A record as a restore wants it to be, as JSON; null: gone. The secrets are those that it had, by dotted path, as they were
 * sealed: they come back with a record that has gone meanwhile.
 */
export type RestoreEntry = readonly [kind: string, key: string, image: Uint8Array | null, secrets?: Readonly<Record<string, Uint8Array>>];

/** Records of one kind that a restore changes. */
export interface RestoreCounts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface RestoreChange {
  readonly kind: string;
  readonly key: string;
  readonly type: 'created' | 'updated' | 'deleted';
  /** The record as it is; absent when there is none. */
  readonly before?: Draft;
  /** The record as it would be. */
  readonly after?: Draft;
}

/** A record that comes back without secrets that it had: nobody has them any more. */
export interface LostSecrets {
  readonly kind: string;
  readonly key: string;
  /** Dotted paths. */
  readonly secrets: readonly string[];
}

/** What a restore would do, and what stands against it. */
export interface RestoreVerdict {
  /** Of the last change before it. */
  readonly sequence: number;
  /** Kinds of which nothing changes are left out. */
  readonly counts: Readonly<Record<string, RestoreCounts>>;
  /** The first of them. */
  readonly changes: readonly RestoreChange[];
  /** Pointers begin with kind and key. The first of them. */
  readonly broken: readonly FaultDetail[];
  readonly brokenCount: number;
  /** The first of them. */
  readonly lostSecrets: readonly LostSecrets[];
  readonly lostSecretsCount: number;
}
export type CommandKind = keyof Commands;
export type Command = { [K in CommandKind]: { readonly kind: K; readonly input: Commands[K]['in'] } }[CommandKind];
export type CommandOutput<K extends CommandKind> = Commands[K]['out'];

/** One condition of a list. Several values of one condition are alternatives; several conditions must all hold. */
export interface Condition {
  /**
   * Property path from the record's root, e.g. `['bmc', 'mac_address']`. It may lead to a member of a free-form object, by
   * whatever name: `['join_properties', 'vlan.tag']`; that is compared as text.
   */
  readonly path: readonly string[];
  /** Members of other free-form objects: the condition holds when it holds for `path` or for one of these. */
  readonly orPaths?: readonly (readonly string[])[];
  readonly operator: 'equal' | 'not-equal' | 'missing' | 'present' | 'gt' | 'gte' | 'lt' | 'lte';
  /** In the property's own type; empty for `missing` and `present`. */
  readonly values: readonly (string | number | boolean)[];
}

export interface SortKey {
  readonly path: readonly string[];
  readonly descending: boolean;
}

export interface Find {
  readonly kind: string;
  readonly conditions: readonly Condition[];
  readonly sort: readonly SortKey[];
  readonly limit?: number;
  /** The sort values and the key of the last record of the page before. */
  readonly after?: readonly (string | number | boolean | null)[];
  /** Also count all matches, whatever `limit` says. */
  readonly count: boolean;
}

export interface Found {
  /** Addresses in the record log, in order; the bytes behind them never change. */
  readonly locations: Int32Array;
  /** Cursor values of the last record, when `limit` cut the list. */
  readonly next?: readonly (string | number | boolean | null)[];
  readonly count?: number;
}

export type SnapshotReason = 'interval' | 'cron' | 'demand' | 'shutdown' | 'journal-size' | 'import' | 'restore';

/** A snapshot as `GET /snapshots` shows it. */
export interface SnapshotDescription {
  readonly name: string;
  readonly time: string;
  readonly sequence: number;
  readonly reason: string;
  readonly note?: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly seconds: number;
  readonly checksum: string;
}

/** With the files that may be fetched: never the private part. */
export interface SnapshotDetail extends SnapshotDescription {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** One table of an export. */
export interface ExportedTable {
  readonly kind: string;
  /** The kind's JSON Schema, of which its columns are derived. */
  readonly schema: object;
  readonly file: string;
  readonly rows: number;
}

export interface SnapshotTaken {
  /** Undefined: nothing has changed since the last one. */
  readonly taken: SnapshotDescription | undefined;
  /** Names of those that were deleted, as retention says. */
  readonly pruned: readonly string[];
}

export interface RetentionRules {
  /** Keep the newest N. */
  readonly newest: number;
  /** Keep the newest of each of the last N hours, days, weeks that have one. */
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
}

export type Queries = {
  /** The image of one record by key or natural key; undefined when there is none. */
  'record.read': { in: { kind: string; name: Name }; out: { key: string; revision: number; image: Uint8Array } | undefined };
  'record.find': { in: Find; out: Found };
  /** The decrypted secrets of one record: property path (dotted) to value. */
  'secrets.read': { in: { kind: string; name: Name }; out: Readonly<Record<string, string>> | undefined };
  'snapshot.take': { in: { reason: SnapshotReason; note?: string; retention: RetentionRules; skipUnchanged: boolean }; out: SnapshotTaken };
  /** All tables as Parquet in a folder that is there, as they are now: for SQL, and so without anything private. Nothing is synced. */
  'tables.export': { in: { folder: string }; out: { sequence: number; tables: readonly ExportedTable[] } };
  'snapshot.list': { in: Record<string, never>; out: readonly SnapshotDescription[] };
  /** The one that is meant, as `snapshotAt` says; undefined when there is none. */
  'snapshot.read': { in: { at: At }; out: SnapshotDetail | undefined };
  /** Undefined when there is none; a `conflict` when the store cannot do without it. */
  'snapshot.delete': { in: { name: string }; out: { deleted: string } | undefined };
  /** Brings DuckDB up to the journal. */
  'store.apply': { in: Record<string, never>; out: { applied: number } };
  /** With journal sync `interval`: everything journaled so far is on disk after this. */
  'store.sync': { in: Record<string, never>; out: { synced: true } };
  /** One step of filling key index or record log after a start. `ended`: there is none to be asked for any more. */
  'store.fill': { in: Record<string, never>; out: { indexed: boolean; ended: boolean } };
  'store.compact': { in: Record<string, never>; out: { movedBytes: number } };
  /** Packs the tables of the working set, and gives back what was replaced in them. */
  'store.pack': { in: Record<string, never>; out: { packed: boolean } };
  'store.memory': { in: Record<string, never>; out: StoreMemory };
  'store.close': { in: Record<string, never>; out: { closed: true } };
};
export type QueryKind = keyof Queries;
export type Query = { [K in QueryKind]: { readonly kind: K; readonly input: Queries[K]['in'] } }[QueryKind];
export type QueryOutput<K extends QueryKind> = Queries[K]['out'];

/** What the pool's one worker is called with. Commands travel as msgpack: one copy instead of a structured clone each. */
export type OwnerTask = { readonly lane: 'write'; readonly commands: Uint8Array } | { readonly lane: 'read'; readonly query: Query };

/** What was journaled, per kind: the addresses of the records in the record log, where their keys stand as well. An address of -1 is a deletion. */
export interface Changes {
  readonly kind: string;
  readonly locations: Int32Array;
  /** The keys of deleted records, by the place of their deletion in `locations`. */
  readonly goneKeys: ReadonlyMap<number, string>;
  readonly committed: Committed;
}

/** More of it, change by change beside the addresses. */
export interface Committed {
  /** Of the batch: what its journal frame says. */
  readonly timeMs: number;
  readonly sequences: Float64Array;
  /** Where the record lay before the change; -1: there was none. */
  readonly predecessors: Int32Array;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Bounds of `JournalCounts.syncs`, in seconds. */
export const SYNC_SECONDS: readonly number[] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

/** What the journal has done since its thread began. */
export interface JournalCounts {
  readonly frames: number;
  /** Of frames, with their headers. */
  readonly bytes: number;
  /** Writes that the disk took nothing of. */
  readonly refusals: number;
  /** How often `fdatasync` took how long, by SYNC_SECONDS; one more for what took longer. */
  readonly syncs: readonly number[];
  readonly syncSeconds: number;
}

/** How long a recovery took, and what it read. */
export interface RecoveryFacts {
  /** Comparing the snapshot's checksums, and loading the kinds whose schema has changed; all others are loaded when they are needed. */
  readonly loadSeconds: number;
  /** Reading the journal back, and making its end durable. */
  readonly replaySeconds: number;
  readonly replayedChanges: number;
  /** The name of the snapshot that was loaded. */
  readonly snapshot?: string | undefined;
  /** What was cut off the end of the journal. */
  readonly cutBytes: number;
  /** Snapshots that could not be used and were set aside. */
  readonly brokenSnapshots: number;
}

/** Facts about the store that ride on every answer; the main thread's timers and metrics go by them. */
export interface StoreStatus {
  readonly sequence: number;
  /** The last change that a power cut cannot take back; with journal sync `always` that is every one. */
  readonly durableSequence: number;
  /** Of the last change that DuckDB has. */
  readonly appliedSequence: number;
  /** When the oldest change was made that DuckDB does not have; absent when it has all. */
  readonly behindSinceMs?: number;
  /** Rises when history is cut: a sequence means the same change for as long as the epoch is the same. */
  readonly epoch: number;
  readonly storeId: string;
  /** Changes that wait for DuckDB. */
  readonly unappliedChanges: number;
  readonly journal: JournalCounts;
  readonly journalBytesSinceSnapshot: number;
  /** The last write was refused because the journal could not be written; what the system said to it. */
  readonly refusedWith?: string;
  /** No record may come or grow: there is no room for images. */
  readonly recordLogFull?: true;
  /** The newest one; absent when there is none. */
  readonly lastSnapshot?: Pick<SnapshotDescription, 'time' | 'sequence' | 'seconds' | 'bytes'>;
  readonly recordLogLiveBytes: number;
  readonly recordLogGarbageBytes: number;
  /** Records by kind. */
  readonly records: Readonly<Record<string, number>>;
  /** The key index is complete: writes may come. */
  readonly indexed: boolean;
  /** The record log is complete: a key that is not in the view does not exist. */
  readonly filled: boolean;
  /** Why the store can't go on in this process; the main thread answers what waits and exits. */
  readonly fatal?: string;
}

/** What the owner holds in memory, in bytes. */
export interface StoreMemory {
  /** JavaScript's objects of its thread. */
  readonly heap: number;
  /** Buffers of its thread, without the record log. */
  readonly buffers: number;
  /** Slabs of the record log, garbage and room included. */
  readonly recordLog: number;
  /** DuckDB's tables, and what of replaced rows they have not given back. */
  readonly workingSet: number;
}

/** `value`: msgpack of `Result<unknown>[]` for the write lane, the result itself for the read lane. */
export interface OwnerReply {
  readonly answers?: Uint8Array;
  readonly result?: Result<unknown>;
  readonly changes: readonly Changes[];
  /** Slabs that nothing points into any more. */
  readonly releasedSlabs: readonly number[];
  readonly log: readonly LogLine[];
  readonly status: StoreStatus;
  /** Only in the first answer of a thread. */
  readonly recovery?: RecoveryFacts;
}
