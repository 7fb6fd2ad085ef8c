import { HoldfastError } from './error.ts';

/** One message of a stream of Server-Sent Events. */
export interface SseMessage {
  /** Of this message, not of an earlier one. */
  readonly id: string | undefined;
  readonly data: string;
}

/** Twice the largest record, and some. */
const MESSAGE_CHARACTERS_MAX = 20 * 1024 * 1024;
const LINE_END = /[\r\n]/g;

/**
 * Takes bytes as they come and gives out whole messages; what a broken connection leaves half is never given out.
 * Comments and the fields `event` and `retry` mean nothing here.
 */
export class SseParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #text = '';
  /** Up to here `#text` has no line end. */
  #scanned = 0;
  /** The last line ended with CR: an LF right behind it belongs to it. */
  #endedWithReturn = false;
  #id: string | undefined;
  #data: string[] = [];
  #dataCharacters = 0;

  *push(chunk: Uint8Array): Generator<SseMessage, void, void> {
    this.#text += this.#decoded(chunk);
    let start = 0;
    for (;;) {
      if (this.#endedWithReturn && start < this.#text.length) {
        if (this.#text[start] === '\n') start += 1;
        this.#endedWithReturn = false;
      }
      LINE_END.lastIndex = Math.max(start, this.#scanned);
      const end = LINE_END.exec(this.#text)?.index;
      if (end === undefined) break;
      this.#endedWithReturn = this.#text[end] === '\r';
      const message = this.#line(this.#text.slice(start, end));
      start = end + 1;
      if (message !== undefined) yield message;
    }
    this.#text = this.#text.slice(start);
    this.#scanned = this.#text.length;
    if (this.#text.length + this.#dataCharacters > MESSAGE_CHARACTERS_MAX) {
      throw new HoldfastError({ code: 'unexpected-answer', message: `an event of the feed is longer than ${MESSAGE_CHARACTERS_MAX} characters` });
    }
  }

  #decoded(chunk: Uint8Array): string {
    try {
      return this.#decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new HoldfastError({ code: 'unexpected-answer', message: 'the feed is not UTF-8', cause });
    }
  }

  #line(line: string): SseMessage | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data.push(value);
      this.#dataCharacters += value.length;
    } else if (name === 'id') this.#id = value;
    return undefined;
  }

  #end(): SseMessage | undefined {
    const message = this.#data.length === 0 ? undefined : { id: this.#id, data: this.#data.join('\n') };
    this.#id = undefined;
    this.#data = [];
    this.#dataCharacters = 0;
    return message;
  }
}
