import { OPENAPI_ABOUT } from './openapi/about-server.ts';
import { type Prepared, replyPrepared } from './prepared.ts';
import type { Route } from './route.ts';

/** `GET /openapi.json`: the description of the API. @param document made after all routes, and so not there before the first request. */
export function openApiRoutes(document: () => Prepared): readonly Route[] {
  return [
    { method: 'GET', path: '/openapi.json', access: 'read', about: OPENAPI_ABOUT, parameters: [], handler: (exchange) => replyPrepared(exchange, document()) },
  ];
}
