import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { SchemaProblem } from '../schemas/kind.ts';
import type { AgentConfig } from './agent/endpoint-config.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import { OwnerClient } from './dispatch/owner-client.ts';
import { OwnerPool } from './dispatch/owner-pool.ts';
import { RecordView } from './dispatch/record-view.ts';
import { done, type Fault, messageOf, type Result, StartFailure } from './faults.ts';
import type { Feed } from './feed/feed.ts';
import type { Front, startFront } from './http/front.ts';
import { FRONT_LIMITS, type FrontLimits } from './http/limits.ts';
import { loadKeys } from './keys.ts';
import { Lifecycle } from './lifecycle.ts';
import { lockDirectory, prepareDirectory } from './lock.ts';
import type { Log } from './log.ts';
import { packageRoot } from './package-root.ts';
import type { SnapshotDescription, SnapshotReason } from './protocol/commands.ts';
import type { ReservationHalf } from './reservation-half.ts';

/** The composition root: builds everything, starts it in order, stops it in reverse. */

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** SIGHUP: the certificate is read again, and changed endpoints are taken without touching the others' calls. */
  reload(agent: AgentConfig | undefined): Promise<void>;
  /** Stops accepting, lets requests finish, takes the last snapshot, and lets the data folder go. */
  stop(): Promise<void>;
}

/** Requests that are being answered when the server is told to stop have this long. */
const DRAIN_LIMIT_MS = 10_000;
/** A large inventory's last snapshot may take a while; the journal has everything anyway. */
const LAST_SNAPSHOT_LIMIT_MS = 240_000;
/** After so many deaths of the owner's thread there is something that a restart of the thread does not mend. */
const OWNER_RESTARTS_MAX = 3;

/**
 * @param onFatal called when the store cannot go on in this process; everything that waited has been answered.
 * @throws StartFailure with one sentence that says what to do.
 */
export async function startServer(config: Config, log: Log, onFatal: (reason: string) => void): Promise<RunningServer> {
  const lifecycle = new Lifecycle(log);
  try {
    return await start(config, log, onFatal, lifecycle);
  } catch (error) {
    await lifecycle.stop('crash');
    throw error instanceof SchemaProblem ? new StartFailure(error.message) : error;
  }
}

