import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { test } from 'node:test';
import { done, StartFailure } from '../../src/faults.ts';
import type { Route } from '../../src/http/route.ts';
import { NO_SNAPSHOTS, node, startRig, TOKEN, undescribed } from './front-rig.ts';

const route = (path: string, handler: Route['handler']): Route => ({
  method: 'GET',
  path,
  access: 'public',
  about: undescribed(path),
  parameters: [],
  handler,
});

test('health says ready, recovering or stopping, and liveness only that it is there', async (context) => {
  let ready = true;
  const rig = await startRig(context, {
    health: () => ({ status: ready ? 'ready' : 'recovering', live: true, ready, sequence: 7, records: { ComputeNode: 3 } }),
  });
  const healthy = await rig.ask('GET', '/health');
  assert.deepEqual(
    [healthy.status, healthy.json],
    [200, { status: 'ready', live: true, ready: true, sequence: 7, records: { ComputeNode: 3 }, version: '1.2.3' }],
  );
  ready = false;
  const status = async (path: string): Promise<number> => (await rig.ask('GET', path)).status;
  assert.deepEqual(await Promise.all(['/health', '/healthz', '/health/ready', '/health/live'].map(status)), [503, 503, 503, 200]);
});

test('schemas are listed and published, and the root links to what there is', async (context) => {
  const rig = await startRig(context);
  const list = await rig.ask('GET', '/schemas');
  assert.ok(list.text.includes('{"name":"NetworkInterface","url":"/schemas/NetworkInterface.json"}'));
  const schema = await rig.ask('GET', '/schemas/ComputeNode.json');
  assert.equal(schema.json['type'], 'object');
  const { status } = await rig.ask('GET', '/schemas/ComputeNode.json', undefined, { 'if-none-match': schema.headers.get('etag') ?? '' });
  assert.equal(status, 304);
  assert.equal((await rig.ask('GET', '/schemas/Nothing.json')).status, 404);
  assert.equal((await rig.ask('GET', '/')).json['inventory']?.['BMC'], '/inventory/BMC');
});

test('snapshots are listed and taken by who may', async (context) => {
  const notes: (string | undefined)[] = [];
  const description = { name: 's', time: 't', sequence: 1, reason: 'demand', rows: {}, bytes: 1, seconds: 1, checksum: 'c' };
  const rig = await startRig(context, {
    snapshots: {
      ...NO_SNAPSHOTS,
      take: async (note) => {
        notes.push(note);
        return done(description);
      },
      list: async () => done([description]),
    },
  });
  assert.equal((await rig.ask('GET', '/snapshots')).status, 401);
  assert.equal((await rig.ask('GET', '/snapshots', undefined, { authorization: 'Bearer read' })).status, 403);
  assert.deepEqual((await rig.ask('GET', '/snapshots', undefined, TOKEN)).json, [description]);
  assert.equal((await rig.ask('POST', '/snapshots')).status, 201);
  assert.deepEqual((await rig.ask('POST', '/snapshots', { note: 'before the upgrade' })).json, description);
  assert.deepEqual(notes, [undefined, 'before the upgrade']);
  assert.equal((await rig.ask('POST', '/snapshots', { noet: 'x' })).errors[0]?.pointer, '/noet');
});

test('writes need a token with the scope, and say what is wrong with one', async (context) => {
  const rig = await startRig(context);
  const write = (authorization?: string): ReturnType<typeof rig.ask> =>
    rig.ask('POST', '/inventory/ComputeNode', node(1), authorization === undefined ? { authorization: '' } : { authorization });
  assert.equal((await write('Bearer wrong')).headers.get('www-authenticate'), 'Bearer realm="holdfast", error="invalid_token"');
  const weak = await write('Bearer read');
  assert.deepEqual([weak.status, weak.headers.get('www-authenticate')], [403, 'Bearer realm="holdfast", error="insufficient_scope"']);
  const without = await fetch(`${rig.front.url}/inventory/ComputeNode`, { method: 'DELETE' });
  assert.equal(without.status, 405);
  const bare = await fetch(`${rig.front.url}/inventory/ComputeNode`, { method: 'POST', body: 'not even json' });
  assert.deepEqual([bare.status, bare.headers.get('www-authenticate')], [401, 'Bearer realm="holdfast"']);
  const written = await write('Bearer unscoped');
  assert.deepEqual([written.status, written.headers.get('cache-control')], [201, 'no-store']);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode', node(2), { authorization: 'Bearer slow' })).status, 201);
});

test('reads are closed when the configuration says so', async (context) => {
  const rig = await startRig(context, { publicReads: false });
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  for (const path of [`/inventory/ComputeNode/${json['id']}`, '/inventory/ComputeNode', '/schemas', '/schemas/BMC.json']) {
    assert.equal((await rig.ask('GET', path)).status, 401, path);
    const read = await rig.ask('GET', path, undefined, { authorization: 'Bearer read' });
    assert.deepEqual([read.status, read.headers.get('cache-control')], [200, 'no-store'], path);
  }
  assert.equal((await rig.ask('GET', '/health')).status, 200);
});

test('a known path without the method is a 405 that says what there is, an unknown one a 404', async (context) => {
  const rig = await startRig(context);
  const wrong = await rig.ask('DELETE', '/inventory/ComputeNode');
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, POST, HEAD, OPTIONS']);
  const options = await rig.ask('OPTIONS', '/inventory/ComputeNode/x');
  assert.equal(options.status, 204);
  for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD']) assert.ok(options.headers.get('allow')?.includes(method));
  for (const path of ['/nothing', '/inventory/Nothing', '/inventory/Nothing/x', '/inventory/ComputeNode/a/b', '/inventory//x', '//']) {
    assert.equal((await rig.ask('GET', path)).json['code'], 'not-found', path);
  }
});

