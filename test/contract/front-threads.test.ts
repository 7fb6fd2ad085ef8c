import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Connection } from '../support/connection.ts';
import { openSocket, openStream } from '../support/feed-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server-process.ts';

/** A server whose connections are in threads of their own: it has to be the same server. */

const THREADS = ['--http-threads', '2'];
const LINES = { 'content-type': 'application/x-ndjson' };
const NODE = { hostname: 'n1', architecture: 'x86_64' };

/** For tests that do not mind what is in the inventory besides, and leave the server as it is. */
let shared: ServerProcess;
before(async () => {
  shared = await ServerProcess.start({ directory: join(mkdtempSync(join(tmpdir(), 'holdfast-threads-')), 'data'), flags: THREADS });
});
after(async () => {
  await shared.kill();
  rmSync(dirname(shared.directory), { recursive: true, force: true });
});

async function serverFor(context: TestContext, options: { readonly environment?: Record<string, string>; readonly flags?: readonly string[] } = {}) {
  const { environment = {}, flags = [] } = options;
  const server = await ServerProcess.start({ directory: join(temporaryFolder(context), 'data'), flags: [...THREADS, ...flags], environment });
  context.after(async () => void (await server.kill()));
  return server;
}

// The first one here: nobody else has asked for anything yet.
test('requests that threads answer by themselves are counted like all others', async () => {
  const server = shared;
  const made = await server.request('POST', '/inventory/ComputeNode', NODE);
  const path = `/inventory/ComputeNode/${made.json.id}`;
  const connections = Array.from({ length: 8 }, () => new Connection(server));
  for (const connection of connections) for (let count = 0; count < 5; count++) await connection.call('GET', path);
  const counted = /holdfast_http_requests_total\{method="GET",route="\/inventory\/\{Kind\}\/\{name\}",status="200"\} 40\b/;
  let text = '';
  for (const startedMs = Date.now(); Date.now() - startedMs < 10_000 && !counted.test(text); ) text = (await server.request('GET', '/metrics')).text;
  assert.match(text, counted);
  assert.match(text, /holdfast_http_connections [1-9]/);
  for (const connection of connections) connection.close();
});

test('whoever has an answer to a write reads it on every connection, whichever thread has that', async () => {
  const server = shared;
  const clients = 24;
  const rounds = 40;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const writer = new Connection(server);
      const readers = [new Connection(server), new Connection(server), new Connection(server)];
      const made = JSON.parse((await writer.call('POST', '/inventory/ComputeNode', { ...NODE, hostname: `c${client}` })).text) as { id: string };
      const path = `/inventory/ComputeNode/${made.id}`;
      for (let round = 0; round < rounds; round++) {
        const written = await writer.call('PUT', path, { ...NODE, hostname: `c${client}-${round}` });
        assert.equal(written.status, 200, written.text);
        for (const read of await Promise.all(readers.map((reader) => reader.call('GET', path)))) {
          assert.equal(read.status, 200);
          assert.equal((JSON.parse(read.text) as { hostname: string }).hostname, `c${client}-${round}`);
        }
      }
      await writer.call('DELETE', path);
      for (const read of await Promise.all(readers.map((reader) => reader.call('GET', path)))) assert.equal(read.status, 404);
      for (const connection of [writer, ...readers]) connection.close();
    }),
  );
});

