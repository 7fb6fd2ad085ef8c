import { METRICS_ABOUT } from './openapi/about-server.ts';
import type { Route } from './route.ts';

export interface MetricsRouteOptions {
  readonly access: 'public' | 'token';
  readonly contentType: string;
  /** All metrics as of now, as text. */
  render(): Promise<string>;
}

/** Answers to who showed a token are never kept anyway. */
const NOT_KEPT = { public: [['Cache-Control', 'no-store']], token: [] } as const;

/** `GET /metrics`. It answers whatever state the server is in: that is when somebody looks. */
export function metricsRoute({ access, contentType, render }: MetricsRouteOptions): Route {
  return {
    method: 'GET',
    path: '/metrics',
    access: access === 'public' ? 'public' : 'inventory:read',
    about: METRICS_ABOUT,
    parameters: [],
    isVital: true,
    handler: async (exchange) => {
      exchange.reply({ status: 200, headers: [['Content-Type', contentType], ...NOT_KEPT[access]], body: await render() });
    },
  };
}
