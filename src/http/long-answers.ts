import type { Fault } from '../faults.ts';
import { Shares } from './shares.ts';

/**
 * Answers that go out in many parts, a full list of a large inventory for one. Each part is a piece of work on the thread
 * that answers everybody: so a few of them are made in each turn of the event loop, from one answer after the other, and
 * there may only be so many such answers at once, because each holds memory for as long as its client reads.
 */
export class LongAnswers {
  readonly #atOnceMax: number;
  readonly #shares: Shares;
  readonly #partsPerTurnMax: number;
  readonly #waiting: (() => void)[] = [];
  #length = 0;
  #isTurning = false;
  /** Refused because their address had its share. */
  turnedAway = 0;

  constructor(atOnceMax: number, perAddressMax: number, partsPerTurnMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#shares = new Shares(perAddressMax);
    this.#partsPerTurnMax = partsPerTurnMax;
  }

  get length(): number {
    return this.#length;
  }

  get atOnceMax(): number {
    return this.#atOnceMax;
  }

  /** Why one more for this address may not begin: nobody else could have any, if one who hardly reads had them all. */
  refusalFor(address: string): Fault | undefined {
    if (this.#length >= this.#atOnceMax) return { code: 'overloaded', detail: `${this.#length} long answers are being read` };
    if (!this.#shares.wouldExceed(address)) return undefined;
    this.turnedAway += 1;
    return { code: 'too-many-requests', detail: `${this.#shares.of(address)} long answers are being read from this address` };
  }

  /** `leave` has to follow. */
  enter(address: string): void {
    this.#length += 1;
    this.#shares.take(address);
  }

  leave(address: string): void {
    this.#length -= 1;
    this.#shares.giveBack(address);
  }

  /** Resolves when the next part may be made: others who wait go first, and requests have come in between. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isTurning) return;
      this.#isTurning = true;
      setImmediate(() => this.#next());
    });
  }

  #next(): void {
    for (const resolve of this.#waiting.splice(0, this.#partsPerTurnMax)) resolve();
    this.#isTurning = this.#waiting.length > 0;
    if (this.#isTurning) setImmediate(() => this.#next());
  }
}

const AT_ONCE_MAX = 128;
const PER_ADDRESS_MAX = 64;
/** Of about 256 KiB, a fraction of a millisecond each. */
const PARTS_PER_TURN_MAX = 8;

/** Of this process: there is one event loop. */
export const longAnswers: LongAnswers = new LongAnswers(AT_ONCE_MAX, PER_ADDRESS_MAX, PARTS_PER_TURN_MAX);