test('long bodies come whole through a thread, in both directions, and a client that reads late gets all of it', async (context) => {
  const server = await serverFor(context);
  const lines = Array.from({ length: 4000 }, (_, index) => JSON.stringify({ ...NODE, hostname: `n${index}`, description: 'x'.repeat(900) }));
  const bulk = await server.request('POST', '/inventory/ComputeNode/bulk', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(bulk.status, 200, bulk.text.slice(0, 500));
  const list = await fetch(`${server.url}/inventory/ComputeNode`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(((await list.json()) as unknown[]).length, lines.length);
});

test('long lists and files that are read at the same time do not get into each other', async () => {
  const server = shared;
  const drafts = Array.from({ length: 3000 }, (_, index) => ({ ...NODE, hostname: `n${index}`, description: `${index}`.repeat(60) }));
  const bulk = await server.request('POST', '/inventory/ComputeNode/bulk', drafts.map((draft) => JSON.stringify(draft)).join('\n'), LINES);
  assert.equal(bulk.status, 200, bulk.text.slice(0, 500));
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  const paths = ['/inventory/ComputeNode', '/snapshots/latest/files/ComputeNode.parquet'];
  const alone = await Promise.all(paths.map(async (path) => (await bytesOf(server, path)).toString('base64')));
  for (let round = 0; round < 3; round++) {
    const together = await Promise.all(Array.from({ length: 16 }, async (_, index) => (await bytesOf(server, paths[index % 2] ?? '')).toString('base64')));
    for (const [index, text] of together.entries()) assert.ok(text === alone[index % 2], `${paths[index % 2]}: other bytes than alone`);
  }
});

async function bytesOf(server: ServerProcess, path: string): Promise<Buffer> {
  const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
  assert.equal(answer.status, 200, path);
  return Buffer.from(await answer.arrayBuffer());
}

test('behind a long body that nobody wanted to read, the next request on the connection is answered', async (context) => {
  const server = shared;
  const body = 'x'.repeat(2_000_000);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  context.after(() => socket.destroy());
  socket.write(`POST /inventory/ComputeNode HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  let text = '';
  for await (const part of socket.setEncoding('latin1')) {
    // The second request goes out when there is an answer to the first one.
    if (text === '') socket.write('GET /health HTTP/1.1\r\nHost: test\r\n\r\n');
    text += part;
    if (text.includes('HTTP/1.1 200 OK')) break;
  }
  assert.match(text, /^HTTP\/1\.1 401 .*HTTP\/1\.1 200 OK/s);
});

/** What comes for these bytes until `isOver` says so or the connection ends. */
async function answersTo(
  server: ServerProcess,
  bytes: string,
  isOver: (text: string) => boolean,
): Promise<{ readonly text: string; readonly isClosed: boolean }> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  let text = '';
  for await (const part of socket.setEncoding('latin1')) {
    text += part;
    if (isOver(text)) return { text, isClosed: false };
  }
  return { text, isClosed: true };
}

test('GETs by id in one piece are answered in order, and behind one that has to wait the connection ends without an answer to another', async () => {
  const server = shared;
  const ids: string[] = [];
  for (const hostname of ['first', 'second']) ids.push((await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname })).json.id as string);
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const byId = (count: number): string => Array.from({ length: count }, (_, index) => get(`/inventory/ComputeNode/${ids[index % 2]}`)).join('');
  const hostnames = (text: string): string[] => [...text.matchAll(/"hostname":"(\w+)"/g)].map(([, name = '']) => name);
  const inTurns = (count: number): string[] => Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 'first' : 'second'));
  // A thread that has not been shown the owner's memory yet hands everything over.
  for (let tries = 0, got = 0; got < 50; tries++) {
    assert.ok(tries < 100, `${got} answers`);
    const { text } = await answersTo(server, byId(50), (all) => hostnames(all).length === 50);
    got = hostnames(text).length;
    assert.deepEqual(hostnames(text), inTurns(got));
  }
  const { text, isClosed } = await answersTo(server, byId(4) + get('/inventory/ComputeNode?sort=hostname') + byId(3), () => false);
  assert.ok(isClosed);
  assert.deepEqual(hostnames(text), inTurns(hostnames(text).length));
  assert.ok(hostnames(text).length <= 4, text);
});

test('the feed reaches WebSockets and streams of all threads', async () => {
  const server = shared;
  const feeds = await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? openSocket(server.url) : openStream(server.url))));
  for (let count = 0; count < 10; count++) await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: `n${count}` });
  for (const feed of feeds) {
    const events = await feed.until((all) => all.filter(({ type }) => type.endsWith('.created')).length === 10);
    assert.ok(events.length >= 10);
    feed.kill();
  }
  assert.equal((await server.request('GET', '/health')).status, 200);
});

test('a port that front threads have is not shared with another server', async (context) => {
  const server = shared;
  const flags = ['--port', new URL(server.url).port];
  for (const more of [[], THREADS]) {
    await assert.rejects(ServerProcess.start({ directory: join(temporaryFolder(context), 'other'), flags: [...flags, ...more] }), /is in use or not allowed/);
  }
  assert.equal((await server.request('GET', '/health')).status, 200);
});

test('what was acknowledged through a thread is there after a kill', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await ServerProcess.start({ directory, flags: THREADS });
  const acknowledged: string[] = [];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const connection = new Connection(server);
    for (let count = 0; ; count++) {
      const answer = await connection.call('POST', '/inventory/ComputeNode', { ...NODE, hostname: `w${writer}-${count}` }).catch(() => undefined);
      if (answer?.status !== 201) return;
      acknowledged.push((JSON.parse(answer.text) as { id: string }).id);
    }
  });
  while (acknowledged.length < 200) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.kill('SIGKILL');
  await Promise.all(writers);
  const again = await ServerProcess.start({ directory, flags: THREADS });
  context.after(async () => void (await again.kill()));
  const found = new Set(((await again.request('GET', '/inventory/ComputeNode')).json as { id: string }[]).map(({ id }) => id));
  assert.deepEqual(
    acknowledged.filter((id) => !found.has(id)),
    [],
  );
});

test('a front thread that meets a defect ends the process with 70, and the log says why', async (context) => {
  const folder = temporaryFolder(context);
  const [defect, fall] = [join(folder, 'defect.mjs'), join(folder, 'fall')];
  writeFileSync(
    defect,
    `import { existsSync } from 'node:fs';
     import { isMainThread, workerData } from 'node:worker_threads';
     const looking = !isMainThread && workerData?.sharing === 'further' && setInterval(() => {
       if (!existsSync(${JSON.stringify(fall)})) return;
       clearInterval(looking);
       throw new Error('a defect on purpose');
     }, 10);`,
  );
  const environment = { NODE_OPTIONS: `--import ${pathToFileURL(defect).href}` };
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: THREADS, environment });
  context.after(async () => void (await server.kill()));
  // Told by a file, and not after a while: on a busy machine, or with a slow disk, a start takes long.
  writeFileSync(fall, '');
  assert.deepEqual(await server.exited, { code: 70, signal: null });
  assert.match(server.output(), /a front thread has ended: Error: a defect on purpose/);
});

test('SIGTERM ends a server with front threads with 0, with clients that stay', async (context) => {
  const server = await serverFor(context);
  const feed = await openSocket(server.url);
  const connection = new Connection(server);
  await connection.call('GET', '/health');
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });
  assert.equal(await feed.ended, 1012);
});
