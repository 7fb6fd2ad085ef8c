import type { Hmac } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Kind } from '../../schemas/kind.ts';
import type { Kinds } from '../../schemas/registry.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { done, fail, type Result } from '../faults.ts';
import type { BulkOptions, Origin } from '../protocol/commands.ts';
import type { Caller } from './auth.ts';
import { type BodySource, cutOff } from './body-source.ts';
import type { Exchange } from './exchange.ts';
import type { FrontCounts } from './front-counts.ts';
import type { ItemSplitter } from './item-splitter.ts';
import type { FrontLimits } from './limits.ts';
import { holderOf, Shares } from './shares.ts';

/** What an item, or a piece without one, takes in memory while it waits, however short it is. */
const ITEM_BYTES_MIN = 128;

/** So much of a piece is cut into items in one go … */
const SLICE_BYTES = 64 * 1024;
/** … and so long it may take before others have a turn: a body may be nothing but ends of lines. */
const TURN_MS_MAX = 2;

/** What one piece of the body has completed. The items lie in its memory, and the first may lie in that of the piece before. */
export interface BulkPiece {
  readonly items: readonly Buffer[];
  readonly bytes: Buffer;
}

/** The items of a bulk's body, piece by piece, within every limit. */
export class BulkItems {
  readonly #exchange: Exchange;
  readonly #body: BodySource;
  readonly #splitter: ItemSplitter;
  readonly #limits: FrontLimits;
  readonly #budget: BulkBudget;
  readonly #hash: Hmac | undefined;
  readonly #holder: string;
  #takenBytes = 0;
  #isOver = false;

  constructor(
    exchange: Exchange,
    body: BodySource,
    splitter: ItemSplitter,
    limits: FrontLimits,
    budget: BulkBudget,
    hash: Hmac | undefined,
    caller: Caller | undefined,
  ) {
    this.#exchange = exchange;
    this.#body = body;
    this.#splitter = splitter;
    this.#limits = limits;
    this.#budget = budget;
    this.#hash = hash;
    this.#holder = holderOf(caller, exchange.address);
  }

  /** The client has gone, or has been answered, before its body was complete. */
  get isCut(): boolean {
    return this.#body.isCut;
  }

  /** What came next; undefined at the end. */
  async next(): Promise<Result<BulkPiece | undefined>> {
    if (this.#isOver) return done(undefined);
    const refused = this.#body.refusal(this.#limits.bulkBytesMax);
    if (!refused.ok) return refused;
    const piece = await this.#body.next();
    this.#exchange.touch();
    if (this.#body.isCut) return cutOff();
    if (piece === undefined) {
      this.#isOver = true;
      return pieceOf(this.#splitter.end(), NOTHING);
    }
    this.#hash?.update(piece);
    const items = await this.#itemsOf(piece);
    if (!items.ok) return items;
    const taken = this.#count(Math.max(piece.length, ITEM_BYTES_MIN * Math.max(1, items.value.length)));
    return taken.ok ? pieceOf(items, piece) : taken;
  }

  async #itemsOf(piece: Buffer): Promise<Result<readonly Buffer[]>> {
    if (piece.length <= SLICE_BYTES) return this.#splitter.push(piece);
    const slices: (readonly Buffer[])[] = [];
    let turnEndMs = performance.now() + TURN_MS_MAX;
    for (let from = 0; from < piece.length; from += SLICE_BYTES) {
      const items = this.#splitter.push(piece.subarray(from, from + SLICE_BYTES));
      if (!items.ok) return items;
      slices.push(items.value);
      if (performance.now() < turnEndMs) continue;
      await turn();
      turnEndMs = performance.now() + TURN_MS_MAX;
    }
    return done(slices.flat());
  }

  #count(bytes: number): Result<undefined> {
    const { bulkBytesMax } = this.#limits;
    if (this.#takenBytes + bytes > bulkBytesMax) {
      return fail('too-large', `a bulk may have ${bulkBytesMax} bytes here, and each of its records counts as ${ITEM_BYTES_MIN} at least`);
    }
    const taken = this.#budget.take(bytes, this.#holder);
    if (taken.ok) this.#takenBytes += bytes;
    return taken;
  }

  /** Gives back what is counted; for a partial bulk as soon as a piece is dealt with. */
  release(): void {
    this.#budget.giveBack(this.#takenBytes, this.#holder);
    this.#takenBytes = 0;
  }
}

const NOTHING = Buffer.alloc(0);

function pieceOf(items: Result<readonly Buffer[]>, bytes: Buffer): Result<BulkPiece> {
  return items.ok ? done({ items: items.value, bytes }) : items;
}

/** What all bulks together may hold in memory. */
export class BulkBudget {
  readonly #limits: FrontLimits;
  readonly #counts: Pick<FrontCounts, 'turnedAway'> | undefined;
  readonly #shares: Shares;
  #bytes = 0;

  constructor(limits: FrontLimits, counts?: Pick<FrontCounts, 'turnedAway'>) {
    this.#limits = limits;
    this.#counts = counts;
    this.#shares = new Shares(limits.bulkBytesMax);
  }

  get bytes(): number {
    return this.#bytes;
  }

  take(bytes: number, holder: string): Result<undefined> {
    if (this.#shares.wouldExceed(holder, bytes)) {
      if (this.#counts !== undefined) this.#counts.turnedAway['caller-bulks'] += 1;
      return fail('too-many-requests', `your bulks hold ${this.#shares.of(holder)} bytes`);
    }
    if (this.#bytes + bytes > this.#limits.bulkBytesInFlightMax) return fail('overloaded', `other bulks hold ${this.#bytes} bytes`);
    this.#bytes += bytes;
    this.#shares.take(holder, bytes);
    return done(undefined);
  }

  giveBack(bytes: number, holder: string): void {
    this.#bytes -= bytes;
    this.#shares.giveBack(holder, bytes);
  }
}

/** Records that go to the owner together … */
export const BULK_CHUNK_RECORDS = 1024;
/** … unless they are so large: all of them are judged in one go, and become one text, which has its limit in V8. */
export const BULK_CHUNK_BYTES: number = 8 * 1024 * 1024;

/** One bulk on its way. */
export interface Bulk {
  readonly kind: Kind;
  readonly options: BulkOptions;
  readonly origin: Origin;
  readonly items: BulkItems;
  readonly idempotencyKey: string | undefined;
  readonly hash: Hmac | undefined;
}

export interface BulkContext {
  readonly kinds: Kinds;
  readonly owner: OwnerClient;
  readonly view: RecordView;
  readonly idempotencyKey: Buffer;
  readonly limits: FrontLimits;
}
