import { NOTHING, type State } from './owner-process.ts';

/** What may be found on a disk after a power cut, and what must be. */
export interface Expectation {
  /** The last change that was acknowledged as durable. */
  readonly floor: number;
  /** By the sequence of their last change: the states that there have been. No other one may be found. */
  readonly states: ReadonlyMap<number, State>;
  /** Names of snapshots that were taken, and that nobody has deleted. */
  readonly snapshots: ReadonlySet<string>;
}

export const EMPTY: Expectation = { floor: 0, states: new Map([[0, NOTHING]]), snapshots: new Set() };

interface Attempt {
  readonly sequence: number;
  readonly state: State;
  /** How many changes the disk had seen when it was begun. */
  readonly at: number;
}

/** What was tried and what was told, by the number of changes that the disk had seen then. */
export class Ledger {
  /** For power cuts before anything was told. */
  readonly #before: Expectation;
  readonly #attempts: Attempt[] = [];
  readonly #told: { readonly sequence: number; readonly at: number }[] = [];
  readonly #snapshots: { readonly name: string; readonly from: number; to: number }[] = [];

  constructor(before: Expectation) {
    this.#before = before;
  }

  get last(): Attempt | undefined {
    return this.#attempts.at(-1);
  }

  get states(): readonly State[] {
    return this.#attempts.map(({ state }) => state);
  }

  /** A write was begun, and has led to this state as far as anybody can see. */
  attempted(sequence: number, state: State, at: number): void {
    if (this.last?.sequence !== sequence) this.#attempts.push({ sequence, state, at });
  }

  /** Everything up to this change was told to be durable. */
  told(sequence: number, at: number): void {
    this.#told.push({ sequence, at });
  }

  snapshotTaken(name: string, from: number): void {
    this.#snapshots.push({ name, from, to: Number.POSITIVE_INFINITY });
  }

  /** Somebody began to delete snapshots, these or, when it is not known which, any. */
  snapshotsDeleted(at: number, names?: readonly string[]): void {
    for (const snapshot of this.#snapshots) {
      if (names === undefined || names.includes(snapshot.name)) snapshot.to = Math.min(snapshot.to, at);
    }
  }

  /** @param until how many changes the disk had seen when the power went. */
  expectation(until: number): Expectation {
    const told = this.#told.findLast(({ at }) => at <= until);
    if (told === undefined) return this.#before;
    const reachable = this.#attempts.filter(({ sequence, at }) => at <= until && sequence >= told.sequence);
    return {
      floor: told.sequence,
      states: new Map(reachable.map(({ sequence, state }) => [sequence, state])),
      snapshots: new Set(this.#snapshots.filter(({ from, to }) => from <= until && until <= to).map(({ name }) => name)),
    };
  }
}
