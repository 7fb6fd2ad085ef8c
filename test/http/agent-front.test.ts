import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fail } from '../../src/faults.ts';
import { FAILURES_PER_SECOND_MAX } from '../../src/http/failure-limit.ts';
import type { Route } from '../../src/http/route.ts';
import { newDigest, ROUTES, startAgentRig } from './agent-front-rig.ts';
import { type AnswerOptions, answerTo } from './digest-answer.ts';
import { type Answer, type LogEntry, type Rig, undescribed } from './front-rig.ts';

const NOW_MS = 1_800_000_000_000;

async function challengeFrom(rig: Rig): Promise<string> {
  const { headers } = await rig.ask('POST', '/join/nulls', {}, { authorization: '' });
  return headers.get('www-authenticate') ?? '';
}

async function withDigest(rig: Rig, method: string, uri: string, options: AnswerOptions = {}): Promise<Answer> {
  const authorization = answerTo(await challengeFrom(rig), { method, uri, ...options });
  return rig.ask(method, uri, method === 'GET' ? undefined : {}, { authorization });
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const startedMs = performance.now(); !isTrue(); ) {
    assert.ok(performance.now() - startedMs < 5000, 'it never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function assertAgentProblem(answer: Answer, status: number, error: string, path: string, code: string): void {
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const { timestamp, message, title, requestId, ...rest } = answer.json;
  assert.deepEqual(rest, { status, error, path, type: `/problems/${code}`, detail: message, instance: path, code }, answer.text);
  assert.deepEqual([answer.status, typeof timestamp, typeof message, typeof title], [status, 'number', 'string', 'string']);
  assert.equal(requestId, answer.headers.get('x-request-id'));
}

test('without credentials there is a 401 with two challenges of Digest and a body that old and new clients read', async (context) => {
  const rig = await startAgentRig(context, { clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 } });
  const answer = await rig.ask('POST', '/join/nulls', {}, { authorization: '' });
  assertAgentProblem(answer, 401, 'Unauthorized', '/join/nulls', 'unauthorized');
  assert.equal(answer.json['timestamp'], NOW_MS);
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Digest realm="[\w ]+", qop="auth", algorithm=MD5, .*, Digest realm=.*, algorithm=SHA-256, /);
  const { text } = await rig.raw(['POST /join/nulls HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'], (so) => so.includes('\r\n\r\n'));
  assert.equal(text.match(/^WWW-Authenticate: Digest /gm)?.length, 2, 'a line each');
  assert.deepEqual(rig.lines, [], 'this is how clients begin, and no news');
});

test('Digest and a token with the scope are both accepted', async (context) => {
  const rig = await startAgentRig(context);
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    assert.deepEqual((await withDigest(rig, 'POST', '/join/nulls?a=%20b', { algorithm })).json, { endpoint: 'nulls', id: '', subject: 'admin', bytes: 2 });
  }
  assert.equal((await withDigest(rig, 'GET', '/reservations/nulls/7')).json['subject'], 'admin');
  assert.equal((await rig.ask('POST', '/join/nulls', {}, { authorization: 'Bearer reservations' })).json['subject'], 'robot');
  const weak = await rig.ask('POST', '/join/nulls', {}, { authorization: 'Bearer read' });
  assertAgentProblem(weak, 403, 'Forbidden', '/join/nulls', 'forbidden');
  assert.equal(weak.headers.get('www-authenticate'), 'Bearer realm="holdfast", error="insufficient_scope"');
  const bad = await rig.ask('POST', '/join/nulls', {}, { authorization: 'Bearer nonsense' });
  assert.deepEqual([bad.status, bad.headers.get('www-authenticate')], [401, 'Bearer realm="holdfast", error="invalid_token"']);
  const basic = await rig.ask('POST', '/join/nulls', {}, { authorization: 'Basic YWRtaW46cGFzcw==' });
  assert.match(basic.headers.get('www-authenticate') ?? '', /^Digest /);
});

