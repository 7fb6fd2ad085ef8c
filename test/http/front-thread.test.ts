import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { freePort } from '../../bench/peers/free-port.ts';
import { Mailbox, takePiece } from '../../src/http/threads/mailbox.ts';
import type { FromThread, ToThread } from '../../src/http/threads/messages.ts';
import { RELAY_LIMITS, type RelayLimits, relayLimitsOf } from '../../src/http/threads/relay-limits.ts';
import { Standstill } from '../../src/http/threads/standstill.ts';
import { ThreadFront } from '../../src/http/threads/thread-front.ts';
import { ThreadLink } from '../../src/http/threads/thread-link.ts';
import { TAKEN_SHARED_BYTES, takenIn } from '../../src/http/threads/thread-options.ts';
import type { RequestHandler, WebSocket } from '../../src/http/transport.ts';
import { endWhole } from '../../src/http/whole-body.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { startRig } from './front-rig.ts';

/** What may be under way between a front thread and the main thread, and what happens when that is full. */

const LIMITS: RelayLimits = { ...RELAY_LIMITS, waitingMax: 3, waitingPerAddressMax: 2, unreadBytesPerAddressMax: 100_000 };

/** A front thread without a thread, and a main thread that answers nothing. */
class Rig {
  readonly messages: FromThread[] = [];
  readonly #front: ThreadFront;
  readonly #take: (piece: ArrayBuffer) => void;
  readonly #pieces: ArrayBuffer[] = [];
  isTaking = true;

