import { unreachable } from '../../faults.ts';
import type { RequestHandler } from '../transport.ts';
import { Mailbox, type Port, type Taken, type TakenBytes, takePiece } from './mailbox.ts';
import type { FromThread, ThreadCounts, ToThread } from './messages.ts';
import type { RelayLimits } from './relay-limits.ts';
import { RelayedRequest } from './relayed-request.ts';
import { RelayedResponse, type Relays } from './relayed-response.ts';
import type { RelayedSocket } from './relayed-socket.ts';

/** The main thread's end of one front thread: requests come out of it, and answers go in. */

/** What a thread says of itself. Must not throw. */
export interface ThreadEvents {
  listening(port: number): void;
  failed(reason: string): void;
  counted(counts: ThreadCounts): void;
  tlsObeyed(reason: string): void;
  logged(reason: string): void;
  broken(reason: string): void;
}

/** What the library gives for a request that is to become a WebSocket; the real one stays in the thread. */
const CONTEXT = {};

export class ThreadLink implements Relays {
  readonly mailbox: Mailbox<ToThread>;
  readonly #handler: RequestHandler;
  readonly #events: ThreadEvents;
  readonly #limits: RelayLimits;
  readonly #taken: TakenBytes;
  readonly #responses = new Map<number, RelayedResponse>();
  readonly #sockets = new Map<number, RelayedSocket>();
  /** How many of the sockets are subscribed to each channel. */
  readonly #channels = new Map<string, number>();
  #isMarked = false;
  #isGivenUp = false;

  constructor(port: Port, handler: RequestHandler, events: ThreadEvents, taken: Taken, limits: RelayLimits) {
    this.mailbox = new Mailbox(port, taken.byThread, () => this.#lookAtLength());
    this.#taken = taken.byMain;
    this.#limits = limits;
    this.#handler = handler;
    this.#events = events;
  }

  get excessBytes(): number {
    const excess = this.mailbox.untakenBytes - this.#limits.answerBytes;
    if (excess <= 0) return 0;
    if (!this.#isMarked) {
      this.#isMarked = true;
      this.mailbox.post(['mark']);
    }
    return excess;
  }

  over(id: number): void {
    this.#responses.delete(id);
    this.#sockets.delete(id);
  }

  upgraded(id: number, socket: RelayedSocket): void {
    this.#sockets.set(id, socket);
  }

  subscribed(channel: string, isOn: boolean): void {
    const count = (this.#channels.get(channel) ?? 0) + (isOn ? 1 : -1);
    if (count > 0) this.#channels.set(channel, count);
    else this.#channels.delete(channel);
  }

  /** Sends a message to all of the thread's sockets that are subscribed to the channel. */
  publish(channel: string, bytes: Buffer): void {
    // Where nobody listens nothing is sent: a thread that stands still, and whose sockets have fallen behind, least of all.
    if (this.#channels.has(channel)) this.mailbox.post(['publish', channel, bytes], bytes.length);
  }

  /** Takes a piece that the thread has sent. */
  take(piece: ArrayBuffer): void {
    takePiece<FromThread>(piece, this.#taken, (messages) => {
      for (const message of messages) this.#take(message);
    });
  }

  /** The thread is gone, and all clients with it. */
  gone(): void {
    this.mailbox.close();
    for (const response of [...this.#responses.values()]) response.gone();
    for (const socket of [...this.#sockets.values()]) socket.closed();
  }

  #take(message: FromThread): void {
    switch (message[0]) {
      case 'request': {
        const [, id, , , , address, isUpgrade] = message;
        const response = new RelayedResponse(this, id, address);
        this.#responses.set(id, response);
        this.#handler(response, new RelayedRequest(message), isUpgrade ? CONTEXT : undefined);
        break;
      }
      case 'body':
        this.#responses.get(message[1])?.arrived(message[2], message[3]);
        break;
      case 'gone':
        this.#responses.get(message[1])?.gone();
        // It went while it was about to become a WebSocket.
        this.#sockets.get(message[1])?.closed();
        break;
      case 'taken':
        this.#responses.get(message[1])?.taken(message[2], message[3]);
        break;
      case 'buffered':
        this.#sockets.get(message[1])?.buffered(message[2], message[3]);
        break;
      case 'pinged':
        this.#sockets.get(message[1])?.pinged(message[2]);
        break;
      case 'closed':
        this.#sockets.get(message[1])?.closed();
        break;
      case 'listening':
        this.#events.listening(message[1]);
        break;
      case 'failed':
        this.#events.failed(message[1]);
        break;
      case 'counted':
        this.#events.counted(message[1]);
        break;
      case 'tls':
        this.#events.tlsObeyed(message[1]);
        break;
      case 'logged':
        this.#events.logged(message[1]);
        break;
      case 'mark':
        this.#isMarked = false;
        for (const response of [...this.#responses.values()]) response.marked();
        for (const socket of [...this.#sockets.values()]) socket.marked();
        break;
      case 'broken':
        this.#events.broken(message[1]);
        break;
      default:
        unreachable(message);
    }
  }

  /** Answers and the feed keep to their windows: more than this is a thread that takes nothing. */
  #lookAtLength(): void {
    const { untakenBytes } = this.mailbox;
    if (untakenBytes <= this.#limits.answerBytesMax || this.#isGivenUp) return;
    this.#isGivenUp = true;
    // What it is told now, to let its connections go, is the last that it is told.
    this.#events.broken(`it has not taken ${untakenBytes} bytes of messages`);
    this.gone();
  }
}
