import { strict as assert } from 'node:assert';
import type { Fault } from '../faults.ts';
import { BodySource } from './body-source.ts';
import { sendKept, writeChunks } from './chunks.ts';
import type { RouteCounts } from './front-counts.ts';
import type { RequestHeaders } from './headers.ts';
import type { FrontLimits } from './limits.ts';
import type { Headers, Reply } from './reply.ts';
import { statusLine } from './status-line.ts';
import type { Bytes, HttpResponse, SocketEvents, UpgradeContext } from './transport.ts';
import { endWhole } from './whole-body.ts';

/**
 * One request and its answer. It has copied everything of the request that it will ever need, because the library's
 * object is dead after the handler's first await.
 * Invariant: exactly one answer, and none after the client has gone; the response is never touched after either.
 */

export interface ExchangeEvents {
  /** What a fault is in HTTP, for who sent this request. */
  replyFor(fault: Fault, exchange: Exchange): Reply;
  /** Called once, when the answer has been handed over or the client has gone. */
  settled(exchange: Exchange): void;
}

/** The whole of a request but its body. */
export interface RequestHead {
  readonly method: string;
  /** Raw: neither decoded nor normalised. */
  readonly path: string;
  readonly query: string;
  readonly headers: RequestHeaders;
  readonly requestId: string;
}

/** How often a body that is let run out is looked at. */
const LINGER_STEP_MS = 50;

export class Exchange {
  readonly head: RequestHead;
  /** Whom it is counted for. */
  readonly address: string;
  readonly body: BodySource | undefined;
  readonly startedMs: number = performance.now();
  /** Answers to callers who showed a token, and answers with secrets, are nobody else's. */
  isPrivate = false;
  /** The request is one of NodeAgent2's protocol: so are the faults of its answers. */
  isAgentCall = false;
  /** Its address has asked too often. */
  isTooOften = false;
  /** Being late is judged by this; handlers that wait for the store for long may raise it. */
  timeLimitMs: number;
  /** Where it is counted when it is over; undefined: its route is not known. */
  counts: RouteCounts | undefined;
  /** 0 until there is an answer. */
  status = 0;
  readonly #res: HttpResponse;
  readonly #limits: FrontLimits;
  readonly #events: ExchangeEvents;
  #aborted = false;
  #answered = false;
  #streaming = false;
  #ended = false;
  #closing = false;
  /** Called when the client has gone before its answer was complete. */
  onGone: (() => void) | undefined;
  /** Called when the answer is complete or the client has gone. */
  onOver: (() => void) | undefined;
  /** Called when a client that was behind has taken some of what `push` kept for it. */
  onTaken: (() => void) | undefined;
  #progressMs: number = this.startedMs;
  #drained: (() => void) | undefined;
  readonly #upgrade: UpgradeContext | undefined;

