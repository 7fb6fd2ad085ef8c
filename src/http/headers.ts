import type { HttpRequest } from './transport.ts';

/**
 * The few request headers that matter here, read in one pass, and the guard against heads that two HTTP readers could
 * understand differently (request smuggling): the library lets several of them through.
 */
export interface RequestHeaders {
  authorization: string | undefined;
  contentType: string | undefined;
  contentLength: number | undefined;
  chunked: boolean;
  contentEncoding: string | undefined;
  accept: string | undefined;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  range: string | undefined;
  ifRange: string | undefined;
  idempotencyKey: string | undefined;
  requestId: string | undefined;
  forwardedFor: string | undefined;
  host: string | undefined;
  /** Of the page that a browser sends this for. */
  origin: string | undefined;
  lastEventId: string | undefined;
  webSocketKey: string | undefined;
  webSocketVersion: string | undefined;
  webSocketProtocol: string | undefined;
  webSocketExtensions: string | undefined;
  /** What is wrong with the head, when it must not be trusted at all. */
  flaw: string | undefined;
}

/** The library measures only heads that come in several pieces. */
const HEAD_BYTES_MAX = 16_384;
const DIGITS = /^\d{1,15}$/;

let current: RequestHeaders = nothing();
let hosts = 0;
let bytes = 0;

/** Reads the headers of a request that is still alive. */
export function readHeaders(req: HttpRequest): RequestHeaders {
  current = nothing();
  hosts = 0;
  bytes = 0;
  // One function for all requests: a closure for each would be garbage on the hottest path.
  req.forEach(visit);
  return current;
}

function nothing(): RequestHeaders {
  return {
    authorization: undefined,
    contentType: undefined,
    contentLength: undefined,
    chunked: false,
    contentEncoding: undefined,
    accept: undefined,
    ifMatch: undefined,
    ifNoneMatch: undefined,
    range: undefined,
    ifRange: undefined,
    idempotencyKey: undefined,
    requestId: undefined,
    forwardedFor: undefined,
    host: undefined,
    origin: undefined,
    lastEventId: undefined,
    webSocketKey: undefined,
    webSocketVersion: undefined,
    webSocketProtocol: undefined,
    webSocketExtensions: undefined,
    flaw: undefined,
  };
}

function visit(name: string, value: string): void {
  bytes += name.length + value.length;
  if (bytes > HEAD_BYTES_MAX) current.flaw = `the headers have more than ${HEAD_BYTES_MAX} bytes`;
  switch (name) {
    case 'host':
      hosts += 1;
      if (hosts > 1) current.flaw = 'Host is repeated';
      current.host = value;
      break;
    case 'content-length':
      if (current.contentLength !== undefined) current.flaw = 'Content-Length is repeated';
      if (DIGITS.test(value)) current.contentLength = Number(value);
      else current.flaw = 'Content-Length is not a number';
      break;
    case 'transfer-encoding':
      if (current.chunked) current.flaw = 'Transfer-Encoding is repeated';
      if (value.toLowerCase() !== 'chunked') current.flaw = 'Transfer-Encoding is not "chunked"';
      current.chunked = true;
      break;
    case 'authorization':
      if (current.authorization !== undefined) current.flaw = 'Authorization is repeated';
      current.authorization = value;
      break;
    case 'content-type':
      current.contentType = joined(current.contentType, value);
      break;
    case 'content-encoding':
      current.contentEncoding = joined(current.contentEncoding, value);
      break;
    case 'accept':
      current.accept = joined(current.accept, value);
      break;
    case 'if-match':
      current.ifMatch = joined(current.ifMatch, value);
      break;
    case 'if-none-match':
      current.ifNoneMatch = joined(current.ifNoneMatch, value);
      break;
    case 'range':
      current.range = joined(current.range, value);
      break;
    case 'if-range':
      current.ifRange = joined(current.ifRange, value);
      break;
    case 'idempotency-key':
      current.idempotencyKey = joined(current.idempotencyKey, value);
      break;
    case 'x-request-id':
      current.requestId = joined(current.requestId, value);
      break;
    case 'x-forwarded-for':
      current.forwardedFor = joined(current.forwardedFor, value);
      break;
    case 'origin':
      current.origin = joined(current.origin, value);
      break;
    case 'last-event-id':
      current.lastEventId = joined(current.lastEventId, value);
      break;
    case 'sec-websocket-key':
      current.webSocketKey = joined(current.webSocketKey, value);
      break;
    case 'sec-websocket-version':
      current.webSocketVersion = joined(current.webSocketVersion, value);
      break;
    case 'sec-websocket-protocol':
      current.webSocketProtocol = joined(current.webSocketProtocol, value);
      break;
    case 'sec-websocket-extensions':
      current.webSocketExtensions = joined(current.webSocketExtensions, value);
      break;
  }
}

/** A repeated field means the same as one with a list (RFC 9110, 5.3). */
function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
