import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { packageRoot } from '../../../src/package-root.ts';
import { ServerProcess, temporaryFolder, tokenFor } from '../../support/server-process.ts';

/** Clients that keep connections without asking anything sensible, against a real server; somebody else is served meanwhile. */

const PROXY = '127.0.0.77';
const CONFIG = {
  server: { trustedProxies: [PROXY] },
  limits: { requestTimeLimitMs: '2s', connections: 4000, connectionsPerAddress: 1500, feedsPerAddress: 3 },
};
/** The library gives a silent connection ten seconds, and looks every four. */
const PATIENCE_MS = 60_000;
const NODE = { architecture: 'x86_64', description: 'd'.repeat(4000) };

let server: ServerProcess;
const endings: (() => void | Promise<void>)[] = [];
before(async () => {
  const folder = temporaryFolder({ after: (end) => void endings.push(end) });
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, JSON.stringify(CONFIG), { mode: 0o600 });
  server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--config', config] });
  endings.unshift(async () => void (await server.kill()));
});
after(async () => {
  for (const end of endings) await end();
});

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text: string;
}

function open(context: TestContext, localAddress = '127.0.0.1', port = Number(new URL(server.url).port)): Client {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const client: Client = { socket, text: '', closed: new Promise((resolve) => socket.on('close', () => resolve())) };
  socket.on('data', (bytes) => {
    client.text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  context.after(() => void socket.destroy());
  return client;
}

/** Sends a byte every now and then, as long as somebody listens. */
function drip(client: Client, text: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (client.socket.destroyed || at === text.length) clearInterval(timer);
    else client.socket.write(text[at++] ?? '');
  }, everyMs);
}

