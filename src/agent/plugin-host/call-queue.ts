/** First in, first out, with a limit. Taking one costs the same however many wait. */
export class CallQueue<T> {
  readonly #lengthMax: number;
  #entries: (T | undefined)[] = [];
  #first = 0;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /** False when it is full. */
  push(entry: T): boolean {
    if (this.length >= this.#lengthMax) return false;
    this.#entries.push(entry);
    return true;
  }

  shift(): T | undefined {
    const entry = this.#entries[this.#first];
    if (entry === undefined) return undefined;
    this.#entries[this.#first] = undefined;
    this.#first += 1;
    // What has been taken is dropped now and then, not at every call.
    if (this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return entry;
  }
}
