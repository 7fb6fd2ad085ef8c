import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { BULK_PARAMETERS, bulkRecords } from './bulk.ts';
import { BulkBudget } from './bulk-items.ts';
import type { Exchange } from './exchange.ts';
import type { FrontCounts } from './front-counts.ts';
import { listRecords } from './list.ts';
import { type ReadContext, readRecord, readSecrets } from './record-read.ts';
import { createRecords, deleteRecord, patchRecord, replaceRecord, type WriteContext } from './record-write.ts';
import type { Call, Route } from './route.ts';

/** The routes that every kind has, under /inventory and, as node-orchestrator's README has it, at the root. */
export function recordRoutes(context: ReadContext & WriteContext & { readonly counts: FrontCounts }): readonly Route[] {
  const budget = new BulkBudget(context.limits.bulkBytesInFlightMax);
  context.counts.bulkBytes = () => budget.bytes;
  return ['/inventory', ''].flatMap((base): Route[] => {
    const all = `${base}/{Kind}`;
    const one = `${base}/{Kind}/{name}`;
    const replace = forKind((exchange, kind, call) => replaceRecord(context, exchange, kind, call));
    return [
      { method: 'GET', path: all, access: 'read', parameters: 'any', handler: forKind((exchange, kind, call) => listRecords(context, exchange, kind, call)) },
      {
        method: 'POST',
        path: all,
        access: 'inventory:write',
        parameters: [],
        handler: forKind((exchange, kind, call) => createRecords(context, exchange, kind, call)),
      },
      {
        method: 'POST',
        path: `${all}/bulk`,
        access: 'inventory:write',
        parameters: BULK_PARAMETERS,
        handler: forKind((exchange, kind, call) => bulkRecords(context, budget, exchange, kind, call)),
      },
      { method: 'GET', path: one, access: 'read', parameters: [], handler: forKind((exchange, kind, call) => readRecord(context, exchange, kind, call.name)) },
      { method: 'PUT', path: one, access: 'inventory:write', parameters: ['upsert'], handler: replace },
      { method: 'POST', path: one, access: 'inventory:write', parameters: ['upsert'], handler: replace },
      {
        method: 'PATCH',
        path: one,
        access: 'inventory:write',
        parameters: [],
        handler: forKind((exchange, kind, call) => patchRecord(context, exchange, kind, call)),
      },
      {
        method: 'DELETE',
        path: one,
        access: 'inventory:write',
        parameters: ['force'],
        handler: forKind((exchange, kind, call) => deleteRecord(context, exchange, kind, call)),
      },
      {
        method: 'GET',
        path: `${one}/secrets`,
        access: 'secrets:read',
        parameters: [],
        handler: forKind((exchange, kind, call) => readSecrets(context, exchange, kind, call)),
      },
    ];
  });
}

function forKind(handler: (exchange: Exchange, kind: Kind, call: Call) => void | Promise<void>): Route['handler'] {
  return (exchange, call) => {
    assert(call.kind !== undefined, 'the path has a {Kind}');
    return handler(exchange, call.kind, call);
  };
}
