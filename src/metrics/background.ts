/**
 * A fact of the system that may take its time. A scrape gets what was found last and has it looked up anew for the next
 * one: the threads that wait for the system's answers also run DuckDB's queries, which may hold them for seconds.
 */
export class Background<T> {
  readonly #read: () => Promise<T>;
  #last: T | undefined;
  #isReading = false;

  constructor(read: () => Promise<T>) {
    this.#read = read;
    this.#refresh();
  }

  /** Undefined as long as nothing was found. */
  take(): T | undefined {
    this.#refresh();
    return this.#last;
  }

  #refresh(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#read()
      .then(
        (found) => {
          this.#last = found;
        },
        () => {
          this.#last = undefined;
        },
      )
      .finally(() => {
        this.#isReading = false;
      });
  }
}
