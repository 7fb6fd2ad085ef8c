import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Client, HoldfastError, type RetryOptions } from '../../src/client/client.ts';
import { fakeServer, json, problem } from './fake-server.ts';

/** What a call does when the server, or what is between, is not well. */

function noPauses(waits: number[] = []): RetryOptions {
  return {
    random: () => 1,
    wait: async (ms) => {
      waits.push(ms);
    },
  };
}

const failureOf = async (call: Promise<unknown>): Promise<HoldfastError> => {
  const error: unknown = await call.then(
    () => assert.fail('it succeeded'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof HoldfastError, inspect(error));
  return error;
};

test('reads are tried again when the connection breaks, also in the middle of the answer', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    if (nth === 1) response.destroy();
    else if (nth === 2) {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":', () => response.destroy());
    } else json(response, 200, { id: '1' });
  });
  const waits: number[] = [];
  await using client = new Client({ url: server.url, retry: noPauses(waits) });
  assert.deepEqual(await client.kind('Rack').get('1'), { id: '1' });
  assert.deepEqual(waits, [200, 400]);
});

test('a write is tried again with an idempotency key, and without one only when the server says that it has not begun', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    if (nth === 1 || nth === 3) response.destroy();
    else if (nth === 4) problem(response, 503, 'overloaded', { 'retry-after': '3' });
    else json(response, 201, { id: '1' });
  });
  const waits: number[] = [];
  await using client = new Client({ url: server.url, retry: noPauses(waits) });
  const racks = client.kind('Rack');
  await racks.create({}, { idempotencyKey: 'k' });
  assert.equal(server.asked.length, 2);
  assert.equal(server.requests[1]?.headers['idempotency-key'], 'k');
  const lost = await failureOf(racks.create({}));
  assert.equal(lost.code, 'connection-lost');
  assert.equal(server.asked.length, 3);
  await racks.patch('1', {});
  assert.deepEqual(waits, [200, 4500]);
});

test('clients that were all told the same time do not come back at the same time, and none before it', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    if (nth % 2 === 1) problem(response, 429, 'too-many-requests', { 'retry-after': '1' });
    else json(response, 200, { id: '1' });
  });
  const waits: number[] = [];
  for (const random of [0, 0.5, 1]) {
    await using client = new Client({ url: server.url, retry: { ...noPauses(waits), random: () => random } });
    await client.kind('Rack').get('1');
  }
  assert.deepEqual(waits, [1000, 1250, 1500]);
});

test('retries have a limit, and a call can have its own', async (context) => {
  const server = await fakeServer(context, (response) => problem(response, 503, 'overloaded', { 'retry-after': '0' }));
  await using client = new Client({ url: server.url, retry: { ...noPauses(), retriesMax: 2 } });
  const error = await failureOf(client.kind('Rack').get('1'));
  assert.deepEqual([error.code, error.status, error.retryAfterMs, server.asked.length], ['overloaded', 503, 0, 3]);
  await failureOf(client.kind('Rack').get('1', { retriesMax: 0 }));
  assert.equal(server.asked.length, 4);
});

test('an error has the problem, its code and the id of the request; other answers are told as they came', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    if (nth === 1) problem(response, 409, 'conflict');
    else if (nth === 2) response.writeHead(502, { 'x-request-id': 'r2' }).end('<h1>Bad Gateway</h1>');
    else if (nth === 3) json(response, 200, 'no list');
    else response.end('no JSON');
  });
  await using client = new Client({ url: server.url });
  const conflict = await failureOf(client.kind('Rack').create({}));
  assert.deepEqual([conflict.message, conflict.code, conflict.status, conflict.requestId], ['A title (409): a detail', 'conflict', 409, 'r1']);
  assert.equal(conflict.problem?.title, 'A title');
  const gateway = await failureOf(client.kind('Rack').create({}));
  assert.deepEqual(
    [gateway.message, gateway.code, gateway.status, gateway.requestId],
    ['the server answered 502: <h1>Bad Gateway</h1>', 'unexpected-answer', 502, 'r2'],
  );
  assert.equal((await failureOf(client.kind('Rack').list().toArray())).code, 'unexpected-answer');
  assert.equal((await failureOf(client.kind('Rack').get('1'))).code, 'unexpected-answer');
});

test('a server that does not answer in time is a lost connection', async (context) => {
  const server = await fakeServer(context, () => undefined);
  await using client = new Client({ url: server.url, answerTimeoutMs: 100, retry: { retriesMax: 0 } });
  const error = await failureOf(client.kind('Rack').get('1'));
  assert.equal(error.code, 'connection-lost');
});

