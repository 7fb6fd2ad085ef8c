import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { done, FAULTS, type FaultCode, fail } from '../../src/faults.ts';
import { agentRoutes } from '../../src/http/agent-routes.ts';
import type { Authenticator } from '../../src/http/auth.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import { MASK } from '../../src/secret-names.ts';
import { endpoint, FakeAgent, NOW_MS, returned, scheduled } from './fake-agent.ts';
import { type Answer, type Rig, startRig } from './front-rig.ts';

/** NodeAgent2's protocol over real HTTP; behind it an agent that says what the test wants. */

const AUTHENTICATOR: Authenticator = {
  authenticate: (authorization) =>
    done(authorization === undefined ? undefined : { subject: 'orca', scopes: new Set(authorization.replace('Bearer ', '').split(',')) }),
};
const TOKEN = { authorization: 'Bearer reservations' };

interface AgentRig {
  readonly agent: FakeAgent;
  readonly rig: Rig;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

async function agentRig(context: TestContext): Promise<AgentRig> {
  const agent = new FakeAgent();
  const moreRoutes = agentRoutes({ agent, limits: FRONT_LIMITS, idempotencyKey: Buffer.alloc(32, 7) });
  const rig = await startRig(context, { authenticator: AUTHENTICATOR, moreRoutes });
  return {
    agent,
    rig,
    get: (path) => rig.ask('GET', path, undefined, TOKEN),
    post: (path, body = {}, headers = {}) => rig.ask('POST', path, body, { ...TOKEN, ...headers }),
  };
}

test('join, leave, modify and status answer a PluginReturn with its four members in their order', async (context) => {
  const { agent, get, post } = await agentRig(context);
  agent.outcome = returned({ properties: { key1: 'val1', key2: 'val2' }, reservationId: '1a.2b' });
  const joined = await post('/join/nulls', { 'unit.vlan': '7' });
  assert.deepEqual([joined.status, joined.headers.get('content-type')], [200, 'application/json']);
  assert.equal(joined.text, '{"status":0,"properties":{"key1":"val1","key2":"val2"},"resId":{"id":"1a.2b"},"errorMsg":null}');
  for (const answer of [await post('/leave/nulls/1a.2b'), await post('/modify/nulls/1a.2b'), await get('/status/nulls/1a.2b')]) {
    assert.equal(answer.text, joined.text);
  }
  const caller = 'orca';
  assert.deepEqual(agent.calls, [
    { operation: 'join', endpoint: 'nulls', properties: { 'unit.vlan': '7' }, caller, idempotency: undefined },
    { operation: 'leave', endpoint: 'nulls', id: '1a.2b', properties: {}, caller },
    { operation: 'modify', endpoint: 'nulls', id: '1a.2b', properties: {}, caller },
    { operation: 'status', endpoint: 'nulls', id: '1a.2b', caller },
  ]);
});

test('a plugin that threw is a 200 with status 255, and names the reservation where there is one', async (context) => {
  const { agent, get, post } = await agentRig(context);
  agent.outcome = done({ type: 'threw', message: 'no route to "host"' });
  const expected = (operation: string, resId: object | null): object => ({
    status: 255,
    properties: null,
    resId,
    errorMsg: `${operation} error: no route to "host"`,
  });
  const joined = await post('/join/nulls');
  assert.deepEqual([joined.status, joined.json], [200, expected('join', null)]);
  assert.equal(joined.text.indexOf('"status":255,"properties":null,"resId":null,"errorMsg":'), 1);
  for (const operation of ['leave', 'modify']) assert.deepEqual((await post(`/${operation}/nulls/r1`)).json, expected(operation, { id: 'r1' }));
  const status = await get('/status/nulls/r1');
  assert.deepEqual([status.status, status.json], [200, expected('status', { id: 'r1' })]);
});

test('a leave, modify or status that returned non-zero is a 200 with what it returned', async (context) => {
  const { agent, get, post } = await agentRig(context);
  agent.outcome = returned({ status: -7, properties: null, errorMessage: 'busy' });
  for (const answer of [await post('/leave/nulls/r1'), await post('/modify/nulls/r1'), await get('/status/nulls/r1')]) {
    assert.deepEqual([answer.status, answer.text], [200, '{"status":-7,"properties":null,"resId":{"id":"r1"},"errorMsg":"busy"}']);
  }
});

test('the reservation id that a client sees stays the one that it named', async (context) => {
  const { agent, post } = await agentRig(context);
  agent.outcome = returned({ reservationId: 'another' });
  assert.deepEqual((await post('/modify/nulls/r1')).json['resId'], { id: 'r1' });
  assert.deepEqual((await post('/join/nulls')).json['resId'], { id: 'another' });
});

test('what the caller gets is not masked, and reads the same in every encoding', async (context) => {
  const { agent, post } = await agentRig(context);
  agent.outcome = returned({ properties: { 'vm.password': 'hunter2', größe: '🙂' }, reservationId: 'ü' });
  const { text, json } = await post('/join/nulls');
  assert.deepEqual(json['properties'], { 'vm.password': 'hunter2', größe: '🙂' });
  assert.match(text, /^[\x20-\x7e]+$/);
});

test('every fault of a call has its status and a body that old and new clients can read', async (context) => {
  const { agent, get, post } = await agentRig(context);
  const codes: readonly FaultCode[] = [
    'join-refused',
    'reservation-id-taken',
    'not-found',
    'wrong-state',
    'plugin-timeout',
    'plugin-failed',
    'overloaded',
    'recovering',
    'not-durable',
    'idempotency-mismatch',
    'stopping',
  ];
  const statuses: Record<string, number> = { 'join-refused': 500, 'reservation-id-taken': 412, 'not-found': 404, 'wrong-state': 409, 'plugin-timeout': 504 };
  for (const code of codes) {
    agent.outcome = fail(code, `why ${code}`);
    for (const [path, answer] of [
      ['/join/nulls', await post('/join/nulls')],
      ['/leave/nulls/r1', await post('/leave/nulls/r1')],
      ['/modify/nulls/r1', await post('/modify/nulls/r1')],
      ['/status/nulls/r1', await get('/status/nulls/r1')],
    ] as const) {
      assert.equal(answer.status, statuses[code] ?? FAULTS[code].status, code);
      const { status, message, path: named, error, timestamp, type, title, detail, instance } = answer.json;
      assert.deepEqual(
        { status, message, named, detail, instance },
        { status: answer.status, message: `why ${code}`, named: path, detail: `why ${code}`, instance: path },
      );
      assert.deepEqual([typeof error, typeof timestamp, type, title], ['string', 'number', `/problems/${code}`, FAULTS[code].title]);
    }
  }
});

test('an endpoint that there is not is a 404 wherever it is named, and no plugin is called', async (context) => {
  const { agent, get, post } = await agentRig(context);
  const answers = [
    await post('/join/nowhere'),
    await post('/leave/nowhere/r1'),
    await post('/modify/nowhere/r1'),
    await get('/status/nowhere/r1'),
    await get('/description/nowhere'),
    await get('/plugins/nowhere'),
    await get('/plugins/NULLS'),
  ];
  for (const { status, json } of answers) {
    assert.deepEqual([status, json['status'], json['error']], [404, 404, 'Not Found']);
    assert.match(String(json['message']), /there is no endpoint "(nowhere|NULLS)"/);
  }
  assert.deepEqual(agent.calls, []);
  const { message } = (await post(`/join/${'n'.repeat(3000)}`)).json;
  assert.ok(String(message).length < 200, 'a long name is cut where it is said');
});

test('every call needs the scope reservations', async (context) => {
  const { agent, rig } = await agentRig(context);
  const paths = [
    '/plugins',
    '/plugins/all',
    '/plugins/nulls',
    '/description/nulls',
    '/schedule',
    '/schedule/nulls',
    '/schedule/nulls/r1',
    '/expired',
    '/status/nulls/r1',
  ];
  for (const [authorization, status] of [
    ['', 401],
    ['Bearer admin,inventory:read,inventory:write', 403],
  ] as const) {
    const headers: Record<string, string> = authorization === '' ? {} : { authorization };
    for (const path of paths) {
      const response = await fetch(rig.front.url + path, { headers });
      assert.equal(response.status, status, path);
      assert.equal(((await response.json()) as { status: number }).status, status);
    }
    for (const path of ['/join/nulls', '/leave/nulls/r1', '/modify/nulls/r1']) {
      const response = await fetch(rig.front.url + path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });
      assert.equal(response.status, status, path);
    }
  }
  assert.deepEqual(agent.calls, []);
});

