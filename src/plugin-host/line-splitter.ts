import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of output into lines of bounded length: what a plugin prints, line by line. */

export const LINE_CHARS_MAX = 4096;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';
  /** The rest of a line that was too long is passed over. */
  #skipping = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer | string): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#add(text, start, end);
      this.end();
      start = end + 1;
    }
    this.#add(text, start, text.length);
  }

  /** Gives out what has no line feed yet. */
  end(): void {
    if (this.#pending !== '' && !this.#skipping) this.#onLine(this.#pending);
    this.#pending = '';
    this.#skipping = false;
  }

  #add(text: string, start: number, end: number): void {
    if (this.#skipping) return;
    const room = LINE_CHARS_MAX - this.#pending.length;
    this.#pending += text.slice(start, Math.min(end, start + room));
    if (end - start <= room) return;
    this.#onLine(`${this.#pending}…`);
    this.#pending = '';
    this.#skipping = true;
  }
}
