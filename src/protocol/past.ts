import type { Schema } from '../../schemas/kind.ts';
import type { Result } from '../faults.ts';
import type { ExportedTable, Find, LogLine } from './commands.ts';

/** What crosses between the main thread and the history thread: questions about states that are past. */

/** The state that an `at` came to. Answers say it in the header `X-Holdfast-As-Of`. */
export interface AsOf {
  /** Every change up to this one is in it, and none after it. */
  readonly sequence: number;
  /** When that change was made or, where only a snapshot knows of it, when that was taken. Absent before the first change. */
  readonly time?: string;
  readonly source: 'snapshot' | 'journal';
  /** The snapshot that it was built from; absent when the journal has everything. */
  readonly snapshot?: string;
  /** False: changes between that snapshot and what was asked for are not kept any more. */
  readonly exact: boolean;
}

/** What the main thread knows of the present when it asks. */
export interface Present {
  /** The last committed change: nothing after it is looked at. */
  readonly sequence: number;
  readonly storeId: string;
  readonly timeMs: number;
}

/** A part of a list, ready to be sent. */
export interface PastPart {
  /** Records with one `separator` byte between them, none at the ends. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Where the part after this one begins; absent when the list is complete, or has reached its limit. */
  readonly more?: Cursor;
  /** Where the list goes on behind its limit. */
  readonly next?: Cursor;
  readonly count?: number;
}
export type Cursor = readonly (string | number | boolean | null)[];

export interface DiffCounts {
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
}

/** A part of what is different, ready to be sent. */
export interface DiffPart {
  /** Changes as JSON with one `separator` byte between them, none at the ends. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** By kind, of the whole. */
  readonly counts: Readonly<Record<string, DiffCounts>>;
  /** The record behind which the part after this one begins; absent when the answer is complete, or has reached its limit. */
  readonly more?: DiffPlace;
  /** Behind which it goes on behind its limit. */
  readonly next?: DiffPlace;
}

export interface DiffPlace {
  readonly kind: string;
  readonly key: string;
}

/** One version of one record. */
export interface Version {
  /** Of the change that made it. A deletion that only snapshots know of was made with this change, or some time before. */
  readonly sequence: number;
  readonly time: string;
  readonly type: 'created' | 'updated' | 'deleted';
  /** `snapshot`: it was seen in one, and changes before and after it may not be kept any more. */
  readonly source: 'journal' | 'snapshot';
  readonly snapshot?: string;
  /** Its JSON; of a deletion, the record as it last was. Absent where there is a patch. */
  readonly image?: Uint8Array;
  /** JSON of a merge patch (RFC 7396) that makes this version of the one before it. */
  readonly patch?: string;
}

export type PastQueries = {
  /** `exactly`: a state that is not kept is a fault, whatever is near it. `parameter`: what faults call the `at`. */
  'past.resolve': {
    in: { at: string; exactly: boolean; kind: string; schemaHash: string; parameter?: string };
    /** `schema`: that of the kind at that time, when it was another one; null when there was none. */
    out: { asOf: AsOf; schema?: Schema | null };
  };
  /** A part of a list, of a state that `past.resolve` gave. `fields`: only these properties. */
  'past.find': {
    in: { sequence: number; find: Find; fields?: readonly (readonly string[])[]; rowsMax: number; separator: string };
    out: PastPart;
  };
  /** One record by its key or a natural key. */
  'past.read': { in: { sequence: number; kind: string; name: string }; out: { revision: number; image: Uint8Array } | undefined };
  /**
   * A part of what is different between two states that `past.resolve` gave, by kind and key, behind a record. Without
   * `kinds`: all but reservations. `form`: what both states have comes as a JSON patch (RFC 6902), or as both records.
   * `limit`: of this part and those behind it; 0: only the counts.
   */
  'past.diff': {
    in: {
      from: number;
      to: number;
      kinds?: readonly string[];
      after?: DiffPlace;
      rowsMax: number;
      limit?: number;
      form: 'patch' | 'records';
      separator: string;
    };
    out: DiffPart;
  };
  /** Writes the tables of a state that `past.resolve` gave into a folder, for SQL of users: Parquet without any secret. */
  'past.export': { in: { sequence: number; folder: string }; out: { tables: readonly ExportedTable[] } };
  /** Keeps the state after this change until another one is to be kept, or none; and says which kinds there were then. */
  'past.hold': { in: { sequence: number | undefined }; out: { kinds: readonly string[] } };
  /** The keys by kind of what has changed since a change; undefined when the journal does not reach back so far. */
  'past.moved': { in: { after: number }; out: { moved: ReadonlyMap<string, ReadonlySet<string>> | undefined } };
  /** Which records there were, and how they stood: lines of text, each a revision, a space, and the key as a JSON string. */
  'past.revisions': { in: { sequence: number; kind: string }; out: { lines: readonly Uint8Array[] } };
  /** How records were: `packMessage` of a `RestoreEntry` for each key, in that order. */
  'past.images': { in: { sequence: number; kind: string; keys: readonly string[] }; out: { packedEntries: Uint8Array } };
  /** Versions of one record before a sequence, newest first. `more`: there are older ones. */
  'past.versions': {
    in: { kind: string; key: string; before?: number; limit: number; patch: boolean };
    out: { versions: readonly Version[]; more: boolean };
  };
};
export type PastKind = keyof PastQueries;
export type PastQuery = { [K in PastKind]: { readonly kind: K; readonly input: PastQueries[K]['in'] } }[PastKind];
export type PastOutput<K extends PastKind> = PastQueries[K]['out'];

export interface PastTask {
  readonly query: PastQuery;
  readonly present: Present;
  /** By the system's clock: afterwards nobody waits for the answer. */
  readonly deadlineMs: number;
}

export interface PastReply {
  readonly result: Result<unknown>;
  readonly log: readonly LogLine[];
}

/** Whether a question only ends a hold. It takes no time, nothing is to be refused for it, and nobody would ask it again. */
export function letsGo<K extends PastKind>(kind: K, input: PastQueries[K]['in']): boolean {
  return kind === 'past.hold' && (input as PastQueries['past.hold']['in']).sequence === undefined;
}
