const NOTHING = Buffer.alloc(0);

/**
 * Bytes that came in chunks, as one piece of memory: a chunk of its own for each byte would cost a hundred times what the
 * body has, and a body may well come byte by byte.
 */
export class GatheredBytes {
  #room = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies the chunk: the library takes its memory back. */
  add(chunk: Uint8Array): void {
    // Most come alone, and need no more room than they take.
    if (this.#length === 0) this.#room = Buffer.from(chunk);
    else {
      if (this.#length + chunk.length > this.#room.length) this.#widen(chunk.length);
      this.#room.set(chunk, this.#length);
    }
    this.#length += chunk.length;
  }

  /** All of it, in memory that has no room beside. */
  take(): Buffer {
    const taken = this.#length === this.#room.length ? this.#room : Buffer.from(this.#room.subarray(0, this.#length));
    this.clear();
    return taken;
  }

  clear(): void {
    this.#room = NOTHING;
    this.#length = 0;
  }

  #widen(moreBytes: number): void {
    const wider = Buffer.allocUnsafe(Math.max(this.#length + moreBytes, this.#length * 2));
    this.#room.copy(wider, 0, 0, this.#length);
    this.#room = wider;
  }
}
