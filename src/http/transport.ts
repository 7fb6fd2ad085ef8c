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
  /** Takes all of the chunk; false when some of it had to be kept back because the client reads slowly. */
  write(chunk: Bytes | string): boolean;
  end(body?: Bytes | string, closeConnection?: boolean): HttpResponse;
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
}

/** Called for every request; must not throw. */
export type RequestHandler = (res: HttpResponse, req: HttpRequest) => void;
