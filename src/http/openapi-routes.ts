import { OPENAPI_ABOUT } from './openapi/about-server.ts';
import type { JsonSchema } from './openapi/json-schema.ts';
import { type Prepared, prepared, replyPrepared } from './prepared.ts';
import type { Route } from './route.ts';

/**
 * `GET /openapi.json`: the description of the API.
 * @param makeDocument called at the first request, when all routes are there: it takes some 30 ms, which no start should wait for.
 */
export function openApiRoutes(makeDocument: () => JsonSchema): readonly Route[] {
  let document: Prepared | undefined;
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'read',
      about: OPENAPI_ABOUT,
      parameters: [],
      handler(exchange) {
        document ??= prepared('application/json', JSON.stringify(makeDocument()));
        replyPrepared(exchange, document);
      },
    },
  ];
}