test('a server that is not there is unreachable: nothing was sent', async () => {
  await using client = new Client({ url: 'http://127.0.0.1:9', retry: { retriesMax: 0 } });
  const error = await failureOf(client.kind('Rack').create({}));
  assert.equal(error.code, 'unreachable');
  assert.match(error.message, /^cannot reach http:\/\/127\.0\.0\.1:9: connect ECONNREFUSED/);
});

test('an abort ends a call, and the pause before the next try, with its reason', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) => {
    if (nth > 1) problem(response, 503, 'overloaded', { 'retry-after': '9' });
  });
  await using client = new Client({ url: server.url });
  const reason = new Error('enough');
  const abort = new AbortController();
  const call = client.kind('Rack').get('1', { signal: abort.signal });
  while (server.asked.length === 0) await new Promise(setImmediate);
  abort.abort(reason);
  await assert.rejects(call, reason);
  const again = new AbortController();
  const pausing = client.kind('Rack').get('1', { signal: again.signal });
  while (server.asked.length === 1) await new Promise(setImmediate);
  // The answer is a 503, and the next try would come in nine seconds.
  await new Promise((resolve) => setTimeout(resolve, 100));
  again.abort(reason);
  await assert.rejects(pausing, reason);
  assert.equal(server.asked.length, 2);
});

test('closing ends what is under way; later calls say so', async (context) => {
  const server = await fakeServer(context, () => undefined);
  const client = new Client({ url: server.url });
  const call = failureOf(client.kind('Rack').get('1'));
  while (server.asked.length === 0) await new Promise(setImmediate);
  await client.close();
  assert.equal((await call).code, 'closed');
  assert.equal((await failureOf(client.kind('Rack').get('1'))).code, 'closed');
});

test('leaving a list ends the asking; its sequence is that of the first page', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) =>
    json(response, 200, [{ n: 1 }, { n: 2 }], { link: '</inventory/Rack?limit=2&after=abc>; rel="next"', 'x-holdfast-sequence': String(76 + nth) }),
  );
  await using client = new Client({ url: server.url });
  const list = client.kind('Rack').list({ pageSize: 2, where: { name: 'x' } });
  let seen = 0;
  for await (const _ of list) if (++seen === 3) break;
  assert.deepEqual(server.asked, ['/inventory/Rack?name=x&limit=2', '/inventory/Rack?name=x&limit=2&after=abc']);
  assert.equal(list.sequence, 77);
});

test('the token is asked for before every request, and is in no text that anybody might print', async (context) => {
  const server = await fakeServer(context, (response) => problem(response, 401, 'unauthorized'));
  let asked = 0;
  const client = new Client({ url: server.url, token: async () => `very-secret-${++asked}\n` });
  const error = await failureOf(client.kind('Rack').get('1'));
  await failureOf(client.kind('Rack').get('1'));
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    ['Bearer very-secret-1', 'Bearer very-secret-2'],
  );
  await client.close();
  const fixed = new Client({ url: 'http://127.0.0.1:9', token: 'Bearer very-secret', retry: { retriesMax: 0 } });
  const unreachable = await failureOf(fixed.kind('Rack').create({}));
  const wrong: unknown = await new Client({ url: server.url, token: 'very-secret\u00e9' })
    .kind('Rack')
    .get('1')
    .catch((caught: unknown) => caught);
  for (const shown of [client, fixed, fixed.kind('Rack'), fixed.feed(), fixed.reservations, error, unreachable, wrong]) {
    assert.doesNotMatch(inspect(shown, { depth: 20, showHidden: true }) + String(shown) + JSON.stringify(shown), /very-secret/);
  }
  await fixed.close();
});

test('a url with credentials in it, or none at all, is refused without being shown', () => {
  for (const url of ['http://me:very-secret@127.0.0.1', 'ftp://127.0.0.1', '127.0.0.1:8080', 'http://']) {
    assert.throws(
      () => new Client({ url }),
      (error: Error) => error instanceof TypeError && !error.message.includes('very-secret'),
    );
  }
});

test('a path before the API is kept, whatever the links of the server say', async (context) => {
  const server = await fakeServer(context, (response, _request, nth) =>
    json(response, 200, [{ nth }], nth === 1 ? { link: '</inventory/Rack?after=abc>; rel="next"' } : {}),
  );
  await using client = new Client({ url: `${server.url}/site/holdfast/` });
  assert.equal((await client.kind('Rack').list({ pageSize: 1 }).toArray()).length, 2);
  assert.deepEqual(server.asked, ['/site/holdfast/inventory/Rack?limit=1', '/site/holdfast/inventory/Rack?limit=1&after=abc']);
});
