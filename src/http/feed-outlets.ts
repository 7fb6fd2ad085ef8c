import type { EndReason, Events, Outlet } from '../feed/outlet.ts';
import type { Exchange } from './exchange.ts';
import type { WebSocket } from './transport.ts';

/** The two ways to a subscriber: a WebSocket, and a stream of Server-Sent Events. */

/** Codes of close frames: https://www.iana.org/assignments/websocket, and 4401 of our own for what 401 is in HTTP. */
const CLOSE_CODES: Readonly<Record<EndReason, readonly [code: number, reason: string]>> = {
  slow: [1013, 'nothing was read for too long; come back with since'],
  expired: [4401, 'the token has ended; come back with a new one and since'],
  stopping: [1012, 'the server stops; come back with since'],
  broken: [1011, 'the journal cannot be read; the log says why'],
};
/** Of a client that has not taken what was sent before. */
const UNREAD_PINGS_MAX = 1000;
const KEEP_ALIVE = Buffer.from(':\n\n');

export class SocketOutlet implements Outlet {
  readonly form = 'websocket';
  readonly #socket: WebSocket;
  #isOpen = true;
  #unreadPings = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#isOpen ? this.#socket.getBufferedAmount() : 0;
  }

  send({ bytes, ends }: Events): void {
    if (!this.#isOpen) return;
    this.#socket.cork(() => {
      let start = 0;
      for (const end of ends) {
        this.#socket.send(bytes.subarray(start, end));
        start = end;
      }
    });
  }

  join(channel: string): void {
    if (this.#isOpen) this.#socket.subscribe(channel);
  }

  leave(channel: string): void {
    if (this.#isOpen) this.#socket.unsubscribe(channel);
  }

  /** The library sends pings. */
  keepAlive(): void {}

  end(reason: EndReason): void {
    if (!this.#isOpen) return;
    const [code, text] = CLOSE_CODES[reason];
    this.#socket.end(code, text);
  }

  /** Answers to pings wait behind what the client does not read: who goes on and on with them would fill the memory. */
  pinged(): void {
    if (this.bufferedBytes === 0) this.#unreadPings = 0;
    else this.#unreadPings += 1;
    if (this.#isOpen && this.#unreadPings > UNREAD_PINGS_MAX) this.#socket.close();
  }

  closed(): void {
    this.#isOpen = false;
  }
}

export class StreamOutlet implements Outlet {
  readonly form = 'sse';
  readonly #exchange: Exchange;
  /** What was pushed since nothing was kept: the library does not say how much of it is left. */
  #buffered = 0;

  /** @param taken called when the client has taken some of what was kept for it. */
  constructor(exchange: Exchange, taken: () => void) {
    this.#exchange = exchange;
    exchange.onTaken = () => {
      // Anything that is pushed moves what is kept.
      this.#push(KEEP_ALIVE);
      taken();
    };
  }

  get bufferedBytes(): number {
    return this.#buffered;
  }

  send({ bytes }: Events): void {
    this.#push(bytes);
  }

  join(): void {}

  leave(): void {}

  keepAlive(): void {
    if (this.#buffered === 0) this.#push(KEEP_ALIVE);
  }

  /** A stream has no code to end with; what was sent is complete, and the client comes back by itself. */
  end(): void {
    if (this.#buffered === 0) this.#exchange.finish();
    else this.#exchange.cut();
  }

  #push(bytes: Uint8Array): void {
    this.#buffered = this.#exchange.push(bytes) ? 0 : this.#buffered + bytes.length;
  }
}
