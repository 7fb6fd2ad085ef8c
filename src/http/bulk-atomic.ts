import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Kind } from '../../schemas/kind.ts';
import { Parter, partingOf } from '../../schemas/parted.ts';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { ExclusiveLane } from '../dispatch/write-lane.ts';
import { done, type FaultDetail, type Result } from '../faults.ts';
import { type BulkCounts, bulkAnswer, type Commands, type Draft, type Replay } from '../protocol/commands.ts';
import { packMessage } from '../protocol/wire.ts';
import { BULK_CHUNK_BYTES, BULK_CHUNK_RECORDS, type Bulk, type BulkContext, type BulkPiece } from './bulk-items.ts';
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

/** All records, as they came. */
async function readAll({ items }: Bulk): Promise<Result<BulkPiece[]>> {
  const pieces: BulkPiece[] = [];
  for (;;) {
    const next = await items.next();
    if (!next.ok) return next;
    if (next.value === undefined) return done(pieces);
    pieces.push(next.value);
  }
}

/**
 * Gives the memory of a piece back now. Nothing that this thread has to do afterwards makes it look for garbage, and a
 * bulk may be a gigabyte.
 */
function letGo({ bytes }: BulkPiece): void {
  // A small piece shares its memory with others.
  if (bytes.length > 0 && bytes.length === bytes.buffer.byteLength) structuredClone(null, { transfer: [bytes.buffer as ArrayBuffer] });
}

type Refused = Extract<Result<never>, { ok: false }>;

interface Part {
  readonly packedRecords: Uint8Array;
  readonly records: number;
}

/** Checked records, in the form in which the owner gets those of their kind. */
class PartInHand {
  readonly #whole: Draft[] = [];
  readonly #parter: Parter | undefined;
  /** As they came. */
  #bytes = 0;
  records = 0;

  constructor(kind: Kind) {
    const parting = partingOf(kind);
    this.#parter = parting === undefined ? undefined : new Parter(parting);
  }

  get isFull(): boolean {
    return this.records >= BULK_CHUNK_RECORDS || this.#bytes >= BULK_CHUNK_BYTES;
  }

  add(draft: Draft, bytes: number): void {
    this.records += 1;
    this.#bytes += bytes;
    if (this.#parter === undefined) this.#whole.push(draft);
    else this.#parter.add(draft);
  }

  pack(): Part {
    return { packedRecords: packMessage(this.#parter?.drafts ?? this.#whole), records: this.records };
  }
}

/** Parts that the owner has at once: it goes on with the next one while this thread hears of the one before. */
const PARTS_AT_ONCE_MAX = 2;

/** So long records are checked in one go, however large they are: others wait for their answers meanwhile. */
const TURN_MS_MAX = 0.25;

/** Checked records, some at a time; when one has a flaw, the flaws of all that follow come instead. */
async function* checkedParts(kinds: Checker, kind: Kind, pieces: BulkPiece[], keepKey: boolean): AsyncGenerator<Result<Part>, void, undefined> {
  const flaws: FaultDetail[] = [];
  let part = new PartInHand(kind);
  let turnEndMs = performance.now() + TURN_MS_MAX;
  let index = 0;
  // Taken from the end: taking the first of a long list moves all others, and a body may come in a million pieces.
  pieces.reverse();
  for (let piece = pieces.pop(), before = piece; piece !== undefined; before = piece, piece = pieces.pop()) {
    for (const item of piece.items) {
      const parsed = parseJson(item);
      const draft = parsed.ok ? draftOf(kinds, kind, parsed.value, keepKey) : parsed;
      if (draft.ok) part.add(draft.value, item.length);
      else flaws.push(...flawsAt(index, draft.fault));
      index += 1;
      if (flaws.length >= FAULT_DETAILS_MAX) return yield invalid(flaws.slice(0, FAULT_DETAILS_MAX));
      if (performance.now() >= turnEndMs) {
        await turn();
        turnEndMs = performance.now() + TURN_MS_MAX;
      }
      if (!part.isFull) continue;
      // What will be refused anyway need not go to the owner.
      if (flaws.length === 0) yield done(part.pack());
      part = new PartInHand(kind);
    }
    if (before !== undefined && before !== piece) letGo(before);
  }
  if (flaws.length > 0) return yield invalid(flaws);
  if (part.records > 0) yield done(part.pack());
}

async function hand(lane: ExclusiveLane, { kinds, owner }: BulkContext, bulk: Bulk, pieces: BulkPiece[]): Promise<Result<BulkCounts | Replay>> {
  const { options, origin } = bulk;
  const kind = bulk.kind.name;
  const bulkId = randomUUID();
  const idempotency = idempotencyOf(bulk);
  // An owner that is gone has nothing to abort; what it says to this changes nothing for the caller.
  const abort = async (refused: Refused): Promise<Refused> => {
    await lane.send('bulk.abort', { bulkId });
    return refused;
  };
  const staging: Promise<Result<Commands['bulk.stage']['out']>>[] = [];
  /** Waits until the owner has at most so many parts to judge. @returns what ends the bulk there, if something does */
  const settle = async (partsMax: number): Promise<Result<Replay> | undefined> => {
    while (staging.length > partsMax) {
      const staged = await staging.shift();
      if (staged?.ok === false) return abort(staged);
      if (staged === undefined || !('replay' in staged.value)) continue;
      await Promise.all(staging);
      return done(staged.value);
    }
    return undefined;
  };
  let firstIndex = 0;
  for await (const part of checkedParts(kinds, bulk.kind, pieces, options.upsert)) {
    const ended = await settle(part.ok ? PARTS_AT_ONCE_MAX - 1 : 0);
    if (ended !== undefined) return ended;
    if (!part.ok) return abort(part);
    const { packedRecords, records } = part.value;
    staging.push(lane.send('bulk.stage', { kind, bulkId, firstIndex, packedRecords, options, origin, ...idempotency }));
    firstIndex += records;
  }
  if (firstIndex === 0) return done({ created: 0, updated: 0, sequence: owner.status?.sequence ?? 0 });
  const ended = await settle(0);
  if (ended !== undefined) return ended;
  const committed = await lane.send('bulk.commit', { kind, bulkId, options, ...idempotency });
  return committed.ok ? committed : abort(committed);
}

function idempotencyOf({ idempotencyKey, hash }: Bulk): Pick<Commands['bulk.commit']['in'], 'idempotency'> {
  if (idempotencyKey === undefined || hash === undefined) return {};
  return { idempotency: { key: idempotencyKey, requestHash: endRequestHash(hash) } };
}
