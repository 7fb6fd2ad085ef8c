import { MessagePort } from 'node:worker_threads';
import { type Fault, messageOf, unreachable } from '../../faults.ts';
import { RecordReader } from '../../protocol/record-reader.ts';
import { Addresses, peerOf } from '../addresses.ts';
import { Connections } from '../connections.ts';
import { FastRead, isPlainRead } from '../fast-read.ts';
import { FrontCounts, RouteCounts } from '../front-counts.ts';
import { type RequestHeaders, readHeaders } from '../headers.ts';
import { isAllowedHost } from '../hosts.ts';
import { connectionsTo } from '../kernel-connections.ts';
import { firstSegment } from '../path.ts';
import { requestIdFrom } from '../request-id.ts';
import { type ListeningServer, startServer } from '../server.ts';
import { Shares } from '../shares.ts';
import type { HttpRequest, HttpResponse, UpgradeContext } from '../transport.ts';
import { HeldResponse, type Holder } from './held-response.ts';
import type { HeldSocket } from './held-socket.ts';
import { Mailbox, takePiece } from './mailbox.ts';
import { COUNTS_INTERVAL_MS, type FromThread, type ReadCounts, type RelayedHead, type TlsOrder, type ToThread } from './messages.ts';
import { refuse } from './refusal.ts';
import type { RelayLimits } from './relay-limits.ts';
import type { ThreadOptions } from './thread-options.ts';

/**
 * A front thread: it has connections, answers public reads of single records from shared memory by itself, and hands
 * everything else over to the main thread. It decides nothing that the main thread has to know.
 */
export class ThreadFront implements Holder {
  readonly mailbox: Mailbox<FromThread>;
  readonly #options: ThreadOptions;
  readonly #counts = new FrontCounts();
  readonly #reads: readonly { readonly base: string; readonly counts: RouteCounts }[];
  readonly #records = new RecordReader();
  readonly #fastRead: FastRead;
  readonly #addresses: Addresses;
  readonly #allowedHosts: ReadonlySet<string> | undefined;
  readonly #responses = new Map<number, HeldResponse>();
  readonly #sockets = new Map<number, HeldSocket>();
  readonly #counting: NodeJS.Timeout;
  readonly #limits: RelayLimits;
  readonly #vitalPaths: ReadonlySet<string>;
  readonly #agentWords: ReadonlySet<string>;
  /** Requests that wait, and bytes of bodies that are not read, by address. */
  readonly #waitingShares: Shares;
  readonly #unreadShares: Shares;
  #server: ListeningServer | undefined;
  #nextId = 0;
  #waiting = 0;
  #mayReadFast: boolean;
  #isClosed = false;

