import type { Result } from '../faults.ts';
import type { RestoreRequest } from '../history/restores.ts';
import { AT_FORMS, parseAt } from '../protocol/at.ts';
import type { RestoreReport } from '../protocol/restore.ts';
import { INSUFFICIENT_SCOPE, permits } from './auth.ts';
import type { Exchange } from './exchange.ts';
import type { FrontLimits } from './limits.ts';
import { RESTORE_ABOUT } from './openapi/about-restore.ts';
import { JSON_TYPE } from './record-answer.ts';
import { restoreBodyIn } from './restore-body.ts';
import type { Call, Route } from './route.ts';
import type { KindNames } from './router.ts';

/** Going back to a moment. */

export interface RestoreContext {
  readonly kinds: KindNames;
  readonly limits: FrontLimits;
  restore(request: RestoreRequest, subject: string | undefined): Promise<Result<RestoreReport>>;
}

export function restoreRoutes(context: RestoreContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/snapshots/{name}/restore',
      access: 'snapshots',
      about: RESTORE_ABOUT,
      parameters: [],
      handler: (exchange, call) => restore(context, exchange, call),
    },
  ];
}

async function restore({ kinds, limits, restore: carryOut }: RestoreContext, exchange: Exchange, { caller, name }: Call): Promise<void> {
  // What is written is the inventory, though what it is taken from is a snapshot.
  const refused = permits(caller, 'inventory:write');
  if (refused !== undefined) return exchange.fail(refused, [INSUFFICIENT_SCOPE]);
  if (parseAt(name) === undefined) return exchange.fail({ code: 'invalid-id', detail: `a moment is named by ${AT_FORMS}` });
  const body = await restoreBodyIn(exchange, kinds, limits);
  if (!body.ok) return exchange.fail(body.fault);
  // From here on the pace is the store's.
  exchange.timeLimitMs = Number.POSITIVE_INFINITY;
  const report = await carryOut({ at: name, ...body.value }, caller?.subject);
  if (!report.ok) return exchange.fail(report.fault);
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(report.value) });
}
