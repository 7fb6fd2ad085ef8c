import type { Exchange } from './exchange.ts';
import { HEALTH_ABOUT } from './openapi/about-server.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Route } from './route.ts';

/** How the server is, for probes and people. */
export interface HealthState {
  readonly status: 'ready' | 'recovering' | 'degraded' | 'stopping' | 'failed';
  /** The process does its work; a supervisor restarts it when not. */
  readonly live: boolean;
  /** Requests should be sent here. */
  readonly ready: boolean;
  readonly sequence: number;
  /** Records by kind. */
  readonly records: Readonly<Record<string, number>>;
  /** Why it is not ready, and the like. */
  readonly detail?: string;
}

export function healthRoutes({ health, version }: { health: () => HealthState; version: string }): readonly Route[] {
  const answer = (exchange: Exchange, decides: (state: HealthState) => boolean): void => {
    const state = health();
    exchange.reply({
      status: decides(state) ? 200 : 503,
      headers: [JSON_TYPE, ['Cache-Control', 'no-store']],
      body: JSON.stringify({ ...state, version }),
    });
  };
  const route = (path: string, about: Route['about'], decides: (state: HealthState) => boolean): Route => ({
    method: 'GET',
    path,
    access: 'public',
    about,
    parameters: [],
    isVital: true,
    handler: (exchange) => answer(exchange, decides),
  });
  const isReady = (state: HealthState): boolean => state.ready;
  // That it answers at all is what liveness asks for.
  return [
    route('/health', HEALTH_ABOUT.ready, isReady),
    route('/healthz', { sameAs: '/health' }, isReady),
    route('/health/ready', { sameAs: '/health' }, isReady),
    route('/health/live', HEALTH_ABOUT.live, () => true),
  ];
}
