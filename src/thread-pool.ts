import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';

/** A thread that has not loaded its module after so long is ended all the same. */
const LOAD_LIMIT_MS = 5000;
const LOAD_LOOK_MS = 5;
/** A crash waits for no longer. */
const EXIT_WAIT_MS = 1000;

const pools = new Set<ThreadPool>();

/** Waits, but not for long, until no thread of any pool is loading its module: the process can exit then with a code of its own. */
export async function threadsLoaded(): Promise<void> {
  for (let waitedMs = 0; waitedMs < EXIT_WAIT_MS && [...pools].some((pool) => pool.isLoading); waitedMs += LOAD_LOOK_MS) await sleep(LOAD_LOOK_MS);
}

/**
 * A pool whose end may come at any time. Node aborts the whole process when a thread is ended just while it links the module
 * that it is for, and a pool begins another thread for each one that ends: so all are let come as far as that first.
 */
export class ThreadPool extends Piscina {
  readonly #loaded = new WeakSet<Worker>();

  constructor(options: ConstructorParameters<typeof Piscina>[0]) {
    super(options);
    pools.add(this);
    // The pool takes its first threads for loaded at once; of all others it says when they are.
    const first = new WeakSet(this.threads);
    for (const worker of this.threads) worker.once('message', () => this.#loaded.add(worker));
    this.on('workerCreate', ({ id }: { id: number }) => {
      const worker = this.threads.find(({ threadId }) => threadId === id);
      if (worker !== undefined && !first.has(worker)) this.#loaded.add(worker);
    });
  }

  override async destroy(): Promise<void> {
    for (let waitedMs = 0; waitedMs < LOAD_LIMIT_MS && this.isLoading; waitedMs += LOAD_LOOK_MS) await sleep(LOAD_LOOK_MS);
    await super.destroy();
    pools.delete(this);
  }

  get isLoading(): boolean {
    return this.threads.some((worker) => !this.#loaded.has(worker));
  }
}
