import { randomUUID } from 'node:crypto';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { ExclusiveLane } from '../dispatch/owner-client.ts';
import { done, type FaultDetail, type Result } from '../faults.ts';
import type { BulkCounts, Commands, Draft, Replay } from '../protocol/commands.ts';
import { packMessage, unpackMessage } from '../protocol/wire.ts';
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
  const { chunks, total } = checked.value;
  // From here on the pace is the store's, behind whatever it does already.
  exchange.timeLimitMs = Number.POSITIVE_INFINITY;
  const result = await context.owner.exclusive((lane) => hand(lane, bulk, chunks));
  if (!result.ok) return exchange.fail(result.fault);
  if ('replay' in result.value) return replyAgain(exchange, bulk.kind, result.value);
  const { created, updated } = result.value;
  const body = { created, updated, total, dry_run: bulk.options.dryRun, sequence: context.owner.status?.sequence };
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(body) });
}

interface Checked {
  readonly chunks: readonly Uint8Array[];
  readonly total: number;
}

async function readAll({ kinds }: BulkContext, { kind, items }: Bulk): Promise<Result<Checked>> {
  const chunks: Uint8Array[] = [];
  const flaws: FaultDetail[] = [];
  let drafts: Draft[] = [];
  let total = 0;
  for (;;) {
    const next = await items.next();
    if (!next.ok) return next;
    if (next.value === undefined) break;
    for (const item of next.value) {
      const parsed = parseJson(item);
      const draft = parsed.ok ? draftOf(kinds, kind, parsed.value) : parsed;
      if (draft.ok) drafts.push(draft.value);
      else flaws.push(...flawsAt(total, draft.fault));
      total += 1;
      if (flaws.length >= FAULT_DETAILS_MAX) return invalid(flaws.slice(0, FAULT_DETAILS_MAX));
      if (drafts.length < BULK_CHUNK_RECORDS) continue;
      // What will be refused anyway need not be kept.
      if (flaws.length === 0) chunks.push(packMessage(drafts));
      drafts = [];
    }
  }
  if (flaws.length > 0) return invalid(flaws);
  if (drafts.length > 0) chunks.push(packMessage(drafts));
  return done({ chunks, total });
}

async function hand(lane: ExclusiveLane, bulk: Bulk, chunks: readonly Uint8Array[]): Promise<Result<BulkCounts | Replay>> {
  const { options, origin } = bulk;
  const kind = bulk.kind.name;
  const bulkId = randomUUID();
  let firstIndex = 0;
  for (const chunk of chunks) {
    const records = unpackMessage(chunk) as readonly Draft[];
    const staged = await lane.send('bulk.stage', { kind, bulkId, firstIndex, records, options, origin });
    if (!staged.ok) {
      // An owner that is gone has nothing to abort; what it says to this changes nothing for the caller.
      await lane.send('bulk.abort', { bulkId });
      return staged;
    }
    firstIndex += records.length;
  }
  const committed = await lane.send('bulk.commit', { kind, bulkId, options, ...idempotencyOf(bulk) });
  if (!committed.ok) await lane.send('bulk.abort', { bulkId });
  return committed;
}

function idempotencyOf({ idempotencyKey, hash }: Bulk): Pick<Commands['bulk.commit']['in'], 'idempotency'> {
  if (idempotencyKey === undefined || hash === undefined) return {};
  return { idempotency: { key: idempotencyKey, requestHash: endRequestHash(hash) } };
}
