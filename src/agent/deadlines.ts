/**
 * Which reservations are due, soonest first: a binary heap beside the current deadline of each key. An entry of the heap
 * whose deadline is not the current one any more is passed over when it comes up, so that a change costs no search.
 * A look that finds nothing due costs one comparison, however many there are.
 */

/** Outdated entries that are put up with before the heap is built anew. */
const OUTDATED_MAX = 4096;

interface Entry {
  readonly key: string;
  readonly deadlineMs: number;
}

export class Deadlines {
  readonly #current = new Map<string, number>();
  #heap: Entry[] = [];

  get size(): number {
    return this.#current.size;
  }

  set(key: string, deadlineMs: number): void {
    if (this.#current.get(key) === deadlineMs) return;
    this.#current.set(key, deadlineMs);
    this.#push({ key, deadlineMs });
    if (this.#heap.length > 2 * this.#current.size + OUTDATED_MAX) this.#rebuild();
  }

  delete(key: string): void {
    this.#current.delete(key);
  }

  /** Takes out everything whose deadline is at or before `nowMs`, soonest first. */
  takeDue(nowMs: number): readonly string[] {
    const due: string[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.deadlineMs <= nowMs; first = this.#heap[0]) {
      this.#pop();
      if (this.#current.get(first.key) !== first.deadlineMs) continue;
      this.#current.delete(first.key);
      due.push(first.key);
    }
    return due;
  }

  /** Every key with its deadline, soonest first: for lists, which may cost something. */
  inOrder(): readonly Entry[] {
    return [...this.#current].map(([key, deadlineMs]) => ({ key, deadlineMs })).sort((a, b) => a.deadlineMs - b.deadlineMs || (a.key < b.key ? -1 : 1));
  }

  #rebuild(): void {
    // A sorted array is a heap.
    this.#heap = [...this.inOrder()];
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (above.deadlineMs <= entry.deadlineMs) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.deadlineMs < (heap[child] as Entry).deadlineMs) child += 1;
      const below = heap[child] as Entry;
      if (below.deadlineMs >= last.deadlineMs) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
