import type { Bytes, SocketEvents, WebSocket } from '../transport.ts';
import { bytesOf } from './mailbox.ts';
import type { Relays } from './relayed-response.ts';

/**
 * A WebSocket that is a front thread's, as the main thread sees it. What is on the way there counts as buffered; and so does
 * what the thread has not taken of all messages to it, beyond what may be: a thread that stands still does not get more and more.
 */
export class RelayedSocket implements WebSocket {
  readonly #relays: Relays;
  readonly #id: number;
  readonly #events: SocketEvents;
  readonly #channels = new Set<string>();
  #sentBytes = 0;
  #arrivedBytes = 0;
  #heldBytes = 0;
  #isClosed = false;

  constructor(relays: Relays, id: number, events: SocketEvents) {
    this.#relays = relays;
    this.#id = id;
    this.#events = events;
  }

  send(message: Bytes | string): number {
    const bytes = bytesOf(message);
    this.#sentBytes += bytes.length;
    this.#relays.mailbox.post(['send', this.#id, bytes], bytes.length);
    return 1;
  }

  getBufferedAmount(): number {
    return this.#heldBytes + this.#sentBytes - this.#arrivedBytes + this.#relays.excessBytes;
  }

  end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#relays.mailbox.post(['goodbye', this.#id, code, reason]);
    this.closed();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#relays.mailbox.post(['cut', this.#id]);
    this.closed();
  }

  subscribe(channel: string): boolean {
    if (this.#channels.has(channel)) return true;
    this.#channels.add(channel);
    this.#relays.subscribed(channel, true);
    this.#relays.mailbox.post(['subscribe', this.#id, channel]);
    return true;
  }

  unsubscribe(channel: string): boolean {
    if (!this.#channels.delete(channel)) return false;
    this.#relays.subscribed(channel, false);
    this.#relays.mailbox.post(['unsubscribe', this.#id, channel]);
    return true;
  }

  cork(work: () => void): this {
    work();
    return this;
  }

  /** What the thread says of it. */
  buffered(arrivedBytes: number, heldBytes: number): void {
    const before = this.#heldBytes - this.#arrivedBytes;
    this.#arrivedBytes = arrivedBytes;
    this.#heldBytes = heldBytes;
    if (heldBytes - arrivedBytes < before) this.#events.drained();
  }

  /** The thread has taken what was on the way to it. */
  marked(): void {
    this.#events.drained();
  }

  pinged(times: number): void {
    for (let ping = 0; ping < times && !this.#isClosed; ping++) this.#events.pinged();
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const channel of this.#channels) this.#relays.subscribed(channel, false);
    this.#channels.clear();
    this.#relays.over(this.#id);
    this.#events.closed();
  }
}
