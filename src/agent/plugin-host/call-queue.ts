import type { PluginOperation } from '../../protocol/plugin-calls.ts';
import { Fifo } from './fifo.ts';

/**
 * Who gets the next seat. A renewal that comes after its end is a reservation lost, and a leave frees what others wait for;
 * what recovery asks comes before what makes something new, and what only looks comes last.
 */
const RANK: Readonly<Record<PluginOperation, number>> = { renew: 0, leave: 0, find: 1, join: 2, modify: 2, status: 3, list: 3 };
const URGENT = 0;

/** Calls that wait: the most urgent first, among those the first that came. Taking one costs the same however many wait. */
export class CallQueue<T> {
  readonly #lengthMax: number;
  readonly #urgent = new Fifo<T>();
  readonly #others: readonly Fifo<T>[] = [new Fifo(), new Fifo(), new Fifo()];

  /** @param lengthMax for the renewals and leaves, and again for all others together: no flood of joins refuses a renewal. */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** Without renewals and leaves, which have their own places. */
  get length(): number {
    let length = 0;
    for (const fifo of this.#others) length += fifo.length;
    return length;
  }

  get urgentLength(): number {
    return this.#urgent.length;
  }

  /** Who has waited longest, of each rank but that of renewals and leaves. */
  get oldest(): readonly T[] {
    return this.#others.flatMap(({ first }) => (first === undefined ? [] : [first]));
  }

  get isEmpty(): boolean {
    return this.#urgent.length === 0 && this.length === 0;
  }

  /** False when the places for such calls are taken. */
  push(entry: T, operation: PluginOperation): boolean {
    const rank = RANK[operation];
    const length = rank === URGENT ? this.urgentLength : this.length;
    if (length >= this.#lengthMax) return false;
    (this.#others[rank - 1] ?? this.#urgent).push(entry);
    return true;
  }

  shift(): T | undefined {
    if (this.#urgent.length > 0) return this.#urgent.shift();
    return this.#others.find(({ length }) => length > 0)?.shift();
  }
}
