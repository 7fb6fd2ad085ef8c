import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { bindTo } from '../children.ts';
import { quantile } from '../figure.ts';
import { Prng } from '../prng.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * A load generator for machines without `wrk`. It takes more processor time for a request than a fast server takes to
 * answer it, so with it rates are limited by the generator; processor time per request is not.
 */

export interface SocketsTask {
  readonly port: number;
  /** Requests: length, line feed, bytes. */
  readonly file: string;
  readonly order: 'random' | 'once';
  readonly seconds: number;
  readonly connections: number;
  readonly seed: number;
  readonly core?: string;
}

export const SOCKETS_PROGRAM: URL = new URL(import.meta.url);

const HEAD_END = Buffer.from('\r\n\r\n');
const OK = Buffer.from('HTTP/1.1 20');

async function generate({ port, file, order, seconds, connections, seed, core }: SocketsTask): Promise<object> {
  if (core !== undefined) bindTo(process.pid, core);
  const requests = readRequests(readFileSync(file));
  const prng = new Prng(seed);
  const times: number[] = [];
  let errors = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let sent = 0;
  const draw = (): Buffer | undefined => {
    if (performance.now() >= endMs) return undefined;
    return requests[order === 'once' ? sent++ : prng.below(requests.length)];
  };
  const heard = (isOk: boolean, ms: number): void => {
    times.push(ms);
    if (!isOk) errors += 1;
  };
  await Promise.all(Array.from({ length: connections }, () => converse(port, draw, heard)));
  return {
    requests: times.length,
    seconds: (performance.now() - startMs) / 1000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    errors,
  };
}

function readRequests(bytes: Buffer): readonly Buffer[] {
  const requests: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const lineEnd = bytes.indexOf('\n', start);
    const end = lineEnd + 1 + Number(bytes.toString('latin1', start, lineEnd));
    requests.push(bytes.subarray(lineEnd + 1, end));
    start = end;
  }
  return requests;
}

/** One connection, one request at a time, until there is no next one. */
function converse(port: number, draw: () => Buffer | undefined, heard: (isOk: boolean, ms: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let sentMs = 0;
    let received: Buffer = Buffer.alloc(0);
    const next = (): void => {
      const request = draw();
      if (request === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      received = Buffer.alloc(0);
      sentMs = performance.now();
      socket.write(request);
    };
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (part: Buffer) => {
      received = received.length === 0 ? part : Buffer.concat([received, part]);
      const headEnd = received.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const length = /content-length: (\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1];
      if (length === undefined) return void socket.destroy(new Error('an answer without length'));
      if (received.length < headEnd + HEAD_END.length + Number(length)) return;
      heard(received.subarray(0, OK.length).equals(OK), performance.now() - sentMs);
      next();
    });
  });
}

const task = argumentOf(import.meta.url) as SocketsTask | undefined;
if (task !== undefined) tell(await generate(task));