test('Digest opens neither the inventory nor what needs an administrator', async (context) => {
  const rig = await startAgentRig(context, { publicReads: false });
  for (const [method, path] of [
    ['GET', '/inventory/ComputeNode'],
    ['POST', '/inventory/ComputeNode'],
    ['POST', '/reservations/nulls/7/renew'],
    ['GET', '/snapshots'],
  ] as const) {
    const answer = await withDigest(rig, method, path);
    assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer realm="holdfast", error="invalid_token"'], path);
  }
  assert.equal((await rig.ask('POST', '/reservations/nulls/7/renew', {}, { authorization: 'Bearer admin' })).status, 200);
});

test('without a password only tokens are offered, until there is one', async (context) => {
  const digest = newDigest();
  for (const options of [{ digest: undefined }, { digest }]) {
    digest.replacePassword(undefined);
    const rig = await startAgentRig(context, options);
    const answer = await rig.ask('POST', '/join/nulls', {}, { authorization: '' });
    assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer realm="holdfast", error="invalid_token"']);
    assert.equal((await withDigest(rig, 'POST', '/join/nulls')).status, 401);
    digest.replacePassword('another');
    if (options.digest !== undefined) assert.equal((await withDigest(rig, 'POST', '/join/nulls', { password: 'another' })).status, 200);
  }
});

test('an answer is taken once: again it is stale, for another request it is a 400', async (context) => {
  const rig = await startAgentRig(context);
  const challenge = await challengeFrom(rig);
  const captured = answerTo(challenge);
  const send = (path: string, authorization: string): Promise<Answer> => rig.ask('POST', path, {}, { authorization });
  const misdirected = await send('/join/other', captured);
  assertAgentProblem(misdirected, 400, 'Bad Request', '/join/other', 'invalid-request');
  assert.equal((await send('/join/nulls', captured)).status, 200);
  const replayed = await send('/join/nulls', captured);
  assertAgentProblem(replayed, 401, 'Unauthorized', '/join/nulls', 'unauthorized');
  const fresh = replayed.headers.get('www-authenticate') ?? '';
  assert.equal(fresh.match(/stale=true/g)?.length, 2);
  assert.equal((await send('/join/nulls', answerTo(fresh))).status, 200);
  const counts = Array.from({ length: 64 }, (_, index) => index + 2).reverse();
  const statuses = await Promise.all(counts.map(async (count) => (await send('/join/nulls', answerTo(challenge, { count }))).status));
  assert.deepEqual(new Set(statuses), new Set([200]), '64 requests share a nonce');
});

test('wrong answers from one address are slowed down; beyond that only who is logged in already is listened to', async (context) => {
  let nowMs = 0;
  const rig = await startAgentRig(context, { clock: { nowMs: () => NOW_MS, monotonicMs: () => nowMs } });
  const challenge = await challengeFrom(rig);
  const used = await challengeFrom(rig);
  const send = (authorization: string): Promise<Answer> => rig.ask('POST', '/join/nulls', {}, { authorization });
  const guess = (): Promise<Answer> => send(answerTo(challenge, { password: 'guess' }));
  assert.equal((await send(answerTo(used))).status, 200);
  for (let count = 0; count < FAILURES_PER_SECOND_MAX; count++) assert.equal((await guess()).status, 401);
  const refused = await guess();
  assertAgentProblem(refused, 429, 'Too Many Requests', '/join/nulls', 'too-many-failures');
  assert.deepEqual([refused.headers.get('retry-after'), refused.headers.get('www-authenticate')], ['1', null]);
  assert.match(await challengeFrom(rig), /^Digest /, 'asking for a challenge is no failure');
  const right = await send(answerTo(challenge));
  assert.equal(right.status, 429, 'a guess that is right cannot be told from one that is wrong');
  assert.deepEqual(right.json['detail'], refused.json['detail']);
  assert.equal((await send(answerTo(used, { count: 2 }))).status, 200, 'who is logged in goes on');
  assert.equal((await send(answerTo(used, { count: 3, password: 'guess' }))).status, 429);
  nowMs = 100;
  assert.deepEqual([(await guess()).status, (await guess()).status], [401, 429]);
  nowMs = 200;
  assert.equal((await send(answerTo(challenge))).status, 200, 'what was not judged costs no allowance, and did not use up the answer');
});