  constructor(res: HttpResponse, head: RequestHead, address: string, limits: FrontLimits, events: ExchangeEvents, upgrade?: UpgradeContext) {
    this.head = head;
    this.address = address;
    this.#upgrade = upgrade;
    this.#res = res;
    this.#limits = limits;
    this.#events = events;
    this.timeLimitMs = limits.requestTimeLimitMs;
    res.onAborted(() => this.#abort());
    const { contentLength, chunked } = head.headers;
    this.body = chunked || (contentLength ?? 0) > 0 ? new BodySource(res, contentLength) : undefined;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** There is an answer, or the beginning of one; further ones would be ignored. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Nothing more can be said to this client. */
  get settled(): boolean {
    return this.#aborted || this.#ended;
  }

  /** The client asks for a WebSocket. */
  get isUpgrade(): boolean {
    return this.#upgrade !== undefined;
  }

  /** The answer to this request is the last one on its connection. */
  closeAfterwards(): void {
    this.#closing = true;
  }

  /** Something moved: the time limit counts from now. */
  touch(): void {
    this.#progressMs = performance.now();
  }

  isLate(nowMs: number): boolean {
    return nowMs - this.#progressMs > this.timeLimitMs;
  }

  reply(reply: Reply): void {
    if (this.#answered || this.#aborted) return;
    this.#answered = true;
    this.status = reply.status;
    if (this.#closing) {
      this.#replyAndClose(reply);
      return;
    }
    this.#res.cork(() => {
      this.#writeHead(reply);
      this.body?.release(false);
      if (reply.body !== undefined && this.head.method !== 'HEAD') {
        endWhole(this.#res, reply.body, () => this.#end());
        return;
      }
      // With an argument, undefined too, the library tells a length, which 204 and 304 must not have.
      if (reply.body === undefined) this.#res.endWithoutBody();
      else this.#res.endWithoutBody(Buffer.byteLength(reply.body));
      this.#end();
    });
  }

  /** Answers with the problem that a fault is in HTTP. */
  fail(fault: Fault, moreHeaders: Headers = []): void {
    // What is left of such a body is not worth a connection.
    if (fault.code === 'too-large') this.#closing = true;
    const problem = this.#events.replyFor(fault, this);
    this.reply({ ...problem, headers: [...problem.headers, ...moreHeaders] });
  }

  /**
   * Begins an answer that goes out in parts. It waits for a turn of the event loop: as long as the library's handler runs it
   * collects what is sent, and then not every chunk would have room. False when there is nobody to answer to, or an answer already.
   */
  async begin(status: number, headers: Headers): Promise<boolean> {
    if (this.#answered || this.#aborted) return false;
    this.#answered = true;
    this.#streaming = true;
    this.status = status;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#aborted) return false;
    this.#res.onWritable(() => {
      sendKept(this.#res);
      this.touch();
      this.#wake();
      this.onTaken?.();
      return true;
    });
    this.#res.cork(() => this.#writeHead({ status, headers }));
    return true;
  }

  /** Sends a part, and waits while the client is behind. False when there is nobody to write to any more. */
  async write(chunk: Bytes): Promise<boolean> {
    if (this.settled) return false;
    const isFlushed = writeChunks(this.#res, chunk);
    this.touch();
    if (!isFlushed) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    return !this.settled;
  }

  /** Sends a part of a body of `totalBytes`, and waits while the client is behind. False when there is nobody to write to any more. */
  async writeSized(chunk: Bytes, totalBytes: number): Promise<boolean> {
    let rest = chunk;
    while (!this.settled) {
      const offset = this.#res.getWriteOffset();
      let isTaken = true;
      let isComplete = false;
      this.#res.cork(() => {
        [isTaken, isComplete] = this.#res.tryEnd(rest, totalBytes);
      });
      this.touch();
      if (isComplete) this.#end();
      if (isTaken || isComplete) return true;
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
      if (!this.settled) rest = rest.subarray(this.#res.getWriteOffset() - offset);
    }
    return false;
  }

  /**
   * Sends a part without waiting; what the client does not take is kept for it, and `onTaken` says when it has taken some. True
   * when nothing is kept any more.
   */
  push(chunk: Bytes): boolean {
    if (this.settled) return true;
    return writeChunks(this.#res, chunk);
  }

  /** Makes a WebSocket of the request: its answer. False when the client has gone. */
  upgrade(events: SocketEvents, protocol: string): boolean {
    const context = this.#upgrade;
    assert(context !== undefined, 'the client asks for a WebSocket');
    if (this.#answered || this.#aborted) return false;
    this.#answered = true;
    this.status = 101;
    const { webSocketKey = '', webSocketExtensions = '' } = this.head.headers;
    // Not corked: when the token took a while to check, the library then breaks the first frames now and then.
    this.#res.upgrade(events, webSocketKey, protocol, webSocketExtensions, context);
    this.#end();
    return true;
  }

  /** Ends an answer that `begin` began. */
  finish(): void {
    if (this.settled) return;
    assert(this.#streaming, 'only a stream is finished');
    this.#res.cork(() => {
      this.body?.release(false);
      // Asked to close as well, the library would write that header into the middle of the chunks.
      this.#res.end();
    });
    this.#end();
  }

  /** Closes the connection in the middle: a broken-off stream must not look complete. */
  cut(): void {
    // The library tells through `onAborted`.
    if (!this.settled) this.#res.close();
  }

  #writeHead({ status, headers }: Reply): void {
    const res = this.#res;
    if (status !== 200) res.writeStatus(statusLine(status));
    for (const [name, value] of headers) res.writeHeader(name, value);
    res.writeHeader('X-Content-Type-Options', 'nosniff').writeHeader('X-Request-Id', this.head.requestId);
    if (this.isPrivate) res.writeHeader('Cache-Control', 'no-store');
  }

  /**
   * The last answer of a connection. It waits for a turn of the event loop: if another request stands right behind this
   * one, the library closes the connection before it comes to that request. While a body is still on its way the answer
   * goes out at once, and the rest of the body is let run out for a while: closing on it would make the client's kernel
   * throw the answer away.
   */
  #replyAndClose(reply: Reply): void {
    const body = this.head.method === 'HEAD' ? undefined : reply.body;
    setImmediate(() => {
      if (this.#aborted) return;
      // Of a head that can't be trusted nobody knows where its body ends.
      if (this.body === undefined || this.body.complete || this.head.headers.flaw !== undefined) {
        this.#res.cork(() => {
          this.#writeHead(reply);
          this.body?.release(false);
          if (body === undefined) this.#res.endWithoutBody(undefined, true);
          else this.#res.end(body, true);
        });
        this.#end();
        return;
      }
      this.#res.cork(() => {
        this.#writeHead(reply);
        this.#writeWhole(body);
      });
      this.body.discard();
      this.#linger(this.body, performance.now() + this.#limits.lingerMs);
    });
  }

  /**
   * Puts the whole answer on the wire and keeps the response open, for which the library has no call: a body that is
   * ended ends our hold on the connection. So the body goes behind the last header, where the library writes what it is
   * given as it is; the line end that it adds counts as the last two bytes of the (JSON) body.
   */
  #writeWhole(body: Bytes | string | undefined): void {
    const text = body === undefined ? '' : String(body);
    const bytes = body === undefined ? 0 : Buffer.byteLength(text) + 2;
    this.#res.writeHeader('Connection', 'close').writeHeader('Content-Length', body === undefined ? '0\r\n' : `${bytes}\r\n\r\n${text}`);
  }

  #linger(body: BodySource, untilMs: number): void {
    const timer = setInterval(() => {
      const isOver = body.complete || body.receivedBytes > this.#limits.lingerBytesMax || performance.now() > untilMs;
      if (!isOver && !this.#aborted) return;
      clearInterval(timer);
      if (this.#aborted) return;
      this.#end();
      this.#res.close();
    }, LINGER_STEP_MS);
  }

  #abort(): void {
    this.#aborted = true;
    this.body?.release(true);
    this.#wake();
    this.onGone?.();
    if (!this.#ended) this.onOver?.();
    if (!this.#ended) this.#events.settled(this);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
    this.onOver?.();
    this.#events.settled(this);
  }

  #wake(): void {
    const wake = this.#drained;
    this.#drained = undefined;
    wake?.();
  }
}
