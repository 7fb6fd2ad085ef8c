import type { Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import type { BulkOptions } from '../protocol/commands.ts';
import { RECORD_BYTES_MAX } from '../protocol/slab.ts';
import { atomicBulk } from './bulk-atomic.ts';
import { type Bulk, type BulkBudget, type BulkContext, BulkItems } from './bulk-items.ts';
import { partialBulk } from './bulk-partial.ts';
import type { Exchange } from './exchange.ts';
import { beginRequestHash, idempotencyKeyOf, storedKey } from './idempotency.ts';
import { ArraySplitter, type ItemSplitter, LineSplitter } from './item-splitter.ts';
import { mediaTypeOf, NDJSON_TYPES } from './media-type.ts';
import { flagIn, type QueryParameters, valueIn } from './query.ts';
import { originOf } from './record-write.ts';
import type { Call } from './route.ts';

/** POST of many records as a stream: all or nothing, or each for itself. */

export const BULK_PARAMETERS: readonly string[] = ['mode', 'upsert', 'dry_run'];

export async function bulkRecords(context: BulkContext, budget: BulkBudget, exchange: Exchange, kind: Kind, call: Call): Promise<void> {
  const mode = valueIn(call.query, 'mode') ?? 'atomic';
  if (mode !== 'atomic' && mode !== 'partial') return exchange.fail({ code: 'invalid-parameter', detail: '"mode" is atomic or partial' });
  const options = optionsIn(call.query);
  if (!options.ok) return exchange.fail(options.fault);
  const key = idempotencyKeyOf(exchange.head);
  if (!key.ok) return exchange.fail(key.fault);
  if (key.value !== undefined && mode === 'partial') {
    return exchange.fail({ code: 'invalid-parameter', detail: 'an Idempotency-Key needs mode=atomic: a partial bulk has no single answer to repeat' });
  }
  if (exchange.head.headers.ifMatch !== undefined) return exchange.fail({ code: 'precondition-failed', detail: 'a bulk has no revision' });
  const splitter = splitterFor(exchange.head.headers.contentType);
  if (!splitter.ok) return exchange.fail(splitter.fault);
  if (exchange.body === undefined) return exchange.fail({ code: 'malformed-json', detail: 'a body is needed' });
  // Known before a gigabyte is read for nothing.
  if (context.owner.status?.indexed !== true)
    return exchange.fail({ code: 'recovering', detail: 'the key index is being rebuilt; writes come back in a moment' });
  const hash = key.value === undefined ? undefined : beginRequestHash(exchange.head, call.caller, context.idempotencyKey);
  const items = new BulkItems(exchange, exchange.body, splitter.value, context.limits, budget, hash, call.caller);
  const bulk: Bulk = {
    kind,
    options: options.value,
    origin: originOf(call.caller),
    items,
    idempotencyKey: key.value === undefined ? undefined : storedKey(key.value, context.idempotencyKey),
    hash,
  };
  try {
    await (mode === 'atomic' ? atomicBulk(context, exchange, bulk) : partialBulk(context, exchange, bulk));
  } finally {
    items.release();
  }
}

function optionsIn(query: QueryParameters): Result<BulkOptions> {
  const upsert = flagIn(query, 'upsert');
  if (!upsert.ok) return upsert;
  const dryRun = flagIn(query, 'dry_run');
  return dryRun.ok ? done({ upsert: upsert.value, dryRun: dryRun.value }) : dryRun;
}

function splitterFor(contentType: string | undefined): Result<ItemSplitter> {
  const type = mediaTypeOf(contentType) ?? '';
  if (type === 'application/json') return done(new ArraySplitter(RECORD_BYTES_MAX));
  if (NDJSON_TYPES.has(type)) return done(new LineSplitter(RECORD_BYTES_MAX));
  return fail('unsupported-media-type', 'a bulk comes as application/x-ndjson or as an array in application/json, in UTF-8');
}
