import { randomUUID } from 'node:crypto';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { ExclusiveLane } from '../dispatch/write-lane.ts';
import { done, type Fault, fail, type Result } from '../faults.ts';
import { jsonPatchOf } from '../json-patch.ts';
import type { RestoreChange, RestoreCounts, RestoreVerdict, SnapshotDescription } from '../protocol/commands.ts';
import type { AsOf } from '../protocol/past.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';
import type { RestoredRecord, RestoreReport } from '../protocol/restore.ts';
import { packMessage } from '../protocol/wire.ts';
import type { InventoryMoves } from './inventory-moves.ts';
import { type PlanParts, RestorePlan } from './restore-plan.ts';

/**
 * Takes the inventory, or a part of it, back to a moment. It is planned beside everything else; then the write lane is
 * taken, what has moved meanwhile is added, and everything is judged as one. Only if nothing stands against it the safety
 * snapshot is taken, still before anybody else may write, and the restore is journaled as a whole.
 * Invariant: whatever ends it before that, nothing has changed.
 */

export interface RestoreRequest {
  /** Any moment; `latest` is the newest snapshot that was not taken for the safety of a restore. */
  readonly at: string;
  /** False: only what it would do. */
  readonly confirm: boolean;
  /** Refused when the inventory has moved since. */
  readonly sequence?: number;
  /** Absent: all kinds. */
  readonly kinds?: readonly string[];
  /** Whether a record is meant, as it was or as it is; with one kind. */
  readonly fits?: (record: unknown) => boolean;
  /** The same as it was written. */
  readonly filter?: string;
  /** Only these go back, of records that are there. */
  readonly properties?: readonly (readonly string[])[];
  /** Of the safety snapshot. */
  readonly note?: string;
  /** Changes that are told one by one. */
  readonly changesMax: number;
}

export interface RestoreParts extends PlanParts {
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly moves: InventoryMoves;
  /** The kinds that there are. */
  readonly kinds: readonly string[];
  takeSnapshot(note: string): Promise<Result<SnapshotDescription | undefined>>;
}

/** What was written while it was planned is taken up so often beside other writes; the rest when there are none. */
const EXTENSIONS_MAX = 3;
/** Everybody's writes wait for the history thread then, which may have somebody else's question first. */
const LANE_WAIT_MS = 3000;

interface Judged {
  readonly verdict: RestoreVerdict;
  readonly snapshot?: string;
  /** Of its last change; absent when nothing was changed. */
  readonly committed?: number;
}

export class Restores {
  readonly #parts: RestoreParts;
  #isBusy = false;

  constructor(parts: RestoreParts) {
    this.#parts = parts;
  }

  /** Never two at once: what one has planned is not what it was when the other has changed it. */
  async restore(request: RestoreRequest): Promise<Result<RestoreReport>> {
    if (this.#isBusy) return fail('conflict', 'another restore, or a dry run of one, is under way');
    this.#isBusy = true;
    this.#parts.moves.begin();
    try {
      return await this.#run(request);
    } finally {
      this.#parts.moves.end();
      this.#isBusy = false;
    }
  }

  async #run(request: RestoreRequest): Promise<Result<RestoreReport>> {
    const { view, owner } = this.#parts;
    if (!view.complete) return fail('recovering', 'records are still being read into memory; come back in a moment');
    const late = this.#movedSince(request.sequence);
    if (late !== undefined) return late;
    if ((request.sequence ?? 0) > (owner.status?.sequence ?? 0)) return fail('invalid-parameter', `there has been no change ${request.sequence} yet`);
    const asOf = await this.#exactly(request.at);
    if (!asOf.ok) return asOf;
    const held = await this.#parts.ask('past.hold', { sequence: asOf.value.sequence });
    if (!held.ok) return held;
    try {
      return await this.#planned(request, asOf.value, held.value.kinds);
    } finally {
      void this.#parts.ask('past.hold', { sequence: undefined });
    }
  }

