import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { test } from 'node:test';
import { node, post, type RawAnswer, type Rig, startRig } from './front-rig.ts';

const PIPELINED = 'GET /health/live HTTP/1.1\r\nHost: second\r\n\r\n';
const body = JSON.stringify(node(1));
const length = `Content-Length: ${body.length}`;

function answersIn(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status as string);
}

function writesOf(rig: Rig): number {
  return rig.owner.commands.length;
}

test('a head that two readers could understand differently is refused, its connection closed, and nothing behind it runs', async (context) => {
  const rig = await startRig(context);
  const cases: readonly (readonly string[])[] = [
    [length, length],
    [length, 'Content-Length: 3'],
    [length, 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: identity', length],
    [length, 'Host: other'],
    [length, 'Authorization: Bearer all'],
    ['Content-Length: +5'],
    ['Content-Length: 5, 5'],
    ['Content-Length: 0x5'],
    ['Content-Length:'],
  ];
  for (const headers of cases) {
    const alone = await rig.raw([post('/inventory/ComputeNode', body, ...headers)]);
    assert.ok(alone.isClosed, headers.join(' | '));
    assert.ok(
      answersIn(alone.text).every((status) => status >= '400'),
      `${headers.join(' | ')}: ${alone.text}`,
    );
    const pipelined = await rig.raw([post('/inventory/ComputeNode', body, ...headers) + PIPELINED]);
    assert.ok(pipelined.isClosed, headers.join(' | '));
    assert.ok(!answersIn(pipelined.text).includes('200'), `${headers.join(' | ')}: ${pipelined.text}`);
  }
  assert.equal(writesOf(rig), 0);
});

test('a repeated Host is refused for reads too', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const refused = await rig.raw([`GET /inventory/ComputeNode/${json['id']} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`]);
  assert.deepEqual([answersIn(refused.text), refused.isClosed], [['400'], true]);
});

test('a body that is declared too large is refused at once, and the connection ends with it', async (context) => {
  const rig = await startRig(context, { limits: { bodyBytesMax: 1000 } });
  const refused = await rig.raw([post('/inventory/ComputeNode', '', 'Content-Length: 100000000')], (text) => text.includes('"too-large"'));
  assert.match(refused.text, /^HTTP\/1\.1 413 [\s\S]*Connection: close/);
});