test('a POST that is not application/json is a 415, and no plugin is called', async (context) => {
  const { agent, post, rig } = await agentRig(context);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application/problem+json', '']) {
    assert.equal((await post('/join/nulls', '{}', { 'content-type': type })).status, 415, type);
  }
  const bare = await rig.raw(['POST /join/nulls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\nContent-Length: 0\r\n\r\n'], (text) =>
    text.includes('\r\n\r\n{'),
  );
  assert.match(bare.text, /^HTTP\/1.1 415 /);
  assert.deepEqual(agent.calls, []);
  for (const type of ['application/json', 'Application/JSON;charset=UTF-8', 'application/json ; charset="utf-8"']) {
    assert.equal((await post('/join/nulls', '{}', { 'content-type': type })).status, 200, type);
  }
});

test('no body means no properties', async (context) => {
  const { agent, rig, post } = await agentRig(context);
  const head = 'POST /join/nulls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\nContent-Type: application/json\r\n';
  const isOver = (text: string): boolean => text.includes('errorMsg') || text.includes('"message"');
  assert.match((await rig.raw([`${head}\r\n`], isOver)).text, /^HTTP\/1.1 200 /);
  assert.match((await rig.raw([`${head}Content-Length: 0\r\n\r\n`], isOver)).text, /^HTTP\/1.1 200 /);
  assert.match((await rig.raw([`${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`], isOver)).text, /^HTTP\/1.1 200 /);
  await post('/join/nulls', {});
  assert.deepEqual(
    agent.calls.map(({ properties }) => properties),
    [{}, {}, {}, {}],
  );
});

