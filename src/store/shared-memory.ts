import { strict as assert } from 'node:assert';
import { ControlBlock, type Shown, type Viewer } from '../protocol/shared-memory.ts';
import { SLABS_MAX } from '../protocol/slab.ts';

/** What the owner shares with those who read beside it, and whom it has told of it. */
export class SharedMemory {
  readonly control: ControlBlock = new ControlBlock();
  readonly #viewers = new Set<Viewer>();
  /** What somebody who comes now has to be shown. */
  readonly #slabs = new Map<number, Shown>();
  readonly #tables = new Map<string, Shown>();

  /** @param seed of the hashes of keys: a number that nobody can foresee. */
  constructor(seed = 0) {
    this.control.seed = seed;
  }

  /** Shows everything that there is, and from here on what comes, until nobody looks any more. */
  show(viewer: Viewer): void {
    viewer.postMessage({ type: 'control', memory: this.control.memory });
    for (const shown of this.#slabs.values()) viewer.postMessage(shown);
    for (const shown of this.#tables.values()) viewer.postMessage(shown);
    this.#viewers.add(viewer);
    viewer.once?.('close', () => this.#viewers.delete(viewer));
  }

  openSlab(index: number, memory: SharedArrayBuffer): void {
    assert(index < SLABS_MAX && !this.#slabs.has(index), 'a slab has an index of its own');
    const shown: Shown = { type: 'slab', index, generation: this.control.nextGeneration(index), memory };
    this.#slabs.set(index, shown);
    this.#post(shown);
  }

  letGoSlab(index: number): void {
    this.control.nextGeneration(index);
    this.#slabs.delete(index);
  }

  openTable(kind: string, memory: SharedArrayBuffer): void {
    const shown: Shown = { type: 'table', kind, memory };
    this.#tables.set(kind, shown);
    this.#post(shown);
  }

  #post(shown: Shown): void {
    for (const viewer of this.#viewers) viewer.postMessage(shown);
  }
}
