import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { SchemaProblem } from '../schemas/kind.ts';
import type { AgentConfig } from './agent/endpoint-config.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import { openMode } from './config/secret-file.ts';
import { OwnerPool } from './dispatch/owner-pool.ts';
import { RecordView } from './dispatch/record-view.ts';
import { messageOf, SOFTWARE_ERROR, StartFailure, StartStopped } from './faults.ts';
import { FEED_LIMITS } from './feed/limits.ts';
import { History } from './history/history.ts';
import { roomForConnections } from './http/descriptors.ts';
import type { Front } from './http/front.ts';
import { FrontCounts } from './http/front-counts.ts';
import type { HealthState } from './http/health-routes.ts';
import { FRONT_LIMITS, type FrontLimits } from './http/limits.ts';
import { metricsRoute } from './http/metrics-route.ts';
import { loadKeys, loadTokenSecrets } from './keys.ts';
import { Lifecycle } from './lifecycle.ts';
import { lockDirectory, prepareDirectory } from './lock.ts';
import type { Log } from './log.ts';
import { ServerCounts } from './metrics/server-counts.ts';
import { packageRoot } from './package-root.ts';
import type { ReservationHalf } from './reservation-half.ts';
import { watchLoop } from './schedule/loop-watch.ts';
import { StoreHalf } from './store-half.ts';
import { threadsLoaded } from './thread-pool.ts';

/** The composition root: builds everything, starts it in order, stops it in reverse. */

export interface Server {
  /** Everything is up. Rejects with a StartFailure, which has one sentence that says what to do; everything has been stopped then. */
  readonly started: Promise<RunningServer>;
  /** The store cannot go on: lets go of what would keep the process from exiting as it should. */
  abandon(): Promise<void>;
  /** Stops accepting, lets requests finish, takes the last snapshot, and lets the data folder go. A start under way ends, and fails. */
  stop(): Promise<void>;
}

export interface RunningServer {
  /** SIGHUP: certificate and token secrets are read again, and changed endpoints are taken without touching the others' calls. */
  reload(agent: AgentConfig | undefined): Promise<void>;
}

/** Requests that are being answered when the server is told to stop have this long. */
const DRAIN_LIMIT_MS = 10_000;
/** A large inventory's last snapshot may take a while; the journal has everything anyway. */
const LAST_SNAPSHOT_LIMIT_MS = 240_000;
/** What is being read of the past is read to its end. */
const HISTORY_STOP_LIMIT_MS = 30_000;

/** @param onFatal called when the store cannot go on in this process; everything that waited has been answered. */
export function startServer(config: Config, log: Log, onFatal: (reason: string, exitCode?: number) => void): Server {
  const lifecycle = new Lifecycle(log);
  let abandon = (): Promise<unknown> => lifecycle.stop('crash');
  const run = async (): Promise<RunningServer> => {
    try {
      return await start(config, log, onFatal, lifecycle, (letGo) => {
        abandon = letGo;
      });
    } catch (error) {
      await lifecycle.stop('crash');
      throw error instanceof SchemaProblem ? new StartFailure(error.message) : error;
    }
  };
  return {
    started: run(),
    abandon: async () => void (await abandon()),
    stop: () => lifecycle.stop(),
  };
}

/**
 * What has been started says at once how it is stopped, so a stop may come at any time; where this has waited for something,
 * it goes on only if none has come.
 * @param onAbandon takes what a crash lets go, as soon as there can be one: also while plugins are still starting
 */
