import { type Judge, type JudgedCondition, judgeOf } from './condition.ts';
import type { RecordChange } from './record-change.ts';

/** Which events a subscriber wants. Plain data: it crosses to the thread that replays the journal. */
export interface FeedFilter {
  /** Kinds of records, reservations among them. */
  readonly kinds: readonly string[];
  /** Keys of records; absent: all. */
  readonly keys?: readonly string[];
  /** By kind; a kind without any is wanted whole. */
  readonly conditions: Readonly<Record<string, readonly JudgedCondition[]>>;
  /** Signals by what they are about. */
  readonly signals: readonly SignalTopic[];
  /** Signals about reservations of this endpoint only. */
  readonly endpoint?: string;
  /** Changes as merge patches instead of whole records. */
  readonly patch: boolean;
}

export type SignalTopic = 'reservations' | 'snapshots' | 'server';

/**
 * `entered`: the record fits, and did not before or may not have done so: who gets patches has nothing to merge this one
 * into. `left`: it fitted before the change, or may have done so, and does not fit any more.
 */
export type Fit = 'fits' | 'entered' | 'left' | 'out';

/** Judges changes by a filter that was prepared once. */
export class Matcher {
  readonly #kinds: ReadonlySet<string>;
  readonly #keys: ReadonlySet<string> | undefined;
  readonly #judges: ReadonlyMap<string, Judge>;
  readonly #isPatch: boolean;

  constructor({ kinds, keys, conditions, patch }: FeedFilter) {
    this.#kinds = new Set(kinds);
    this.#keys = keys === undefined ? undefined : new Set(keys);
    this.#judges = new Map(Object.entries(conditions).map(([kind, each]) => [kind, judgeOf(each)]));
    this.#isPatch = patch;
  }

  fitOf(change: RecordChange): Fit {
    if (!this.#kinds.has(change.kind) || this.#keys?.has(change.key) === false) return 'out';
    const fits = this.#judges.get(change.kind);
    if (fits === undefined) return 'fits';
    if (fits(change.record)) {
      // The record before is only looked for where it makes a difference.
      if (!this.#isPatch || change.type !== 'updated') return 'fits';
      return change.predecessor !== undefined && fits(change.predecessor) ? 'fits' : 'entered';
    }
    // Rather one event too many than a record that stays on somebody's list for ever.
    if (change.type === 'deleted' && Object.keys(change.record).length === 0) return 'fits';
    if (change.type !== 'updated') return 'out';
    const before = change.predecessor;
    return before === undefined || fits(before) ? 'left' : 'out';
  }
}
