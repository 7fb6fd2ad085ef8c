import { Mismatch } from './model-state.ts';

/** What the owner journaled, as it told of it or as its journal has it. */

export interface ActualChange {
  readonly kind: string;
  readonly key: string;
  readonly sequence: number;
  /** The JSON of the record; undefined when it went. */
  readonly text: string | undefined;
}

/** A model's change as the owner made it. */
export interface Bound {
  readonly key: string;
  readonly revision: number;
  readonly text: string;
}

/** The owner's changes, in the order of their sequences, each a following one. */
export class Source {
  readonly #changes: readonly ActualChange[];
  #next = 0;

  constructor(changes: readonly ActualChange[], sequence: number) {
    this.#changes = changes;
    for (const [index, change] of changes.entries()) {
      if (change.sequence !== sequence + index + 1) throw new Mismatch(`change ${change.sequence} came where ${sequence + index + 1} was to come`);
    }
  }

  /** Those that have not been taken. */
  get rest(): readonly ActualChange[] {
    return this.#changes.slice(this.#next);
  }

  next(): ActualChange | undefined {
    const change = this.#changes[this.#next];
    this.#next += 1;
    return change;
  }
}
