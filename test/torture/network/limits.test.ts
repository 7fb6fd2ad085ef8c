import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { done } from '../../../src/faults.ts';
import { queryRoutes } from '../../../src/http/query-routes.ts';
import { node, post, type Rig, startRig } from '../../http/front-rig.ts';

/** Each client has its share, and nobody else pays for one who wants more. */

const HEALTH = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';

interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: Promise<void>;
}

function clientOf(context: TestContext, rig: Rig, localAddress: string): Client {
  const socket = connect({ port: rig.front.port, host: '127.0.0.1', localAddress });
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  context.after(() => void socket.destroy());
  return { socket, text: () => text, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const startedMs = Date.now(); !isTrue(); ) {
    assert.ok(Date.now() - startedMs < 10_000, 'it did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a request that waits is answered with; it hangs until the owner is let go. */
function hanging(rig: Rig): () => void {
  let open: () => void = () => undefined;
  rig.owner.gate = new Promise<void>((resolve) => {
    open = resolve;
  }) as Promise<never>;
  return () => open();
}

async function answeredHealth(client: Client): Promise<string> {
  client.socket.write(HEALTH);
  await until(() => client.text().includes('\r\n\r\n') || client.socket.destroyed);
  return client.text();
}

test('an address with too many connections is answered 429 and closed, and another address is not', async (context) => {
  const rig = await startRig(context, { limits: { connectionsPerAddressMax: 3 } });
  const held = [1, 2, 3].map(() => clientOf(context, rig, '127.0.0.2'));
  for (const client of held) assert.match(await answeredHealth(client), /^HTTP\/1\.1 200/);
  const refused = clientOf(context, rig, '127.0.0.2');
  await refused.closed;
  assert.match(refused.text(), /^HTTP\/1\.1 429 Too Many Requests\r\n[\s\S]*Retry-After: 1\r\n[\s\S]*"code":"too-many-requests"/);
  assert.match(await answeredHealth(clientOf(context, rig, '127.0.0.3')), /^HTTP\/1\.1 200/);
  // The one that is given back can be had again.
  held[0]?.socket.destroy();
  await until(() => rig.front.connections === 3);
  // The kernel is only asked every now and then.
  for (let text = ''; !text.startsWith('HTTP/1.1 200'); ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    text = await answeredHealth(clientOf(context, rig, '127.0.0.2'));
  }
});

test('clients that come and go are no more than those that are there', async (context) => {
  const rig = await startRig(context, { limits: { connectionsPerAddressMax: 3 } });
  const other = clientOf(context, rig, '127.0.0.3');
  await answeredHealth(other);
  for (let count = 0; count < 20; count++) {
    const client = clientOf(context, rig, '127.0.0.2');
    assert.match(await answeredHealth(client), /^HTTP\/1\.1 200/, `${count}`);
    client.socket.destroy();
    await until(() => rig.front.connections === 1);
  }
});

test('connections beyond the total are answered 503 and closed, and all are given back', async (context) => {
  const rig = await startRig(context, { limits: { connectionsMax: 2 } });
  const held = [1, 2].map(() => clientOf(context, rig, '127.0.0.2'));
  for (const client of held) await answeredHealth(client);
  const refused = clientOf(context, rig, '127.0.0.3');
  await refused.closed;
  assert.match(refused.text(), /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n[\s\S]*"code":"overloaded"/);
  for (const { socket } of held) socket.destroy();
  await until(() => rig.front.connections === 0);
  assert.match(await answeredHealth(clientOf(context, rig, '127.0.0.3')), /^HTTP\/1\.1 200/);
});

test('the connections of a trusted proxy are only counted in total, and its clients are told apart', async (context) => {
  const rig = await startRig(context, { trustedProxies: ['127.0.0.2'], limits: { connectionsPerAddressMax: 1, inFlightPerAddressMax: 1 } });
  const open = hanging(rig);
  const list = (address: string): string => `GET /inventory/ComputeNode?sort=revision HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\n\r\n`;
  const [first, second, again] = [1, 2, 3].map(() => clientOf(context, rig, '127.0.0.2')) as [Client, Client, Client];
  first.socket.write(list('198.51.100.1'));
  second.socket.write(list('198.51.100.2'));
  await until(() => rig.front.inFlight === 2);
  again.socket.write(list('198.51.100.1'));
  await until(() => again.text().includes('too-many-requests'));
  assert.match(again.text(), /^HTTP\/1\.1 429/);
  open();
  await until(() => first.text() !== '' && second.text() !== '');
  assert.match(first.text() + second.text(), /^HTTP\/1\.1 200[\s\S]*HTTP\/1\.1 200/);
});

test('an address with too many requests in flight gets 429, others are answered, and so are questions after its health', async (context) => {
  const rig = await startRig(context, { limits: { inFlightPerAddressMax: 2 } });
  const open = hanging(rig);
  const waiting = [1, 2].map(() => clientOf(context, rig, '127.0.0.2'));
  for (const { socket } of waiting) socket.write('GET /inventory/ComputeNode?sort=revision HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => rig.front.inFlight === 2);
  const more = clientOf(context, rig, '127.0.0.2');
  more.socket.write('GET /inventory/ComputeNode?sort=revision HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => more.text().includes('}'));
  assert.match(more.text(), /^HTTP\/1\.1 429 [\s\S]*Retry-After: 1\r\n[\s\S]*"code":"too-many-requests"/);
  assert.match(await answeredHealth(clientOf(context, rig, '127.0.0.2')), /^HTTP\/1\.1 200/);
  const other = clientOf(context, rig, '127.0.0.3');
  other.socket.write('GET /schemas HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => other.text() !== '');
  assert.match(other.text(), /^HTTP\/1\.1 200/);
  open();
  await until(() => rig.front.inFlight === 0);
});

test('with a limit on requests per second an address that asks more often gets 429, reads by key included', async (context) => {
  const rig = await startRig(context, { limits: { requestsPerSecondMax: 20 } });
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const statuses: number[] = [];
  for (let count = 0; count < 60; count++) statuses.push((await rig.ask('GET', `/inventory/ComputeNode/${json['id']}`)).status);
  assert.deepEqual([...new Set(statuses)], [200, 429]);
  assert.ok(statuses.filter((status) => status === 200).length < 50);
  assert.equal((await rig.ask('GET', '/health')).status, 200);
});

test('a caller has a share of the past and of no more, and another caller has his own', async (context) => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let asked = 0;
  const history = {
    async ask() {
      asked += 1;
      await gate;
      return { ok: false, fault: { code: 'not-found', detail: 'nothing then' } } as const;
    },
  };
  const rig = await startRig(context, { history, limits: { pastPerCallerMax: 4 } });
  const past = ['/diff?from=0', '/inventory/ComputeNode?at=1', '/inventory/ComputeNode/x1000c0s0b0n0?at=1', '/inventory/ComputeNode/x1000c0s0b0n0/history'];
  const waiting = past.map((path) => rig.ask('GET', path));
  await until(() => asked === 4);
  for (const path of past) assert.equal((await rig.ask('GET', path)).status, 429, path);
  const other = clientOf(context, rig, '127.0.0.3');
  other.socket.write('GET /diff?from=0 HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => asked === 5);
  open();
  await until(() => other.text() !== '');
  assert.deepEqual([...new Set((await Promise.all(waiting)).map(({ status }) => status))], [404]);
  assert.equal((await rig.ask('GET', '/diff?from=0')).status, 404);
});

test('a caller has a share of the queries, and gives it back when he goes', async (context) => {
  const host = {
    query: (_: unknown, signal: AbortSignal) => new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
  };
  const authenticator = { authenticate: () => done({ subject: 'analyst', scopes: new Set(['query']) }) };
  const rig = await startRig(context, { authenticator, moreRoutes: queryRoutes({ host, answerLimitMs: 30_000 }), limits: { queriesPerCallerMax: 2 } });
  const body = '{"sql":"SELECT 1"}';
  const ask = (localAddress: string): Client => {
    const client = clientOf(context, rig, localAddress);
    client.socket.write(post('/query', body, `Content-Length: ${body.length}`));
    return client;
  };
  const held = [ask('127.0.0.2'), ask('127.0.0.2')];
  await until(() => rig.front.inFlight === 2);
  const refused = ask('127.0.0.2');
  await until(() => refused.text().includes('too-many-requests'));
  ask('127.0.0.3');
  await until(() => rig.front.inFlight === 3);
  for (const { socket } of held) socket.destroy();
  await until(() => rig.front.inFlight === 1);
  ask('127.0.0.2');
  await until(() => rig.front.inFlight === 2);
});

test('after too many bad tokens an address is not looked at any more, but for tokens that are known', async (context) => {
  let looked = 0;
  const authenticator = {
    authenticate(authorization: string | undefined, onlyKnown = false) {
      if (authorization === 'Bearer known') return done({ subject: 'known', scopes: new Set(['inventory:read']) });
      if (onlyKnown) return { ok: false, fault: { code: 'too-many-failures', detail: 'too many' } } as const;
      looked += 1;
      return { ok: false, fault: { code: 'unauthorized', detail: 'no' } } as const;
    },
  };
  const rig = await startRig(context, { authenticator, publicReads: false });
  const guess = (): Promise<{ readonly status: number }> => rig.ask('GET', '/inventory/ComputeNode', undefined, { authorization: 'Bearer wrong' });
  const statuses: number[] = [];
  for (let count = 0; count < 300 && !statuses.includes(429); count++)
    statuses.push(...(await Promise.all(Array.from({ length: 50 }, guess))).map(({ status }) => status));
  assert.deepEqual([...new Set(statuses)], [401, 429]);
  assert.ok(looked < statuses.length);
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode', undefined, { authorization: 'Bearer known' })).status, 200);
});

test('bulks of one caller may hold so much, and a bulk of another caller is taken meanwhile', async (context) => {
  const rig = await startRig(context, { limits: { bulkBytesMax: 100_000, bulkBytesInFlightMax: 150_000 } });
  const bulk = (bytes: number): string =>
    post('/inventory/ComputeNode/bulk', '', `Content-Length: ${bytes}`).replace('application/json', 'application/x-ndjson');
  const line = `${JSON.stringify(node(1))}\n`.padStart(60_000, ' ');
  const [first, second] = [clientOf(context, rig, '127.0.0.2'), clientOf(context, rig, '127.0.0.2')];
  first.socket.write(bulk(90_000) + line);
  await until(() => rig.front.inFlight === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  second.socket.write(bulk(90_000) + line);
  await until(() => second.text().includes('}'));
  assert.match(second.text(), /^HTTP\/1\.1 429 [\s\S]*"code":"too-many-requests"/);
  const other = clientOf(context, rig, '127.0.0.3');
  other.socket.write(bulk(60_000) + line);
  await until(() => other.text().includes('}'));
  assert.match(other.text(), /^HTTP\/1\.1 200/);
});

test('a Host that is not allowed is refused, with and without a port, and the connection closed', async (context) => {
  const rig = await startRig(context, { allowedHosts: ['Holdfast.example', '127.0.0.1:9'] });
  const statusFor = async (host: string): Promise<string> => {
    const { text } = await rig.raw([`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`], (all) => all.includes('\r\n\r\n'));
    return text.slice(9, 12);
  };
  for (const host of ['holdfast.example', 'HOLDFAST.EXAMPLE:8080', '127.0.0.1:9']) assert.equal(await statusFor(host), '200', host);
  for (const host of ['evil.example', '127.0.0.1', 'holdfast.example.evil', 'holdfast.example:80:80']) assert.equal(await statusFor(host), '400', host);
});
