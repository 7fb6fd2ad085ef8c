import { createHmac } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { Agent, CALL_DRAIN_LIMIT_MS } from './agent/agent.ts';
import { AgentCounts } from './agent/agent-counts.ts';
import type { AgentConfig, EndpointConfig } from './agent/endpoint-config.ts';
import { killLeftovers } from './agent/leftovers.ts';
import { openPluginHost } from './agent/plugin-host/plugin-host.ts';
import type { WarningEar } from './agent/renewal-warnings.ts';
import { systemClock } from './clock.ts';
import type { OwnerClient } from './dispatch/owner-client.ts';
import type { RecordView } from './dispatch/record-view.ts';
import { agentRoutes } from './http/agent-routes.ts';
import type { PastReads } from './http/as-of.ts';
import { createDigest, type DigestAuthenticator } from './http/digest.ts';
import type { FrontLimits } from './http/limits.ts';
import { reservationRoutes } from './http/reservation-routes.ts';
import type { Route } from './http/route.ts';
import type { Log } from './log.ts';
import { systemRandom } from './random.ts';
import { RESERVATION_KIND } from './store/reservations/kind.ts';

/** The part of the composition root that builds reservations: plugins, agent, its password and its routes. */

export interface ReservationHalf {
  readonly agent: Agent;
  readonly counts: AgentCounts;
  readonly digest: DigestAuthenticator;
  readonly routes: readonly Route[];
  /** Starts the plugins. @throws StartFailure that names each endpoint whose plugin does not start. */
  start(): Promise<void>;
  /** Takes a changed configuration without touching calls under way, and says in the log what it could not take. */
  reload(config: AgentConfig): Promise<void>;
  /** Ends the plugins, and what they have started. */
  close(): Promise<void>;
}

export interface ReservationParts {
  readonly config: AgentConfig;
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
  readonly limits: FrontLimits;
  readonly idempotencyKey: Buffer;
  /** Stays the same when store keys are rotated. */
  readonly lastingKey: Buffer;
  /** The data folder; it is there. */
  readonly directory: string;
  /** Hears of renewals that are due, fail, or will not come. */
  readonly ear: WarningEar;
  readonly log: Log;
}

/**
 * Names this server to processes that its plugins start: the same at each start in this data folder, another one in a copy
 * of it, and of no use to anybody who reads it in an environment.
 */
function instanceOf({ lastingKey, directory }: ReservationParts): string {
  return createHmac('sha256', lastingKey)
    .update(`instance ${realpathSync(directory)}`)
    .digest('hex')
    .slice(0, 16);
}

/** Calls under way when the server stops are cut off by then, and what they leave is journaled. */
export const AGENT_STOP_LIMIT_MS: number = CALL_DRAIN_LIMIT_MS + 10_000;

export function composeReservations(parts: ReservationParts): ReservationHalf {
  const { config, owner, view, history, limits, idempotencyKey, ear, log } = parts;
  const random = systemRandom();
  const instance = instanceOf(parts);
  const counts = new AgentCounts();
  const openHost = (endpoint: EndpointConfig): ReturnType<typeof openPluginHost> => openPluginHost(endpoint, { instance, log, counts });
  const agent = new Agent({ owner, view, clock: systemClock, random, ear, log, openHost, counts }, config);
  const digest = createDigest({ ...config.digest, clock: systemClock, random });
  return {
    agent,
    counts,
    digest,
    routes: [...agentRoutes({ agent, limits, idempotencyKey }), ...reservationRoutes({ agent, owner, view, history, kind: RESERVATION_KIND, limits })],
    async start() {
      if (config.endpoints.length > 0) killLeftovers(instance, log);
      await agent.start();
    },
    async close() {
      await agent.close();
      // A thread that waits for such a process would keep this one from ending.
      if (config.endpoints.length > 0 || agent.endpoints.length > 0) killLeftovers(instance, log);
    },
    async reload(changed) {
      const faults = await agent.reload(changed);
      digest.replacePassword(changed.digest.password);
      for (const fault of faults) log.error({}, `${fault}; it stays as it was`);
      log.info({ endpoints: agent.endpoints.map(({ name }) => name) }, 'the endpoints were configured anew');
    },
  };
}
