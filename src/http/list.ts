import type { Kind } from '../../schemas/kind.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { Found } from '../protocol/commands.ts';
import { uniqueConditionOf } from '../protocol/unique-values.ts';
import { atIn, type PastReads } from './as-of.ts';
import { cursorText } from './cursor.ts';
import type { Exchange } from './exchange.ts';
import { type ListQuery, parseListQuery, SEQUENCE_HEADER } from './list-query.ts';
import { ListWriter } from './list-writer.ts';
import { acceptedListForm, type ListForm } from './media-type.ts';
import { listPast } from './past-list.ts';
import type { QueryParameters } from './query.ts';
import { replyInParts } from './reply-in-parts.ts';
import type { Call } from './route.ts';

export interface ListContext {
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
}

/** GET of a kind: its records, those of them that fit, or a page of those; now, or as they were. */
export function listRecords({ owner, view, history }: ListContext, exchange: Exchange, kind: Kind, call: Call): void | Promise<void> {
  const form = acceptedListForm(exchange.head.headers.accept);
  if (form === undefined) return exchange.fail({ code: 'not-acceptable', detail: 'a list comes as application/json or application/x-ndjson' });
  const at = atIn(call.query);
  if (!at.ok) return exchange.fail(at.fault);
  if (at.value !== undefined) {
    return listPast(history, exchange, { kind, path: `/inventory/${kind.name}`, form, at: at.value, query: call.query, parse: parseListQuery });
  }
  const query = parseListQuery(kind, call.query);
  if (!query.ok) return exchange.fail(query.fault);
  const list: List = { kind, form, query: query.value, parameters: call.query, sequence: owner.status?.sequence };
  const locations = knownIn(view, list);
  if (locations !== undefined) return send(exchange, view, list, { locations, ...(list.query.find.count ? { count: locations.length } : {}) });
  return find(owner, view, exchange, list);
}

interface List {
  readonly kind: Kind;
  readonly form: ListForm;
  readonly query: ListQuery;
  readonly parameters: QueryParameters;
  /** Every change up to here is in the list: later ones come from the feed. */
  readonly sequence: number | undefined;
}

/** Where the records of the list lie, when the view knows it alone: of a list of everything, or of values that only one record has. */
function knownIn(view: RecordView, { kind, query: { find, isPlain } }: List): Int32Array | undefined {
  if (isPlain) return view.complete ? view.listed(kind.name) : undefined;
  const asked = uniqueConditionOf(kind, find);
  return asked !== undefined && view.isIndexed ? view.locateHolders(kind.name, asked.unique, asked.normals) : undefined;
}

async function find(owner: OwnerClient, view: RecordView, exchange: Exchange, list: List): Promise<void> {
  const found = await owner.query('record.find', list.query.find, () => !exchange.aborted);
  if (!found.ok) return exchange.fail(found.fault);
  await send(exchange, view, list, found.value);
}

/** A short list is one answer with its length; a longer one is streamed from slabs that stay readable meanwhile. */
function send(exchange: Exchange, view: RecordView, list: List, found: Found): void | Promise<void> {
  const headers: (readonly [string, string])[] = [['Content-Type', list.form === 'json' ? 'application/json' : 'application/x-ndjson']];
  if (list.sequence !== undefined) headers.push([SEQUENCE_HEADER, String(list.sequence)]);
  if (found.count !== undefined) headers.push(['X-Total-Count', String(found.count)]);
  if (found.next !== undefined) headers.push(['Link', `<${nextPageOf(list, cursorText(list.kind, list.query.find.sort, found.next))}>; rel="next"`]);
  return replyInParts(exchange, headers, new ListWriter(view.pinned(), found.locations, list.form, list.query.fields));
}

/** The same list from the cursor on. Every value is encoded anew: nothing that the caller wrote goes out as it came. */
function nextPageOf({ kind, parameters }: List, cursor: string): string {
  const pairs = parameters.filter(([name]) => name !== 'after').map(([name, value]): [string, string] => [name, value]);
  return `/inventory/${kind.name}?${new URLSearchParams([...pairs, ['after', cursor]]).toString()}`;
}
