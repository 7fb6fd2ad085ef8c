import type { Kind } from '../../schemas/kind.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { Fault } from '../faults.ts';
import { parseUuid } from '../ids.ts';
import type { Version } from '../protocol/past.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { naturalKeysOf } from '../protocol/unique-values.ts';
import { asOfHeader, type PastReads, resolveAt } from './as-of.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { acceptedListForm } from './media-type.ts';
import { flagIn, valueIn } from './query.ts';
import { JSON_TYPE } from './record-answer.ts';
import { noRecord, recordName } from './record-name.ts';
import type { Headers } from './reply.ts';
import type { Call } from './route.ts';
import type { Bytes } from './transport.ts';

/** One record as it was, and all that it has been. */

export interface PastReadContext {
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly history: PastReads;
}

/** A record that has not changed since then is at hand; any other is asked of the history thread. */
export async function readPastRecord(context: PastReadContext, exchange: Exchange, kind: Kind, given: string, at: string): Promise<void> {
  const name = recordName(kind, given);
  if (!name.ok) return exchange.fail(name.fault);
  const resolved = await resolveAt(context.history, kind, at);
  if (!resolved.ok) return exchange.fail(resolved.fault);
  const { asOf, isSameKind } = resolved.value;
  const headers = [asOfHeader(asOf)];
  const now = isSameKind ? await imageNow(context, kind, name.value) : undefined;
  if (now !== undefined && now.revision <= asOf.sequence) return replyImage(exchange, now.image, now.revision, headers);
  const then = await context.history.ask('past.read', { sequence: asOf.sequence, kind: kind.name, name: name.value });
  if (!then.ok) return exchange.fail(then.fault, headers);
  if (then.value === undefined)
    return exchange.fail({ code: 'not-found', detail: `there was no ${kind.name} "${given}" after change ${asOf.sequence}` }, headers);
  replyImage(exchange, then.value.image, then.value.revision, headers);
}

export function replyImage(exchange: Exchange, image: Bytes, revision: number, headers: Headers): void {
  const etag = etagOf(revision);
  const { ifNoneMatch } = exchange.head.headers;
  const isKnown = ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, etag);
  if (isKnown) exchange.reply({ status: 304, headers: [['ETag', etag], ...headers] });
  else exchange.reply({ status: 200, headers: [JSON_TYPE, ['ETag', etag], ...headers], body: image });
}

interface Now {
  readonly key: string;
  readonly revision: number;
  readonly image: Bytes;
}

/** The record as it is; undefined also when the owner cannot be asked, for the past does not need it. */
async function imageNow({ owner, view }: PastReadContext, kind: Kind, name: string): Promise<Now | undefined> {
  // Before the look: a name that was missed may have come with the last ones of a start.
  const { isIndexed } = view;
  const location = view.locate(kind.name, name, naturalKeysOf(kind));
  if (location >= 0) {
    const { bytes, revision } = view.imageAt(location);
    return { key: view.keyAt(location), revision, image: bytes };
  }
  if (location === NOWHERE && isIndexed) return undefined;
  const found = await owner.query('record.read', { kind: kind.name, name });
  return found.ok ? found.value : undefined;
}

const VERSIONS_DEFAULT = 100;
const VERSIONS_MAX = 1000;
export const VERSION_PARAMETERS: readonly string[] = ['limit', 'after', 'patch'];
const DIGITS = /^\d{1,16}$/;

/** GET of a record's history: its versions, newest first. The name is that of the current record, or any record's key. */
export async function listVersions(context: PastReadContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const name = recordName(kind, call.name);
  if (!name.ok) return exchange.fail(name.fault);
  const limit = Number(valueIn(call.query, 'limit') ?? VERSIONS_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > VERSIONS_MAX) {
    return exchange.fail({ code: 'invalid-parameter', detail: `"limit" is a number from 1 to ${VERSIONS_MAX}` });
  }
  const after = valueIn(call.query, 'after');
  if (after !== undefined && !DIGITS.test(after)) return exchange.fail({ code: 'invalid-parameter', detail: '"after" is the sequence of a version' });
  const patch = flagIn(call.query, 'patch');
  if (!patch.ok) return exchange.fail(patch.fault);
  const form = acceptedListForm(exchange.head.headers.accept);
  if (form === undefined) return exchange.fail({ code: 'not-acceptable', detail: 'a history comes as application/json or application/x-ndjson' });
  const key = (await imageNow(context, kind, name.value))?.key ?? name.value;
  const input = { kind: kind.name, key, limit, patch: patch.value, ...(after === undefined ? {} : { before: Number(after) }) };
  const answer = await context.history.ask('past.versions', input);
  if (!answer.ok) return exchange.fail(answer.fault);
  const { versions, more } = answer.value;
  if (versions.length === 0 && after === undefined) return exchange.fail(noVersions(kind, call.name));
  const headers: (readonly [string, string])[] = [['Content-Type', form === 'json' ? 'application/json' : 'application/x-ndjson']];
  const last = versions.at(-1);
  if (more && last !== undefined) {
    const query = new URLSearchParams({ limit: String(limit), ...(patch.value ? { patch: 'true' } : {}), after: String(last.sequence) });
    headers.push(['Link', `</inventory/${kind.name}/${encodeURIComponent(key)}/history?${query.toString()}>; rel="next"`]);
  }
  const lines = versions.map(versionText);
  exchange.reply({ status: 200, headers, body: form === 'json' ? `[${lines.join(',')}]` : lines.map((line) => `${line}\n`).join('') });
}

/** Other names than the key are looked up among the records of today. */
function noVersions(kind: Kind, name: string): Fault {
  const { fault } = noRecord(kind, name);
  if (kind.naturalKeys.length === 0 || parseUuid(name) !== undefined) return fault;
  const hint = `one that was deleted is known by its ${kind.key} only (a GET with an "at" of when it was there tells that)`;
  return { ...fault, detail: `${fault.detail}; ${hint}` };
}

/** The record and the patch are JSON already. */
function versionText({ image, patch, ...version }: Version): string {
  const head = JSON.stringify(version).slice(0, -1);
  return patch === undefined ? `${head},"record":${Buffer.from(image ?? []).toString('utf8')}}` : `${head},"patch":${patch}}`;
}
