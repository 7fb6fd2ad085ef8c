import type { Clock } from '../clock.ts';
import { atCron } from '../cron.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { Log } from '../log.ts';
import type { SnapshotReason } from '../protocol/commands.ts';

/**
 * Everything that the server does without being asked: snapshots in time, DuckDB not too far behind the journal, garbage
 * of the record log copied together, tables packed after large changes. Timers only send commands; what they find they read from the owner's status.
 */

export interface UpkeepSettings {
  readonly snapshotEvery: { readonly type: 'interval'; readonly intervalMs: number } | { readonly type: 'cron'; readonly expression: string };
  readonly journalBytesMax: number;
  readonly lagChangesMax: number;
  readonly lagMs: number;
  /** Undefined: every batch is synced before it is answered. */
  readonly journalSyncIntervalMs: number | undefined;
}

type Owner = Pick<OwnerClient, 'status' | 'query'>;

export interface UpkeepActions {
  takeSnapshot(reason: SnapshotReason): Promise<void>;
}

/** Garbage is copied together when it is as much as what is live, and not for trifles. */
const GARBAGE_BYTES_MIN = 64 * 1024 * 1024;
/** So many changes lie in the tables as they came, five times as large as packed. */
const PACKED_CHANGES_MIN = 50_000;
/** Somebody else's transaction may stand in the way of packing for a while. */
const PACK_ATTEMPTS_MAX = 60;
const STEP_MS = 50;
const LOOK_MS = 1000;

/** Starts the timers. @returns what stops them. */
export function startUpkeep(settings: UpkeepSettings, owner: Owner, actions: UpkeepActions, clock: Clock, log: Log): () => void {
  let lastSnapshotMs = clock.monotonicMs();
  const due = async (reason: SnapshotReason): Promise<void> => {
    lastSnapshotMs = clock.monotonicMs();
    await actions.takeSnapshot(reason);
  };
  const endCron = settings.snapshotEvery.type === 'cron' ? atCron(settings.snapshotEvery.expression, () => void due('cron')) : undefined;
  const intervalMs = settings.snapshotEvery.type === 'interval' ? settings.snapshotEvery.intervalMs : Number.POSITIVE_INFINITY;
  const snapshots = setInterval(() => {
    // The tick comes a little early or late; half a second is nobody's interval.
    if (clock.monotonicMs() - lastSnapshotMs >= intervalMs - 500) void due('interval');
    else if ((owner.status?.journalBytesSinceSnapshot ?? 0) > settings.journalBytesMax) void due('journal-size');
  }, LOOK_MS);
  const lag = setInterval(lagStep(settings, owner, clock), STEP_MS);
  const compaction = setInterval(compactionStep(owner), LOOK_MS);
  const packing = setInterval(packingStep(owner), LOOK_MS);
  const sync = settings.journalSyncIntervalMs === undefined ? undefined : setInterval(() => void owner.query('store.sync', {}), settings.journalSyncIntervalMs);
  log.debug({}, 'timers started');
  return () => {
    endCron?.();
    clearInterval(snapshots);
    clearInterval(lag);
    clearInterval(compaction);
    clearInterval(packing);
    clearInterval(sync);
  };
}

/** DuckDB follows when enough has gathered or enough time has passed: larger applies are cheaper per row. */
function lagStep({ lagChangesMax, lagMs }: UpkeepSettings, owner: Owner, clock: Clock): () => void {
  let behindSinceMs: number | undefined;
  let running = false;
  return () => {
    const unapplied = owner.status?.unappliedChanges ?? 0;
    if (unapplied === 0) behindSinceMs = undefined;
    if (unapplied === 0 || running) return;
    behindSinceMs ??= clock.monotonicMs();
    if (unapplied < lagChangesMax && clock.monotonicMs() - behindSinceMs < lagMs) return;
    running = true;
    behindSinceMs = undefined;
    void owner.query('store.apply', {}).then(() => {
      running = false;
    });
  };
}

function compactionStep(owner: Owner): () => void {
  let running = false;
  return () => {
    const { recordLogGarbageBytes: garbage = 0, recordLogLiveBytes: live = 0, recordLogFull = false, filled = false } = owner.status ?? {};
    if (running || !filled || garbage < GARBAGE_BYTES_MIN || (garbage < live && !recordLogFull)) return;
    running = true;
    void owner.query('store.compact', {}).then(() => {
      running = false;
    });
  };
}

/** After an import, say: when nothing was written since the last look, because what packs holds up what is written. */
function packingStep(owner: Owner): () => void {
  let packed: number | undefined;
  let lastSeen: number | undefined;
  let attempts = 0;
  return () => {
    const { status } = owner;
    if (status === undefined || !status.filled) return;
    const { sequence, appliedSequence } = status;
    const isQuiet = sequence === lastSeen && sequence === appliedSequence;
    lastSeen = sequence;
    // A start packs what it has filled in.
    packed ??= sequence;
    if (!isQuiet || sequence - packed < PACKED_CHANGES_MIN) return;
    const before = packed;
    packed = sequence;
    attempts += 1;
    void owner.query('store.pack', {}).then((answer) => {
      if (answer.ok && !answer.value.packed && attempts < PACK_ATTEMPTS_MAX) packed = before;
      else attempts = 0;
    });
  };
}
