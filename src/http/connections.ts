import type { Fault } from '../faults.ts';
import type { Addresses } from './addresses.ts';
import type { FrontCounts } from './front-counts.ts';
import { answerProblem } from './problem.ts';
import type { HttpResponse } from './transport.ts';

/**
 * How many connections there are, in total and from each address. The library says when one begins and when one ends, but
 * not whose it was that ended: so what is counted for an address is at first too much, and when that passes the limit the
 * kernel is asked how many it really has.
 */

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
}

/** Connections to our port by address; undefined where the system cannot tell. */
export type Census = () => ReadonlyMap<string, number> | undefined;

/** Of all threads that have connections to the port together. */
export interface OpenCount {
  readonly threads: number;
  /** @returns how many are open now. */
  add(more: number): number;
}

/** The kernel writes a line for each connection of the machine: it is not asked more often than this. */
const CENSUS_INTERVAL_MS = 200;
/** Addresses that are kept in mind, whether or not they still have a connection. */
const ADDRESSES_MAX = 100_000;

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #addresses: Addresses;
  readonly #counts: Pick<FrontCounts, 'turnedAway'>;
  readonly #census: Census;
  readonly #monotonicMs: () => number;
  readonly #opened: OpenCount;
  /** Since the last census, and what that said: of this thread's connections never too little. */
  #begun = new Map<string, number>();
  /** At the last census. */
  #counted: ReadonlyMap<string, number> = new Map();
  #open = 0;
  #openEverywhere = 0;
  #censusMs = Number.NEGATIVE_INFINITY;

  constructor(
    limits: ConnectionLimits,
    addresses: Addresses,
    counts: Pick<FrontCounts, 'turnedAway'>,
    census: Census,
    monotonicMs: () => number,
    opened?: OpenCount,
  ) {
    this.#limits = limits;
    this.#addresses = addresses;
    this.#counts = counts;
    this.#census = census;
    this.#monotonicMs = monotonicMs;
    this.#opened = opened ?? { threads: 1, add: () => this.#open };
  }

  get open(): number {
    return this.#open;
  }

  /** A connection begins. @param canAnswer a sentence can be sent before TLS has begun to speak only without TLS. */
  begun(res: HttpResponse, canAnswer: boolean): void {
    this.#open += 1;
    this.#openEverywhere = this.#opened.add(1);
    const fault = this.#faultFor(res);
    if (fault === undefined) return;
    // There is no request yet, but whoever sends one finds this answer to it.
    if (canAnswer) answerProblem(res, fault, '/', 'connection');
    else res.close();
  }

  ended(): void {
    this.#open -= 1;
    this.#openEverywhere = this.#opened.add(-1);
    // Nobody is left of whom too much could be believed.
    if (this.#openEverywhere === 0) this.#forget();
  }

  #faultFor(res: HttpResponse): Fault | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    if (this.#openEverywhere > connectionsMax) {
      this.#counts.turnedAway.connections += 1;
      return { code: 'overloaded', detail: `${connectionsMax} connections are open` };
    }
    const address = this.#addresses.ofConnection(res);
    if (address === undefined) return undefined;
    if (this.#begun.size >= ADDRESSES_MAX && !this.#takeCensus()) this.#forget();
    let count = (this.#begun.get(address) ?? 0) + 1;
    // No address has more than all of them together.
    const mayHaveTooMany = this.#openEverywhere > connectionsPerAddressMax;
    if (mayHaveTooMany && this.#believed(address, count) > connectionsPerAddressMax && this.#takeCensus()) count = this.#begun.get(address) ?? 0;
    if (!mayHaveTooMany || count <= connectionsPerAddressMax) {
      this.#begun.set(address, count);
      return undefined;
    }
    this.#counts.turnedAway['address-connections'] += 1;
    return { code: 'too-many-requests', detail: `${connectionsPerAddressMax} connections are open from this address` };
  }

  /** The kernel gives every thread about as many connections as any other. */
  #believed(address: string, count: number): number {
    const counted = this.#counted.get(address) ?? 0;
    return counted + (count - counted) * this.#opened.threads;
  }

  #forget(): void {
    this.#begun.clear();
    this.#counted = new Map();
  }

  /** Whether the counts are right now. They have the connection that has just begun. */
  #takeCensus(): boolean {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#censusMs < CENSUS_INTERVAL_MS) return false;
    const counted = this.#census();
    this.#begun = new Map(counted ?? []);
    this.#counted = counted ?? new Map();
    // Asking takes longer the more there are; a tenth of the time is enough for it.
    this.#censusMs = nowMs + 9 * (this.#monotonicMs() - nowMs);
    return true;
  }
}
