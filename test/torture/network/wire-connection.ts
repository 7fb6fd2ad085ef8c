import { connect, type Socket } from 'node:net';

/** One connection as an enemy uses it: bytes go out as they are, and answers are told apart by the rules of HTTP/1.1. */

export interface WireAnswer {
  readonly status: number;
  /** In lower case; a repeated header is a list. */
  readonly headers: ReadonlyMap<string, string>;
  readonly head: string;
  readonly body: Buffer;
}

interface Waiting {
  readonly isHead: boolean;
  readonly resolve: (answer: WireAnswer | undefined) => void;
}

const NOTHING = Buffer.alloc(0);
const LONG_BYTES = 262_144;

export class WireConnection {
  readonly #socket: Socket;
  #received: Buffer = NOTHING;
  /** What came since that was put together: a long answer is not copied for each part of it. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(port: number, localAddress: string) {
    this.#socket = connect({ port, host: '127.0.0.1', localAddress });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => {
      this.#parts.push(bytes);
      this.#partsBytes += bytes.length;
      // Of a long one the end is looked for only where it may be, or when as much has come again.
      const isLong = this.#received.length > LONG_BYTES;
      if (isLong && this.#partsBytes < this.#received.length && bytes.subarray(-2).toString('latin1') !== '\r\n' && !this.#isLengthReached()) return;
      this.#received = Buffer.concat([this.#received, ...this.#parts.splice(0)]);
      this.#partsBytes = 0;
      this.#read();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#isClosed = true;
      for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
    });
  }

  get isClosed(): boolean {
    return this.#isClosed || this.#socket.destroyed;
  }

  /** Undefined when the connection ends before there is a whole answer. */
  send(bytes: Buffer, isHead: boolean): Promise<WireAnswer | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    this.#socket.write(bytes);
    return new Promise((resolve) => this.#waiting.push({ isHead, resolve }));
  }

  /** Nothing more will come from here. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #isLengthReached(): boolean {
    const end = this.#received.indexOf('\r\n\r\n');
    const length = /^content-length: (\d+)/im.exec(this.#received.toString('latin1', 0, end))?.[1];
    return length !== undefined && this.#received.length + this.#partsBytes >= end + 4 + Number(length);
  }

  #read(): void {
    for (;;) {
      const waiting = this.#waiting[0];
      if (waiting === undefined) return;
      const parsed = parseAnswer(this.#received, waiting.isHead);
      if (parsed === undefined) return;
      this.#received = this.#received.subarray(parsed.bytes);
      if (parsed.answer.status === 100) continue;
      this.#waiting.shift();
      waiting.resolve(parsed.answer);
      if (!parsed.isLast) continue;
      this.destroy();
      return;
    }
  }
}

/** Undefined: there is more to come. `isLast`: nothing can follow on this connection. */
function parseAnswer(received: Buffer, isHead: boolean): { readonly answer: WireAnswer; readonly bytes: number; readonly isLast: boolean } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = received.toString('latin1', 0, end);
  const [first = '', ...lines] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const start = end + 4;
  const answerWith = (body: Buffer, bytes: number, isLast = false) => ({ answer: { status, headers, head, body }, bytes, isLast });
  const isClosing = headers.get('connection')?.toLowerCase() === 'close';
  if (isHead || status === 204 || status === 304 || status === 100) return answerWith(NOTHING, start, isClosing);
  // A stream without end, and a connection that is no HTTP any more, are not read on.
  if (status === 101 || headers.get('content-type') === 'text/event-stream') return answerWith(received.subarray(start), received.length, true);
  if (headers.get('transfer-encoding') === 'chunked') {
    const chunks = parseChunks(received, start);
    return chunks === undefined ? undefined : answerWith(chunks.body, chunks.end, isClosing);
  }
  const length = Number(headers.get('content-length') ?? Number.NaN);
  // The library's own refusals have neither, and close.
  if (Number.isNaN(length)) return answerWith(received.subarray(start), received.length, true);
  return received.length < start + length ? undefined : answerWith(received.subarray(start, start + length), start + length, isClosing);
}

function parseChunks(received: Buffer, start: number): { readonly body: Buffer; readonly end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const line = received.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, line), 16);
    const next = line + 2 + size + 2;
    if (received.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), end: next };
    chunks.push(received.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
