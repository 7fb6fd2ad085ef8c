import { INDEX_ABOUT } from './openapi/about-server.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Route } from './route.ts';
import type { KindNames } from './router.ts';

/** `GET /`: what is here, as links. */
export function indexRoutes({ kinds, version }: { kinds: KindNames; version: string }): readonly Route[] {
  const inventory = Object.fromEntries(kinds.all.map(({ name }) => [name, `/inventory/${name}`]));
  const body = JSON.stringify({
    name: 'holdfast',
    version,
    inventory,
    schemas: '/schemas',
    snapshots: '/snapshots',
    health: '/health',
    openapi: '/openapi.json',
    docs: '/docs',
    problems: '/problems',
  });
  const handler: Route['handler'] = (exchange) => exchange.reply({ status: 200, headers: [JSON_TYPE], body });
  return [
    { method: 'GET', path: '/', access: 'public', about: INDEX_ABOUT, parameters: [], handler },
    { method: 'GET', path: '/inventory', access: 'public', about: { sameAs: '/' }, parameters: [], handler },
  ];
}
