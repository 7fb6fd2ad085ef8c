import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import { OWNER_CLIENT_LIMITS, OwnerClient, type OwnerEvents } from './dispatch/owner-client.ts';
import type { OwnerPool, StartedOwner } from './dispatch/owner-pool.ts';
import type { RecordView } from './dispatch/record-view.ts';
import { done, type Fault, fail, messageOf, type Result } from './faults.ts';
import type { Feed } from './feed/feed.ts';
import { InventoryMoves } from './history/inventory-moves.ts';
import type { HealthState } from './http/health-routes.ts';
import type { SnapshotActions } from './http/snapshot-routes.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { ServerCounts } from './metrics/server-counts.ts';
import type { SnapshotDescription, SnapshotReason, StoreMemory } from './protocol/commands.ts';

/** The part of the composition root that runs the owner: what follows its start and its death, its snapshots, its end. */

export interface StoreHalfParts {
  readonly config: Config;
  readonly pool: OwnerPool;
  readonly view: RecordView;
  readonly feed: Feed;
  readonly counts: ServerCounts;
  readonly log: Log;
  readonly lifecycle: Pick<Lifecycle, 'stopping'>;
  /** Writes are answered, and all reservations are in memory. */
  indexed(): void;
  /** An owner has begun, the first one or another: whoever reads beside it can be shown its memory. */
  began(): void;
  /** The owner's thread is gone, and comes back. */
  lost(): void;
  /** The store cannot go on in this process; everything that waited has been answered. */
  fatal(reason: string): void;
}

/** Of the requests that may be in flight: when the disk stalls and writes pile up, the rest is for those who read. */
const WRITES_SHARE = 3 / 4;
/** After so many deaths of the owner's thread there is something that a restart of the thread does not mend. */
const OWNER_RESTARTS_MAX = 3;
/** Everybody's writes wait while a restore waits for another snapshot. */
const SNAPSHOT_WAIT_MS = 60_000;

export class StoreHalf {
  readonly owner: OwnerClient;
  readonly moves: InventoryMoves = new InventoryMoves();
  readonly #parts: StoreHalfParts;
  /** Snapshots that were asked for: the owner may begin one while the answer to the one before is on its way. */
  readonly #taking = new Set<Promise<unknown>>();
  /** An owner has died, and another one takes its place. */
  #reviving: Promise<void> | undefined;

  constructor(parts: StoreHalfParts) {
    this.#parts = parts;
    const { pool, view, feed, log } = parts;
    const queueLengthMax = Math.max(1, Math.floor(parts.config.limits.inFlight * WRITES_SHARE));
    const events: OwnerEvents = {
      log: (line) => log[line.level](line.fields, line.message),
      fatal: (reason) => parts.fatal(reason),
      changed: (reply) => {
        this.moves.changed(reply, view);
        feed.changed(reply);
      },
      died: (reason) => this.#died(reason),
    };
    this.owner = new OwnerClient((task) => pool.run(task), view, events, { ...OWNER_CLIENT_LIMITS, queueLengthMax });
  }

  /** Takes the first answer of the owner: from here on reads are answered. @returns a promise for when everything is in memory. */
  begin({ reply, shown }: StartedOwner): Promise<void> {
    // It has died since: what it showed is nobody's memory any more, and the next one begins by itself.
    if (this.#reviving !== undefined) {
      shown.close();
      this.#parts.began();
      return this.#reviving;
    }
    this.owner.revive(reply, shown);
    this.#parts.began();
    this.#parts.log.info({ sequence: this.owner.status?.sequence }, 'reads are answered');
    return this.#fill();
  }

  /** For a restore, which waits for a snapshot that is being taken rather than to fail because of it. */
  takeSafetySnapshot(note: string): Promise<Result<SnapshotDescription | undefined>> {
    return this.#takeNext('restore', note);
  }

