import type { Hmac } from 'node:crypto';
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

  /** The items that came next; undefined at the end. */
  async next(): Promise<Result<readonly Buffer[] | undefined>> {
    if (this.#isOver) return done(undefined);
    const refused = this.#body.refusal(this.#limits.bulkBytesMax);
    if (!refused.ok) return refused;
    const piece = await this.#body.next();
    this.#exchange.touch();
    if (this.#body.isCut) return cutOff();
    if (piece === undefined) {
      this.#isOver = true;
      return this.#splitter.end();
    }
    const taken = this.#budget.take(piece.length, this.#holder);
    if (!taken.ok) return taken;
    this.#takenBytes += piece.length;
    this.#hash?.update(piece);
    return this.#splitter.push(piece);
  }

  /** Gives back what is counted; for a partial bulk as soon as a piece is dealt with. */
  release(): void {
    this.#budget.giveBack(this.#takenBytes, this.#holder);
    this.#takenBytes = 0;
  }
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

/** Records that go to the owner together. */
export const BULK_CHUNK_RECORDS = 1024;

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
