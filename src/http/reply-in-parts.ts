import type { Exchange } from './exchange.ts';
import { longAnswers } from './long-answers.ts';
import type { Headers } from './reply.ts';

/** Large enough that a chunk's overhead does not count, small enough that a slow client holds little. */
const CHUNK_CHARACTERS = 128 * 1024;
/** One part that is longer, a single large record say, is as much memory for each client as many parts are. */
const SHORT_BYTES = 512 * 1024;

/** An answer in parts. */
export interface Parts {
  /** The next part, whose bytes are the caller's until the one after it is made; `isDone` is true when it was the last. */
  next(): Buffer;
  readonly isDone: boolean;
}

/**
 * A short answer goes out in one piece with its length; a longer one as fast as the client reads, with turns for others in
 * between. Faults when there are too many longer ones: overloaded, and too-many-requests of this address.
 */
export function replyInParts(exchange: Exchange, headers: Headers, parts: Parts): void | Promise<void> {
  if (exchange.head.method === 'HEAD') return exchange.reply({ status: 200, headers });
  const first = parts.next();
  if (parts.isDone && first.length <= SHORT_BYTES) return exchange.reply({ status: 200, headers, body: first });
  const refused = longAnswers.refusalFor(exchange.address);
  return refused === undefined ? begin(exchange, headers, parts, first) : exchange.fail(refused);
}

/** The same for what has been done already: that is told, however many others are being told something. */
export function tellInParts(exchange: Exchange, headers: Headers, parts: Parts): void | Promise<void> {
  const first = parts.next();
  return parts.isDone ? exchange.reply({ status: 200, headers, body: first }) : begin(exchange, headers, parts, first);
}

async function begin(exchange: Exchange, headers: Headers, parts: Parts, first: Buffer): Promise<void> {
  longAnswers.enter(exchange.address);
  try {
    if (await exchange.begin(200, headers)) await stream(exchange, parts, first);
  } finally {
    longAnswers.leave(exchange.address);
  }
}

async function stream(exchange: Exchange, parts: Parts, first: Buffer): Promise<void> {
  let part = first;
  for (;;) {
    if (!(await exchange.write(part))) return;
    if (parts.isDone) return exchange.finish();
    await longAnswers.turn();
    part = parts.next();
  }
}

/** Texts with commas between, a beginning and an end: a JSON array with something around it. */
export class JoinedTexts implements Parts {
  readonly #texts: Iterator<string>;
  readonly #end: string;
  #begin: string;
  #separator = '';
  isDone = false;

  constructor(begin: string, texts: Iterable<string>, end: string) {
    this.#begin = begin;
    this.#texts = texts[Symbol.iterator]();
    this.#end = end;
  }

  next(): Buffer {
    let part = this.#begin;
    this.#begin = '';
    while (part.length < CHUNK_CHARACTERS) {
      const { done, value } = this.#texts.next();
      if (done === true) {
        this.isDone = true;
        part += this.#end;
        break;
      }
      part += this.#separator + value;
      this.#separator = ',';
    }
    return Buffer.from(part);
  }
}
