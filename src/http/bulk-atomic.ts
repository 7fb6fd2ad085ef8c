import { randomUUID } from 'node:crypto';
import type { Kind } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { ExclusiveLane } from '../dispatch/owner-client.ts';
import { done, type FaultDetail, type Result } from '../faults.ts';
import { type BulkCounts, bulkAnswer, type Commands, type Draft, type Replay } from '../protocol/commands.ts';
import { packMessage } from '../protocol/wire.ts';
import { BULK_CHUNK_RECORDS, type Bulk, type BulkContext } from './bulk-items.ts';
import { type Checker, draftOf, flawsAt, invalid } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { endRequestHash } from './idempotency.ts';
import { parseJson } from './json.ts';
import { JSON_TYPE, replyAgain } from './record-answer.ts';

/**
 * All or nothing. The whole body is here before the write lane is taken, so that a slow client holds nobody up; then one
 * part is checked on this thread while the owner judges the part before it. Nothing is journaled or shown before the
 * commit, and a flaw in the last record takes everything back.
 */
export async function atomicBulk(context: BulkContext, exchange: Exchange, bulk: Bulk): Promise<void> {
  const read = await readAll(bulk);
  if (!read.ok) return exchange.fail(read.fault);
  // From here on the pace is the store's, behind whatever it does already.
  exchange.timeLimitMs = Number.POSITIVE_INFINITY;
  const result = await context.owner.exclusive(
    (lane) => hand(lane, context, bulk, read.value),
    () => !exchange.aborted,
  );
  if (!result.ok) return exchange.fail(result.fault);
  if ('replay' in result.value) return replyAgain(exchange, bulk.kind, result.value);
  exchange.reply({ status: 200, headers: [JSON_TYPE], body: JSON.stringify(bulkAnswer(result.value, bulk.options.dryRun)) });
}

/** The bytes of all records, as they came. */
async function readAll({ items }: Bulk): Promise<Result<Buffer[][]>> {
  const parts: Buffer[][] = [];
  for (;;) {
    const next = await items.next();
    if (!next.ok) return next;
    if (next.value === undefined) return done(parts);
    parts.push([...next.value]);
  }
}

type Refused = Extract<Result<never>, { ok: false }>;

interface Part {
  readonly packedRecords: Uint8Array;
  readonly records: number;
}

/** Checked records, some at a time; when one has a flaw, the flaws of all that follow come instead. */
function* checkedParts(kinds: Checker, kind: Kind, bodies: Buffer[][], keepKey: boolean): Generator<Result<Part>> {
  const flaws: FaultDetail[] = [];
  let drafts: Draft[] = [];
  let index = 0;
  for (const [position, bodyPart] of bodies.entries()) {
    for (const item of bodyPart) {
      const parsed = parseJson(item);
      const draft = parsed.ok ? draftOf(kinds, kind, parsed.value, keepKey) : parsed;
      if (draft.ok) drafts.push(draft.value);
      else flaws.push(...flawsAt(index, draft.fault));
      index += 1;
      if (flaws.length >= FAULT_DETAILS_MAX) return yield invalid(flaws.slice(0, FAULT_DETAILS_MAX));
      if (drafts.length < BULK_CHUNK_RECORDS) continue;
      // What will be refused anyway need not go to the owner.
      if (flaws.length === 0) yield done({ packedRecords: packMessage(drafts), records: drafts.length });
      drafts = [];
    }
    bodies[position] = [];
  }
  if (flaws.length > 0) return yield invalid(flaws);
  if (drafts.length > 0) yield done({ packedRecords: packMessage(drafts), records: drafts.length });
}

async function hand(lane: ExclusiveLane, { kinds, owner }: BulkContext, bulk: Bulk, bodies: Buffer[][]): Promise<Result<BulkCounts | Replay>> {
  const { options, origin } = bulk;
  const kind = bulk.kind.name;
  const bulkId = randomUUID();
  const idempotency = idempotencyOf(bulk);
  // An owner that is gone has nothing to abort; what it says to this changes nothing for the caller.
  const abort = async (refused: Refused): Promise<Refused> => {
    await lane.send('bulk.abort', { bulkId });
    return refused;
  };
  let firstIndex = 0;
  let staging: Promise<Result<Commands['bulk.stage']['out']>> | undefined;
  for (const part of checkedParts(kinds, bulk.kind, bodies, options.upsert)) {
    const staged = await staging;
    staging = undefined;
    if (staged?.ok === true && 'replay' in staged.value) return done(staged.value);
    if (staged?.ok === false) return abort(staged);
    if (!part.ok) return abort(part);
    const { packedRecords, records } = part.value;
    staging = lane.send('bulk.stage', { kind, bulkId, firstIndex, packedRecords, options, origin, ...idempotency });
    firstIndex += records;
  }
  if (staging === undefined) return done({ created: 0, updated: 0, sequence: owner.status?.sequence ?? 0 });
  const last = await staging;
  if (last.ok && 'replay' in last.value) return done(last.value);
  const committed = last.ok ? await lane.send('bulk.commit', { kind, bulkId, options, ...idempotency }) : last;
  return committed.ok ? committed : abort(committed);
}

function idempotencyOf({ idempotencyKey, hash }: Bulk): Pick<Commands['bulk.commit']['in'], 'idempotency'> {
  if (idempotencyKey === undefined || hash === undefined) return {};
  return { idempotency: { key: idempotencyKey, requestHash: endRequestHash(hash) } };
}
