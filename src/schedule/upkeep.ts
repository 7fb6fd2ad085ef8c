import { type Job, scheduleJob } from 'node-schedule';
import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { Log } from '../log.ts';
import type { SnapshotReason } from '../protocol/commands.ts';

/**
 * Everything that the server does without being asked: snapshots in time, DuckDB not too far behind the journal, garbage
 * of the record log copied together. Timers only send commands; what they find they read from the owner's status.
 */

export interface UpkeepSettings {
  readonly snapshotEvery: { readonly type: 'interval'; readonly intervalMs: number } | { readonly type: 'cron'; readonly expression: string };
  readonly journalBytesMax: number;
  readonly lagChangesMax: number;
  readonly lagMs: number;
  /** Undefined: every batch is synced before it is answered. */
  readonly journalSyncIntervalMs: number | undefined;
}

export interface UpkeepActions {
  takeSnapshot(reason: SnapshotReason): Promise<void>;
}

/** Garbage is copied together when it is as much as what is live, and not for trifles. */
const GARBAGE_BYTES_MIN = 64 * 1024 * 1024;
const STEP_MS = 50;
const EVERY_SECOND = '* * * * * *';

/** Starts the timers. @returns what stops them. */
export function startUpkeep(settings: UpkeepSettings, owner: OwnerClient, actions: UpkeepActions, clock: Clock, log: Log): () => void {
  const jobs: Job[] = [];
  let lastSnapshotMs = clock.monotonicMs();
  const due = async (reason: SnapshotReason): Promise<void> => {
    lastSnapshotMs = clock.monotonicMs();
    await actions.takeSnapshot(reason);
  };
  if (settings.snapshotEvery.type === 'cron') {
    jobs.push(scheduleJob(settings.snapshotEvery.expression, () => void due('cron')));
  }
  const intervalMs = settings.snapshotEvery.type === 'interval' ? settings.snapshotEvery.intervalMs : Number.POSITIVE_INFINITY;
  jobs.push(
    scheduleJob(EVERY_SECOND, () => {
      // The tick comes a little early or late; half a second is nobody's interval.
      if (clock.monotonicMs() - lastSnapshotMs >= intervalMs - 500) void due('interval');
      else if ((owner.status?.journalBytesSinceSnapshot ?? 0) > settings.journalBytesMax) void due('journal-size');
    }),
  );
  const lag = setInterval(lagStep(settings, owner, clock), STEP_MS);
  const compaction = setInterval(compactionStep(owner), 1000);
  const sync = settings.journalSyncIntervalMs === undefined ? undefined : setInterval(() => void owner.query('store.sync', {}), settings.journalSyncIntervalMs);
  log.debug({}, 'timers started');
  return () => {
    for (const job of jobs) job.cancel();
    clearInterval(lag);
    clearInterval(compaction);
    clearInterval(sync);
  };
}

/** DuckDB follows when enough has gathered or enough time has passed: larger applies are cheaper per row. */
function lagStep({ lagChangesMax, lagMs }: UpkeepSettings, owner: OwnerClient, clock: Clock): () => void {
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

function compactionStep(owner: OwnerClient): () => void {
  let running = false;
  return () => {
    const { recordLogGarbageBytes: garbage = 0, recordLogLiveBytes: live = 0, filled = false } = owner.status ?? {};
    if (running || !filled || garbage < GARBAGE_BYTES_MIN || garbage < live) return;
    running = true;
    void owner.query('store.compact', {}).then(() => {
      running = false;
    });
  };
}
