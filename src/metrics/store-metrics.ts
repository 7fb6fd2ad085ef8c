import type { OwnerClient } from '../dispatch/owner-client.ts';
import { SYNC_SECONDS } from '../protocol/commands.ts';
import { counter, gauge, histogram, type Metric, one, type Sample } from './metric.ts';
import type { ServerCounts } from './server-counts.ts';

/**
 * The store, as its last answer says: journal, working set, record log, snapshots and recovery. While it recovers, what
 * only the owner's thread knows is left out; what that thread counts begins at 0 when it is replaced.
 */

export interface StoreSources {
  readonly owner: Pick<OwnerClient, 'status' | 'recovery' | 'queueLength' | 'exclusiveLength' | 'queriesUnderWay' | 'limits'>;
  readonly server: ServerCounts;
  /** Requests of every sort are answered. */
  isReady(): boolean;
  /** Undefined with a cron expression. */
  readonly snapshotIntervalSeconds: number | undefined;
  readonly journalBytesMax: number;
  /** Epoch milliseconds. */
  nowMs(): number;
}

export function storeMetrics(sources: StoreSources): readonly Metric[] {
  return [...ownerMetrics(sources), ...journalMetrics(sources), ...contentMetrics(sources), ...snapshotMetrics(sources), ...recoveryMetrics(sources)];
}

function ownerMetrics({ owner, server, isReady }: StoreSources): readonly Metric[] {
  return [
    gauge('holdfast_ready', 'Whether reads, writes and reservations are answered, as GET /health says.', [], () => one(isReady() ? 1 : 0)),
    counter('holdfast_owner_restarts_total', 'Deaths of the thread that has the records; it recovers from the journal.', [], () => one(server.ownerRestarts)),
    gauge('holdfast_owner_queue_length', 'Writes that wait for the batch before them.', [], () => one(owner.queueLength)),
    gauge('holdfast_owner_queue_limit', 'How many may; one more is answered with 503.', [], () => one(owner.limits.queueLengthMax)),
    gauge('holdfast_owner_bulks_waiting', 'Bulks of all or nothing and restores that wait to write alone.', [], () => one(owner.exclusiveLength)),
    gauge('holdfast_owner_bulks_waiting_limit', 'How many may; one more is answered with 503.', [], () => one(owner.limits.exclusiveMax)),
    gauge('holdfast_owner_queries', 'Lists and reads by another name than the key that run or wait at the owner.', [], () => one(owner.queriesUnderWay)),
    gauge('holdfast_owner_queries_limit', 'How many may; one more is answered with 503.', [], () => one(owner.limits.queriesMax)),
  ];
}

function journalMetrics({ owner, journalBytesMax }: StoreSources): readonly Metric[] {
  const journal = () => owner.status?.journal;
  return [
    gauge('holdfast_journal_sequence', 'The number of the last change.', [], () => one(owner.status?.sequence)),
    counter('holdfast_journal_frames_total', 'Frames that were written: about one for each batch of writes.', [], () => one(journal()?.frames)),
    counter('holdfast_journal_bytes_total', 'Bytes of those frames.', [], () => one(journal()?.bytes)),
    counter('holdfast_journal_refusals_total', 'Batches that could not be written, mostly because the disk is full.', [], () => one(journal()?.refusals)),
    histogram('holdfast_journal_sync_duration_seconds', 'How long fdatasync takes; every write waits for one.', [], function* () {
      const { syncs, syncSeconds } = journal() ?? {};
      if (syncs !== undefined && syncSeconds !== undefined) yield [{ bounds: SYNC_SECONDS, counts: syncs, sum: syncSeconds }];
    }),
    gauge('holdfast_journal_pending_bytes', 'Journal since the last snapshot, which a restart has to replay.', [], () =>
      one(owner.status?.journalBytesSinceSnapshot),
    ),
    gauge('holdfast_journal_pending_limit_bytes', 'So much of it brings a snapshot on.', [], () => one(journalBytesMax)),
  ];
}

function contentMetrics({ owner, nowMs }: StoreSources): readonly Metric[] {
  return [
    gauge('holdfast_working_set_lag_changes', 'Changes in the journal that DuckDB does not have yet; a query waits for them.', [], () => {
      const { status } = owner;
      return one(status === undefined ? undefined : status.sequence - status.appliedSequence);
    }),
    gauge('holdfast_working_set_lag_seconds', 'The age of the oldest of them.', [], () => {
      const { status } = owner;
      if (status === undefined) return [];
      return one(status.behindSinceMs === undefined ? 0 : Math.max(0, nowMs() - status.behindSinceMs) / 1000);
    }),
    gauge('holdfast_record_log_live_bytes', 'Images of records in shared memory.', [], () => one(owner.status?.recordLogLiveBytes)),
    gauge('holdfast_record_log_garbage_bytes', 'Images there that are not current any more; given back in the background.', [], () =>
      one(owner.status?.recordLogGarbageBytes),
    ),
    gauge('holdfast_records', 'Records by kind.', ['kind'], () => Object.entries(owner.status?.records ?? {}).map(([kind, count]): Sample => [count, kind])),
  ];
}

function snapshotMetrics({ owner, server, snapshotIntervalSeconds }: StoreSources): readonly Metric[] {
  const last = () => owner.status?.lastSnapshot;
  return [
    counter('holdfast_snapshots_total', 'Snapshots that were taken.', [], () => one(server.snapshotsTaken)),
    counter('holdfast_snapshot_failures_total', 'Snapshots that could not be taken.', [], () => one(server.snapshotFailures)),
    gauge('holdfast_snapshot_last_success_timestamp_seconds', 'When the newest snapshot was taken, also before the last start.', [], () => {
      const time = last()?.time;
      return one(time === undefined ? undefined : Date.parse(time) / 1000);
    }),
    gauge('holdfast_snapshot_last_duration_seconds', 'How long that took.', [], () => one(last()?.seconds)),
    gauge('holdfast_snapshot_last_bytes', 'The size of its files.', [], () => one(last()?.bytes)),
    gauge('holdfast_snapshot_last_sequence', 'The number of the last change in it.', [], () => one(last()?.sequence)),
    gauge('holdfast_snapshot_interval_seconds', 'How often one is to be taken; absent with a cron expression.', [], () => one(snapshotIntervalSeconds)),
  ];
}

function recoveryMetrics({ owner, server }: StoreSources): readonly Metric[] {
  return [
    gauge(
      'holdfast_recovery_seconds',
      'The last recovery: check the snapshot, replay the journal (then reads by id are answered), build the key index (then writes are), load the tables and fill the record log.',
      ['phase'],
      () => phases(owner, server),
    ),
    gauge('holdfast_recovery_replayed_changes', 'Changes of the journal that it replayed.', [], () => one(owner.recovery?.replayedChanges)),
    gauge('holdfast_recovery_cut_bytes', 'What it cut off the end of the journal: a last write that was unfinished or damaged.', [], () =>
      one(owner.recovery?.cutBytes),
    ),
    gauge('holdfast_recovery_broken_snapshots', 'Snapshots that it could not use and set aside.', [], () => one(owner.recovery?.brokenSnapshots)),
  ];
}

function* phases({ recovery }: StoreSources['owner'], { indexSeconds, fillSeconds }: ServerCounts): Iterable<Sample> {
  if (recovery === undefined) return;
  yield [recovery.loadSeconds, 'load'];
  yield [recovery.replaySeconds, 'replay'];
  if (indexSeconds !== undefined) yield [indexSeconds, 'index'];
  if (fillSeconds !== undefined) yield [fillSeconds, 'fill'];
}