  async #takeNext(reason: SnapshotReason, note?: string): Promise<Result<SnapshotDescription | undefined>> {
    const deadlineMs = systemClock.monotonicMs() + SNAPSHOT_WAIT_MS;
    while (this.#taking.size > 0) {
      const leftMs = deadlineMs - systemClock.monotonicMs();
      if (leftMs <= 0) return fail('overloaded', 'another snapshot is still being taken; try again');
      const waiting = new AbortController();
      await Promise.race([Promise.all(this.#taking), sleep(leftMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
      waiting.abort();
    }
    return await this.takeSnapshot(reason, note);
  }

  /** Logged, counted and told to the feed. @returns undefined when nothing has changed since the last one. */
  async takeSnapshot(reason: SnapshotReason, note?: string): Promise<Result<SnapshotDescription | undefined>> {
    const { config, counts, feed, log } = this.#parts;
    const skipUnchanged = reason !== 'demand' && reason !== 'restore';
    const input = { reason, retention: config.snapshots.retain, skipUnchanged, ...(note === undefined ? {} : { note }) };
    const taking = this.owner.query('snapshot.take', input);
    this.#taking.add(taking);
    const taken = await taking;
    this.#taking.delete(taking);
    const timeMs = systemClock.nowMs();
    if (!taken.ok) {
      counts.snapshotFailures += 1;
      log.error({ reason, detail: taken.fault.detail }, 'a snapshot could not be taken');
      feed.signal({ type: 'snapshot.failed', timeMs, data: { reason, detail: taken.fault.detail } });
      return taken;
    }
    const { taken: snapshot, pruned } = taken.value;
    if (snapshot !== undefined) {
      counts.snapshotsTaken += 1;
      log.info({ snapshot }, 'snapshot taken');
      feed.signal({ type: 'snapshot.taken', timeMs, subject: snapshot.name, data: { ...snapshot } });
    }
    for (const name of pruned) feed.signal({ type: 'snapshot.pruned', timeMs, subject: name, data: {} });
    return done(snapshot);
  }

  get snapshots(): SnapshotActions {
    return {
      // Two who ask at once, or just while the timer has one taken, are both right.
      take: async (note) => described(await this.#takeNext('demand', note)),
      list: () => this.owner.query('snapshot.list', {}),
      read: (at) => this.owner.query('snapshot.read', { at }),
      pathOf: (snapshot, file) => join(this.#parts.config.storage.directory, 'snapshots', `snapshot=${snapshot}`, file),
      delete: (name, subject) => this.#deleteSnapshot(name, subject),
    };
  }

  async #deleteSnapshot(name: string, subject: string | undefined): ReturnType<SnapshotActions['delete']> {
    const { log, feed } = this.#parts;
    const deleted = await this.owner.query('snapshot.delete', { name });
    if (!deleted.ok || deleted.value === undefined) return deleted;
    log.info({ snapshot: name, subject }, 'snapshot deleted');
    feed.signal({ type: 'snapshot.pruned', timeMs: systemClock.nowMs(), subject: name, data: {} });
    return deleted;
  }

  health(hasReservations: boolean): HealthState {
    const { status } = this.owner;
    const { stopping } = this.#parts.lifecycle;
    const ready = status?.indexed === true && hasReservations && status.fatal === undefined && !stopping;
    const refusedWith = ready ? (status.refusedWith ?? (status.recordLogFull ? 'no room in memory' : undefined)) : undefined;
    return {
      status: stopping ? 'stopping' : status?.fatal !== undefined ? 'failed' : !ready ? 'recovering' : refusedWith === undefined ? 'ready' : 'degraded',
      live: status?.fatal === undefined,
      ready,
      // Everybody may ask: nothing of paths.
      ...(refusedWith === undefined ? {} : { detail: `the last write was refused (${refusedWith}); reads go on, and writes come back by themselves` }),
      sequence: status?.sequence ?? 0,
      records: status?.records ?? {},
    };
  }

  /** Lets writes finish, takes the last snapshot, and closes the store. */
  async finish(reason: 'stop' | 'crash'): Promise<void> {
    await this.owner.close();
    if (this.owner.status === undefined) return;
    if (reason === 'stop' && this.#parts.config.snapshots.onShutdown) await this.takeSnapshot('shutdown');
    await this.owner.query('store.close', {});
  }

  /** What the owner holds in memory; undefined while it recovers. */
  async memory(): Promise<StoreMemory | undefined> {
    if (this.owner.status === undefined) return undefined;
    const held = await this.owner.query('store.memory', {});
    return held.ok ? held.value : undefined;
  }

  /** After a crash: ends what DuckDB does, because a process that exits in the middle of it aborts, and its exit code is lost. */
  async abandon(): Promise<void> {
    await this.#parts.pool.end();
  }

  #died(reason: string): void {
    const { counts, log, lifecycle, lost, fatal } = this.#parts;
    counts.ownerRestarts += 1;
    const restarts = counts.ownerRestarts;
    log.error({ reason, restarts }, 'the owner thread died; its calls were answered with outcome-unknown');
    if (lifecycle.stopping) return;
    lost();
    if (restarts > OWNER_RESTARTS_MAX) fatal(`the owner thread died ${restarts} times, last: ${reason}`);
    else {
      this.#reviving = this.#revive().catch((error: unknown) => {
        // A stop ends a recovery under way.
        if (!lifecycle.stopping) fatal(messageOf(error));
      });
    }
  }

  async #revive(): Promise<void> {
    const { pool, feed, log } = this.#parts;
    const { reply, shown } = await pool.start();
    this.owner.revive(reply, shown);
    this.#parts.began();
    log.info({}, 'the owner thread has recovered');
    feed.signal({ type: 'owner.restarted', timeMs: systemClock.nowMs(), data: {} });
    await this.#fill();
  }

  /** Key index first, then the record log, a step at a time, so that requests come in between. */
  async #fill(): Promise<void> {
    const { owner } = this;
    const { counts, log, lifecycle } = this.#parts;
    counts.indexSeconds = undefined;
    counts.fillSeconds = undefined;
    let sinceMs = systemClock.monotonicMs();
    let wasIndexed = false;
    for (let isEnded = false; !isEnded && !lifecycle.stopping; ) {
      const step = await owner.query('store.fill', {});
      // A dead or fatal owner is reported by itself.
      if (!step.ok) return;
      if (step.value.indexed && !wasIndexed) {
        counts.indexSeconds = (systemClock.monotonicMs() - sinceMs) / 1000;
        sinceMs = systemClock.monotonicMs();
        log.info({ records: owner.status?.records }, 'writes are answered');
        this.#parts.indexed();
      }
      wasIndexed = step.value.indexed;
      isEnded = step.value.ended;
    }
    if (owner.status?.filled === true) counts.fillSeconds = (systemClock.monotonicMs() - sinceMs) / 1000;
    log.debug({}, 'the record log is complete');
  }
}

function described(taken: Result<SnapshotDescription | undefined>): Result<SnapshotDescription> {
  if (!taken.ok) return taken;
  if (taken.value !== undefined) return { ok: true, value: taken.value };
  const fault: Fault = { code: 'snapshot-failed', detail: 'no snapshot was taken' };
  return { ok: false, fault };
}
