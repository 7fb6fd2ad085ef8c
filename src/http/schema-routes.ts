import { createHash } from 'node:crypto';
import type { Kinds } from '../../schemas/registry.ts';
import { noneMatchFits } from './etag.ts';
import { JSON_TYPE } from './record-answer.ts';
import type { Route } from './route.ts';

/** The published schemas: clients check what they send by the same files. */
export function schemaRoutes({ kinds }: { kinds: Kinds }): readonly Route[] {
  const files = new Map<string, { body: Buffer; etag: string }>();
  for (const [name, schema] of kinds.published) {
    const body = Buffer.from(JSON.stringify(schema, null, 2));
    files.set(`${name}.json`.toLowerCase(), { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` });
  }
  const list = JSON.stringify([...kinds.published.keys()].map((name) => ({ name, url: `/schemas/${name}.json` })));
  return [
    {
      method: 'GET',
      path: '/schemas',
      access: 'read',
      parameters: [],
      handler: (exchange) => exchange.reply({ status: 200, headers: [JSON_TYPE], body: list }),
    },
    {
      method: 'GET',
      path: '/schemas/{name}',
      access: 'read',
      parameters: [],
      handler: (exchange, { name }) => {
        const file = files.get(name.toLowerCase());
        if (file === undefined) return exchange.fail({ code: 'not-found', detail: 'there is no such schema; /schemas lists them' });
        const { ifNoneMatch } = exchange.head.headers;
        if (ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, file.etag)) return exchange.reply({ status: 304, headers: [['ETag', file.etag]] });
        exchange.reply({ status: 200, headers: [SCHEMA_TYPE, ['ETag', file.etag]], body: file.body });
      },
    },
  ];
}

const SCHEMA_TYPE = ['Content-Type', 'application/schema+json'] as const;