test('wrong answers are logged: a line for each address and second, with how many there were', async (context) => {
  let nowMs = 0;
  const rig = await startAgentRig(context, { clock: { nowMs: () => NOW_MS, monotonicMs: () => nowMs } });
  const challenge = await challengeFrom(rig);
  const guess = (): Promise<Answer> => rig.ask('GET', '/status/nulls/7', undefined, { authorization: answerTo(challenge, { password: 'guess' }) });
  const lines = (): readonly LogEntry[] => rig.lines.filter(({ level }) => level === 'warn');
  for (let count = 0; count < FAILURES_PER_SECOND_MAX + 15; count++) await guess();
  assert.deepEqual(lines(), []);
  nowMs = 1000;
  await until(() => lines().length > 0);
  await guess();
  await rig.front.close();
  const [first, second, ...more] = lines();
  assert.match(String(first?.fields['address']), /7f00:0*1$|^127\.0\.0\.1$/);
  assert.deepEqual([first?.fields['wrong'], first?.fields['refused'], second?.fields['wrong'], second?.fields['refused']], [10, 15, 1, 0]);
  assert.deepEqual(more, []);
  assert.doesNotMatch(JSON.stringify(rig.lines), /Digest [^a]|nonce|response/);
});

test('paths have two names, with dots, escapes and a slash at the end, and neither may be empty', async (context) => {
  const rig = await startAgentRig(context);
  const named = async (path: string): Promise<unknown> => {
    const { status, json } = await rig.ask('POST', path, {}, { authorization: 'Bearer reservations' });
    return status === 200 ? [json['endpoint'], json['id']] : status;
  };
  assert.deepEqual(await named('/leave/nulls/a.b'), ['nulls', 'a.b']);
  assert.deepEqual(await named('/leave/nulls/a.b/'), ['nulls', 'a.b']);
  assert.deepEqual(await named('/leave/nulls/a%2Fb%2fc'), ['nulls', 'a/b/c']);
  assert.deepEqual(await named('/leave/nulls/%C3%A4%20%25..'), ['nulls', 'ä %..']);
  assert.deepEqual(await named('/leave/nulls/...'), ['nulls', '...']);
  assert.deepEqual(await named('/leave/nulls/{id}'), ['nulls', '{id}']);
  assert.deepEqual(await named('/join/nulls/'), ['nulls', '']);
  for (const path of ['/leave/nulls', '/leave/nulls/', '/leave//7', '/leave/nulls//', '/leave/nulls/7/8', '/join', '/join/']) {
    assert.equal(await named(path), 404, path);
  }
  // `fetch` would resolve these before it sends them.
  for (const id of ['.', '..', '%2e', '%2E%2e']) {
    const request = `POST /leave/nulls/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reservations\r\nContent-Length: 0\r\n\r\n`;
    assert.match((await rig.raw([request], (text) => text.includes('}'))).text, /^HTTP\/1\.1 400 [\s\S]*"code":"invalid-id"/, id);
  }
});