test('a body that is no flat object of texts is a 400 that names the place', async (context) => {
  const { agent, post } = await agentRig(context);
  const refused: readonly (readonly [body: string, pointer: string | undefined])[] = [
    ['{', undefined],
    ['null', ''],
    ['[]', ''],
    ['"text"', ''],
    ['{"a":1}', '/a'],
    ['{"a":"x","b":null}', '/b'],
    ['{"a":true}', '/a'],
    ['{"a":{"b":"c"}}', '/a'],
    ['{"a/b~c":["x"]}', '/a~1b~0c'],
    ['{"a":"1","a":"2"}', '/a'],
    ['{"__proto__":"x"}', '/__proto__'],
    ['{"a":"\\ud800"}', '/a'],
    [' ', undefined],
    ['{} {}', undefined],
    ['\ufeff{}', undefined],
  ];
  for (const [body, pointer] of refused) {
    const answer = await post('/join/nulls', body);
    assert.deepEqual([answer.status, answer.json['status']], [400, 400], body);
    if (pointer !== undefined) assert.equal(answer.errors[0]?.pointer, pointer, body);
  }
  assert.deepEqual(agent.calls, []);
});

test('properties have limits, and those that fit are taken', async (context) => {
  const { agent, post } = await agentRig(context);
  const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 'v']));
  assert.equal((await post('/join/nulls', many(512))).status, 200);
  const tooMany = await post('/join/nulls', many(513));
  assert.equal(tooMany.status, 400);
  assert.match(String(tooMany.json['message']), /513 properties; at most 512/);
  assert.equal((await post('/join/nulls', { a: 'x'.repeat(65_536 - 8) })).status, 200);
  const tooLarge = await post('/join/nulls', { a: 'x'.repeat(65_536 - 7) });
  assert.deepEqual([tooLarge.status, tooLarge.json['status']], [413, 413]);
  for (const name of ['__proto__', 'n'.repeat(257)]) assert.equal((await post('/join/nulls', Buffer.from(`{"${name}":"v"}`))).status, 400);
  assert.equal(agent.calls.length, 2);
});

