/** Bytes that are gathered piece by piece: without it, each event would be half a dozen short-lived buffers. */
export class Sink {
  #bytes: Buffer;
  length = 0;

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  /** Forgets what somebody gathered who then failed. */
  clear(): void {
    this.length = 0;
  }

  text(text: string): void {
    this.#makeRoomFor(text.length * 3);
    this.length += this.#bytes.write(text, this.length, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    this.#makeRoomFor(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A copy of what was gathered, in memory of its own; the sink is empty after it. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.length);
    this.#bytes.copy(taken, 0, 0, this.length);
    this.length = 0;
    return taken;
  }

  #makeRoomFor(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
