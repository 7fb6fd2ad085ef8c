import { strict as assert } from 'node:assert';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { changesIn, openSocket, openStream, SleepySocket, type Subscriber, sequencesOf } from '../support/feed-client.ts';
import { clientFrame, type FeedFront, rawConnection, startFeedFront, upgradeHead } from './feed-front.ts';

/** Slow, sleeping and hostile clients of the feed, on a real port. */

const CHANGES = 500;
const CHANGE_BYTES = 100_000;
const STREAM = 'GET /feed HTTP/1.1\r\nHost: test\r\n\r\n';

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Makes changes one after the other. @returns how long each took. */
async function write({ change }: FeedFront, count: number, bytes: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let each = 0; each < count; each++) {
    const startedMs = performance.now();
    await change(bytes);
    took.push(performance.now() - startedMs);
  }
  return took;
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const startedMs = performance.now(); !holds(); ) {
    if (performance.now() - startedMs > 10_000) assert.fail(`time is up: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The sequences that a stream's text tells of. */
function sequencesInStream(text: string): readonly number[] {
  return [...text.matchAll(/"type":"holdfast\.NodeCollection\.updated"[^\n]*?"sequence":"(\d+)"[^\n]*\}\n\n/g)].map(([, sequence]) => Number(sequence));
}

test('fifty megabytes of changes while eight subscribers sleep: memory is bounded, nobody else waits, and the sleepers are dropped', async (context) => {
  const at = await startFeedFront(context);
  const alone = medianOf(await write(at, 50, CHANGE_BYTES));
  const sockets = await Promise.all(range(1, 4).map(() => SleepySocket.open(at.front.port)));
  const streams = await Promise.all(range(1, 4).map(() => rawConnection(at.front, STREAM)));
  for (const stream of streams) stream.pause();
  const reader = await openSocket(at.front.url);
  await until(() => at.outlets.length === 9, 'everybody has subscribed');
  const before = process.memoryUsage().rss;
  const together = medianOf(await write(at, CHANGES, CHANGE_BYTES));
  await reader.until((events) => changesIn(events).length === CHANGES);
  const [first] = sequencesOf(reader.events);
  assert.deepEqual(sequencesOf(reader.events), range(first ?? 0, (first ?? 0) + CHANGES - 1));
  const grownMegabytes = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grownMegabytes < 200, `${grownMegabytes} MB more, and ${8 * 50} MB were not taken`);
  for (const { form, bufferedBytes } of at.outlets) assert.ok(bufferedBytes < 1e6, `${form}: ${bufferedBytes} bytes wait`);
  assert.ok(together < 10 * alone + 20, `a write takes ${together} ms, and ${alone} ms without sleepers`);
  at.feed.look();
  at.clock.ms += 30_000;
  at.feed.look();
  assert.equal(at.feed.counts.droppedSlow, 8);
  assert.deepEqual(at.feed.subscribers, { websocket: 1, sse: 0 });
  for (const socket of sockets) {
    const { texts, code } = await socket.readAll();
    const told = sequencesOf(texts.map((text) => JSON.parse(text)));
    assert.deepEqual(told, range(first ?? 0, (first ?? 0) + told.length - 1));
    assert.equal(code, 1013);
    assert.ok(told.length < CHANGES, 'the rest is in the journal');
  }
  for (const stream of streams) {
    const told = sequencesInStream(await restOf(stream));
    assert.deepEqual(told, range(first ?? 0, (first ?? 0) + told.length - 1));
  }
  reader.kill();
});

async function restOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return unchunked(Buffer.concat(chunks).toString('latin1'));
}

/** The body of an answer in chunks, which may be cut off. */
function unchunked(text: string): string {
  let body = '';
  for (let at = text.indexOf('\r\n\r\n') + 4; at > 3 && at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    const length = Number.parseInt(text.slice(at, end), 16);
    if (end === -1 || !(length > 0)) break;
    body += text.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
  return body;
}

for (const form of ['stream', 'WebSocket'] as const) {
  test(`a ${form} that reads slowly gets everything, though nothing more happens at the end`, async (context) => {
    const at = await startFeedFront(context);
    const socket = await rawConnection(at.front, form === 'stream' ? STREAM : upgradeHead('/feed'));
    socket.pause();
    await until(() => at.outlets.length === 1, 'he has subscribed');
    await write(at, 150, CHANGE_BYTES);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let most = 0;
    for (const startedMs = performance.now(); bytes < 150 * CHANGE_BYTES; ) {
      const chunk = socket.read() as Buffer | null;
      most = Math.max(most, at.outlets[0]?.bufferedBytes ?? 0);
      if (chunk !== null) {
        chunks.push(chunk);
        bytes += chunk.length;
      }
      assert.ok(performance.now() - startedMs < 10_000, `time is up after ${bytes} bytes`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const text = Buffer.concat(chunks).toString('latin1');
    const told = [...text.matchAll(/"type":"holdfast\.NodeCollection\.updated".{0,200}?"sequence":"(\d+)"/g)].map(([, sequence]) => Number(sequence));
    assert.deepEqual(told, range(told[0] ?? 0, (told[0] ?? 0) + 149));
    // Of fifteen million: a part of the journal or two, and with front threads what is on its way to one.
    assert.ok(most < 2e6, `${most} bytes waited`);
    assert.equal(at.feed.counts.droppedSlow, 0);
    socket.destroy();
  });
}

test('what a stream could not take is sent as soon as it reads, though it is larger than any buffer and nothing more happens', async (context) => {
  const at = await startFeedFront(context);
  const socket = await rawConnection(at.front, STREAM);
  socket.pause();
  await until(() => at.outlets.length === 1, 'he has subscribed');
  for (let count = 0; count < 2; count++) await at.change(7_000_000);
  await until(() => (at.outlets[0]?.bufferedBytes ?? 0) > 7_000_000, 'he is behind');
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.resume();
  await until(() => bytes > 14_000_000, 'he has it all');
  await until(() => at.outlets[0]?.bufferedBytes === 0, 'and nothing waits');
  socket.destroy();
});

test('a reader who takes less than comes in is not taken for a sleeper, as long as he takes something', async (context) => {
  const at = await startFeedFront(context, { bufferBytesMax: 64e6 });
  const socket = await rawConnection(at.front, STREAM);
  socket.pause();
  await until(() => at.outlets.length === 1, 'he has subscribed');
  await write(at, 100, CHANGE_BYTES);
  await until(() => (at.outlets[0]?.bufferedBytes ?? 0) > 0, 'something waits');
  for (let second = 0; second < 20; second++) {
    for (let each = 0; each < 30; each++) if (socket.read() !== null) break;
    await write(at, 3, CHANGE_BYTES);
    if (second % 8 !== 0) await new Promise((resolve) => setTimeout(resolve, 2));
    at.clock.ms += 5000;
    at.feed.look();
    await drained(socket);
  }
  assert.equal(at.feed.counts.droppedSlow, 0);
  socket.destroy();
});

/** Reads what is there until the kernel has room for more of it. */
async function drained(socket: Socket): Promise<void> {
  for (let bytes = 0, idle = 0; bytes < 3_000_000 && idle < 20; ) {
    const chunk = socket.read() as Buffer | null;
    bytes += chunk?.length ?? 0;
    idle = chunk === null ? idle + 1 : 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const HOSTILE: Readonly<Record<string, readonly Buffer[]>> = {
  'a message that is too large': [clientFrame(1, Buffer.alloc(5000, 'x'))],
  'a length of 2^63': [Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
  'a frame without a mask': [clientFrame(1, Buffer.from('hello'), { masked: false })],
  'text that is no UTF-8': [clientFrame(1, Buffer.from([0xc3, 0x28, 0xff]))],
  'a reserved opcode': [clientFrame(3, Buffer.from('x')), clientFrame(11, Buffer.from('x'))],
  'reserved bits': [clientFrame(1, Buffer.from('x'), { first: 0xf0 })],
  'a fragmented ping': [clientFrame(9, Buffer.from('x'), { first: 0 })],
  'a message that never ends': Array.from({ length: 200 }, () => clientFrame(0, Buffer.alloc(1000), { first: 0 })),
  'a close of one byte': [clientFrame(8, Buffer.from([3]))],
  'a close with a wrong code': [clientFrame(8, Buffer.from([0, 1]))],
  'messages that nobody asked for': Array.from({ length: 1000 }, (_, index) => clientFrame((index % 2) + 1, Buffer.from('{"subscribe":"everything"}'))),
  'a flood of pings': [Buffer.concat(Array.from({ length: 50_000 }, () => clientFrame(9, Buffer.alloc(100, 'p'))))],
  'no frames at all': [Buffer.alloc(50_000, 0xa5)],
};

test('whatever a client sends over its WebSocket, others are told as before', async (context) => {
  const at = await startFeedFront(context);
  const reader = await openSocket(at.front.url);
  let sent = 0;
  for (const [name, frames] of Object.entries(HOSTILE)) {
    const socket = await rawConnection(at.front, upgradeHead('/feed'));
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.pause();
    for (const frame of frames) socket.write(frame);
    await at.change(10);
    sent += 1;
    await reader.until((events) => changesIn(events).length === sent);
    assert.equal((await at.rig.ask('GET', '/health')).status, 200, name);
    socket.destroy();
  }
  await until(() => at.feed.subscribers.websocket === 1, 'those who went are forgotten');
  reader.kill();
});

test('requests that are half an upgrade are refused or answered as what they are', async (context) => {
  const at = await startFeedFront(context);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['no key', upgradeHead('/feed', { 'Sec-WebSocket-Key': '' }), /^HTTP\/1\.1 200 OK\r\n[\s\S]*text\/event-stream/],
    ['a short key', upgradeHead('/feed', { 'Sec-WebSocket-Key': 'abc' }), /^HTTP\/1\.1 200 OK\r\n[\s\S]*text\/event-stream/],
    ['an old version', upgradeHead('/feed', { 'Sec-WebSocket-Version': '8' }), /^HTTP\/1\.1 400 [\s\S]*Sec-WebSocket-Version: 13\r\n/],
    ['no version', upgradeHead('/feed', { 'Sec-WebSocket-Version': '' }), /^HTTP\/1\.1 400 [\s\S]*Sec-WebSocket-Version: 13\r\n/],
    [
      'subprotocols of others',
      upgradeHead('/feed', { 'Sec-WebSocket-Protocol': 'mqtt, graphql-ws' }),
      /^HTTP\/1\.1 400 [\s\S]*the subprotocol of the feed is holdfast\.feed/,
    ],
    ['a token alone', upgradeHead('/feed', { 'Sec-WebSocket-Protocol': 'bearer.all' }), /^HTTP\/1\.1 400 /],
    ['a body', `${upgradeHead('/feed', { 'Content-Length': '5' })}hello`, /^HTTP\/1\.1 (101|400) /],
    ['a body in chunks', `${upgradeHead('/feed', { 'Transfer-Encoding': 'chunked' })}5\r\nhello\r\n0\r\n\r\n`, /^HTTP\/1\.1 (101|400) /],
    ['another path', upgradeHead('/health'), /^HTTP\/1\.1 200 OK/],
    ['a path behind it', upgradeHead('/feed/more'), /^HTTP\/1\.1 404 /],
    ['another method', upgradeHead('/feed').replace('GET', 'POST'), /^HTTP\/1\.1 405 /],
    ['a filter that is wrong', upgradeHead('/feed?color=red'), /^HTTP\/1\.1 400 /],
    ['two hosts', upgradeHead('/feed').replace('Host: test', 'Host: test\r\nHost: other'), /^HTTP\/1\.1 400 /],
  ];
  for (const [name, head, answer] of cases) {
    const { text } = await at.rig.raw([head], (got) => got.includes('\r\n\r\n') && answer.test(got));
    assert.match(text, answer, name);
  }
  const reader = await openSocket(at.front.url);
  await at.change(10);
  await reader.until((events) => changesIn(events).length === 1);
  reader.kill();
});

test('a token among the subprotocols is taken, and neither answered nor logged', async (context) => {
  const at = await startFeedFront(context);
  const offer = (token: string): string => upgradeHead('/feed', { 'Sec-WebSocket-Protocol': `bearer.${token}, holdfast.feed` });
  const good = await at.rig.raw([offer('all')], (text) => text.includes('feed.position'));
  assert.match(good.text, /^HTTP\/1\.1 101 /);
  assert.match(good.text, /Sec-WebSocket-Protocol: holdfast\.feed\r\n/);
  const bad = await at.rig.raw([offer('canary-token')], (text) => text.includes('"status"'));
  assert.match(bad.text, /^HTTP\/1\.1 401 /);
  for (const shown of [good.text, bad.text, JSON.stringify(at.rig.lines)]) assert.ok(!/bearer\.|canary-token/i.test(shown), shown);
});

test('the id of a position or of a reset is a place to come back to, as those of changes are', async (context) => {
  const at = await startFeedFront(context);
  const first = await openSocket(at.front.url, 'since=1-1');
  const second = await openSocket(at.front.url);
  await at.change(10);
  await first.until((events) => changesIn(events).length === 1);
  for (const [event] of [first.events, second.events]) {
    assert.match(event?.id ?? '', /-1-(position|reset)$/);
    const back = await openSocket(at.front.url, `since=${event?.id}`);
    assert.deepEqual(sequencesOf(await back.until((events) => changesIn(events).length === 1)), [2]);
    back.kill();
  }
  for (const subscriber of [first, second]) subscriber.kill();
});

test('clients that go without a word, in any moment, are forgotten', async (context) => {
  const at = await startFeedFront(context);
  const all: Subscriber[] = [];
  for (let each = 0; each < 20; each++) {
    const query = each % 3 === 0 ? 'since=0' : '';
    all.push(each % 2 === 0 ? await openStream(at.front.url, query) : await openSocket(at.front.url, query));
    if (each % 4 === 0) all.at(-1)?.kill();
    await at.change(1000);
  }
  const sockets = await Promise.all(range(1, 20).map(() => rawConnection(at.front, upgradeHead('/feed?since=0'))));
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) socket.resetAndDestroy();
    else socket.end();
  }
  for (const subscriber of all) subscriber.kill();
  await at.change(10);
  await until(() => at.feed.subscribers.sse + at.feed.subscribers.websocket === 0, 'nobody is left');
});
