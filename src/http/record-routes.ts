import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { AT } from './as-of.ts';
import { BULK_PARAMETERS, bulkRecords } from './bulk.ts';
import { BulkBudget } from './bulk-items.ts';
import type { Exchange } from './exchange.ts';
import type { FrontCounts } from './front-counts.ts';
import { listRecords } from './list.ts';
import { RECORD_ABOUT as ABOUT } from './openapi/about-records.ts';
import { listVersions, VERSION_PARAMETERS } from './past-read.ts';
import { type ReadContext, readRecord, readSecrets } from './record-read.ts';
import { createRecords, deleteRecord, patchRecord, replaceRecord, type WriteContext } from './record-write.ts';
import type { Call, Route } from './route.ts';

const BASE = '/inventory';

/** The routes that every kind has, under /inventory and, as node-orchestrator's README has it, at the root. */
export function recordRoutes(context: ReadContext & WriteContext & { readonly counts: FrontCounts }): readonly Route[] {
  const budget = new BulkBudget(context.limits, context.counts);
  context.counts.bulkBytes = () => budget.bytes;
  const all = `${BASE}/{Kind}`;
  const one = `${BASE}/{Kind}/{name}`;
  const read = { method: 'GET', access: 'read', parameters: [] } as const;
  const write = { access: 'inventory:write', parameters: [] } as const;
  const replace = { ...write, path: one, parameters: ['upsert'], handler: forKind((exchange, kind, call) => replaceRecord(context, exchange, kind, call)) };
  const routes: readonly Route[] = [
    { ...read, path: all, about: ABOUT.list, parameters: 'any', handler: forKind((exchange, kind, call) => listRecords(context, exchange, kind, call)) },
    { ...write, method: 'POST', path: all, about: ABOUT.create, handler: forKind((exchange, kind, call) => createRecords(context, exchange, kind, call)) },
    {
      ...write,
      method: 'POST',
      path: `${all}/bulk`,
      about: ABOUT.bulk,
      parameters: BULK_PARAMETERS,
      handler: forKind((exchange, kind, call) => bulkRecords(context, budget, exchange, kind, call)),
    },
    { ...read, path: one, about: ABOUT.read, parameters: [AT], handler: forKind((exchange, kind, call) => readRecord(context, exchange, kind, call)) },
    { ...replace, method: 'PUT', about: ABOUT.replace },
    { ...replace, method: 'POST', about: ABOUT.overwrite },
    { ...write, method: 'PATCH', path: one, about: ABOUT.patch, handler: forKind((exchange, kind, call) => patchRecord(context, exchange, kind, call)) },
    {
      ...write,
      method: 'DELETE',
      path: one,
      about: ABOUT.remove,
      parameters: ['force'],
      handler: forKind((exchange, kind, call) => deleteRecord(context, exchange, kind, call)),
    },
    {
      ...read,
      path: `${one}/history`,
      about: ABOUT.history,
      share: 'past',
      parameters: VERSION_PARAMETERS,
      handler: forKind((exchange, kind, call) => listVersions(context, exchange, kind, call)),
    },
    {
      ...read,
      path: `${one}/secrets`,
      access: 'secrets:read',
      about: ABOUT.secrets,
      handler: forKind((exchange, kind, call) => readSecrets(context, exchange, kind, call)),
    },
  ];
  return [...routes, ...routes.map((route) => ({ ...route, path: route.path.slice(BASE.length), about: { sameAs: route.path } }))];
}

function forKind(handler: (exchange: Exchange, kind: Kind, call: Call) => void | Promise<void>): Route['handler'] {
  return (exchange, call) => {
    assert(call.kind !== undefined, 'the path has a {Kind}');
    return handler(exchange, call.kind, call);
  };
}