test('a request keeps its harmless id, and gets a new one instead of another', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  for (const path of [`/inventory/ComputeNode/${json['id']}`, '/inventory/ComputeNode', '/nothing']) {
    assert.equal((await rig.ask('GET', path, undefined, { 'x-request-id': 'a.b:c-1' })).headers.get('x-request-id'), 'a.b:c-1');
    const { headers } = await rig.ask('GET', path, undefined, { 'x-request-id': 'not good!' });
    assert.match(headers.get('x-request-id') ?? '', /^[A-Za-z0-9_-]{10,}$/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('a handler that throws is a 500 that tells nothing but its request id, and is logged', async (context) => {
  const secret = 'the stack shows this';
  const rig = await startRig(context, {
    moreRoutes: [
      route('/throws', () => {
        throw new Error(secret);
      }),
      route('/rejects', () => Promise.reject(new Error(secret))),
      route('/forgets', async () => undefined),
      route('/silent', () => undefined),
      route('/midway', async (exchange) => {
        exchange.begin(200, []);
        await exchange.write(Buffer.from('half'));
        throw new Error(secret);
      }),
    ],
  });
  for (const path of ['/throws', '/rejects', '/forgets', '/silent']) {
    const answer = await rig.ask('GET', path);
    assert.deepEqual([answer.status, answer.json['code']], [500, 'internal'], path);
    assert.ok(!answer.text.includes(secret));
    assert.equal(rig.lines.at(-1)?.fields['requestId'], answer.headers.get('x-request-id'));
  }
  await assert.rejects(rig.ask('GET', '/midway'));
  assert.match(String(rig.lines.at(-1)?.fields['stack']), /the stack shows this/);
  assert.equal((await rig.ask('GET', '/health')).status, 200);
});

test('a request that takes too long gets 504, and its late answer is dropped', async (context) => {
  const rig = await startRig(context, { limits: { requestTimeLimitMs: 30 } });
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  let open = (): void => undefined;
  rig.owner.gate = new Promise((resolve) => {
    open = resolve;
  });
  const late = await rig.ask('PUT', `/inventory/ComputeNode/${json['id']}`, node(1));
  assert.deepEqual([late.status, late.json['code']], [504, 'timeout']);
  assert.equal(rig.front.inFlight, 1);
  open();
  await rig.front.drain(1000);
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});

test('too much at once is refused, but health is told', async (context) => {
  const rig = await startRig(context, { limits: { inFlightMax: 2 } });
  let open = (): void => undefined;
  rig.owner.gate = new Promise((resolve) => {
    open = resolve;
  });
  const waiting = [1, 2].map((number) => rig.ask('POST', '/inventory/ComputeNode', node(number)));
  while (rig.front.inFlight < 2) await new Promise((resolve) => setImmediate(resolve));
  const refused = await rig.ask('POST', '/inventory/ComputeNode', node(3));
  assert.deepEqual([refused.status, refused.json['code'], refused.headers.get('retry-after')], [503, 'overloaded', '1']);
  assert.equal((await rig.ask('GET', '/health')).status, 200);
  open();
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status),
    [201, 201],
  );
});

test('a front that stops finishes what it has and takes nothing new', async (context) => {
  const rig = await startRig(context);
  let open = (): void => undefined;
  rig.owner.gate = new Promise((resolve) => {
    open = resolve;
  });
  const writing = rig.ask('POST', '/inventory/ComputeNode', node(1));
  while (rig.front.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  const kept = connect(rig.front.port, '127.0.0.1');
  await new Promise((resolve) => kept.once('connect', resolve));
  kept.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => kept.once('data', resolve));
  rig.front.stopAccepting();
  await assert.rejects(fetch(`${rig.front.url}/`, { headers: { connection: 'close' } }).then(() => undefined));
  const answered = new Promise<string>((resolve) => {
    let text = '';
    kept.on('data', (bytes) => {
      text += bytes.toString();
    });
    kept.on('close', () => resolve(text));
  });
  kept.write('GET /schemas HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(await answered, /^HTTP\/1\.1 503[\s\S]*"code":"stopping"/);
  const drained = rig.front.drain(5000);
  open();
  await drained;
  assert.equal((await writing).status, 201);
  assert.equal(rig.front.inFlight, 0);
});

test('a port that is taken, and a kind with the name of a route, end the start with a sentence', async (context) => {
  const rig = await startRig(context);
  await assert.rejects(
    startRig(context, { port: rig.front.port }),
    (error) => error instanceof StartFailure && /port \d+ on 127\.0\.0\.1 is in use or not allowed/.test(error.message),
  );
  await assert.rejects(startRig(context, { moreRoutes: [route('/bmc', () => undefined)] }), StartFailure);
});

test('writes are logged with what they came to, and never with what was in the query', async (context) => {
  const rig = await startRig(context);
  await rig.ask('DELETE', '/inventory/ComputeNode/x1000c0s0b0n0?force=true');
  const line = rig.lines.find(({ message }) => message === 'request');
  assert.deepEqual(
    [line?.level, line?.fields['method'], line?.fields['path'], line?.fields['status']],
    ['info', 'DELETE', '/inventory/ComputeNode/x1000c0s0b0n0', 404],
  );
});
