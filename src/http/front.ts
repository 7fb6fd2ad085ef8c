import type { MessagePort } from 'node:worker_threads';
import type { Kinds } from '../../schemas/registry.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { Result } from '../faults.ts';
import { Addresses } from './addresses.ts';
import type { PastReads } from './as-of.ts';
import type { Authenticator } from './auth.ts';
import { Connections } from './connections.ts';
import { diffRoutes } from './diff-routes.ts';
import type { DigestAuthenticator } from './digest.ts';
import { Dispatcher } from './dispatcher.ts';
import { docsRoutes } from './docs-routes.ts';
import { FrontCounts } from './front-counts.ts';
import type { FrontLog } from './front-log.ts';
import { type HealthState, healthRoutes } from './health-routes.ts';
import { indexRoutes } from './index-routes.ts';
import { connectionsTo } from './kernel-connections.ts';
import { FRONT_LIMITS, type FrontLimits } from './limits.ts';
import { checkRoutes } from './openapi/check-routes.ts';
import { documentOf } from './openapi/document.ts';
import { openApiRoutes } from './openapi-routes.ts';
import { problemRoutes } from './problem-routes.ts';
import { recordRoutes } from './record-routes.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { schemaRoutes } from './schema-routes.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';
import { type SnapshotActions, snapshotRoutes } from './snapshot-routes.ts';
import { startFrontThreads } from './threads/front-threads.ts';
import { relayLimitsOf } from './threads/relay-limits.ts';
import type { RequestHandler } from './transport.ts';

/** The HTTP front of the inventory: everything between a socket and the owner client. */

export interface FrontOptions extends ServerOptions {
  readonly kinds: Kinds;
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly authenticator: Authenticator;
  /** Who knows its password has the scope `reservations`. Undefined: tokens only. */
  readonly digest?: DigestAuthenticator | undefined;
  /** The system's unless a test says otherwise. */
  readonly clock?: Clock;
  /** GETs of records and schemas need no token. */
  readonly publicReads: boolean;
  /** Secret for the hashes that idempotency remembers; the same after a restart. */
  readonly idempotencyKey: Buffer;
  readonly limits?: Partial<FrontLimits>;
  /** Whose word is taken for whom they ask. */
  readonly trustedProxies?: readonly string[];
  /** What the header Host may be, with or without a port; undefined: anything. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Where requests are counted, if anybody wants to know. */
  readonly counts?: FrontCounts;
  readonly log: FrontLog;
  readonly health: () => HealthState;
  readonly snapshots: SnapshotActions;
  /** Answers what is asked about the past. */
  readonly history: PastReads;
  readonly version: string;
  /** Threads that have the connections; 1: this one. */
  readonly httpThreads?: number;
  /** Has the owner show its memory at the other end of a port, to one of several threads. */
  readonly showOwnersMemory?: (port: MessagePort) => Promise<void>;
  /** Called when one of several threads has ended that should not. */
  readonly threadDied?: (reason: string) => void;
  /** Routes of other parts of the server. */
  readonly moreRoutes?: readonly Route[];
}

export interface Front {
  /** All that it serves. */
  readonly routes: readonly Route[];
  readonly port: number;
  readonly url: string;
  /** Requests that wait for something. */
  readonly inFlight: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Sends a text message to every WebSocket that is subscribed to the channel. */
  publish(channel: string, message: Uint8Array): void;
  /** An owner has begun: from now on front threads read records from its memory. */
  showRecords(): void;
  /** Takes no new connections, and answers 503 to new requests on those that are open. */
  stopAccepting(): void;
  /** Resolves when nothing is in flight any more, or when the time is over. */
  drain(timeLimitMs: number): Promise<void>;
  /**
   * Reads key and certificate again, for connections from now on; those that are open go on. A fault when the files are
   * unusable: the old certificate stays. Without TLS there is nothing to do.
   */
  reloadTls(): Promise<Result<undefined>>;
  close(): void | Promise<void>;
}

/** @throws StartFailure when the front can't start on this machine, with these kinds, at this address. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const limits: FrontLimits = { ...FRONT_LIMITS, ...options.limits };
  const addresses = new Addresses(options.trustedProxies ?? []);
  const context = { ...options, limits, counts: options.counts ?? new FrontCounts(), addresses };
  const routes: Route[] = [
    ...indexRoutes(context),
    ...healthRoutes(context),
    ...schemaRoutes(context),
    ...snapshotRoutes(context),
    ...recordRoutes(context),
    ...diffRoutes(context),
    ...problemRoutes(),
    ...openApiRoutes(() => documentOf({ ...options, routes })),
    ...docsRoutes(),
    ...(options.moreRoutes ?? []),
  ];
  checkRoutes(routes);
  const clock = options.clock ?? systemClock;
  const router = new Router(routes, options.kinds);
  const dispatcher = new Dispatcher(context, router, clock);
  const server = await startServing(options, context, dispatcher, router, clock);
  const authority = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    routes,
    port: server.port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${authority}:${server.port}`,
    get inFlight() {
      return dispatcher.inFlight;
    },
    get connections() {
      return context.counts.connections();
    },
    publish: (channel, message) => server.publish(channel, message),
    showRecords: () => server.showRecords?.(),
    stopAccepting() {
      server.stopListening();
      dispatcher.stop();
    },
    drain: (timeLimitMs) => dispatcher.drain(timeLimitMs),
    reloadTls: () => server.reloadTls(),
    close() {
      dispatcher.close();
      return server.close();
    },
  };
}

interface Serving {
  readonly limits: FrontLimits;
  readonly counts: FrontCounts;
  readonly addresses: Addresses;
}

/** Opens the port, here or in threads of their own. */
async function startServing(
  options: FrontOptions,
  { limits, counts, addresses }: Serving,
  dispatcher: Dispatcher,
  router: Router,
  clock: Clock,
): Promise<Server> {
  const handler: RequestHandler = (res, req, upgrade) => dispatcher.handle(res, req, upgrade);
  const { httpThreads = 1, kinds, trustedProxies = [], allowedHosts, publicReads, log } = options;
  if (httpThreads > 1) {
    // What every request is counted or logged for is the main thread's to know.
    const mayReadFast = publicReads && limits.requestsPerSecondMax === 0 && !log.isLevelEnabled('debug');
    return startFrontThreads(
      {
        host: options.host,
        port: options.port,
        tls: options.tls,
        threads: httpThreads,
        threadStillMsMax: limits.threadStillMsMax,
        kinds: kinds.all,
        limits,
        relayLimits: relayLimitsOf(limits),
        counts,
        readCountsAt: (base) => dispatcher.readCountsAt(base),
        trustedProxies,
        allowedHosts: allowedHosts?.map((host) => host.toLowerCase()),
        mayReadFast,
        vitalPaths: router.vitalPaths,
        agentWords: [...router.agentWords],
        log,
        showOwnersMemory: (port) => options.showOwnersMemory?.(port) ?? Promise.resolve(),
        died: (reason) => options.threadDied?.(reason),
      },
      handler,
    );
  }
  let port = options.port;
  const connections = new Connections(
    limits,
    addresses,
    counts,
    () => connectionsTo(port),
    () => clock.monotonicMs(),
  );
  counts.connections = () => connections.open;
  const server = await startServer(options, handler, connections);
  port = server.port;
  return server;
}
