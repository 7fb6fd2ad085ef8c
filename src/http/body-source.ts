import { done, type Fault, fail, type Result } from '../faults.ts';
import type { HttpResponse } from './transport.ts';

/**
 * The body of one request as it arrives. Listening starts before the handler's first await, because the library drops
 * what nobody listens to; what nobody reads yet is queued, and beyond a limit the socket is paused, so that a body costs
 * little memory whatever its size.
 */

/** What may wait here unread before the socket is paused. */
const QUEUED_BYTES_MAX = 1024 * 1024;

export class BodySource {
  readonly #res: HttpResponse;
  readonly #declaredBytes: number | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #receivedBytes = 0;
  #paused = false;
  #discarding = false;
  #over = false;
  #isCut = false;
  #complete = false;
  #wake: (() => void) | undefined;

  constructor(res: HttpResponse, declaredBytes: number | undefined) {
    this.#res = res;
    this.#declaredBytes = declaredBytes;
    res.onData((chunk, isLast) => this.#take(chunk, isLast));
  }

  /** The last byte has arrived (it may still wait to be read). */
  get complete(): boolean {
    return this.#complete;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** The end came before everything was read: the client has gone, or has been answered already. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The next piece; undefined at the end, which may be a cut. For one reader. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.length;
        if (this.#paused && this.#queuedBytes < QUEUED_BYTES_MAX / 2) this.#resume();
        return chunk;
      }
      if (this.#complete || this.#over) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** `too-large` as soon as the declared or the counted size passes the limit. */
  refusal(bytesMax: number): Result<undefined> {
    if ((this.#declaredBytes ?? 0) <= bytesMax && this.#receivedBytes <= bytesMax) return done(undefined);
    return fail('too-large', `a body may have ${bytesMax} bytes here`);
  }

  /** The whole body in one piece. */
  async readAll(bytesMax: number): Promise<Result<Buffer>> {
    const chunks: Buffer[] = [];
    for (;;) {
      const refused = this.refusal(bytesMax);
      if (!refused.ok) return refused;
      const chunk = await this.next();
      if (chunk === undefined) break;
      chunks.push(chunk);
    }
    if (this.#isCut) return cutOff();
    const refused = this.refusal(bytesMax);
    if (!refused.ok) return refused;
    return done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
  }

  /** Nobody will read the rest: let it come and forget it. */
  discard(): void {
    this.#discarding = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#resume();
  }

  /** The answer ends, or the client is gone: the response must not be touched from here any more. */
  release(isAborted: boolean): void {
    if (this.#over) return;
    if (!isAborted) this.#resume();
    this.#over = true;
    // What is half read must not be taken for a whole.
    this.#isCut = !this.#complete || this.#queue.length > 0;
    this.#queue = [];
    this.#wakeReader();
  }

  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#receivedBytes += chunk.byteLength;
    this.#complete = isLast;
    if (!this.#discarding && !this.#over && chunk.byteLength > 0) {
      // The library takes its memory back when this returns.
      const copy = Buffer.from(new Uint8Array(chunk));
      this.#queue.push(copy);
      this.#queuedBytes += copy.length;
      if (this.#queuedBytes > QUEUED_BYTES_MAX && !this.#paused && !isLast) {
        this.#paused = true;
        this.#res.pause();
      }
    }
    this.#wakeReader();
  }

  #resume(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#res.resume();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** What a reader says whose body was cut; nobody is left to hear it. */
export function cutOff(): { ok: false; fault: Fault } {
  return fail('invalid-request', 'the request ended before its body was complete');
}
