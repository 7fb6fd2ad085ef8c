import { type Agent, request } from 'node:http';
import { connect } from 'node:net';
import { systemCodeOf } from '../src/faults.ts';

/** The few ways in which the benchmarks speak HTTP. */

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Keeps connections open; without one, each call has a connection of its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export function call(port: number, { method = 'GET', path, headers = {}, body, agent }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent: agent ?? false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The same, where anything but success is a broken benchmark. */
export async function callWell(port: number, wanted: Call): Promise<Answer> {
  const answer = await call(port, wanted);
  if (answer.status < 200 || answer.status > 299) throw new Error(`${wanted.method ?? 'GET'} ${wanted.path}: ${answer.status} ${answer.body.toString()}`);
  return answer;
}

const POLL_MS = 2;
const POLL_LIMIT_MS = 300_000;

/** Asks again and again, each time on a new connection, until the answer is 200. */
export async function callUntilOk(port: number, wanted: Call): Promise<Answer> {
  const endMs = performance.now() + POLL_LIMIT_MS;
  for (;;) {
    const answer = await call(port, wanted).catch((error: unknown) => {
      if (systemCodeOf(error) === undefined) throw error;
      return undefined;
    });
    if (answer?.status === 200) return answer;
    if (performance.now() > endMs) throw new Error(`${wanted.path} was not answered in time; last: ${answer?.status} ${answer?.body.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/** Fetches a large answer and counts its bytes without looking at them: what is timed is the server. */
export function download(port: number, path: string): Promise<{ readonly bytes: number; readonly seconds: number }> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let bytes = 0;
    /** Undefined: chunked, so that the end has to be seen. */
    let wholeBytes: number | undefined;
    let tail = '';
    let head = '';
    let hasHead = false;
    socket.on('data', (part: Buffer) => {
      if (!hasHead) {
        // A head may come in several parts.
        head += part.toString('latin1');
        const headEnd = head.indexOf(HEAD_END);
        hasHead = headEnd !== -1;
        if (hasHead && !head.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(head.slice(0, headEnd)));
        const length = hasHead ? /content-length: (\d+)/i.exec(head.slice(0, headEnd))?.[1] : undefined;
        if (length !== undefined) wholeBytes = headEnd + HEAD_END.length + Number(length);
      }
      bytes += part.length;
      if (wholeBytes === undefined) tail = (tail + part.toString('latin1', Math.max(0, part.length - LAST_CHUNK.length))).slice(-LAST_CHUNK.length);
      if (wholeBytes === undefined ? tail === LAST_CHUNK : bytes >= wholeBytes) {
        resolve({ bytes, seconds: (performance.now() - startMs) / 1000 });
        socket.destroy();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${path}: the connection was closed after ${bytes} bytes`)));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
}
