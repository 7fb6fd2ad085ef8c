import type { Kind } from '../../schemas/kind.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { done } from '../faults.ts';
import type { Condition, Found } from '../protocol/commands.ts';
import { atIn, type PastReads } from './as-of.ts';
import { cursorText } from './cursor.ts';
import type { Exchange } from './exchange.ts';
import { SEQUENCE_HEADER } from './list-query.ts';
import { ListWriter } from './list-writer.ts';
import { acceptedListForm, type ListForm } from './media-type.ts';
import { listPast, type PastList } from './past-list.ts';
import { replyInParts } from './reply-in-parts.ts';
import { parseReservationQuery } from './reservation-query.ts';
import { shownKind, wholeOf } from './reservation-view.ts';
import type { Call } from './route.ts';

export interface ReservationListContext {
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
}

/** GET of reservations, in the same form as lists of the inventory. @param only conditions that the path means. */
export async function listReservations(
  { owner, view, history }: ReservationListContext,
  shown: Kind,
  exchange: Exchange,
  call: Call,
  path: string,
  only: readonly Condition[] = [],
): Promise<void> {
  const form = acceptedListForm(exchange.head.headers.accept);
  if (form === undefined) return exchange.fail({ code: 'not-acceptable', detail: 'a list comes as application/json or application/x-ndjson' });
  const at = atIn(call.query);
  if (!at.ok) return exchange.fail(at.fault);
  if (at.value !== undefined) {
    const parse: PastList['parse'] = (kind, query, sequence) => parseReservationQuery(shownKind(kind), query, only, sequence);
    return listPast(history, exchange, { kind: shown, path, form, at: at.value, query: call.query, parse });
  }
  const query = parseReservationQuery(shown, call.query, only);
  if (!query.ok) return exchange.fail(query.fault);
  const { find, isPlain, fields } = query.value;
  const sequence = owner.status?.sequence;
  const everything = isPlain && view.complete ? view.listed(shown.name) : undefined;
  const found =
    everything !== undefined
      ? done<Found>({ locations: everything, ...(find.count ? { count: everything.length } : {}) })
      : await owner.query('record.find', find, () => !exchange.aborted);
  if (!found.ok) return exchange.fail(found.fault);
  const headers: (readonly [string, string])[] = [typeOf(form)];
  if (sequence !== undefined) headers.push([SEQUENCE_HEADER, String(sequence)]);
  if (found.value.count !== undefined) headers.push(['X-Total-Count', String(found.value.count)]);
  if (found.value.next !== undefined) {
    const after = cursorText(shown, find.sort, found.value.next);
    const pairs = call.query.filter(([name]) => name !== 'after').map(([name, value]): [string, string] => [name, value]);
    headers.push(['Link', `<${path}?${new URLSearchParams([...pairs, ['after', after]]).toString()}>; rel="next"`]);
  }
  return replyInParts(exchange, headers, new ListWriter(view.pinned(), found.value.locations, form, fields ?? wholeOf(shown)));
}

function typeOf(form: ListForm): readonly [string, string] {
  return ['Content-Type', form === 'json' ? 'application/json' : 'application/x-ndjson'];
}
