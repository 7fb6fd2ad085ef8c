import { randomUUID } from 'node:crypto';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { ExclusiveLane } from '../dispatch/owner-client.ts';
import { done, type FaultDetail, type Result } from '../faults.ts';
import { type BulkCounts, bulkAnswer, type Commands, type Draft, type Replay } from '../protocol/commands.ts';
import { packMessage } from '../protocol/wire.ts';
import { BULK_CHUNK_RECORDS, type Bulk, type BulkContext } from './bulk-items.ts';
import { draftOf, flawsAt, invalid } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { endRequestHash } from './idempotency.ts';
import { parseJson } from './json.ts';
import { JSON_TYPE, replyAgain } from './record-answer.ts';

/**
 * All or nothing: everything is read and checked before the first record goes to the owner, and the owner shows nothing
 * before the commit. Checked records wait packed, so that a bulk costs about as much memory as its body has bytes.
 */
export async function atomicBulk(context: BulkContext, exchange: Exchange, bulk: Bulk): Promise<void> {
  const checked = await readAll(context, bulk);
  if (!checked.ok) return exchange.fail(checked.fault);
  const { chunks } = checked.value;
  // From here on the pace is the store's, behind whatever it does already.
  exchange.timeLimitMs = Number.POSITIVE_INFINITY;
  const result = await context.owner.exclusive((lane) => hand(lane, bulk, chunks, context.owner.status?.sequence ?? 0));
  if (!result.ok) return exchange.fail(result.fault);
  if ('replay' in result.value) return replyAgain(exchange, bulk.kind, result.value);
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(bulkAnswer(result.value, bulk.options.dryRun)) });
}

interface Checked {
  readonly chunks: readonly Chunk[];
}

interface Chunk {
  readonly packedRecords: Uint8Array;
  readonly records: number;
}

async function readAll({ kinds }: BulkContext, { kind, items, options }: Bulk): Promise<Result<Checked>> {
  const chunks: Chunk[] = [];
  const flaws: FaultDetail[] = [];
  let drafts: Draft[] = [];
  let total = 0;
  for (;;) {
    const next = await items.next();
    if (!next.ok) return next;
    if (next.value === undefined) break;
    for (const item of next.value) {
      const parsed = parseJson(item);
      const draft = parsed.ok ? draftOf(kinds, kind, parsed.value, options.upsert) : parsed;
      if (draft.ok) drafts.push(draft.value);
      else flaws.push(...flawsAt(total, draft.fault));
      total += 1;
      if (flaws.length >= FAULT_DETAILS_MAX) return invalid(flaws.slice(0, FAULT_DETAILS_MAX));
      if (drafts.length < BULK_CHUNK_RECORDS) continue;
      // What will be refused anyway need not be kept.
      if (flaws.length === 0) chunks.push({ packedRecords: packMessage(drafts), records: drafts.length });
      drafts = [];
    }
  }
  if (flaws.length > 0) return invalid(flaws);
  if (drafts.length > 0) chunks.push({ packedRecords: packMessage(drafts), records: drafts.length });
  return done({ chunks });
}

async function hand(lane: ExclusiveLane, bulk: Bulk, chunks: readonly Chunk[], sequence: number): Promise<Result<BulkCounts | Replay>> {
  const { options, origin } = bulk;
  const kind = bulk.kind.name;
  if (chunks.length === 0) return done({ created: 0, updated: 0, sequence });
  const bulkId = randomUUID();
  const idempotency = idempotencyOf(bulk);
  let firstIndex = 0;
  for (const { packedRecords, records } of chunks) {
    const staged = await lane.send('bulk.stage', { kind, bulkId, firstIndex, packedRecords, options, origin, ...idempotency });
    if (!staged.ok) {
      // An owner that is gone has nothing to abort; what it says to this changes nothing for the caller.
      await lane.send('bulk.abort', { bulkId });
      return staged;
    }
    if ('replay' in staged.value) return { ok: true, value: staged.value };
    firstIndex += records;
  }
  const committed = await lane.send('bulk.commit', { kind, bulkId, options, ...idempotency });
  if (!committed.ok) await lane.send('bulk.abort', { bulkId });
  return committed;
}

function idempotencyOf({ idempotencyKey, hash }: Bulk): Pick<Commands['bulk.commit']['in'], 'idempotency'> {
  if (idempotencyKey === undefined || hash === undefined) return {};
  return { idempotency: { key: idempotencyKey, requestHash: endRequestHash(hash) } };
}