test('whatever goes wrong below the agent paths, its body is one that old clients read; elsewhere it is a plain problem', async (context) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const agentGet = (path: string, handler: Route['handler']): Route => ({
    method: 'GET',
    path,
    access: 'public',
    about: undescribed(path),
    parameters: [],
    isAgentCall: true,
    handler,
  });
  const rig = await startAgentRig(context, {
    limits: { requestTimeLimitMs: 50, urlBytesMax: 200 },
    moreRoutes: [
      ...ROUTES,
      agentGet('/status/throws', () => {
        throw new Error('a defect');
      }),
      agentGet('/status/waits', async (exchange) => {
        await gate;
        exchange.fail(fail('timeout', 'too late to be heard').fault);
      }),
      agentGet('/status/umlaut', (exchange) => exchange.fail(fail('not-found', 'es gibt kein „Österreich“ 😀').fault)),
    ],
  });
  const cases = [
    ['GET', '/join/nulls', 405, 'Method Not Allowed', 'method-not-allowed'],
    ['GET', '/join', 404, 'Not Found', 'not-found'],
    ['GET', '/leave/a/b/c', 404, 'Not Found', 'not-found'],
    ['GET', '/status/nulls/%ff', 400, 'Bad Request', 'invalid-id'],
    ['GET', `/status/nulls/${'x'.repeat(200)}`, 414, 'URI Too Long', 'uri-too-long'],
    ['GET', '/status/throws', 500, 'Internal Server Error', 'internal'],
    ['GET', '/status/waits', 504, 'Gateway Timeout', 'timeout'],
  ] as const;
  for (const [method, path, status, error, code] of cases) assertAgentProblem(await rig.ask(method, path), status, error, path, code);
  open();
  const unknown = await rig.ask('POST', '/join/nulls?b=c', {}, { authorization: 'Bearer reservations' });
  assertAgentProblem(unknown, 400, 'Bad Request', '/join/nulls', 'invalid-parameter');
  const packed = await rig.ask('POST', '/join/nulls', {}, { authorization: 'Bearer reservations', 'content-encoding': 'gzip' });
  assertAgentProblem(packed, 415, 'Unsupported Media Type', '/join/nulls', 'unsupported-media-type');
  const umlaut = await rig.ask('GET', '/status/umlaut');
  assert.ok(/^[ -~]+$/.test(umlaut.text), 'it reads the same in every encoding');
  assert.equal(umlaut.json['message'], 'es gibt kein „Österreich“ 😀');
  for (const path of ['/reservations/nulls/7', '/nothing', '/inventory/ComputeNode/x']) {
    const { json } = await rig.ask('GET', path);
    assert.deepEqual([json['error'], json['message'], json['timestamp'], typeof json['detail']], [undefined, undefined, undefined, 'string'], path);
  }
  const flawed = await rig.raw(['GET /status/nulls/7 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n']);
  assert.match(flawed.text, /^HTTP\/1\.1 400 [\s\S]*"error":"Bad Request","message":"Host is repeated"/);
});

test('a stopping and a busy front say so in that form too', async (context) => {
  const rig = await startAgentRig(context, { limits: { inFlightMax: 0 } });
  assertAgentProblem(await rig.ask('POST', '/join/nulls'), 503, 'Service Unavailable', '/join/nulls', 'overloaded');
  const kept = await rig.raw(['GET /status/x/y HTTP/1.1\r\nHost: x\r\n\r\n'], (text) => text.includes('}'));
  assert.match(kept.text, /"status":503,"error":"Service Unavailable","message":"0 requests are in flight"/);
});

test('the body of an unauthenticated request is read away, and its connection goes on; a larger one ends it', async (context) => {
  const rig = await startAgentRig(context, { limits: { unauthenticatedBodyBytesMax: 500_000, lingerMs: 50 } });
  const challenge = await challengeFrom(rig);
  const head = (length: number, more = ''): string => `POST /join/nulls HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}\r\n`;
  const second = head(2, `Authorization: ${answerTo(challenge)}\r\n`);
  const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status as string);
  const small = await rig.raw([head(500_000), Buffer.alloc(500_000), second, '{}'], (text) => statuses(text).length === 2 && text.endsWith('}'));
  assert.deepEqual([statuses(small.text), small.isClosed], [['401', '200'], false]);
  assert.match(small.text, /"bytes":2}$/);
  const chunked = 'POST /join/nulls HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const parts of [
    [head(500_001), Buffer.alloc(500_001)],
    [head(500_001), '{}'],
    [chunked, '2\r\n{}\r\n0\r\n\r\n'],
    [chunked, '2\r\n{}\r\n'],
  ]) {
    const large = await rig.raw(parts);
    assert.deepEqual([statuses(large.text), large.isClosed], [['401'], true]);
    assert.match(large.text, /Connection: close[\s\S]*"code":"unauthorized"/);
    assert.ok(!statuses((await rig.raw([...parts, second, '{}'])).text).includes('200'), 'nothing behind it runs');
  }
});

test('an answer is bound to the method of its request', async (context) => {
  const rig = await startAgentRig(context);
  const challenge = await challengeFrom(rig);
  const head = (method: string, count: number): Promise<Answer> =>
    rig.ask('HEAD', '/status/nulls/7', undefined, { authorization: answerTo(challenge, { method, uri: '/status/nulls/7', count }) });
  assert.equal((await head('GET', 1)).status, 401);
  assert.equal((await head('HEAD', 2)).status, 200);
});
