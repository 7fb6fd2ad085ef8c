/** One committed change of one record, wherever it is read from: from memory while it is new, from the journal later. */
export interface CommittedChange {
  readonly kind: string;
  readonly key: string;
  readonly sequence: number;
  /** Of the batch that it came with. */
  readonly timeMs: number;
  readonly type: 'created' | 'updated' | 'deleted';
  /** The record after the change; of a deletion, as it last was. JSON. */
  readonly image: Uint8Array;
  /** The record before an update, or undefined when nobody has it any more. */
  readPredecessor(): Uint8Array | undefined;
}

/** The changes after one sequence up to another, which are committed, in order; `pruned`: the next of them is not kept any more. */
export interface ReplayableJournal {
  changes(after: number, upTo: number): Generator<CommittedChange, 'pruned' | undefined, undefined>;
}
