import type { Kind } from '../../schemas/kind.ts';
import type { Find } from '../protocol/commands.ts';
import type { Files } from './files.ts';
import type { Layout } from './kept-table.ts';
import type { RecordLog } from './record-log.ts';
import type { ReplayedChanges } from './replayed-changes.ts';
import type { Line } from './row-lines.ts';
import type { KeptSnapshot } from './snapshot.ts';
import type { Copied } from './table-copy.ts';

/**
 * The working set: a table of every kind's records, brought up to the journal in batches. It answers lists, writes the
 * files of snapshots, and has after a start what the record log has not been filled with yet. The store knows it by these
 * calls only; DuckDB is behind them, or plain maps where a test runs the store many thousand times.
 * Invariant: the tables are those of `appliedSequence`, and no reader sees them between two sequences.
 */
export interface WorkingSet {
  /** The last change that the tables have. */
  readonly appliedSequence: number;
  /** Changes that were noted and are not applied yet. */
  readonly unappliedChanges: number;
  /** When the oldest of them was made. */
  readonly behindSinceMs: number | undefined;
  /** Why the tables cannot be trusted any more. */
  readonly lost: string | undefined;

  /**
   * Fills the tables, which are empty, from a snapshot whose checksums were compared; that may go on when this resolves.
   * @throws StartFailure
   */
  load(snapshot: KeptSnapshot, files: Files): Promise<void>;
  /**
   * What the journal came to, which goes into the tables and is forgotten then: they are those of `sequence`. From here on every
   * call below may come: those that need what is not in the tables yet wait until it is; one row by its key and what the key
   * index needs do not.
   */
  replay(replayed: ReplayedChanges, sequence: number): Promise<void>;

  /** A journaled change that the tables do not have yet, by where the image lies. `existed`: there was a record with this key before. */
  note(kind: string, key: string, location: number, existed: boolean, nowMs: number): void;
  /** The image of a record lies elsewhere in the record log now. */
  moved(kind: string, key: string, location: number): void;
  /** Brings the tables up to `sequenceNow()`, which it returns. */
  apply(sequenceNow: () => number): Promise<number>;
  /**
   * Applies, and writes all tables into files of the folder as they are then; nothing is synced.
   * @param atCut called at the very moment that the files will stand for
   */
  copyTo(folder: string, layout: Layout, sequenceNow: () => number, atCut?: () => void): Promise<Copied>;
  /** What it computes from here on gives way to whatever answers meanwhile. */
  giveWay(): Promise<void>;
  /** Gives back memory that replaced rows still hold, if nobody reads just now. */
  checkpoint(): Promise<boolean>;

  /** Hands over the values at the paths, a column each of some thousand rows at a time; a list comes as JSON. */
  eachOfIndex(kind: Kind, paths: readonly (readonly string[])[], take: TakeIndex): Promise<void>;
  /** Rows are numbered as they come and keep their numbers: all that are there now have lower ones than this. */
  rowsEnd(kind: Kind): Promise<number>;
  rowsBetween(kind: Kind, from: number, end: number): Promise<Iterable<Line>>;
  rowsOf(kind: Kind, keys: readonly string[]): Promise<Iterable<Line>>;
  /** The row with this key or, if there is none, with this natural key as it is stored. */
  rowNamed(kind: Kind, name: string): Promise<Line | undefined>;

  /** Rows of sort values and, last, the key: one more than the limit when there are more. */
  find(kind: Kind, find: Find): Promise<FoundRows>;
  /** What the tables have allocated, and what of replaced rows they have not given back. */
  heldBytes(): Promise<number>;

  /** What an error of a call above means. */
  meaningOf(error: unknown): Failure;

  close(): Promise<void>;
}

export type OpenWorkingSet = (kinds: readonly Kind[], log: RecordLog) => Promise<WorkingSet>;

export type IndexColumn = readonly (string | undefined)[];

/** @param rows about how many there are in all, when that is known. */
export type TakeIndex = (columns: readonly IndexColumn[], rows?: number) => void;

export interface FoundRows {
  readonly rows: readonly (readonly unknown[])[];
  /** If it was asked for. */
  readonly count?: number;
}

/** A value that cannot be compared with its column; a query that failed; tables that nothing can be done with any more. */
export type Failure = 'refused-value' | 'failed' | 'lost';
