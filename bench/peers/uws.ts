import { readFileSync } from 'node:fs';
import { startServer } from '../../src/http/server.ts';
import type { HttpResponse } from '../../src/http/transport.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * uWebSockets.js by itself, in a process of its own: answers every request with the same bytes and headers. It prints
 * its port and serves until it is killed.
 */

export interface UwsTask {
  readonly bodyFile: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export const UWS_PROGRAM: URL = new URL(import.meta.url);

/** Beyond what the system takes at once, the library has to be fed. */
const SMALL_BYTES = 64 * 1024;

async function serve({ bodyFile, headers }: UwsTask): Promise<number> {
  const body = readFileSync(bodyFile);
  // Each call into the library costs more than the text, so all headers go in one.
  const [first = ['Content-Type', 'application/json'], ...rest] = headers;
  const value = [first[1], ...rest.map(([name, text]) => `${name}: ${text}`)].join('\r\n');
  const server = await startServer({ host: '127.0.0.1', port: 0 }, (res) => {
    res.writeHeader(first[0], value);
    if (body.length <= SMALL_BYTES) res.end(body);
    else sendLarge(res as LargeResponse, body);
  });
  return server.port;
}

/** Calls of the library that the server itself does not need. */
interface LargeResponse extends HttpResponse {
  tryEnd(body: Uint8Array, totalBytes: number): [ok: boolean, done: boolean];
  getWriteOffset(): number;
}

function sendLarge(res: LargeResponse, body: Buffer): void {
  res.onAborted(() => undefined);
  const [, done] = res.tryEnd(body, body.length);
  if (done) return;
  res.onWritable((offset) => res.tryEnd(body.subarray(offset), body.length)[0]);
}

const task = argumentOf(import.meta.url) as UwsTask | undefined;
if (task !== undefined) tell(await serve(task));