test('a body that is no UTF-8 is read as ISO-8859-1, as ORCA sends it', async (context) => {
  const { agent, post } = await agentRig(context);
  await post('/join/nulls', Buffer.from('{"größe":"naïve"}', 'latin1'));
  await post('/join/nulls', Buffer.from('{"größe":"naïve €"}', 'utf8'));
  await post('/join/nulls', Buffer.from('{"a":"Ã¤"}', 'latin1'), { 'content-type': 'application/json; charset=ISO-8859-1' });
  assert.deepEqual(
    agent.calls.map(({ properties }) => properties),
    [{ größe: 'naïve' }, { größe: 'naïve €' }, { a: 'Ã¤' }],
  );
});

test('a join carries hashes of its Idempotency-Key and of what was asked for, and not the key itself', async (context) => {
  const { agent, post } = await agentRig(context);
  await post('/join/nulls', { password: 'hunter2' }, { 'idempotency-key': 'rack-12' });
  await post('/join/nulls', { password: 'hunter2' }, { 'idempotency-key': 'rack-12' });
  await post('/join/nulls', { password: 'hunter3' }, { 'idempotency-key': 'rack-12' });
  await post('/join/oscars', { password: 'hunter2' }, { 'idempotency-key': 'rack-12' });
  const [first, second, third, fourth] = agent.calls.map(({ idempotency }) => idempotency);
  assert.match(first?.key ?? '', /^[\w-]{43}$/);
  assert.equal(third?.key, first?.key);
  assert.deepEqual(first, second);
  assert.equal(new Set([first?.requestHash, third?.requestHash, fourth?.requestHash]).size, 3);
  for (const key of ['', 'with space', 'ü', 'k'.repeat(256)]) {
    const answer = await post('/join/nulls', {}, { 'idempotency-key': Buffer.from(key).toString('latin1') });
    assert.equal(answer.status, 400, key);
  }
});

test('ids and endpoints may be spelt in any way that a path can carry', async (context) => {
  const { agent, get, post } = await agentRig(context);
  const ids = ['a.b.c', '..a', 'a/b', 'a%b', 'a b', 'ü', '🙂', 'a?b#c', '{id}', '+', 'x'.repeat(300), 'import', '__proto__'];
  for (const id of ids) {
    await post(`/leave/nulls/${encodeURIComponent(id)}`);
    await get(`/status/nulls/${encodeURIComponent(id)}/`);
    assert.deepEqual(
      agent.calls.splice(0).map((call) => call.id),
      [id, id],
      id,
    );
  }
  await post('/leave/nulls/r1/');
  await post('/join/nulls/');
  await post('/leave/%6eulls/%72%31');
  assert.deepEqual(
    agent.calls.splice(0).map((call) => [call.endpoint, call.id]),
    [
      ['nulls', 'r1'],
      ['nulls', undefined],
      ['nulls', 'r1'],
    ],
  );
});

test('an id that cannot be is refused without a call', async (context) => {
  const { agent, get, post, rig } = await agentRig(context);
  agent.outcome = fail('not-found', 'there is no reservation');
  assert.equal((await post(`/leave/nulls/${'x'.repeat(300)}`)).status, 404);
  agent.calls.length = 0;
  for (const path of ['/leave/nulls', '/leave/nulls//', '/leave//r1', '/modify', '/join', '/join//', '/join/nulls/r1', '/leave/nulls/a/b']) {
    const { status, json } = await post(path);
    assert.deepEqual([status, json['status'], typeof json['message']], [404, 404, 'string'], path);
  }
  assert.equal((await get(`/status/nulls/${'x'.repeat(9000)}`)).status, 414);
  for (const segment of ['%', '%ff', '%00', '%2e%2e']) {
    const answer = await rig.raw([`GET /status/nulls/${segment} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\n\r\n`], (text) =>
      text.includes('"message"'),
    );
    assert.match(answer.text, /^HTTP\/1.1 400 /, segment);
  }
  assert.equal((await post('/schedule')).status, 405);
  assert.equal((await get('/join/nulls')).status, 405);
  assert.equal((await get('/schedule?limit=1')).status, 400);
  assert.deepEqual(agent.calls, []);
});

