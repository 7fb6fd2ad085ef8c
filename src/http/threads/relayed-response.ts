import { strict as assert } from 'node:assert';
import type { Bytes, HttpResponse, SocketEvents, UpgradeContext } from '../transport.ts';
import { bytesOf, type Mailbox } from './mailbox.ts';
import { ANSWER_WINDOW_BYTES, type ToThread } from './messages.ts';
import { RelayedSocket } from './relayed-socket.ts';

/**
 * The answer to a request whose connection is a front thread's, as the library's own would be to the main thread: what is
 * said here is said to the client there. Of an answer in parts only so much is under way as a window is wide.
 */

/** Where responses and sockets of one thread are known by their numbers. */
export interface Relays {
  readonly mailbox: Mailbox<ToThread>;
  /** What the thread has not taken of all that was sent to it, beyond what may be. Its sockets and answers hear when it has. */
  readonly excessBytes: number;
  /** Nothing more will come for the request, nor is anything to be said to it. */
  over(id: number): void;
  upgraded(id: number, socket: RelayedSocket): void;
  /** A socket listens to a channel, or does not any more. */
  subscribed(channel: string, isOn: boolean): void;
}

/** Parts of this length go at once, which copies them; shorter ones are copied, and go with others. */
const OWN_PIECE_BYTES_MIN = 32 * 1024;

export class RelayedResponse implements HttpResponse {
  readonly #relays: Relays;
  readonly #id: number;
  readonly #address: string;
  #status = '';
  #headers: string[] = [];
  #hasBegun = false;
  #isOver = false;
  #givenBytes = 0;
  #takenBytes = 0;
  #isBehind = false;
  #aborted: (() => void) | undefined;
  #writable: ((offset: number) => boolean) | undefined;
  #data: ((chunk: ArrayBuffer, isLast: boolean) => void) | undefined;

  constructor(relays: Relays, id: number, address: string) {
    this.#relays = relays;
    this.#id = id;
    this.#address = address;
  }

  writeStatus(status: string): this {
    this.#status = status;
    return this;
  }

  writeHeader(name: string, value: string): this {
    this.#headers.push(name, value);
    return this;
  }

  write(chunk: Bytes | string): boolean {
    const bytes = bytesOf(chunk);
    if (bytes.length === 0) return !this.#isBehind;
    this.#sendHead();
    this.#give((own) => ['chunk', this.#id, own], bytes);
    return !this.#isBehind;
  }

  end(body: Bytes | string = '', closeConnection = false): this {
    const bytes = bytesOf(body);
    if (!this.#hasBegun) this.#reply(bytes, null, closeConnection);
    else {
      if (bytes.length > 0) this.write(bytes);
      this.#post(['end', this.#id, closeConnection]);
      this.#finish();
    }
    return this;
  }

  tryEnd(chunk: Bytes | string, totalBytes: number): [isTaken: boolean, isComplete: boolean] {
    const bytes = bytesOf(chunk);
    // A thread that has enough to do is not given more, and a long answer goes window by window.
    const room = this.#relays.excessBytes > 0 ? 0 : ANSWER_WINDOW_BYTES;
    if (!this.#hasBegun && this.#givenBytes === 0 && bytes.length === totalBytes && bytes.length <= room) {
      this.#reply(bytes, null, false);
      return [true, true];
    }
    this.#sendHead();
    const part = bytes.subarray(0, room);
    if (part.length > 0) this.#give((own) => ['part', this.#id, own, totalBytes], part);
    if (part.length < bytes.length) this.#isBehind = true;
    const isComplete = this.#givenBytes >= totalBytes;
    if (isComplete) this.#finish();
    return [!this.#isBehind, isComplete];
  }

  getWriteOffset(): number {
    return this.#givenBytes;
  }

  endWithoutBody(reportedContentLength?: number, closeConnection = false): this {
    this.#reply(null, reportedContentLength ?? null, closeConnection);
    return this;
  }

  close(): this {
    if (this.#isOver) return this;
    this.#post(['cut', this.#id]);
    this.gone();
    return this;
  }

  pause(): void {
    this.#post(['pause', this.#id]);
  }

  resume(): void {
    this.#post(['resume', this.#id]);
  }

  onWritable(handler: (offset: number) => boolean): this {
    this.#writable = handler;
    return this;
  }

  onAborted(handler: () => void): this {
    this.#aborted = handler;
    return this;
  }

  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): this {
    this.#data = handler;
    return this;
  }

  getRemoteAddressAsText(): ArrayBuffer {
    return new Uint8Array(Buffer.from(this.#address, 'latin1')).buffer;
  }

  /** A head alone is handed over at the end, as the library does. */
  cork(work: () => void): this {
    work();
    if (!this.#isOver) this.#sendHead();
    return this;
  }

  upgrade(events: SocketEvents, key: string, protocol: string, extensions: string, _context: UpgradeContext): void {
    this.#post(['upgrade', this.#id, key, protocol, extensions]);
    this.#finish();
    const socket = new RelayedSocket(this.#relays, this.#id, events);
    this.#relays.upgraded(this.#id, socket);
    events.open(socket);
  }

  /** Part of the request's body has come. */
  arrived(bytes: Uint8Array, isLast: boolean): void {
    if (!isLast) this.#post(['read', this.#id, bytes.length]);
    this.#data?.(new Uint8Array(bytes).buffer, isLast);
  }

  /** The network has taken so much more. @param isKept the library keeps some, and sends of it with the next part only. */
  taken(bytes: number, isKept: boolean): void {
    this.#takenBytes += bytes;
    if (this.#isBehind && this.#givenBytes - this.#takenBytes <= ANSWER_WINDOW_BYTES / 2) this.#isBehind = false;
    else if (!isKept) return;
    this.#writable?.(this.#givenBytes);
  }

  /** The thread has taken what was on the way to it. */
  marked(): void {
    this.taken(0, false);
  }

  /** The client has gone. */
  gone(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#aborted?.();
  }

  #reply(body: Buffer | null, length: number | null, isLast: boolean): void {
    assert(!this.#hasBegun, 'an answer is begun once');
    this.#post(['reply', this.#id, this.#status, this.#headers, body, length, isLast], body?.length);
    this.#finish();
  }

  #sendHead(): void {
    if (this.#headers.length === 0 && this.#status === '') return;
    this.#post(['head', this.#id, this.#status, this.#headers]);
    this.#hasBegun = true;
    this.#status = '';
    this.#headers = [];
  }

  /** Whoever makes an answer in parts may fill the same memory again with the next one: nothing of it is kept here. */
  #give(messageOf: (own: Buffer) => ToThread, bytes: Buffer): void {
    const isPieceOfItsOwn = bytes.length >= OWN_PIECE_BYTES_MIN;
    this.#post(messageOf(isPieceOfItsOwn ? bytes : Buffer.from(bytes)), bytes.length);
    if (isPieceOfItsOwn) this.#relays.mailbox.flush();
    this.#givenBytes += bytes.length;
    if (this.#givenBytes - this.#takenBytes > ANSWER_WINDOW_BYTES) this.#isBehind = true;
  }

  #post(message: ToThread, bytes = 0): void {
    if (!this.#isOver) this.#relays.mailbox.post(message, bytes);
  }

  #finish(): void {
    this.#isOver = true;
    this.#relays.over(this.#id);
  }
}