  constructor(options: ThreadOptions, port: MessagePort) {
    this.#options = options;
    this.mailbox = new Mailbox(port, options.taken.byMain);
    this.#limits = options.relayLimits;
    this.#waitingShares = new Shares(this.#limits.waitingPerAddressMax);
    this.#unreadShares = new Shares(this.#limits.unreadBytesPerAddressMax);
    this.#vitalPaths = new Set(options.vitalPaths);
    this.#agentWords = new Set(options.agentWords);
    this.#addresses = new Addresses(options.trustedProxies);
    this.#mayReadFast = options.mayReadFast;
    if (options.allowedHosts !== undefined) this.#allowedHosts = new Set(options.allowedHosts);
    const reads: { base: string; counts: RouteCounts }[] = [];
    this.#fastRead = new FastRead(this.#records, options.kinds, (base) => {
      const counts = new RouteCounts('GET', base);
      reads.push({ base, counts });
      return counts;
    });
    this.#reads = reads;
    port.on('message', (piece: unknown) => {
      if (piece instanceof MessagePort) this.#records.follow(piece);
      else takePiece<ToThread>(piece as ArrayBuffer, options.taken.byThread, (messages) => this.#take(messages));
    });
    this.#counting = setInterval(() => this.#lookAround(), COUNTS_INTERVAL_MS);
  }

  async listen(): Promise<void> {
    const { limits, opened, ...rest } = this.#options;
    let port = rest.port;
    const connections = new Connections(
      limits,
      this.#addresses,
      this.#counts,
      () => connectionsTo(port),
      () => performance.now(),
      opened,
    );
    this.#server = await startServer(rest, (res, req, context) => this.#handle(res, req, context), connections);
    port = this.#server.port;
    // It was told to let go before there was anything.
    if (this.#isClosed) this.#server.close();
    this.mailbox.post(['listening', port]);
  }

  /** Lets all connections go, and nothing is done any more: the thread ends by itself. @param reason of a defect. */
  close(reason?: string): void {
    this.#isClosed = true;
    clearInterval(this.#counting);
    this.#mayReadFast = false;
    this.#server?.close();
    this.#records.reset();
    if (reason !== undefined) this.mailbox.post(['broken', reason]);
    this.mailbox.flush();
    this.mailbox.close();
  }

  answered(address: string): void {
    this.#waiting -= 1;
    this.#waitingShares.giveBack(address);
  }

  over(id: number): void {
    this.#responses.delete(id);
    this.#sockets.delete(id);
  }

  upgraded(id: number, socket: HeldSocket): void {
    this.#sockets.set(id, socket);
  }

  unread(address: string, bytes: number): void {
    if (bytes > 0) this.#unreadShares.take(address, bytes);
    else this.#unreadShares.giveBack(address, -bytes);
  }

  /** Takes a request from the library. Never throws: the library would end the process. */
  #handle(res: HttpResponse, req: HttpRequest, context?: UpgradeContext): void {
    try {
      const headers = readHeaders(req);
      const requestId = requestIdFrom(headers.requestId);
      if (this.#isFastRead(req, headers, context) && this.#fastRead.answer(res, req.getUrl(), headers, requestId)) return;
      this.#relay(res, req, headers, requestId, context);
    } catch (error) {
      this.mailbox.post(['logged', error instanceof Error ? (error.stack ?? error.message) : messageOf(error)]);
      res.close();
    }
  }

  #isFastRead(req: HttpRequest, headers: RequestHeaders, context: UpgradeContext | undefined): boolean {
    if (!this.#mayReadFast || context !== undefined || !isPlainRead(headers)) return false;
    if (req.getCaseSensitiveMethod() !== 'GET' || (req.getQuery() ?? '') !== '') return false;
    return this.#allowedHosts === undefined || isAllowedHost(this.#allowedHosts, headers.host);
  }

  #relay(res: HttpResponse, req: HttpRequest, headers: RequestHeaders, requestId: string, context: UpgradeContext | undefined): void {
    const hasBody = headers.chunked || (headers.contentLength ?? 0) > 0;
    const peer = peerOf(res);
    const address = this.#addresses.ofPeer(peer, headers.forwardedFor);
    const path = req.getUrl();
    const fault = this.#fullFault(address, path, hasBody);
    if (fault !== undefined) {
      const isAgentCall = this.#agentWords.has(firstSegment(path));
      refuse(res, fault, { method: req.getCaseSensitiveMethod(), path, requestId, isAgentCall, isTrusted: headers.flaw === undefined });
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const names: string[] = [];
    req.forEach((name, value) => {
      names.push(name, value);
    });
    const head: RelayedHead = ['request', id, req.getCaseSensitiveMethod(), path, req.getQuery() ?? null, peer, context !== undefined, names];
    this.mailbox.post(head);
    this.#waiting += 1;
    this.#waitingShares.take(address);
    this.#responses.set(id, new HeldResponse(this, id, res, { address, hasBody, context }));
  }

  /** Why a request cannot be handed over now. */
  #fullFault(address: string, path: string, hasBody: boolean): Fault | undefined {
    const { waitingMax, untakenBytesMax } = this.#limits;
    const { turnedAway } = this.#counts;
    const { untakenBytes } = this.mailbox;
    if (untakenBytes > untakenBytesMax) {
      turnedAway.requests += 1;
      return { code: 'overloaded', detail: `${untakenBytes} bytes of requests wait` };
    }
    if (this.#vitalPaths.has(path)) return undefined;
    if (this.#waitingShares.wouldExceed(address) || (hasBody && this.#unreadShares.wouldExceed(address))) {
      turnedAway['address-requests'] += 1;
      return { code: 'too-many-requests', detail: `${this.#waitingShares.of(address)} requests from this address wait` };
    }
    if (this.#waiting < waitingMax) return undefined;
    turnedAway.requests += 1;
    return { code: 'overloaded', detail: `${this.#waiting} requests wait` };
  }

  #take(messages: readonly ToThread[]): void {
    let hasPublished = false;
    const sentTo = new Set<HeldSocket>();
    for (const message of messages) {
      if (message[0] === 'publish') {
        this.#server?.publish(message[1], message[2]);
        hasPublished = true;
      } else if (message[0] === 'tls') void this.#obeyTls(message[1]);
      else if (message[0] === 'stop' || message[0] === 'close') this.#obey(message[0]);
      else if (message[0] === 'mark') this.mailbox.post(['mark']);
      else {
        const socket = this.#sockets.get(message[1]);
        if (socket === undefined) this.#answer(message);
        else {
          speak(socket, message);
          sentTo.add(socket);
        }
      }
    }
    for (const socket of hasPublished ? this.#sockets.values() : sentTo) socket.tell();
  }

  #answer(message: Exclude<ToThread, { readonly 0: 'publish' | 'stop' | 'tls' | 'mark' | 'close' }>): void {
    const response = this.#responses.get(message[1]);
    // The client has gone meanwhile; the main thread is about to hear of it.
    if (response === undefined) return;
    switch (message[0]) {
      case 'reply':
        response.reply(message[2], message[3], message[4], message[5], message[6]);
        break;
      case 'head':
        response.head(message[2], message[3]);
        break;
      case 'chunk':
        response.chunk(message[2]);
        break;
      case 'part':
        response.part(message[2], message[3]);
        break;
      case 'end':
        response.end(message[2]);
        break;
      case 'cut':
        response.cut();
        break;
      case 'read':
        response.read(message[2]);
        break;
      case 'pause':
        response.pause(true);
        break;
      case 'resume':
        response.pause(false);
        break;
      case 'upgrade':
        response.upgrade(message[2], message[3], message[4]);
        break;
      case 'send':
      case 'goodbye':
      case 'subscribe':
      case 'unsubscribe':
        return;
      default:
        unreachable(message);
    }
  }

  #obey(order: 'stop' | 'close'): void {
    if (order === 'close') {
      this.close();
      this.#options.closed();
      return;
    }
    // New requests are refused by the main thread.
    this.#mayReadFast = false;
    this.#server?.stopListening();
  }

  async #obeyTls(order: TlsOrder): Promise<void> {
    const result = order === 'read' ? this.#server?.readTls() : order === 'use' ? await this.#server?.useTls() : this.#server?.dropTls();
    this.mailbox.post(['tls', result === undefined || result.ok ? '' : result.fault.detail]);
  }

  #lookAround(): void {
    this.#tellCounts();
    // What nobody asks for is taken and let go, too: it is memory.
    this.#records.catchUp();
    this.#records.letGo();
  }

  #tellCounts(): void {
    const { turnedAway } = this.#counts;
    const reads = this.#reads.flatMap(({ base, counts }) => countsOf(base, counts));
    if (reads.length === 0 && Object.values(turnedAway).every((count) => count === 0)) return;
    this.mailbox.post(['counted', { turnedAway: { ...turnedAway }, reads }]);
    for (const reason of Object.keys(turnedAway)) turnedAway[reason as keyof typeof turnedAway] = 0;
  }
}

function speak(socket: HeldSocket, message: ToThread): void {
  if (message[0] === 'send') socket.send(message[2]);
  else if (message[0] === 'subscribe') socket.subscribe(message[2]);
  else if (message[0] === 'unsubscribe') socket.unsubscribe(message[2]);
  else if (message[0] === 'goodbye') socket.goodbye(message[2], message[3]);
  else if (message[0] === 'cut') socket.cut();
}

function countsOf(base: string, counts: RouteCounts): readonly ReadCounts[] {
  const statuses = [...counts.statuses()];
  if (statuses.length === 0) return [];
  const { counts: seconds, sum: secondsSum } = counts.seconds;
  const told: ReadCounts = { base, statuses, seconds: [...seconds], secondsSum };
  counts.reset();
  return [told];
}