test('a body that turns out too large is refused, whole or in chunks, and the client gets to read why', async (context) => {
  // The server reads on until the body is over, however long a busy machine takes to send it.
  const rig = await startRig(context, { limits: { bodyBytesMax: 1_000_000, lingerMs: 60_000 } });
  const large = Buffer.alloc(200_000_000, 0x20);
  const sent = async (body: Buffer): Promise<readonly RawAnswer[]> => [
    await rig.raw([post('/inventory/ComputeNode', '', `Content-Length: ${body.length}`), body, PIPELINED]),
    await rig.raw([post('/inventory/ComputeNode', '', 'Transfer-Encoding: chunked'), `${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n', PIPELINED]),
  ];
  // What threads and code take when they are first needed is no part of a body.
  const first = await sent(large.subarray(0, 2_000_000));
  const before = process.memoryUsage().rss;
  for (const { text, isClosed } of [...first, ...(await sent(large))]) {
    assert.deepEqual([answersIn(text), isClosed], [['413'], true]);
    const [head = '', problem = ''] = text.split('\r\n\r\n');
    assert.equal(/Content-Length: (\d+)/.exec(head)?.[1], String(problem.length));
    assert.equal((JSON.parse(problem) as { code: string }).code, 'too-large');
  }
  // Parts that nobody holds any more wait for the collector: with front threads up to a hundred megabytes, however long the body is.
  assert.ok(process.memoryUsage().rss - before < 150_000_000, 'neither body is kept');
  const fetched = await rig.ask('POST', '/inventory/ComputeNode', large.subarray(0, 20_000_000));
  assert.equal(fetched.status, 413);
});

test('a body that nobody reads does not stop the next request on its connection', async (context) => {
  const rig = await startRig(context);
  const large = Buffer.alloc(3_000_000, 0x20);
  const unauthorised = `POST /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\n\r\n`;
  for (const path of [
    unauthorised,
    `PUT /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\n\r\n`,
    `GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\n\r\n`,
  ]) {
    const answers = await rig.raw([path, large, PIPELINED], (text) => answersIn(text).length === 2);
    assert.equal(answersIn(answers.text)[1], '200', path);
  }
});

test('a body that comes byte by byte is one body', async (context) => {
  const rig = await startRig(context);
  const text = post('/inventory/ComputeNode', body, length);
  const answer = await rig.raw(
    [...text].map((letter) => letter),
    (received) => received.includes('\r\n\r\n'),
  );
  assert.deepEqual(answersIn(answer.text), ['201']);
});

test('a URL beyond the limit is a 414, a head beyond the limit is not answered with a record', async (context) => {
  const rig = await startRig(context);
  assert.equal((await rig.ask('GET', `/inventory/ComputeNode?hostname=${'x'.repeat(9000)}`)).status, 414);
  const head = await rig.raw([`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`]);
  assert.ok(head.isClosed);
  assert.ok(!answersIn(head.text).includes('200'));
});

test('a client that goes away in the middle of its body leaves nothing behind', async (context) => {
  const rig = await startRig(context);
  const socket = connect(rig.front.port, '127.0.0.1');
  socket.write(post('/inventory/ComputeNode', body.slice(0, 10), length));
  while (rig.front.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  while (rig.front.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(writesOf(rig), 0);
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});

test('paths and methods arrive raw and are taken literally', async (context) => {
  const rig = await startRig(context);
  const status = async (line: string): Promise<string | undefined> =>
    answersIn((await rig.raw([`${line} HTTP/1.1\r\nHost: x\r\n\r\n`], (text) => text.includes('\r\n\r\n'))).text)[0];
  assert.equal(await status('GET /inventory/../health'), '400');
  assert.equal(await status('GET /%2e%2e/health'), '400');
  assert.equal(await status('GET /inventory/ComputeNode/%2e%2E'), '400');
  assert.equal(await status('GET /inventory/ComputeNode/..%2f..%2fetc%2fpasswd'), '404');
  assert.equal(await status('get /health'), '405');
  assert.equal(await status('FOO /health'), '405');
  assert.equal(await status('GET /health/'), '200');
});

test('a bulk that stalls is answered with 504, and what had come of it is not stored', async (context) => {
  const rig = await startRig(context, { limits: { requestTimeLimitMs: 30 } });
  for (const mode of ['atomic', 'partial']) {
    const bulk = post(`/inventory/ComputeNode/bulk?mode=${mode}`, `${body}\n`, 'Content-Length: 100000').replace('application/json', 'application/x-ndjson');
    const answer = await rig.raw([bulk], (text) => text.includes('"timeout"'));
    assert.deepEqual(answersIn(answer.text), ['504']);
    await rig.front.drain(1000);
  }
  assert.equal(writesOf(rig), 0);
});

test('answers in time do not wait for a client that reads slowly, and a stream that does not move is cut', async (context) => {
  const rig = await startRig(context, { limits: { requestTimeLimitMs: 50 } });
  const nodes = Array.from({ length: 1000 }, (_, index) => ({ ...node(index), xname: undefined, description: 'd'.repeat(4000) }));
  for (let part = 0; part < 3; part++) await rig.ask('POST', '/inventory/ComputeNode', nodes);
  const socket = connect(rig.front.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\n\r\n');
  // Where a thread takes the answer from the main thread, it may be over before it is seen.
  const untilMs = performance.now() + 1000;
  while (rig.front.inFlight === 0 && performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve));
  await rig.front.drain(10_000);
  assert.equal(rig.front.inFlight, 0);
  socket.destroy();
});