async function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const startedMs = Date.now(); !(await isTrue()); ) {
    assert.ok(Date.now() - startedMs < PATIENCE_MS, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function figure(name: string): Promise<number> {
  const { text } = await server.request('GET', '/metrics');
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}

function rssMiB(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

test('who says nothing, or says it byte by byte, is cut off, and others are served meanwhile', async (context) => {
  const silent = Array.from({ length: 100 }, () => open(context));
  const slowHeads = Array.from({ length: 30 }, () => open(context));
  for (const client of slowHeads) drip(client, `GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ${'s'.repeat(1000)}`, 3000);
  const slowBodies = Array.from({ length: 30 }, () => open(context));
  for (const client of slowBodies) {
    client.socket.write(
      `POST /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n`,
    );
    drip(client, '{'.repeat(5000), 100);
  }
  const halves = Array.from({ length: 30 }, () => open(context));
  for (const { socket } of halves)
    socket.write(`POST /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 5000\r\n\r\n{"host`);
  for (let count = 0; count < 20; count++) assert.equal((await server.request('GET', '/health')).status, 200);
  await until(() => slowBodies.every(({ text }) => text.startsWith('HTTP/1.1 504')), 'a body that comes too slowly is answered 504');
  const all = [...silent, ...slowHeads, ...slowBodies, ...halves];
  await within(Promise.all(all.map(({ closed }) => closed)), PATIENCE_MS, 'every connection is closed');
  assert.ok(halves.every(({ text }) => text === '' || /^HTTP\/1\.1 (504|415)/.test(text)));
  await until(async () => (await figure('holdfast_http_requests_in_flight')) === 0, 'nothing is left in flight');
});

test('thousands of connections are taken from several addresses, what is beyond the limit is refused, and all are given back', async (context) => {
  await until(async () => (await figure('holdfast_http_connections')) < 20, 'those of before are gone');
  const clients: Client[] = [];
  for (let count = 0; count < 3000; count++) {
    const client = open(context, `127.0.0.${2 + (count % 3)}`);
    client.socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    clients.push(client);
    if (count % 200 === 199) await until(() => clients.every(({ text, socket }) => text !== '' || socket.destroyed), 'every one is answered');
  }
  assert.equal(clients.filter(({ text }) => text.startsWith('HTTP/1.1 200')).length, 3000);
  const greedy: Client[] = [];
  for (let count = 0; count < 700; count++) greedy.push(open(context, '127.0.0.2'));
  await until(() => greedy.filter(({ text }) => text.startsWith('HTTP/1.1 429')).length >= 150, 'one address does not get all of the rest');
  assert.equal((await server.request('GET', '/health')).status, 200);
  for (const { socket } of [...clients, ...greedy]) socket.destroy();
  await until(async () => (await figure('holdfast_http_connections')) < 20, 'all are given back');
});

test('who asks for large lists and never reads them is cut off, and the server does not keep what they do not take', async (context) => {
  for (let part = 0; part < 4; part++) {
    const nodes = Array.from({ length: 500 }, (_, index) => ({
      ...NODE,
      hostname: `n${part * 500 + index}`,
      xname: `x${1000 + part}c0s${index % 250}b0n${Math.floor(index / 250)}`,
    }));
    assert.equal((await server.request('POST', '/inventory/ComputeNode', nodes)).status, 201);
  }
  const beforeMiB = rssMiB();
  const clients = Array.from({ length: 60 }, () => open(context));
  for (const { socket } of clients) {
    socket.pause();
    socket.write('GET /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\n\r\n');
  }
  await until(async () => (await figure('holdfast_http_requests_in_flight')) >= 1, 'they are being answered');
  const most = rssMiB();
  // 60 times 8 MB, if it kept them.
  assert.ok(most - beforeMiB < 300, `${beforeMiB} MiB became ${most}`);
  await until(async () => (await figure('holdfast_http_requests_in_flight')) === 0, 'they are cut off');
  assert.equal((await server.request('GET', '/inventory/ComputeNode?limit=1')).status, 200);
});

test('who sends thousands of requests in one piece and reads no answer gets none of the memory', async (context) => {
  const beforeMiB = rssMiB();
  const clients: Client[] = [];
  for (const path of ['/openapi.json', '/inventory/ComputeNode/x1000c0s1b0n0', '/health', '/nothing']) {
    const client = open(context);
    client.socket.pause();
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(5000));
    clients.push(client);
  }
  // A few at a time, and never reading: what is kept for one must not add up either.
  const patient = open(context);
  patient.socket.pause();
  for (let count = 0; count < 200 && !patient.socket.destroyed; count++) {
    patient.socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal((await server.request('GET', '/health')).status, 200);
  const most = rssMiB();
  // More than a gigabyte, if it kept them.
  assert.ok(most - beforeMiB < 300, `${beforeMiB} MiB became ${most}`);
  for (const { socket } of [...clients, patient]) socket.destroy();
});

const FEED = 'GET /feed HTTP/1.1\r\nHost: x\r\n';
const SOCKET = `${FEED}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;

test('an address has a share of the feed, WebSockets and streams together, and gets back what it gives up', async (context) => {
  await until(async () => (await figure('holdfast_http_connections')) < 20, 'those of before are gone');
  const subscribe = async (head: string, localAddress = '127.0.0.2'): Promise<Client> => {
    const client = open(context, localAddress);
    client.socket.write(`${head}\r\n`);
    await until(() => client.text.includes('\r\n\r\n'), 'it is answered');
    return client;
  };
  const held = [await subscribe(FEED), await subscribe(SOCKET), await subscribe(SOCKET)];
  assert.deepEqual(
    held.map(({ text }) => text.slice(9, 12)),
    ['200', '101', '101'],
  );
  for (const head of [FEED, SOCKET]) assert.match((await subscribe(head)).text, /^HTTP\/1\.1 429 [\s\S]*Retry-After: 1/);
  assert.match((await subscribe(SOCKET, '127.0.0.3')).text, /^HTTP\/1\.1 101/);
  // What somebody says who is no proxy is not believed, and behind the proxy everybody has his own share.
  assert.match((await subscribe(`${FEED}X-Forwarded-For: 198.51.100.1\r\n`)).text, /^HTTP\/1\.1 429/);
  const throughProxy = async (client: string): Promise<string> =>
    (await subscribe(`${FEED}X-Forwarded-For: 203.0.113.9, ${client}\r\n`, PROXY)).text.slice(9, 12);
  const statuses: string[] = [];
  for (const client of [1, 1, 1, 1, 2]) statuses.push(await throughProxy(`198.51.100.${client}`));
  assert.deepEqual(statuses, ['200', '200', '200', '429', '200']);
  const counted = await figure('holdfast_http_connections');
  for (const { socket } of held) socket.destroy();
  await until(async () => (await figure('holdfast_http_connections')) <= counted - 3, 'WebSockets are counted as connections');
  for (const head of [SOCKET, FEED, SOCKET]) assert.match((await subscribe(head)).text, /^HTTP\/1\.1 (101|200)/);
});

test('a WebSocket that sends pings and reads none of the answers is closed', async (context) => {
  const client = open(context, '127.0.0.4');
  client.socket.write(`${SOCKET}\r\n`);
  await until(() => client.text.startsWith('HTTP/1.1 101'), 'it is a WebSocket');
  client.socket.pause();
  const ping = Buffer.alloc(6 + 125);
  ping.writeUInt16BE(0x89fd);
  const many = Buffer.concat(Array.from({ length: 500 }, () => ping));
  let isGone = false;
  client.socket.on('error', () => {
    isGone = true;
  });
  const counted = await figure('holdfast_feed_clients{transport="websocket"}');
  // What both ends of the connection hold for it, and no more.
  for (let sent = 0; !isGone && sent < 60 * 1024 * 1024; sent += many.length) {
    if (!client.socket.write(many)) await Promise.race([new Promise((resolve) => client.socket.once('drain', resolve)), client.closed]);
  }
  await until(async () => (await figure('holdfast_feed_clients{transport="websocket"}')) < counted, 'it is closed');
});

test('when all file descriptors that clients may have are taken, writes and snapshots find theirs', async (context) => {
  const folder = temporaryFolder(context);
  const directory = join(folder, 'data');
  const cli = join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js');
  const child = spawn('sh', ['-c', 'ulimit -n 160 && exec "$@"', 'sh', process.execPath, cli, 'serve', '--port', '0', '--data-dir', directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const urlIn = (): string | undefined => /"url":"(http[^"]+)"/.exec(output)?.[1];
  await until(() => urlIn() !== undefined, 'it starts');
  const url = urlIn() ?? '';
  await until(async () => (await fetch(`${url}/health`)).status === 200, 'it is ready');
  assert.match(output, /file descriptors for \d+ connections/);
  const headers = { authorization: `Bearer ${tokenFor(directory, ['inventory:write', 'snapshots'])}`, 'content-type': 'application/json' };
  const write = async (number: number): Promise<number> =>
    (await fetch(`${url}/inventory/ComputeNode`, { method: 'POST', headers, body: JSON.stringify({ hostname: `n${number}`, architecture: 'x86_64' }) })).status;
  assert.equal(await write(1), 201);
  const greedy = Array.from({ length: 300 }, () => open(context, '127.0.0.2', Number(new URL(url).port)));
  await until(() => greedy.some(({ text }) => text.startsWith('HTTP/1.1 503')), 'some are refused');
  // This client has had its connection since before.
  for (let count = 2; count < 20; count++) assert.equal(await write(count), 201);
  assert.equal((await fetch(`${url}/snapshots`, { method: 'POST', headers })).status, 201);
});