  async #planned(request: RestoreRequest, asOf: AsOf, kindsThen: readonly string[]): Promise<Result<RestoreReport>> {
    const { moves } = this.#parts;
    const known = [...new Set([...this.#parts.kinds, ...kindsThen])].filter((kind) => kind !== RESERVATIONS);
    const kinds = known.filter((kind) => request.kinds?.includes(kind) ?? true);
    const plan = new RestorePlan(this.#parts, asOf.sequence, kindsThen, { kinds, ...(request.fits === undefined ? {} : { fits: request.fits }) });
    const compared = await plan.compare(this.#parts.owner.status?.sequence ?? 0);
    if (!compared.ok) return compared;
    for (let count = 0; count < EXTENSIONS_MAX; count++) {
      const extended = await plan.extend(moves.take());
      if (!extended.ok) return extended;
      if (!extended.value) break;
    }
    const judged = await this.#parts.owner.exclusive((lane) => this.#alone(lane, plan, request, asOf));
    return judged.ok ? done(reportOf(request, asOf, judged.value)) : judged;
  }

  /** While nobody else writes. */
  async #alone(lane: ExclusiveLane, plan: RestorePlan, request: RestoreRequest, asOf: AsOf): Promise<Result<Judged>> {
    const late = this.#movedSince(request.sequence);
    if (late !== undefined) return late;
    const extended = await this.#inTime(plan.extend(this.#parts.moves.take()));
    if (!extended.ok) return extended;
    if (this.#parts.moves.isBeyondReach) return fail('conflict', 'too much has changed while the restore was planned; try again');
    const bulkId = randomUUID();
    const judged = await this.#judge(lane, bulkId, plan, request);
    if (!judged.ok) {
      await this.#letGo(lane, bulkId, judged.fault);
      return judged;
    }
    const verdict = judged.value;
    const isEmpty = Object.keys(verdict.counts).length === 0;
    if (!request.confirm || verdict.brokenCount > 0 || isEmpty) {
      await lane.send('bulk.abort', { bulkId });
      return request.confirm && verdict.brokenCount > 0 ? refusal(verdict) : done({ verdict });
    }
    const snapshot = await this.#parts.takeSnapshot(request.note ?? `before the restore to change ${asOf.sequence}`);
    if (!snapshot.ok) {
      await this.#letGo(lane, bulkId, snapshot.fault);
      return snapshot;
    }
    const committed = await lane.send('restore.commit', { bulkId });
    if (!committed.ok) return committed;
    return done({ verdict, ...(snapshot.value === undefined ? {} : { snapshot: snapshot.value.name }), committed: committed.value.sequence });
  }

  async #letGo(lane: ExclusiveLane, bulkId: string, { code }: Fault): Promise<void> {
    // An owner that died has dropped it already.
    if (code !== 'outcome-unknown') await lane.send('bulk.abort', { bulkId });
  }

  async #judge(lane: ExclusiveLane, bulkId: string, plan: RestorePlan, { fits, properties, changesMax }: RestoreRequest): Promise<Result<RestoreVerdict>> {
    let firstIndex = 0;
    const nothing = { packedEntries: EMPTY, entries: 0 };
    for (const part of plan.staged.length === 0 ? [nothing] : plan.staged) {
      const staged = await lane.send('restore.stage', { bulkId, firstIndex, ...part });
      if (!staged.ok) return staged;
      firstIndex += part.entries;
    }
    const wholeKinds = fits === undefined && properties === undefined ? plan.kinds : [];
    return await lane.send('restore.judge', { bulkId, wholeKinds, changesMax, ...(properties === undefined ? {} : { properties }) });
  }

  /** A moment that is kept as it was; one that is not is refused, with its neighbours that are. */
  async #exactly(at: string): Promise<Result<AsOf>> {
    const snapshots = await this.#parts.owner.query('snapshot.list', {});
    const named = at !== 'latest' ? done(at) : snapshots.ok ? latestOf(snapshots.value) : snapshots;
    if (!named.ok) return named;
    const resolved = await this.#parts.ask('past.resolve', { at: named.value, exactly: false, kind: '', schemaHash: '' });
    if (!resolved.ok) return resolved;
    const { asOf } = resolved.value;
    if (asOf.exact) return done(asOf);
    const after = snapshots.ok ? snapshots.value.findLast(({ sequence }) => sequence > asOf.sequence) : undefined;
    const before = `${asOf.snapshot ?? ''} (change ${asOf.sequence})`;
    const behind = after === undefined ? '' : `, the next one after it ${after.name} (change ${after.sequence})`;
    return fail('not-found', `what was at ${at} is not kept exactly; the nearest moment before it that is, is ${before}${behind}`);
  }

  #movedSince(sequence: number | undefined): { ok: false; fault: Fault } | undefined {
    const { moves } = this.#parts;
    if (sequence === undefined || moves.sequence <= sequence) return undefined;
    return fail('conflict', `the inventory has changed since ${sequence}, last with ${moves.sequence}: look at a new dry run first`);
  }

