import { done, type Fault, fail, type Result } from '../faults.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import type { HttpResponse } from './transport.ts';

/**
 * The body of one request as it arrives. Listening starts before the handler's first await, because the library drops
 * what nobody listens to; what nobody reads yet is queued, and beyond a limit the socket is paused, so that a body costs
 * little memory whatever its size.
 */

/** What may wait here unread before the socket is paused. */
const QUEUED_BYTES_MAX = 1024 * 1024;
/** Of a body that is read as a whole, what is gathered here before it counts as one of its parts. */
const PART_BYTES = 64 * 1024;

export class BodySource {
  readonly #res: HttpResponse;
  readonly #declaredBytes: number | undefined;
  readonly #queue = new GatheredBytes();
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

  /** All that has come meanwhile, in one piece; undefined at the end, which may be a cut. For one reader. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#queue.length > 0) return this.#takeQueue();
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

  /** The whole body in one piece. For one reader. */
  readAll(bytesMax: number): Promise<Result<Buffer>> {
    const parts: Buffer[] = [];
    // One promise, whatever the body comes in: this is on the path of every write.
    return new Promise((resolve) => {
      const look = (): void => {
        const whole = this.#whole(parts, bytesMax);
        if (whole === undefined) this.#wake = look;
        else resolve(whole);
      };
      look();
    });
  }

  /** Takes what has come meanwhile. @returns undefined while there is more to come */
  #whole(parts: Buffer[], bytesMax: number): Result<Buffer> | undefined {
    const refused = this.refusal(bytesMax);
    if (!refused.ok) return refused;
    const isOver = this.#complete || this.#over;
    if (this.#queue.length >= PART_BYTES || (isOver && this.#queue.length > 0)) parts.push(this.#takeQueue());
    if (!isOver) return undefined;
    return this.#isCut ? cutOff() : done(joined(parts));
  }

  /** Nobody will read the rest: let it come and forget it. */
  discard(): void {
    this.#discarding = true;
    this.#queue.clear();
    this.#resume();
  }

  /** The answer ends, or the client is gone: the response must not be touched from here any more. */
  release(isAborted: boolean): void {
    if (this.#over) return;
    if (!isAborted) this.#resume();
    this.#over = true;
    // What is half read must not be taken for a whole.
    this.#isCut = !this.#complete || this.#queue.length > 0;
    this.#queue.clear();
    this.#wakeReader();
  }

  #takeQueue(): Buffer {
    const taken = this.#queue.take();
    this.#resume();
    return taken;
  }

  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#receivedBytes += chunk.byteLength;
    this.#complete = isLast;
    if (!this.#discarding && !this.#over && chunk.byteLength > 0) {
      this.#queue.add(new Uint8Array(chunk));
      if (this.#queue.length > QUEUED_BYTES_MAX && !this.#paused && !isLast) {
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

function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** What a reader says whose body was cut; nobody is left to hear it. */
export function cutOff(): { ok: false; fault: Fault } {
  return fail('invalid-request', 'the request ended before its body was complete');
}
