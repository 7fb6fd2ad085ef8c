import { slowPool, slowStarted } from './background-threads.ts';

/**
 * The threads that DuckDB has beside those of Node's pool, which wait for its statements. Whoever waits for the last part of
 * a statement does so in a loop: a statement that is one large part in the main, such as a row group of a file, took half
 * as much processor time again, and a core from whoever had something to do.
 */
export class DatabaseThreads {
  readonly #set: (count: number) => Promise<void>;
  /** As many as DuckDB thinks right, or as it was told. */
  readonly #threads: number;
  #users = 0;
  #setting: Promise<void> = Promise.resolve();

  /** @param set changes how many threads there are, the one that waits included */
  constructor(threads: number, set: (count: number) => Promise<void>) {
    this.#threads = threads;
    this.#set = set;
  }

  /** While `work` runs, each statement computes on the thread that waits for it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    if (this.#users === 1) this.#change();
    try {
      await this.#setting;
      return await work();
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#change();
      await this.#setting;
    }
  }

  /** From here on they give way to all others of the process. Those that come later have that from those that begin them. */
  async giveWay(): Promise<void> {
    await slowPool();
    if (this.#threads === 1) return;
    await slowStarted(
      this.#threads - 1,
      () => this.#set(1),
      () => this.#set(this.#threads),
    );
  }

  /** One after the other, and each as it is wanted then. One that fails concerns whoever waits for it, and not those that follow. */
  #change(): void {
    const before = this.#setting.catch(() => undefined);
    this.#setting = before.then(() => this.#set(this.#users === 0 ? this.#threads : 1));
  }
}
