/**
 * The part of uWebSockets.js that the front uses, as types: only `server.ts` touches the library itself. Written to the
 * surface of v20.41, which is what the npm build has for Node 20.
 */

/** What the library takes as a body; memory that is shared between threads is fine. */
export type Bytes = Uint8Array;

/** Dead as soon as the handler returns: everything is read at once. */
export interface HttpRequest {
  /** The path, neither decoded nor normalised. */
  getUrl(): string;
  getCaseSensitiveMethod(): string;
  /** Raw; undefined when the URL has no `?`. */
  getQuery(): string | undefined;
  /** Header names come in lower case, repeated ones once for each. */
  forEach(visit: (name: string, value: string) => void): void;
}

/** Dead after `onAborted` ran or an answer was ended: touching it then throws. */
export interface HttpResponse {
  writeStatus(status: string): HttpResponse;
  writeHeader(name: string, value: string): HttpResponse;
  /** Takes all of the chunk, if a cork has room for it (`chunks.ts`); false when some of it had to be kept back because the client reads slowly. */
  write(chunk: Bytes | string): boolean;
  end(body?: Bytes | string, closeConnection?: boolean): HttpResponse;
  /** Sends a part of a body of so many bytes: whether all of the part was taken, and whether the body is complete. */
  tryEnd(chunk: Bytes | string, totalBytes: number): [isTaken: boolean, isComplete: boolean];
  /** Bytes of the body that were taken so far. */
  getWriteOffset(): number;
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): HttpResponse;
  close(): HttpResponse;
  pause(): void;
  resume(): void;
  onWritable(handler: (offset: number) => boolean): HttpResponse;
  onAborted(handler: () => void): HttpResponse;
  /** The chunk is gone when the handler returns: keep a copy. */
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): HttpResponse;
  getRemoteAddressAsText(): ArrayBuffer;
  cork(work: () => void): HttpResponse;
  /** Makes a WebSocket of it; its `open` runs before this returns. */
  upgrade(events: SocketEvents, key: string, protocol: string, extensions: string, context: UpgradeContext): void;
}

/** What the library wants back when a request is upgraded. */
export type UpgradeContext = object;

/** Dead after `closed` ran: touching it then throws. */
export interface WebSocket {
  /** A text message. Beyond the library's limit it is dropped without a word: look at `getBufferedAmount` before. */
  send(message: Bytes | string): number;
  getBufferedAmount(): number;
  /** Sends a close frame behind what is buffered; `closed` runs before this returns. */
  end(code: number, reason: string): void;
  close(): void;
  subscribe(channel: string): boolean;
  unsubscribe(channel: string): boolean;
  cork(work: () => void): WebSocket;
}

/** What happens to one WebSocket. Must not throw. */
export interface SocketEvents {
  open(socket: WebSocket): void;
  /** Something that was buffered has been sent. */
  drained(): void;
  /** The client has sent a ping; the library answers it. */
  pinged(): void;
  closed(): void;
}

/** Called for every request; must not throw. With `context` when the client asks for a WebSocket. */
export type RequestHandler = (res: HttpResponse, req: HttpRequest, context?: UpgradeContext) => void;
