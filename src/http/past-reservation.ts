import type { Kind } from '../../schemas/kind.ts';
import type { Condition, Find, SortKey } from '../protocol/commands.ts';
import { heldAs } from '../protocol/reservations.ts';
import { asOfHeader, type PastReads, resolveAt } from './as-of.ts';
import type { Exchange } from './exchange.ts';
import { replyImage } from './past-read.ts';
import type { Call } from './route.ts';

/** One reservation as it was: the one that held the id then, the join with that operation id, or the last that had held it. */
export async function readPastReservation(history: PastReads, shown: Kind, exchange: Exchange, { endpoint, id }: Call, at: string): Promise<void> {
  const resolved = await resolveAt(history, shown, at);
  if (!resolved.ok) return exchange.fail(resolved.fault);
  const { sequence } = resolved.value.asOf;
  const headers = [asOfHeader(resolved.value.asOf)];
  for (const { conditions, sort } of waysTo(endpoint, id)) {
    const find: Find = { kind: shown.name, conditions, sort, limit: 1, count: false };
    const part = await history.ask('past.find', { sequence, find, rowsMax: 1, separator: ',' });
    if (!part.ok) return exchange.fail(part.fault, headers);
    if (part.value.rows === 0) continue;
    const { revision } = JSON.parse(Buffer.from(part.value.bytes).toString('utf8')) as { revision: number };
    return replyImage(exchange, part.value.bytes, revision, headers);
  }
  exchange.fail({ code: 'not-found', detail: `${endpoint} had no reservation "${id}" after change ${sequence}` }, headers);
}

/** As the present is asked, one after the other. */
function waysTo(endpoint: string, id: string): readonly { conditions: readonly Condition[]; sort: readonly SortKey[] }[] {
  const isOf = equal('endpoint', endpoint);
  return [
    { conditions: [equal('held_as', heldAs(endpoint, id))], sort: [] },
    { conditions: [isOf, equal('operation_id', id.toLowerCase())], sort: [] },
    { conditions: [isOf, equal('reservation_id', id)], sort: [{ path: ['revision'], descending: true }] },
  ];
}

function equal(property: string, value: string): Condition {
  return { path: [property], operator: 'equal', values: [value] };
}