  async #inTime<T>(work: Promise<Result<T>>): Promise<Result<T>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Result<T>>((resolve) => {
      timer = setTimeout(() => resolve(fail('overloaded', 'the history thread is busy with other questions; try again')), LANE_WAIT_MS);
    });
    const result = await Promise.race([work, late]);
    clearTimeout(timer);
    return result;
  }
}

const EMPTY: Uint8Array = packMessage([]);

/** Not one that a restore took for safety: the same restore, asked for again, would undo itself. */
function latestOf(newestFirst: readonly SnapshotDescription[]): Result<string> {
  const latest = newestFirst.find(({ reason }) => reason !== 'restore');
  if (latest !== undefined) return done(latest.name);
  return fail('not-found', newestFirst.length === 0 ? 'there is no snapshot' : 'there are only snapshots that restores took for safety: name one of them');
}

function refusal({ broken, brokenCount }: RestoreVerdict): { ok: false; fault: Fault } {
  const [first] = broken;
  const more = brokenCount > 1 ? `, and ${brokenCount - 1} more` : '';
  return fail('conflict', `the restore would break rules: ${first?.pointer ?? ''} ${first?.detail ?? ''}${more}`, broken);
}

function reportOf({ confirm }: RestoreRequest, asOf: AsOf, { verdict, snapshot, committed }: Judged): RestoreReport {
  const { counts, changes, broken, brokenCount, lostSecrets, lostSecretsCount } = verdict;
  return {
    dry_run: !confirm,
    as_of: asOf,
    sequence: committed ?? verdict.sequence,
    total: totalOf(Object.values(counts)),
    counts,
    changes: changes.map(told),
    broken,
    broken_count: brokenCount,
    lost_secrets: lostSecrets,
    lost_secrets_count: lostSecretsCount,
    ...(snapshot === undefined ? {} : { safety_snapshot: snapshot }),
  };
}

function totalOf(counts: readonly RestoreCounts[]): RestoreCounts {
  const total = { created: 0, updated: 0, deleted: 0 };
  for (const { created, updated, deleted } of counts) {
    total.created += created;
    total.updated += updated;
    total.deleted += deleted;
  }
  return total;
}

function told({ kind, key, type, before, after }: RestoreChange): RestoredRecord {
  const from = before === undefined ? undefined : withoutBookkeeping(before);
  const to = after === undefined ? undefined : withoutBookkeeping(after);
  if (from !== undefined && to !== undefined) return { kind, key, type, patch: jsonPatchOf(from, to) };
  return { kind, key, type, record: to ?? from ?? {} };
}

/** They are new in any case. */
function withoutBookkeeping({ revision: _revision, updated_at: _updated, ...record }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return record;
}
