import type { Kind } from '../../../schemas/kind.ts';
import type { Fault, FaultDetail, Result } from '../../faults.ts';
import type { Origin } from '../../protocol/commands.ts';
import type { Reference } from '../key-index.ts';

/**
 * Behaviour that a schema cannot say. A rule is judged in the owner, in order, against the batch so far; what it stores
 * or refuses belongs to the same step as the write that it is asked about.
 */

export type Fields = Record<string, unknown>;

/** A record that is about to be stored. `draft` may be changed: it is what becomes canonical afterwards. */
export interface Put {
  readonly key: string;
  readonly draft: Fields;
  readonly current: Readonly<Fields> | undefined;
  readonly origin: Origin;
}

/** What rules may see and do. */
export interface RuleContext {
  kind(name: string): Kind;
  get(kind: string, key: string): Fields | undefined;
  holderOf(kind: string, property: string, value: string): string | undefined;
  referrersTo(kind: string, place: string, value: string): readonly string[];
  /** Stores another record with all its rules; an undefined key makes a new one. */
  store(kind: string, key: string | undefined, draft: Fields, origin: Origin): Result<{ key: string; record: Fields }>;
  /** Changes a record that follows from another one: new revision, no rules. Records being stored just now are left alone. */
  rewrite(kind: string, key: string, change: (record: Fields) => void): void;
  check(kind: string, record: Fields): readonly FaultDetail[];
}

export interface Rule {
  /** Which kind's records the rule is about. */
  readonly kind: string;
  /** Paths that must be looked up by value, beyond unique properties. */
  readonly references?: readonly Reference[];
  /** Called before the record is made canonical and before its unique values are compared. */
  beforePut?(context: RuleContext, put: Put): Fault | undefined;
  /** Called when the record is staged. */
  afterPut?(context: RuleContext, key: string, record: Readonly<Fields>): Fault | undefined;
  /**
   * Called for each record of a restore when all of them are staged: a restore brings back what rules agreed to once, so
   * they are asked about the outcome only. May rewrite what follows from the record.
   */
  afterRestore?(context: RuleContext, key: string, record: Readonly<Fields>): Fault | undefined;
  /** Called for each record that a restore takes away, when all of it is staged, instead of `beforeRemove` and `afterRemove`. */
  afterRestoredRemoval?(context: RuleContext, key: string): Fault | undefined;
  beforeRemove?(context: RuleContext, key: string, record: Readonly<Fields>, force: boolean): Fault | undefined;
  afterRemove?(context: RuleContext, key: string, record: Readonly<Fields>): Fault | undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