async function start(config: Config, log: Log, onFatal: (reason: string) => void, lifecycle: Lifecycle): Promise<RunningServer> {
  const { directory, schemaDirectory } = config.storage;
  // DuckDB makes its Parquet files by the process's mask: they are for the owner of the process only, like all others.
  process.umask(0o077);
  prepareDirectory(directory);
  const lock = lockDirectory(directory);
  lifecycle.onStop('lock', () => lock.release());
  if (!config.snapshots.restore) setAside(directory, log);
  const keys = loadKeys(directory, process.env, log, config.auth.secretFile);
  const pool = new OwnerPool({
    directory,
    ...(schemaDirectory === undefined ? {} : { schemaDirectory }),
    storeKey: keys.storeKey,
    journalSync: config.storage.journalSync,
    journalKeepBytes: config.storage.journalKeepBytes,
  });
  lifecycle.onStop('owner thread', () => pool.close());
  const recovering = pool.start();
  // Awaited below, after the port is open; until then its failure must not count as unheard.
  recovering.catch(() => undefined);

  // The owner's thread recovers while this one loads the rest of itself: that is a third of a restart.
  const [
    { loadKinds },
    { createAuthenticator },
    { startFront },
    { startUpkeep },
    { startTicks },
    { AGENT_STOP_LIMIT_MS, composeReservations },
    { composeFeed },
    { composeQueries },
  ] = await Promise.all([
    import('../schemas/registry.ts'),
    import('./http/auth.ts'),
    import('./http/front.ts'),
    import('./schedule/upkeep.ts'),
    import('./schedule/ticks.ts'),
    import('./reservation-half.ts'),
    import('./feed-half.ts'),
    import('./query-half.ts'),
  ]);
  const kinds = await loadKinds(schemaDirectory);
  const authenticator = await createAuthenticator(config.auth, keys.tokenSecret, systemClock, {
    warn: (message) => log.warn({}, message),
  });
  const view = new RecordView();
  // The port is opened last, and there is nobody to publish to before.
  let listening: Front | undefined;
  const live = composeFeed({ config, kinds, view, publish: (channel, message) => listening?.publish(channel, message), log });
  const { feed } = live;
  let restarts = 0;
  let reservations: ReservationHalf | undefined;
  const owner = new OwnerClient((task) => pool.run(task), view, {
    log: (line) => log[line.level](line.fields, line.message),
    fatal: onFatal,
    changed: (reply) => feed.changed(reply),
    died(reason) {
      restarts += 1;
      log.error({ reason, restarts }, 'the owner thread died; its calls were answered with outcome-unknown');
      if (lifecycle.stopping) return;
      reservations?.agent.unload();
      if (restarts > OWNER_RESTARTS_MAX) onFatal(`the owner thread died ${restarts} times, last: ${reason}`);
      else void revive(pool, owner, feed, log, lifecycle, () => reservations?.agent.load()).catch((error: unknown) => onFatal(messageOf(error)));
    },
  });

  const takeSnapshot = async (reason: SnapshotReason, note?: string): Promise<Result<SnapshotDescription | undefined>> => {
    const skipUnchanged = reason !== 'demand';
    const input = { reason, retention: config.snapshots.retain, skipUnchanged, ...(note === undefined ? {} : { note }) };
    const taken = await owner.query('snapshot.take', input);
    const timeMs = systemClock.nowMs();
    if (!taken.ok) {
      log.error({ reason, detail: taken.fault.detail }, 'a snapshot could not be taken');
      feed.signal({ type: 'snapshot.failed', timeMs, data: { reason, detail: taken.fault.detail } });
      return taken;
    }
    const { taken: snapshot, pruned } = taken.value;
    if (snapshot !== undefined) {
      log.info({ snapshot }, 'snapshot taken');
      feed.signal({ type: 'snapshot.taken', timeMs, subject: snapshot.name, data: { ...snapshot } });
    }
    for (const name of pruned) feed.signal({ type: 'snapshot.pruned', timeMs, subject: name, data: {} });
    return done(snapshot);
  };
  const limits = limitsOf(config);
  const idempotencyKey = createHmac('sha256', keys.storeKey).update('idempotency').digest();
  const half = composeReservations({ config: config.agent, owner, view, limits, idempotencyKey, storeKey: keys.storeKey, directory, ear: live.ear, log });
  reservations = half;
  const queries = composeQueries({ config, owner, log });
  const front = await startFront({
    host: config.server.host,
    port: config.server.port,
    ...(config.server.tls === undefined ? {} : { tls: config.server.tls }),
    kinds,
    owner,
    view,
    authenticator,
    digest: half.digest,
    publicReads: config.auth.reads === 'public',
    idempotencyKey,
    limits,
    moreRoutes: [...half.routes, ...live.routes, ...queries.routes],
    log,
    health: () => healthOf(owner, half.agent.isReady, lifecycle.stopping),
    snapshots: {
      take: async (note) => described(await takeSnapshot('demand', note)),
      list: () => owner.query('snapshot.list', {}),
    },
    version: versionOfPackage(),
  });
  listening = front;
  lifecycle.onStop('port', () => front.close());
  lifecycle.onStop('last snapshot', (reason) => finish(reason, config, owner, takeSnapshot), LAST_SNAPSHOT_LIMIT_MS);
  lifecycle.onStop('feed', () => live.close());
  lifecycle.onStop('queries', () => queries.close());
  lifecycle.onStop('plugins', () => half.close(), AGENT_STOP_LIMIT_MS);
  lifecycle.onStop('requests', () => front.drain(DRAIN_LIMIT_MS), DRAIN_LIMIT_MS + 1000);
  lifecycle.onStop('listening', () => front.stopAccepting());
  warnOfOpenPort(config, log);
  log.info({ url: front.url, directory }, `listening on ${front.url}`);

  owner.revive(await recovering);
  log.info({ sequence: owner.status?.sequence }, 'reads are answered');
  queries.start();
  const filled = fill(owner, log, lifecycle, () => half.agent.load());
  const stopUpkeep = startUpkeep(
    {
      snapshotEvery: config.snapshots.every,
      journalBytesMax: config.snapshots.journalBytesMax,
      lagChangesMax: config.storage.lagChangesMax,
      lagMs: config.storage.lagMs,
      journalSyncIntervalMs: config.storage.journalSync === 'interval' ? config.storage.journalSyncIntervalMs : undefined,
    },
    owner,
    { takeSnapshot: async (reason) => void (await takeSnapshot(reason)) },
    systemClock,
    log,
  );
  lifecycle.onStop('timers', stopUpkeep);
  // A step that is under way ends by itself; the store is closed behind it.
  lifecycle.onStop('filling', () => filled);
  filled.catch((error: unknown) => onFatal(messageOf(error)));
  // Plugins may take their time: nothing but reservations waits for them.
  await half.start();
  lifecycle.onStop(
    'ticks',
    startTicks(() => half.agent.look()),
  );
  return {
    url: front.url,
    port: front.port,
    async reload(agent) {
      const tls = await front.reloadTls();
      if (!tls.ok) log.error({ reason: tls.fault.detail }, 'the certificate could not be read again; the old one stays');
      if (agent !== undefined) await half.reload(agent);
    },
    stop: () => lifecycle.stop(),
  };
}

