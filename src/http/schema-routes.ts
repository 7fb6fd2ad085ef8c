import type { Kinds } from '../../schemas/registry.ts';
import { SCHEMA_ABOUT, SCHEMAS_ABOUT } from './openapi/about-server.ts';
import { type Prepared, prepared, replyPrepared } from './prepared.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Route } from './route.ts';

/** The published schemas: clients check what they send by the same files. */
export function schemaRoutes({ kinds }: { kinds: Kinds }): readonly Route[] {
  const files = new Map<string, Prepared>();
  for (const [name, schema] of kinds.published) {
    files.set(`${name}.json`.toLowerCase(), prepared('application/schema+json', JSON.stringify(schema, null, 2)));
  }
  const list = JSON.stringify([...kinds.published.keys()].map((name) => ({ name, url: `/schemas/${name}.json` })));
  return [
    {
      method: 'GET',
      path: '/schemas',
      access: 'read',
      about: SCHEMAS_ABOUT,
      parameters: [],
      handler: (exchange) => exchange.reply({ status: 200, headers: [JSON_TYPE], body: list }),
    },
    {
      method: 'GET',
      path: '/schemas/{name}',
      access: 'read',
      about: SCHEMA_ABOUT,
      parameters: [],
      handler: (exchange, { name }) => {
        const file = files.get(name.toLowerCase());
        if (file === undefined) exchange.fail({ code: 'not-found', detail: 'there is no such schema; /schemas lists them' });
        else replyPrepared(exchange, file);
      },
    },
  ];
}
