import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { node, type Rig, startRig, undescribed } from './front-rig.ts';

/** Answers in one piece that are larger than what the network takes at once. */

const TEXT = 'ä line of text that is in no way special\n'.repeat(500_000);
const BYTES = Buffer.from(TEXT);

function rigWith(context: TestContext): Promise<Rig> {
  const route = (path: string, body: string | Buffer) => ({
    method: 'GET' as const,
    path,
    access: 'public' as const,
    about: undescribed(path.slice(1)),
    parameters: [],
    handler: (exchange: { reply(reply: { status: number; headers: readonly []; body: string | Buffer }): void }) =>
      exchange.reply({ status: 200, headers: [], body }),
  });
  return startRig(context, { moreRoutes: [route('/text', TEXT), route('/bytes', BYTES), route('/empty', '')] });
}

interface Reader {
  /** Sends a request, reads nothing for a while, and resolves with the body when all of it is there. */
  ask(path: string): Promise<Buffer>;
  readonly isClosed: () => boolean;
}

function slowReader(context: TestContext, rig: Rig): Reader {
  const socket = connect(rig.front.port, '127.0.0.1');
  context.after(() => void socket.destroy());
  let bytes = Buffer.alloc(0);
  let parts: Buffer[] = [];
  socket.on('data', (part) => void parts.push(part));
  socket.on('error', () => undefined);
  return {
    isClosed: () => socket.destroyed,
    async ask(path) {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.resume();
      for (const startedMs = Date.now(); ; ) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        bytes = Buffer.concat([bytes, ...parts]);
        parts = [];
        const head = bytes.indexOf('\r\n\r\n');
        const length = Number(/Content-Length: (\d+)/.exec(bytes.toString('latin1', 0, Math.max(head, 0)))?.[1]);
        assert.ok(Date.now() - startedMs < 20_000 && !socket.destroyed, `${path}: ${bytes.length} bytes of ${length}`);
        if (head === -1 || bytes.length < head + 4 + length) continue;
        const body = bytes.subarray(head + 4, head + 4 + length);
        bytes = Buffer.from(bytes.subarray(head + 4 + length));
        return body;
      }
    },
  };
}

test('an answer that is larger than what the network takes at once arrives whole, and the connection goes on', async (context) => {
  const rig = await rigWith(context);
  const reader = slowReader(context, rig);
  for (const path of ['/text', '/bytes', '/empty', '/text']) {
    const expected = path === '/empty' ? Buffer.alloc(0) : BYTES;
    assert.ok(expected.equals(await reader.ask(path)), path);
  }
  assert.equal(reader.isClosed(), false);
});

test('so does a large record that is read by its key, also when it is changed meanwhile', async (context) => {
  const rig = await startRig(context);
  const large = { ...node(1), status: { extended_data: { text: TEXT.slice(0, 5_000_000) } } };
  const { json, status } = await rig.ask('POST', '/inventory/ComputeNode', large);
  assert.equal(status, 201);
  const path = `/inventory/ComputeNode/${json['id']}`;
  const expected = (await rig.ask('GET', path)).text;
  const reader = slowReader(context, rig);
  const reading = reader.ask(path);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await rig.ask('PUT', path, { ...large, status: { extended_data: { text: 'x'.repeat(5_000_000) } } })).status, 200);
  assert.equal((await reading).toString(), expected);
  assert.equal(JSON.parse((await reader.ask(path)).toString()).status.extended_data.text.length, 5_000_000);
});

test('answers without a body have no length, and those to HEAD the length of the body', async (context) => {
  const rig = await rigWith(context);
  const { json, headers } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${json['id']}`;
  const known = { 'if-none-match': headers.get('etag') ?? '' };
  for (const [method, at, more] of [
    ['GET', path, known],
    ['GET', `/inventory/ComputeNode/${json['xname']}`, known],
    ['OPTIONS', path, {}],
    ['DELETE', path, {}],
  ] as const) {
    const answer = await rig.ask(method, at, undefined, more);
    assert.deepEqual([answer.headers.get('content-length'), answer.text], [null, ''], `${method} ${at} ${answer.status}`);
  }
  assert.equal((await rig.ask('HEAD', '/bytes')).headers.get('content-length'), String(BYTES.length));
});

test('a client that goes in the middle of it is counted as gone, once', async (context) => {
  const rig = await rigWith(context);
  const socket = connect(rig.front.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /text HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  for (const startedMs = Date.now(); rig.front.connections > 0; ) {
    assert.ok(Date.now() - startedMs < 5000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal((await rig.ask('GET', '/empty')).status, 200);
});
