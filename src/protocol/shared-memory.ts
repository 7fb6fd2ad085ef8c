import { SLABS_MAX } from './slab.ts';

/**
 * What the owner shares with the threads that read beside it: slabs of the record log, a key table for each kind, and one
 * control block. It posts each of them to every reader before anything that can be read points to it, so whoever meets
 * something that he does not know finds it among the messages that wait for him.
 */
export type Shown =
  | { readonly type: 'control'; readonly memory: SharedArrayBuffer }
  | { readonly type: 'slab'; readonly index: number; readonly generation: number; readonly memory: SharedArrayBuffer }
  /** In the place of the kind's table before it. */
  | { readonly type: 'table'; readonly kind: string; readonly memory: SharedArrayBuffer };

/** Whom something is shown to: a `MessagePort`, mostly. */
export interface Viewer {
  postMessage(shown: Shown): unknown;
  /** Of a port: the reader has closed the other end, or its thread has ended. */
  once?(event: 'close', listener: () => void): unknown;
}

/** How far a start is: which keys are in the tables, which images in the record log. */
export const PHASE = {
  /** Some keys: one that is missing may well exist. */
  begun: 0,
  /** All keys. */
  indexed: 1,
  /** All images. */
  filled: 2,
} as const;

const VERSION = 0;
const SEED = 1;
const PHASE_PLACE = 2;
const OVER = 3;
const GENERATIONS = 4;

/**
 * The control block. Its version is odd while a batch is being published, and rises with each: what was read between two
 * looks at the same even version is from before that batch or from after it, never from the middle.
 */
export class ControlBlock {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer((GENERATIONS + SLABS_MAX) * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  get version(): number {
    return Atomics.load(this.#cells, VERSION);
  }

  beginPublishing(): void {
    Atomics.add(this.#cells, VERSION, 1);
  }

  endPublishing(): void {
    Atomics.add(this.#cells, VERSION, 1);
    Atomics.notify(this.#cells, VERSION);
  }

  /** Waits for the end of the publishing that has this version. */
  awaitChange(version: number, timeoutMs: number): void {
    Atomics.wait(this.#cells, VERSION, version, timeoutMs);
  }

  /** Keys are hashed with it, so that nobody can choose keys that meet in one place. */
  get seed(): number {
    return Atomics.load(this.#cells, SEED);
  }

  set seed(seed: number) {
    Atomics.store(this.#cells, SEED, seed);
  }

  get phase(): number {
    return Atomics.load(this.#cells, PHASE_PLACE);
  }

  set phase(phase: number) {
    Atomics.store(this.#cells, PHASE_PLACE, phase);
  }

  /** The owner is gone: what is here is not what is true any more. */
  get isOver(): boolean {
    return Atomics.load(this.#cells, OVER) !== 0;
  }

  end(): void {
    Atomics.store(this.#cells, OVER, 1);
  }

  /** Rises when a slab of this index is opened, and when it is let go: an address is of the slab that has the same. */
  generationOf(slabIndex: number): number {
    return Atomics.load(this.#cells, GENERATIONS + slabIndex);
  }

  nextGeneration(slabIndex: number): number {
    return Atomics.add(this.#cells, GENERATIONS + slabIndex, 1) + 1;
  }
}