function limitsOf({ limits }: Config): FrontLimits {
  return {
    ...FRONT_LIMITS,
    bodyBytesMax: limits.bodyBytes,
    bulkBytesMax: limits.bulkBytes,
    bulkBytesInFlightMax: Math.max(limits.bulkBytes, FRONT_LIMITS.bulkBytesInFlightMax),
    inFlightMax: limits.inFlight,
    requestTimeLimitMs: limits.requestTimeLimitMs,
  };
}

async function revive(pool: OwnerPool, owner: OwnerClient, feed: Feed, log: Log, lifecycle: Lifecycle, indexed: () => void): Promise<void> {
  owner.revive(await pool.start());
  log.info({}, 'the owner thread has recovered');
  feed.signal({ type: 'owner.restarted', timeMs: systemClock.nowMs(), data: {} });
  await fill(owner, log, lifecycle, indexed);
}

/**
 * Key index first, then the record log, a step at a time, so that requests come in between.
 * @param indexed called when writes are answered and all reservations are in memory.
 */
async function fill(owner: OwnerClient, log: Log, lifecycle: Lifecycle, indexed: () => void): Promise<void> {
  let wasIndexed = false;
  while (owner.status?.filled !== true && !lifecycle.stopping) {
    const step = await owner.query('store.fill', {});
    // A dead or fatal owner is reported by itself.
    if (!step.ok) return;
    if (step.value.indexed && !wasIndexed) {
      log.info({ records: owner.status?.records }, 'writes are answered');
      indexed();
    }
    wasIndexed = step.value.indexed;
  }
  log.debug({}, 'the record log is complete');
}

async function finish(
  reason: 'stop' | 'crash',
  config: Config,
  owner: OwnerClient,
  takeSnapshot: (reason: SnapshotReason) => Promise<Result<SnapshotDescription | undefined>>,
): Promise<void> {
  await owner.close();
  if (owner.status === undefined) return;
  if (reason === 'stop' && config.snapshots.onShutdown) await takeSnapshot('shutdown');
  await owner.query('store.close', {});
}

function healthOf(owner: OwnerClient, hasReservations: boolean, stopping: boolean): ReturnType<Parameters<typeof startFront>[0]['health']> {
  const status = owner.status;
  const ready = status?.indexed === true && hasReservations && status.fatal === undefined && !stopping;
  return {
    status: stopping ? 'stopping' : status?.fatal !== undefined ? 'failed' : ready ? 'ready' : 'recovering',
    live: status?.fatal === undefined,
    ready,
    sequence: status?.sequence ?? 0,
    records: status?.records ?? {},
  };
}

function described(taken: Result<SnapshotDescription | undefined>): Result<SnapshotDescription> {
  if (!taken.ok) return taken;
  if (taken.value !== undefined) return { ok: true, value: taken.value };
  const fault: Fault = { code: 'snapshot-failed', detail: 'no snapshot was taken' };
  return { ok: false, fault };
}

/** `--restore=false`: nothing is deleted, and the start says where it went. */
function setAside(directory: string, log: Log): void {
  const aside = join(directory, `aside-${new Date(systemClock.nowMs()).toISOString().replaceAll(':', '-')}`);
  const moved = ['journal', 'snapshots'].filter((name) => existsSync(join(directory, name)));
  if (moved.length === 0) return;
  mkdirSync(aside, { mode: 0o700 });
  for (const name of moved) renameSync(join(directory, name), join(aside, name));
  log.warn({ aside }, `starting empty, as asked: journal and snapshots were moved to ${aside}`);
}

function warnOfOpenPort(config: Config, log: Log): void {
  const { host, tls } = config.server;
  if (host === '127.0.0.1' || host === '::1' || host === 'localhost' || tls !== undefined) return;
  log.warn({ host }, 'listening beyond this machine without TLS: tokens and secrets travel in clear text');
}

function versionOfPackage(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