async function start(
  config: Config,
  log: Log,
  onFatal: (reason: string, exitCode?: number) => void,
  lifecycle: Lifecycle,
  onAbandon: (letGo: () => Promise<unknown>) => void,
): Promise<RunningServer> {
  const { directory, schemaDirectory } = config.storage;
  const goOn = (): void => {
    if (lifecycle.stopping) throw new StartStopped();
  };
  // DuckDB makes its Parquet files by the process's mask: they are for the owner of the process only, like all others.
  process.umask(0o077);
  prepareDirectory(directory);
  const lock = lockDirectory(directory);
  lifecycle.onStop('lock', () => lock.release());
  if (!config.snapshots.restore) setAside(directory, log);
  const keys = loadKeys(directory, process.env, log, config.auth);
  const [storeKey, ...olderStoreKeys] = keys.storeKeys;
  const pool = new OwnerPool({
    directory,
    ...(schemaDirectory === undefined ? {} : { schemaDirectory }),
    storeKey,
    olderStoreKeys,
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
    { createMetrics },
    { startUpkeep },
    { startTicks },
    { AGENT_STOP_LIMIT_MS, composeReservations },
    { composeFeed },
    { composeQueries },
    { composeRestores },
  ] = await Promise.all([
    import('../schemas/registry.ts'),
    import('./http/auth.ts'),
    import('./http/front.ts'),
    import('./metrics/metrics.ts'),
    import('./schedule/upkeep.ts'),
    import('./schedule/ticks.ts'),
    import('./reservation-half.ts'),
    import('./feed-half.ts'),
    import('./query-half.ts'),
    import('./restore-half.ts'),
  ]);
  const kinds = await loadKinds(schemaDirectory);
  const authenticator = await createAuthenticator(config.auth, keys.tokenSecrets, systemClock, {
    warn: (message) => log.warn({}, message),
  });
  goOn();
  const view = new RecordView();
  // The port is opened last, and there is nobody to publish to before.
  let listening: Front | undefined;
  const frontCounts = new FrontCounts();
  const live = composeFeed({ config, kinds, view, publish: (channel, message) => listening?.publish(channel, message), counts: frontCounts, log });
  const { feed } = live;
  const counts = new ServerCounts();
  let reservations: ReservationHalf | undefined;
  const store = new StoreHalf({
    config,
    pool,
    view,
    feed,
    counts,
    log,
    lifecycle,
    fatal: onFatal,
    indexed: () => reservations?.agent.load(),
    lost: () => reservations?.agent.unload(),
    began: () => listening?.showRecords(),
  });
  const { owner } = store;
  pool.onIdleDeath((reason) => owner.died(reason));
  const history = new History({
    directory,
    ...(schemaDirectory === undefined ? {} : { schemaDirectory }),
    memoryBytes: config.history.memoryBytes,
    present: () => (owner.status === undefined ? undefined : { ...owner.status, timeMs: systemClock.nowMs() }),
    log: (line) => log[line.level](line.fields, line.message),
  });
  onAbandon(() => Promise.all([store.abandon(), history.close()]).then(threadsLoaded));
  const limits = withinDescriptors(limitsOf(config), log);
  // The oldest stays when keys are rotated: repeated requests and processes of before are known again.
  const lastingKey = olderStoreKeys.at(-1) ?? storeKey;
  const idempotencyKey = createHmac('sha256', lastingKey).update('idempotency').digest();
  const half = composeReservations({
    config: config.agent,
    owner,
    view,
    history,
    limits,
    idempotencyKey,
    lastingKey,
    directory,
    ear: live.ear,
    log,
  });
  reservations = half;
  const health = (): HealthState => store.health(half.agent.isReady);
  const version = versionOfPackage();
  const { every, journalBytesMax } = config.snapshots;
  const queries = composeQueries({ config, owner, history, log });
  const metrics = createMetrics({
    http: { front: frontCounts, limits },
    feed: { feed, limits: FEED_LIMITS },
    store: {
      owner,
      server: counts,
      isReady: () => health().ready,
      snapshotIntervalSeconds: every.type === 'interval' ? every.intervalMs / 1000 : undefined,
      journalBytesMax,
      nowMs: systemClock.nowMs,
    },
    agent: { agent: half.agent, counts: half.counts },
    questions: { past: history, sql: queries.host },
    queries,
    memory: { store: () => store.memory() },
    process: { version, directory },
  });
  lifecycle.onStop('metrics', () => metrics.stop());
  const restores = composeRestores({ store, kinds, limits, feed, log, view, ask: (kind, input) => history.ask(kind, input) });
  const opening = startFront({
    host: config.server.host,
    port: config.server.port,
    httpThreads: config.server.httpThreads,
    showOwnersMemory: (port) => pool.show(port),
    threadDied: (reason) => onFatal(reason, SOFTWARE_ERROR),
    ...(config.server.tls === undefined ? {} : { tls: config.server.tls }),
    kinds,
    owner,
    view,
    authenticator,
    digest: half.digest,
    publicReads: config.auth.reads === 'public',
    idempotencyKey,
    limits,
    counts: frontCounts,
    trustedProxies: config.server.trustedProxies ?? [],
    allowedHosts: config.server.allowedHosts,
    moreRoutes: [...half.routes, ...live.routes, ...queries.routes, ...restores, metricsRoute({ access: config.metrics.access, ...metrics })],
    log,
    health,
    snapshots: store.snapshots,
    history,
    version,
  });
  lifecycle.onStop('port', () =>
    opening.then(
      (opened) => opened.close(),
      () => undefined,
    ),
  );
  lifecycle.onStop('last snapshot', (reason) => store.finish(reason), LAST_SNAPSHOT_LIMIT_MS);
  lifecycle.onStop('feed', () => live.close());
  lifecycle.onStop('history', () => history.close(), HISTORY_STOP_LIMIT_MS);
  lifecycle.onStop('queries', () => queries.close());
  lifecycle.onStop('plugins', () => half.close(), AGENT_STOP_LIMIT_MS);
  const front = await opening;
  goOn();
  listening = front;
  lifecycle.onStop('requests', () => front.drain(DRAIN_LIMIT_MS), DRAIN_LIMIT_MS + 1000);
  lifecycle.onStop('listening', () => front.stopAccepting());
  warnOfOpenPort(config, log);
  warnOfOpenKey(config, log);
  log.info({ url: front.url, directory }, `listening on ${front.url}`);

  const recovered = await recovering;
  goOn();
  const filled = store.begin(recovered);
  queries.start();
  const stopUpkeep = startUpkeep(
    {
      snapshotEvery: config.snapshots.every,
      journalBytesMax: config.snapshots.journalBytesMax,
      lagChangesMax: config.storage.lagChangesMax,
      lagMs: config.storage.lagMs,
      journalSyncIntervalMs: config.storage.journalSync === 'interval' ? config.storage.journalSyncIntervalMs : undefined,
    },
    owner,
    { takeSnapshot: async (reason) => void (await store.takeSnapshot(reason)) },
    systemClock,
    log,
  );
  lifecycle.onStop('timers', stopUpkeep);
  lifecycle.onStop('loop watch', watchLoop(systemClock, log));
  // A step that is under way ends by itself; the store is closed behind it.
  lifecycle.onStop('filling', () => filled);
  filled.catch((error: unknown) => onFatal(messageOf(error)));
  // Plugins may take their time: nothing but reservations waits for them.
  await half.start();
  goOn();
  lifecycle.onStop(
    'ticks',
    startTicks(() => half.agent.look()),
  );
  return {
    async reload(agent) {
      const tls = await front.reloadTls();
      if (!tls.ok) log.error({ reason: tls.fault.detail }, 'the certificate could not be read again; the old one stays');
      try {
        authenticator.replaceSecrets(loadTokenSecrets(directory, process.env, log, config.auth));
      } catch (error) {
        log.error({ reason: messageOf(error) }, 'the token secrets could not be read again; the old ones stay');
      }
      if (agent !== undefined) await half.reload(agent);
    },
  };
}

function limitsOf({ limits }: Config): FrontLimits {
  return {
    ...FRONT_LIMITS,
    bodyBytesMax: limits.bodyBytes,
    bulkBytesMax: limits.bulkBytes,
    bulkBytesInFlightMax: 1.5 * limits.bulkBytes,
    inFlightMax: limits.inFlight,
    inFlightPerAddressMax: limits.inFlightPerAddress,
    connectionsMax: limits.connections,
    connectionsPerAddressMax: limits.connectionsPerAddress,
    requestsPerSecondMax: limits.requestsPerSecond,
    feedsPerAddressMax: limits.feedsPerAddress,
    pastPerCallerMax: limits.pastPerCaller,
    queriesPerCallerMax: limits.queriesPerCaller,
    requestTimeLimitMs: limits.requestTimeLimitMs,
  };
}

/** Whoever connects must not take the file descriptors that the journal and snapshots need. */
function withinDescriptors(limits: FrontLimits, log: Log): FrontLimits {
  const room = roomForConnections();
  if (room === undefined || room >= limits.connectionsMax) return limits;
  log.warn(
    { connections: room },
    `there are file descriptors for ${room} connections, and not for ${limits.connectionsMax}: raise "ulimit -n" or lower limits.connections`,
  );
  return { ...limits, connectionsMax: room };
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

function warnOfOpenKey(config: Config, log: Log): void {
  const { tls } = config.server;
  const mode = tls === undefined ? undefined : openMode(tls.keyFile);
  if (mode !== undefined) log.warn({ path: tls?.keyFile, mode }, 'others on this machine can read or write the TLS key: chmod 600 it');
}

function warnOfOpenPort(config: Config, log: Log): void {
  const { host, tls } = config.server;
  if (host === '127.0.0.1' || host === '::1' || host === 'localhost' || tls !== undefined) return;
  log.warn({ host }, 'listening beyond this machine without TLS: tokens and secrets travel in clear text');
}

function versionOfPackage(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
