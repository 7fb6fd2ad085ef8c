/**
 * Messages as lines of JSON over a pipe, between the server and a plugin's process. Unlike Node's own channel this one has a
 * limit: whatever a process sends, the server keeps at most one line of it in memory.
 */

/** More than the longest list of reservation ids needs. */
export const JSON_LINE_BYTES_MAX = 33_554_432;
const LINE_FEED = 0x0a;

export function jsonLine(message: unknown): string {
  return `${JSON.stringify(message)}\n`;
}

export class JsonLineReader {
  readonly #onMessage: (message: unknown) => void;
  readonly #onFlaw: (flaw: string) => void;
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isBroken = false;

  /** @param onFlaw called once; nothing is read after it. */
  constructor(onMessage: (message: unknown) => void, onFlaw: (flaw: string) => void, bytesMax: number = JSON_LINE_BYTES_MAX) {
    this.#onMessage = onMessage;
    this.#onFlaw = onFlaw;
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1 && !this.#isBroken; end = chunk.indexOf(LINE_FEED, start)) {
      this.#add(chunk.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
  }

  #add(part: Buffer): void {
    if (this.#isBroken || part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) this.#break(`a message of more than ${this.#bytesMax} bytes`);
  }

  #finishLine(): void {
    if (this.#isBroken) return;
    const line = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    let message: unknown;
    try {
      message = JSON.parse((line ?? '').toString('utf8'));
    } catch {
      this.#break('something that is no JSON');
      return;
    }
    this.#onMessage(message);
  }

  #break(flaw: string): void {
    this.#isBroken = true;
    this.#parts = [];
    this.#onFlaw(flaw);
  }
}