test('a call gets the time that its plugin may take, and some for those before it', async (context) => {
  const agent = new FakeAgent();
  agent.endpoints = [
    endpoint('slows', { timeLimitsMs: { join: 1500, leave: 1, modify: 1, renew: 1, status: 1, find: 1, list: 1 } }),
    endpoint('quick', { timeLimitsMs: { join: 1, leave: 1, modify: 1, renew: 1, status: 1, find: 1, list: 1 } }),
  ];
  const limits = { ...FRONT_LIMITS, requestTimeLimitMs: 300 };
  const moreRoutes = agentRoutes({ agent, limits, idempotencyKey: Buffer.alloc(32) });
  const rig = await startRig(context, { authenticator: AUTHENTICATOR, moreRoutes, limits });
  let open = (): void => undefined;
  agent.gate = new Promise((resolve) => {
    open = resolve;
  });
  const slow = rig.ask('POST', '/join/slows', {}, TOKEN);
  const late = await rig.ask('POST', '/join/quick', {}, TOKEN);
  assert.deepEqual([late.status, late.json['status'], late.json['code']], [504, 504, 'timeout']);
  open();
  assert.equal((await slow).status, 200, 'the other one still has time');
});

test('a description is plain text, with the words of NodeAgent2 where there is none', async (context) => {
  const { agent, get, rig } = await agentRig(context);
  agent.endpoints = [endpoint('nulls'), endpoint('oscars', { description: 'Kreis für Leitungen, <b>' })];
  const none = await get('/description/nulls');
  assert.deepEqual([none.status, none.headers.get('content-type'), none.text], [200, 'text/plain; charset=utf-8', 'No description provided for nulls']);
  assert.equal((await get('/description/oscars/')).text, 'Kreis für Leitungen, <b>');
  assert.equal((await rig.ask('HEAD', '/description/oscars', undefined, TOKEN)).text, '');
});

test('plugins are told as they are configured, in order, with their secrets masked', async (context) => {
  const { agent, get } = await agentRig(context);
  agent.endpoints = [
    endpoint('nulls'),
    endpoint('oscars', {
      jar: 'file:/etc/na2/oscars.jar',
      mainClass: 'org.renci.oscars.Main',
      schedulePeriod: { length: 1, unit: 'DAY' },
      renewAdvanceTicks: 1,
      config: '/etc/na2/oscars.xml',
      properties: { 'idc.url': 'https://idc', 'idc.password': 'hunter2', key1: 'shown', apiKey: 'k' },
      description: 'circuits',
    }),
  ];
  const nulls =
    '{"jar":"null","mainClass":"default","schedulePeriod":{"length":3,"unit":"MINUTE"},"renewAdvanceTicks":2,"config":null,"properties":{"property":[]},"description":null,"name":"nulls"}';
  const oscars = `{"jar":"file:/etc/na2/oscars.jar","mainClass":"org.renci.oscars.Main","schedulePeriod":{"length":1,"unit":"DAY"},"renewAdvanceTicks":1,"config":"/etc/na2/oscars.xml","properties":{"property":[{"name":"idc.url","value":"https://idc"},{"name":"idc.password","value":"${MASK}"},{"name":"key1","value":"shown"},{"name":"apiKey","value":"${MASK}"}]},"description":"circuits","name":"oscars"}`;
  assert.equal((await get('/plugins')).text, `{"name":null,"plugins":[${nulls},${oscars}]}`);
  assert.equal((await get('/plugins/')).text, `{"name":null,"plugins":[${nulls},${oscars}]}`);
  assert.equal((await get('/plugins/all')).text, `{"name":"all","plugins":[${nulls},${oscars}]}`);
  assert.equal((await get('/plugins/ALL')).text, `{"name":"ALL","plugins":[${nulls},${oscars}]}`);
  assert.equal((await get('/plugins/oscars')).text, `{"name":"oscars","plugins":[${oscars}]}`);
});

