import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that does to each request what the test says: for what a good server never does. */

export type Behaviour = (response: ServerResponse, request: IncomingMessage, nth: number) => void | Promise<void>;

export interface FakeServer {
  readonly url: string;
  /** Paths with their queries, in order. */
  readonly asked: readonly string[];
  readonly requests: readonly IncomingMessage[];
  /** Connections that are open now. */
  connections(): number;
}

export async function fakeServer(context: { after(fn: () => void): void }, behaviour: Behaviour): Promise<FakeServer> {
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  let open = 0;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    requests.push(request);
    void behaviour(response, request, asked.length);
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, requests, connections: () => open };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function problem(response: ServerResponse, status: number, code: string, headers: Readonly<Record<string, string>> = {}): void {
  json(response, status, { type: `/problems/${code}`, title: 'A title', status, detail: 'a detail', code, requestId: 'r1' }, headers);
}

export function beginFeed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

/** One event as the feed tells it, with its `id:` line. */
export function told(sequence: number, more: Readonly<Record<string, unknown>> = {}, epoch = 1): string {
  const id = `${epoch}-${sequence}`;
  const event = {
    specversion: '1.0',
    id,
    source: 'urn:holdfast:test',
    type: 'holdfast.ComputeNode.updated',
    subject: 'k',
    time: '2026-11-22T10:00:00.000Z',
    sequence: String(sequence).padStart(16, '0'),
    datacontenttype: 'application/json',
    data: { id: 'k', hostname: `n${sequence}` },
    ...more,
  };
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

export function position(sequence: number, epoch = 1): string {
  return told(sequence, { id: `position-${epoch}-${sequence}`, type: 'holdfast.feed.position', subject: undefined, data: undefined }, epoch);
}

export function reset(sequence: number, reason: string, epoch = 1): string {
  return told(sequence, { id: `reset-${sequence}`, type: 'holdfast.feed.reset', subject: undefined, data: { reason, detail: 'list again' } }, epoch);
}
