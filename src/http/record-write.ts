import type { Hmac } from 'node:crypto';
import type { Kind } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX, type Kinds } from '../../schemas/registry.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { done, fail, type Result } from '../faults.ts';
import type { Draft, Idempotency, Origin, PatchDocument, Stored } from '../protocol/commands.ts';
import { RECORD_BYTES_MAX } from '../protocol/slab.ts';
import { draftOfJson } from '../protocol/wire.ts';
import type { Caller } from './auth.ts';
import { draftOf, draftsOf, invalid, tooLarge } from './draft.ts';
import { parseIfMatch } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { beginRequestHash, endRequestHash, idempotencyKeyOf, storedKey } from './idempotency.ts';
import { parseJson } from './json.ts';
import type { FrontLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { flagIn } from './query.ts';
import { replyAgain, replyStored, replyStoredArray } from './record-answer.ts';
import { recordName } from './record-name.ts';
import type { Call } from './route.ts';

/** Writes of single records and of short arrays: checked here, judged by the owner, answered with what is stored. */

export interface WriteContext {
  readonly kinds: Kinds;
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly idempotencyKey: Buffer;
  readonly limits: FrontLimits;
}

const JSON_ONLY: ReadonlySet<string> = new Set(['application/json']);
const PATCH_TYPES: ReadonlySet<string> = new Set(['application/merge-patch+json', 'application/json-patch+json', 'application/json']);

/** POST to a kind: one new record, or an array of them, all or nothing. */
export async function createRecords(context: WriteContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  if (exchange.head.headers.ifMatch !== undefined)
    return exchange.fail({ code: 'precondition-failed', detail: 'a record that is yet to be made has no revision' });
  const body = await readBody(context, exchange, JSON_ONLY);
  if (!body.ok) return exchange.fail(body.fault);
  const { value } = body.value;
  const drafts = Array.isArray(value) ? arrayDrafts(context, kind, value, body.value.bytes) : oneDraft(context, kind, value, body.value.bytes);
  if (!drafts.ok) return exchange.fail(drafts.fault);
  const idempotency = idempotencyOf(context, exchange, call.caller, body.value.bytes);
  if (!idempotency.ok) return exchange.fail(idempotency.fault);
  const asArray = Array.isArray(value);
  if (asArray && drafts.value.length === 0) return replyStoredArray(exchange, context.view, kind, []);
  const input = { kind: kind.name, records: drafts.value, asArray, origin: originOf(call.caller), ...idempotency.value };
  const answer = await context.owner.send('record.create', input);
  if (!answer.ok) return exchange.fail(answer.fault);
  if ('replay' in answer.value) return replyAgain(exchange, kind, answer.value);
  if (asArray) return replyStoredArray(exchange, context.view, kind, answer.value.stored);
  replyStored(exchange, context.view, kind, the(answer.value.stored), 201);
}

/** PUT and POST to a record: full replacement. */
export async function replaceRecord(context: WriteContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const target = targetOf(exchange, kind, call);
  if (!target.ok) return exchange.fail(target.fault);
  const upsert = flagIn(call.query, 'upsert');
  if (!upsert.ok) return exchange.fail(upsert.fault);
  const body = await readBody(context, exchange, JSON_ONLY);
  if (!body.ok) return exchange.fail(body.fault);
  const { value, bytes } = body.value;
  const isNamed = nameBody(kind, value, target.value.name);
  const drafts = oneDraft(context, kind, value, bytes, isNamed);
  if (!drafts.ok) return exchange.fail(drafts.fault);
  const idempotency = idempotencyOf(context, exchange, call.caller, bytes);
  if (!idempotency.ok) return exchange.fail(idempotency.fault);
  const input = { kind: kind.name, ...target.value, record: the(drafts.value), origin: originOf(call.caller), upsert: upsert.value, ...idempotency.value };
  const answer = await context.owner.send('record.replace', input);
  if (!answer.ok) return exchange.fail(answer.fault);
  if ('replay' in answer.value) return replyAgain(exchange, kind, answer.value);
  const stored = the(answer.value.stored);
  replyStored(exchange, context.view, kind, stored, stored.created ? 201 : 200);
}

/** PATCH: the owner applies it to the record as it is then, so no other change gets lost. */
export async function patchRecord(context: WriteContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const target = targetOf(exchange, kind, call);
  if (!target.ok) return exchange.fail(target.fault);
  const body = await readBody(context, exchange, PATCH_TYPES);
  if (!body.ok) return exchange.fail(body.fault);
  const patch = patchOf(exchange, body.value.value);
  if (!patch.ok) return exchange.fail(patch.fault);
  const answer = await context.owner.send('record.patch', { kind: kind.name, ...target.value, patch: patch.value, origin: originOf(call.caller) });
  if (!answer.ok) return exchange.fail(answer.fault);
  replyStored(exchange, context.view, kind, the(answer.value.stored), 200);
}

export async function deleteRecord(context: WriteContext, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const target = targetOf(exchange, kind, call);
  if (!target.ok) return exchange.fail(target.fault);
  const force = flagIn(call.query, 'force');
  if (!force.ok) return exchange.fail(force.fault);
  const answer = await context.owner.send('record.delete', { kind: kind.name, ...target.value, force: force.value });
  if (!answer.ok) return exchange.fail(answer.fault);
  exchange.reply({ status: 204, headers: [] });
}

export function originOf(caller: Caller | undefined): Origin {
  return caller === undefined ? {} : { subject: caller.subject };
}

interface Target {
  readonly name: string;
  readonly ifMatch?: readonly number[] | '*';
}

function targetOf(exchange: Exchange, kind: Kind, call: Call): Result<Target> {
  const name = recordName(kind, call.name);
  if (!name.ok) return name;
  const { ifMatch: header, ifNoneMatch } = exchange.head.headers;
  // Ignoring a condition would do what the caller wanted to prevent.
  if (ifNoneMatch !== undefined) return fail('invalid-parameter', 'If-None-Match is for reads; a write takes If-Match');
  if (header === undefined) return done({ name: name.value });
  const ifMatch = parseIfMatch(header);
  return ifMatch.ok ? done({ name: name.value, ifMatch: ifMatch.value }) : ifMatch;
}

interface Body {
  readonly value: unknown;
  readonly bytes: Buffer;
}

async function readBody({ limits }: WriteContext, exchange: Exchange, types: ReadonlySet<string>): Promise<Result<Body>> {
  if (exchange.body === undefined) return fail('malformed-json', 'a JSON body is needed');
  if (!types.has(mediaTypeOf(exchange.head.headers.contentType) ?? '')) {
    return fail('unsupported-media-type', `the Content-Type must be ${[...types].join(' or ')}, in UTF-8`);
  }
  const bytes = await exchange.body.readAll(limits.bodyBytesMax);
  if (!bytes.ok) return bytes;
  const value = parseJson(bytes.value);
  return value.ok ? done({ value: value.value, bytes: bytes.value }) : value;
}

/** The record is checked here and goes to the owner as it came. @param isChanged it is not what its bytes say any more. */
function oneDraft({ kinds }: WriteContext, kind: Kind, value: unknown, bytes: Buffer, isChanged = false): Result<readonly Draft[]> {
  if (bytes.length > RECORD_BYTES_MAX) return tooLarge(RECORD_BYTES_MAX);
  const draft = draftOf(kinds, kind, value);
  return draft.ok ? done([isChanged ? draft.value : draftOfJson(bytes)]) : draft;
}

function arrayDrafts({ kinds, limits }: WriteContext, kind: Kind, values: readonly unknown[], bytes: Buffer): Result<readonly Draft[]> {
  if (values.length > limits.createItemsMax)
    return fail('too-large', `an array may have ${limits.createItemsMax} records here; /inventory/${kind.name}/bulk takes more`);
  // Only a large body can have a record that is too large, so measuring is rarely paid for.
  if (bytes.length > RECORD_BYTES_MAX && values.some((value) => Buffer.byteLength(JSON.stringify(value)) > RECORD_BYTES_MAX)) return tooLarge(RECORD_BYTES_MAX);
  return draftsOf(kinds, kind, values, FAULT_DETAILS_MAX);
}

/** The path has named the record already: a kind whose only name is its client-chosen key need not repeat it. True when it is added. */
function nameBody(kind: Kind, value: unknown, name: string): boolean {
  if (kind.keyIsServerSet || kind.naturalKeys.some((property) => property !== kind.key)) return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const record = value as Draft;
  if (record[kind.key] !== undefined) return false;
  record[kind.key] = name;
  return true;
}

function patchOf(exchange: Exchange, document: unknown): Result<PatchDocument> {
  if (mediaTypeOf(exchange.head.headers.contentType) === 'application/json-patch+json') {
    if (!Array.isArray(document)) return invalid([{ pointer: '', detail: 'must be an array of operations (RFC 6902)' }]);
    return done({ type: 'json', document });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return invalid([{ pointer: '', detail: 'must be an object (RFC 7396)' }]);
  }
  return done({ type: 'merge', document });
}

function idempotencyOf(context: WriteContext, exchange: Exchange, caller: Caller | undefined, bytes: Buffer): Result<{ idempotency?: Idempotency }> {
  const key = idempotencyKeyOf(exchange.head);
  if (!key.ok) return key;
  if (key.value === undefined) return done({});
  const hash: Hmac = beginRequestHash(exchange.head, caller, context.idempotencyKey).update(bytes);
  return done({ idempotency: { key: storedKey(key.value, context.idempotencyKey), requestHash: endRequestHash(hash) } });
}

function the<T extends Stored | Draft>(list: readonly T[]): T {
  const [only] = list;
  if (only === undefined) throw new Error('one record was sent, and one must come back');
  return only;
}