test('a schedule tells every entry with its members in their order, of all, of one endpoint, of one reservation', async (context) => {
  const { agent, get } = await agentRig(context);
  agent.entries = [
    scheduled('oscars', 'a/b', { joinProperties: { vlan: '7' }, schedProperties: { circuit: 'ü' }, renewDeadlineMs: NOW_MS - 1 }),
    scheduled('nulls', 'r1'),
    scheduled('nulls', 'r2', { renewDeadlineMs: NOW_MS - 5 }),
  ];
  const entry = (name: string, id: string, deadline: number, join = '{}', sched = '{}'): string =>
    `{"status":0,"errorMsg":null,"name":"${name}","reservationId":"${id}","deadline":${deadline},"joinProperties":${join},"schedProperties":${sched}}`;
  const first = entry('oscars', 'a/b', NOW_MS - 1, '{"vlan":"7"}', '{"circuit":"\\u00fc"}');
  const second = entry('nulls', 'r1', NOW_MS + 1000);
  const third = entry('nulls', 'r2', NOW_MS - 5);
  const list = (...entries: string[]): string => `{"list":[${entries.join(',')}]}`;
  const all = await get('/schedule');
  assert.deepEqual([all.status, all.headers.get('content-type'), all.text], [200, 'application/json', list(first, second, third)]);
  assert.equal((await get('/schedule/nulls')).text, list(second, third));
  assert.equal((await get('/schedule/oscars/a%2Fb')).text, list(first));
  assert.equal((await get('/expired')).text, list(first, third));
  for (const path of ['/schedule/nowhere', '/schedule/nulls/nowhere', '/schedule/nowhere/r1']) {
    const none = await get(path);
    assert.deepEqual([none.status, none.text], [200, '{"list":[]}'], path);
  }
  agent.isRecovering = true;
  for (const path of ['/schedule', '/expired']) {
    const { status, json } = await get(path);
    assert.deepEqual([status, json['status'], json['code']], [503, 503, 'recovering'], path);
  }
});

test('a long schedule is streamed, with other requests answered in between', async (context) => {
  const { agent, get, rig } = await agentRig(context);
  agent.entries = Array.from({ length: 20_000 }, (_, index) => scheduled('nulls', `r${index}`, { joinProperties: { text: 'x'.repeat(50) } }));
  const list = await get('/schedule');
  assert.equal(list.headers.get('transfer-encoding'), 'chunked');
  const entries = (list.json['list'] ?? []) as unknown as readonly { reservationId: string }[];
  assert.deepEqual(
    entries.map(({ reservationId }) => reservationId),
    agent.entries.map(({ reservationId }) => reservationId),
  );
  const head = await rig.ask('HEAD', '/schedule', undefined, TOKEN);
  assert.deepEqual([head.status, head.text], [200, '']);

  const socket = connect(rig.front.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /schedule HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\n\r\n');
  while (rig.front.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await get('/schedule/nulls/r1')).status, 200, 'a reader that does not read holds up nobody');
  socket.destroy();
  while (rig.front.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});

test('a client that goes away in the middle of a call does not end it', async (context) => {
  const { agent, rig } = await agentRig(context);
  let open = (): void => undefined;
  agent.gate = new Promise((resolve) => {
    open = resolve;
  });
  const socket = connect(rig.front.port, '127.0.0.1');
  socket.write('POST /join/nulls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  while (agent.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(rig.front.inFlight, 1, 'the agent is still at it');
  open();
  while (rig.front.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});
