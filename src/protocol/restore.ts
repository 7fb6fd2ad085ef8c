import type { FaultDetail } from '../faults.ts';
import type { LostSecrets, RestoreCounts } from './commands.ts';
import type { AsOf } from './past.ts';

/** What the answer to a restore says. */

/** A record that a restore changes, or would change. */
export interface RestoredRecord {
  readonly kind: string;
  readonly key: string;
  readonly type: 'created' | 'updated' | 'deleted';
  /** Of an update: a JSON patch (RFC 6902) that makes of the record as it is what it was. */
  readonly patch?: readonly object[];
  /** The record that comes back, or goes. */
  readonly record?: Readonly<Record<string, unknown>>;
}

export interface RestoreReport {
  /** Nothing was changed. */
  readonly dry_run: boolean;
  /** What the inventory goes back to. */
  readonly as_of: AsOf;
  /** Of the last change before it in a dry run; else of its own last change. */
  readonly sequence: number;
  readonly total: RestoreCounts;
  /** By kind; kinds of which nothing changes are left out. */
  readonly counts: Readonly<Record<string, RestoreCounts>>;
  /** The first of them. */
  readonly changes: readonly RestoredRecord[];
  /** Rules that it would break: pointers begin with kind and key. The first of them. */
  readonly broken: readonly FaultDetail[];
  readonly broken_count: number;
  /** Records that come back without secrets that they had: those are not kept any more, or do not open. The first of them. */
  readonly lost_secrets: readonly LostSecrets[];
  readonly lost_secrets_count: number;
  /** The name of the snapshot that was taken right before it. */
  readonly safety_snapshot?: string;
}
