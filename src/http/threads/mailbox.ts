import { Packr } from 'msgpackr';
import { BATCH_BYTES_MAX, BATCH_MESSAGES_MAX } from './messages.ts';

/**
 * Messages to another thread, in order. What is posted in one turn of the event loop goes over in one piece: handing a
 * piece over costs far more than a message in it.
 */
export interface Port {
  postMessage(value: unknown, transfer: readonly ArrayBuffer[]): void;
}

/** How many bytes of pieces the receiver has dealt with, for the sender to see: it wraps around, which their difference does not mind. */
export type TakenBytes = Int32Array;

/** Of two mailboxes that face each other. */
export interface Taken {
  readonly byThread: TakenBytes;
  readonly byMain: TakenBytes;
}

/** What a message costs beside the bytes in it, about. */
const MESSAGE_BYTES = 64;

export class Mailbox<Out> {
  readonly #port: Port;
  readonly #taken: TakenBytes;
  readonly #flushed: () => void;
  readonly #packr = new Packr({ useRecords: false });
  #waiting: Out[] = [];
  #bytes = 0;
  #sentBytes = 0;
  #isScheduled = false;
  #isClosed = false;

  /** @param taken of this direction only. @param flushed called when a piece has been sent. */
  constructor(port: Port, taken: TakenBytes, flushed: () => void = () => undefined) {
    this.#port = port;
    this.#taken = taken;
    this.#flushed = flushed;
  }

  /** What was posted and the other side has not dealt with. A port keeps as much as it is given, so who posts has to look at this. */
  get untakenBytes(): number {
    return this.#bytes + ((this.#sentBytes - Atomics.load(this.#taken, 0)) | 0);
  }

  /** @param bytes about how long the message is. */
  post(message: Out, bytes = 0): void {
    if (this.#isClosed) return;
    this.#waiting.push(message);
    this.#bytes += MESSAGE_BYTES + bytes;
    if (this.#bytes >= BATCH_BYTES_MAX || this.#waiting.length >= BATCH_MESSAGES_MAX) this.flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flushScheduled());
    }
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    // A copy of its own size: it changes hands.
    const piece = new Uint8Array(this.#packr.pack(messages)).buffer;
    this.#sentBytes = (this.#sentBytes + piece.byteLength) | 0;
    this.#port.postMessage(piece, [piece]);
    this.#flushed();
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #flushScheduled(): void {
    this.#isScheduled = false;
    this.flush();
  }
}

const UNPACKR: Packr = new Packr({ useRecords: false });

/** Deals with the messages of a piece that came from a mailbox of the other side, and lets that know. */
export function takePiece<In>(piece: ArrayBuffer, taken: TakenBytes, take: (messages: readonly In[]) => void): void {
  take(UNPACKR.unpack(Buffer.from(piece)) as readonly In[]);
  Atomics.add(taken, 0, piece.byteLength);
}

/** Bytes in the form in which they are packed as bytes. */
export function bytesOf(body: Uint8Array | string): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
