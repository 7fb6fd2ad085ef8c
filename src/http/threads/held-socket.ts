import type { SocketEvents, WebSocket } from '../transport.ts';
import type { Holder } from './held-response.ts';

/** A WebSocket of a front thread whose words come from the main thread. */
export class HeldSocket {
  /** A plain object: the library copies its members. */
  readonly events: SocketEvents = {
    open: (socket) => {
      this.#socket = socket;
    },
    drained: () => this.tell(),
    pinged: () => this.#pinged(),
    closed: () => this.#closed(),
  };
  readonly #holder: Holder;
  readonly #id: number;
  #socket: WebSocket | undefined;
  #arrivedBytes = 0;
  #toldArrivedBytes = 0;
  #toldBufferedBytes = 0;
  #pings = 0;

  constructor(holder: Holder, id: number) {
    this.#holder = holder;
    this.#id = id;
  }

  send(bytes: Uint8Array): void {
    this.#arrivedBytes += bytes.length;
    this.#socket?.send(bytes);
  }

  subscribe(channel: string): void {
    this.#socket?.subscribe(channel);
  }

  unsubscribe(channel: string): void {
    this.#socket?.unsubscribe(channel);
  }

  goodbye(code: number, reason: string): void {
    const socket = this.#socket;
    this.#forget();
    socket?.end(code, reason);
  }

  cut(): void {
    const socket = this.#socket;
    this.#forget();
    socket?.close();
  }

  /** Tells the main thread how far it is behind, when that is news. */
  tell(): void {
    const bufferedBytes = this.#socket?.getBufferedAmount();
    if (bufferedBytes === undefined) return;
    if (bufferedBytes === this.#toldBufferedBytes && this.#arrivedBytes === this.#toldArrivedBytes) return;
    this.#toldBufferedBytes = bufferedBytes;
    this.#toldArrivedBytes = this.#arrivedBytes;
    this.#holder.mailbox.post(['buffered', this.#id, this.#arrivedBytes, bufferedBytes]);
  }

  #pinged(): void {
    this.#pings += 1;
    // One message for those of a turn.
    if (this.#pings === 1) setImmediate(() => this.#tellPings());
  }

  #closed(): void {
    if (this.#socket === undefined) return;
    this.#forget();
    this.#holder.mailbox.post(['closed', this.#id]);
  }

  #tellPings(): void {
    this.tell();
    if (this.#socket !== undefined) this.#holder.mailbox.post(['pinged', this.#id, this.#pings]);
    this.#pings = 0;
  }

  #forget(): void {
    this.#socket = undefined;
    this.#holder.over(this.#id);
  }
}