  private constructor(context: TestContext, relayLimits: RelayLimits, port = 0) {
    const { port1: theirs, port2: ours } = new MessageChannel();
    const taken = takenIn(new SharedArrayBuffer(TAKEN_SHARED_BYTES));
    let open = 0;
    const opened = {
      threads: 1,
      add(more: number): number {
        open += more;
        return open;
      },
    };
    this.#front = new ThreadFront(
      {
        ...{ host: '127.0.0.1', port, kinds: [], trustedProxies: [], mayReadFast: false, opened, taken, relayLimits },
        ...{ limits: { connectionsMax: 1000, connectionsPerAddressMax: 1000 }, vitalPaths: ['/health'], agentWords: ['join'], closed: () => undefined },
      },
      theirs,
    );
    this.#take = (piece) => takePiece<FromThread>(piece, taken.byMain, (messages) => this.messages.push(...messages));
    ours.on('message', (piece: ArrayBuffer) => (this.isTaking ? this.#take(piece) : this.#pieces.push(piece)));
    context.after(() => {
      this.#front.close();
      theirs.close();
    });
  }

  static async start(context: TestContext, limits: Partial<RelayLimits> = {}): Promise<Rig> {
    const rig = new Rig(context, { ...LIMITS, ...limits });
    await rig.#front.listen();
    await until(() => rig.#port > 0, 'it listens');
    return rig;
  }

  /** Whether a port is open behind a thread that was told to let go while it began to listen there. */
  static async listensAfterAll(context: TestContext): Promise<boolean> {
    const port = await freePort();
    const rig = new Rig(context, LIMITS, port);
    const listening = rig.#front.listen();
    rig.#front.close();
    await listening;
    return isOpen(port);
  }

  get #port(): number {
    const listening = this.messages.find(([name]) => name === 'listening');
    return listening?.[0] === 'listening' ? listening[1] : 0;
  }

  get requests(): readonly string[] {
    return this.messages.flatMap((message) => (message[0] === 'request' ? [message[3]] : []));
  }

  takeAll(): void {
    this.isTaking = true;
    for (const piece of this.#pieces.splice(0)) this.#take(piece);
  }

  send(context: TestContext, localAddress: string, text: string): { readonly socket: Socket; text: string } {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress });
    const client = { socket, text: '' };
    socket.on('data', (bytes) => {
      client.text += bytes.toString('latin1');
    });
    socket.on('error', () => undefined);
    context.after(() => void socket.destroy());
    socket.write(text);
    return client;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function get(path: string, ...headers: readonly string[]): string {
  return `GET ${path} HTTP/1.1\r\n${['Host: x', ...headers].join('\r\n')}\r\n\r\n`;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const startedMs = Date.now(); !isSo(); ) {
    assert.ok(Date.now() - startedMs < 10_000, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('an address has a share of the requests that wait, all of them have a limit, and the health of the server is always asked', async (context) => {
  const rig = await Rig.start(context);
  for (const path of ['/1', '/2']) rig.send(context, '127.0.0.2', get(path));
  await until(() => rig.requests.length === 2, 'two wait');
  const greedy = rig.send(context, '127.0.0.2', get('/3'));
  await until(() => greedy.text.includes('}'), 'he is refused');
  assert.match(greedy.text, /^HTTP\/1\.1 429 Too Many Requests\r\n[\s\S]*Retry-After: 1\r\n[\s\S]*"code":"too-many-requests"/);
  assert.doesNotMatch(greedy.text, /Connection: close/, 'his connection is as good as before');
  rig.send(context, '127.0.0.3', get('/4'));
  await until(() => rig.requests.length === 3, 'another address is taken');
  const late = rig.send(context, '127.0.0.4', get('/5', 'X-Request-Id: mine'));
  await until(() => late.text.includes('}'), 'all are too many');
  assert.match(
    late.text,
    /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*Retry-After: 1\r\n[\s\S]*X-Request-Id: mine\r\n[\s\S]*"code":"overloaded"[\s\S]*"requestId":"mine"/,
  );
  rig.send(context, '127.0.0.4', get('/health'));
  await until(() => rig.requests.includes('/health'), 'the main thread is asked');
});

test('where the server lets more requests wait, its threads do as well', () => {
  assert.deepEqual(relayLimitsOf({ inFlightMax: 1, inFlightPerAddressMax: 1 }), RELAY_LIMITS);
  const raised = relayLimitsOf({ inFlightMax: 50_000, inFlightPerAddressMax: 20_000 });
  assert.deepEqual([raised.waitingMax, raised.waitingPerAddressMax], [50_000, 20_000]);
});

test('a thread that is told to let go while it begins to listen does not listen', async (context) => {
  assert.equal(await Rig.listensAfterAll(context), false);
});

test('who goes gives his place back', async (context) => {
  const rig = await Rig.start(context);
  const [first] = [rig.send(context, '127.0.0.2', get('/1')), rig.send(context, '127.0.0.2', get('/2'))];
  await until(() => rig.requests.length === 2, 'two wait');
  first?.socket.destroy();
  await until(() => rig.messages.some(([name]) => name === 'gone'), 'he has gone');
  rig.send(context, '127.0.0.2', get('/3'));
  await until(() => rig.requests.includes('/3'), 'his place can be had');
});

test('bodies that the main thread does not read are a share of memory for each address', async (context) => {
  const rig = await Rig.start(context, { waitingPerAddressMax: 100, waitingMax: 100 });
  const post = (path: string, bytes: number, sent = bytes): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(sent)}`;
  rig.send(context, '127.0.0.2', post('/1', 200_000, 120_000));
  await until(() => bytesIn(rig.messages) === 120_000, 'a body is under way');
  const second = rig.send(context, '127.0.0.2', post('/2', 10));
  await until(() => second.text.includes('}'), 'he is refused');
  assert.match(second.text, /^HTTP\/1\.1 429 /);
  second.socket.write(get('/without-a-body'));
  await until(() => rig.requests.includes('/without-a-body'), 'on the same connection, too');
  rig.send(context, '127.0.0.3', post('/3', 10));
  await until(() => rig.requests.includes('/3'), 'another address is taken');
});

function bytesIn(messages: readonly FromThread[]): number {
  return messages.reduce((sum, message) => sum + (message[0] === 'body' ? message[2].length : 0), 0);
}

test('requests whose clients went are counted until the main thread has taken them', async (context) => {
  const rig = await Rig.start(context, { untakenBytesMax: 50_000 });
  rig.isTaking = false;
  const answers: string[] = [];
  for (let count = 0; count < 30 && answers.length === 0; count++) {
    const client = rig.send(context, '127.0.0.2', get('/nothing', `X-Large: ${'x'.repeat(5000)}`));
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (client.text !== '') answers.push(client.text);
    client.socket.destroy();
  }
  assert.match(answers.join(), /^HTTP\/1\.1 503 [\s\S]*"code":"overloaded"/);
  const vital = rig.send(context, '127.0.0.3', get('/health'));
  await until(() => vital.text.includes('}'), 'no request at all is handed over');
  rig.takeAll();
  rig.send(context, '127.0.0.2', get('/taken'));
  await until(() => rig.requests.includes('/taken'), 'there is room again');
});

test('what a thread answers in the place of the main thread is what that would, on paths of NodeAgent2 and on others', async (context) => {
  const rig = await Rig.start(context, { waitingPerAddressMax: 0 });
  const main = await startRig(context, { limits: { inFlightPerAddressMax: 0 } });
  for (const path of ['/nodes', '/inventory/ComputeNode?limit=1', '/join/nowhere', '/join']) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const text = `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nAuthorization: Bearer all\r\n\r\n`;
      const client = rig.send(context, '127.0.0.2', text);
      const isWhole = (answer: string): boolean => answer.endsWith(method === 'HEAD' ? '\r\n\r\n' : '}');
      await until(() => isWhole(client.text), `${method} ${path}`);
      const refused = await main.raw([text], isWhole);
      // Without agent routes that front knows neither those paths nor writes to a list.
      if (refused.text.includes(' 429 ')) assert.equal(alike(client.text), alike(refused.text), `${method} ${path}`);
      else assert.match(client.text, path.startsWith('/join') && method !== 'HEAD' ? /"message":"0 requests/ : / 429 /);
    }
  }
});

/** Without numbers, and what they count. */
function alike(answer: string): string {
  return answer.replace(/"detail":"[^"]*"/, '').replace(/(Content-Length|Date): .*/g, '');
}

const EVENTS = {
  listening: () => undefined,
  failed: () => undefined,
  counted: () => undefined,
  tlsObeyed: () => undefined,
  logged: () => undefined,
  broken: () => undefined,
};

/** The main thread's end, and a thread that takes what it is sent when a test says so. */
class Link {
  readonly link: ThreadLink;
  readonly sockets: WebSocket[] = [];
  readonly broken: string[] = [];
  drained = 0;
  /** What requests that are no WebSockets are answered with. */
  body: Buffer = Buffer.alloc(0);
  /** Of answers, bytes that the network has taken. */
  answeredBytes = 0;
  readonly #pieces: ArrayBuffer[] = [];
  readonly #taken = takenIn(new SharedArrayBuffer(TAKEN_SHARED_BYTES));
  readonly #back: Mailbox<FromThread>;
  #id = 0;

  constructor(limits: Partial<RelayLimits>) {
    const handler: RequestHandler = (res, _req, context) => {
      if (context === undefined) {
        endWhole(res.onAborted(ignore), this.body, ignore);
        return;
      }
      const events = { open: (socket: WebSocket) => void this.sockets.push(socket), drained: () => void this.#drained(), pinged: ignore, closed: ignore };
      res.upgrade(events, '', '', '', context);
    };
    const port = { postMessage: (piece: unknown) => void this.#pieces.push(piece as ArrayBuffer) };
    this.link = new ThreadLink(port, handler, { ...EVENTS, broken: (reason) => void this.broken.push(reason) }, this.#taken, { ...RELAY_LIMITS, ...limits });
    this.#back = new Mailbox({ postMessage: (piece) => this.link.take(piece as ArrayBuffer) }, this.#taken.byMain);
  }

  /** @returns how many messages of each name came. */
  takeAll(): Readonly<Record<string, number>> {
    this.link.mailbox.flush();
    const names: Record<string, number> = {};
    for (const piece of this.#pieces.splice(0)) {
      takePiece<ToThread>(piece, this.#taken.byThread, (messages) => {
        for (const message of messages) {
          const [name] = message;
          names[name] = (names[name] ?? 0) + 1;
          if (name === 'mark') this.#back.post(['mark']);
          if (name === 'reply') this.answeredBytes += message[4]?.length ?? 0;
          if (name !== 'part') continue;
          this.answeredBytes += message[2].length;
          this.#back.post(['taken', message[1], message[2].length, false]);
        }
      });
    }
    this.#back.flush();
    return names;
  }

  get(): void {
    this.#back.post(['request', this.#id++, 'GET', '/', null, '127.0.0.1', false, []]);
    this.#back.flush();
  }

  openSocket(): WebSocket {
    this.#back.post(['request', this.#id++, 'GET', '/feed', null, '127.0.0.1', true, []]);
    this.#back.flush();
    return this.sockets.at(-1) as WebSocket;
  }

  #drained(): void {
    this.drained += 1;
  }
}

function ignore(): void {}

test('what is published to a thread that takes nothing counts as buffered for its sockets, who hear when it has been taken', () => {
  const at = new Link({ answerBytes: 100_000 });
  const [subscribed, other] = [at.openSocket(), at.openSocket()];
  const message = Buffer.alloc(50_000, 'x');
  at.link.publish('changes', message);
  assert.deepEqual(at.takeAll(), { upgrade: 2 }, 'nobody listens');
  subscribed.subscribe('changes');
  at.link.publish('changes', message);
  assert.equal(subscribed.getBufferedAmount(), 0, 'that much may be under way');
  for (let count = 0; count < 3; count++) at.link.publish('changes', message);
  assert.ok(subscribed.getBufferedAmount() > 100_000, `${subscribed.getBufferedAmount()} bytes`);
  assert.ok(other.getBufferedAmount() > 100_000, 'whatever is sent to it has to wait behind that');
  subscribed.unsubscribe('changes');
  at.link.publish('changes', message);
  assert.deepEqual(at.takeAll(), { subscribe: 1, publish: 4, mark: 1, unsubscribe: 1 });
  assert.deepEqual([at.drained, subscribed.getBufferedAmount(), other.getBufferedAmount()], [2, 0, 0]);
});

test('answers to a thread that takes nothing wait, however many are asked for and however long they are, and all come when it does', () => {
  for (const bytes of [1000, 200_000, 3_000_000]) {
    const at = new Link({ answerBytes: 1_000_000, answerBytesMax: 10_000_000 });
    at.body = Buffer.alloc(bytes, 'x');
    const count = Math.ceil(30_000_000 / bytes);
    for (let asked = 0; asked < count; asked++) at.get();
    assert.deepEqual(at.broken, []);
    for (let turn = 0; turn < 1000 && at.answeredBytes < count * bytes; turn++) at.takeAll();
    assert.deepEqual([at.answeredBytes, at.broken], [count * bytes, []], `${count} of ${bytes} bytes`);
  }
});

test('a socket that is closed does not keep its channel', () => {
  const at = new Link({});
  const [first, second] = [at.openSocket(), at.openSocket()];
  for (const socket of [first, second]) socket.subscribe('changes');
  first.close();
  at.link.publish('changes', Buffer.from('one'));
  second.end(1000, '');
  at.link.publish('changes', Buffer.from('two'));
  assert.equal(at.takeAll()['publish'], 1);
});

test('a thread that takes nothing at all is given up before it has the memory', () => {
  const at = new Link({ answerBytesMax: 10_000_000 });
  const socket = at.openSocket();
  for (let count = 0; count < 20; count++) socket.send(Buffer.alloc(1_000_000, 'x'));
  assert.equal(at.broken.length, 1);
  assert.match(at.broken[0] ?? '', /it has not taken 1\d{7} bytes of messages/);
});

/** A program with two front threads, one of which runs some code when all have started. @returns what it says, and how it ends. */
async function endOfFront(context: TestContext, code: string, environment: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> {
  const folder = temporaryFolder(context);
  const sabotage = join(folder, 'sabotage.mjs');
  // Told by a file, and not after a while: on a busy machine a thread takes long to start.
  const [go, gone] = [join(folder, 'go'), join(folder, 'gone')];
  const imports = `import { spawnSync } from 'node:child_process';\nimport { existsSync, writeFileSync } from 'node:fs';\nimport { isMainThread, workerData } from 'node:worker_threads';\n`;
  const work = `const looking = setInterval(() => { if (existsSync(${JSON.stringify(go)})) { clearInterval(looking); writeFileSync(${JSON.stringify(gone)}, ''); ${code} } }, 50);`;
  writeFileSync(sabotage, `${imports}if (!isMainThread && workerData?.sharing === 'further') { ${work} }`);
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment, GONE: gone, NODE_OPTIONS: `--import ${pathToFileURL(sabotage).href}` };
  Reflect.deleteProperty(env, 'NODE_TEST_CONTEXT');
  const program = fileURLToPath(new URL('still-thread.js', import.meta.url));
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  context.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.includes('started')) writeFileSync(go, '');
  });
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  return [output, exitCode, signal];
}

const HANG = `spawnSync('sleep', ['30']);`;

for (const [what, code] of [
  ['loops', 'for (;;);'],
  ['hangs in native code', HANG],
] as const) {
  test(`a front thread that ${what} ends the process, which says why`, { timeout: 60_000 }, async (context) => {
    const said = 'started\na front thread has ended: it has not come to its work for 3000 ms\n';
    assert.deepEqual(await endOfFront(context, code), [said, null, 'SIGABRT']);
  });
}

test('a front thread that hangs while the process stops does not keep it, and one that is only slow lets go', { timeout: 30_000 }, async (context) => {
  const environment = { STILL_MS: '18000', STOP_MS: '1000' };
  const [hanging, slow] = await Promise.all([
    endOfFront(context, HANG.replace('30', '25'), environment),
    endOfFront(context, HANG.replace('30', '3.7'), environment),
  ]);
  assert.deepEqual(hanging, ['started\n', null, 'SIGABRT']);
  assert.deepEqual(slow, ['started\n', 0, null]);
});

test('a thread stands still when it has not come to its work for thirty looks, and not when nobody looked', () => {
  const beats = new Int32Array(1);
  const standstill = new Standstill(beats);
  for (let look = 0; look < 1000; look++) {
    if (look % 29 === 0) beats[0] = look + 1;
    assert.equal(standstill.isReached, false, `look ${look}`);
  }
  beats[0] = 0;
  const seen = Array.from({ length: 31 }, () => standstill.isReached);
  assert.deepEqual([seen.indexOf(true), Standstill.lookMs(30_000)], [30, 1000]);
  Standstill.letGo(beats);
  for (let look = 0; look < 100; look++) assert.equal(standstill.isReached || standstill.isSilent, false, 'it has let go');
});
