import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import { OWNER_CLIENT_LIMITS, OwnerClient } from '../../src/dispatch/owner-client.ts';
import { done, fail } from '../../src/faults.ts';
import type { Authenticator } from '../../src/http/auth.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import { reservationRoutes } from '../../src/http/reservation-routes.ts';
import type { ReservationImage, ReservationStep } from '../../src/protocol/reservations.ts';
import { MASK } from '../../src/secret-names.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';
import { onlyKinds, Rig as StoreRig, temporaryFolder, value } from '../store/rig.ts';
import { FakeAgent, NOW_MS, returned } from './fake-agent.ts';
import { type Answer, type Json, type Rig, startRig } from './front-rig.ts';

/** The view of reservations as records over real HTTP: lists from a real store, calls to an agent that says what the test wants. */

const AUTHENTICATOR: Authenticator = {
  authenticate: (authorization) =>
    done(authorization === undefined ? undefined : { subject: 'boss', scopes: new Set(authorization.replace('Bearer ', '').split(',')) }),
};
const READER = { authorization: 'Bearer reservations' };
const ADMIN = { authorization: 'Bearer admin' };

interface ViewRig {
  readonly agent: FakeAgent;
  readonly store: StoreRig;
  readonly rig: Rig;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  step(step: ReservationStep): Promise<void>;
}

async function viewRig(context: TestContext): Promise<ViewRig> {
  const agent = new FakeAgent();
  const store = await StoreRig.open(temporaryFolder(), { kinds: onlyKinds('Component') });
  context.after(() => store.close());
  const events = { log: () => undefined, died: () => undefined, fatal: () => undefined };
  const owner = new OwnerClient((task) => store.store.run(task), store.view, events, OWNER_CLIENT_LIMITS);
  const moreRoutes = reservationRoutes({
    agent,
    owner,
    view: store.view,
    history: { ask: async () => fail('internal', 'not here') },
    kind: RESERVATION_KIND,
    limits: FRONT_LIMITS,
  });
  const rig = await startRig(context, { authenticator: AUTHENTICATOR, moreRoutes, owner, view: store.view });
  return {
    agent,
    store,
    rig,
    get: (path, headers = {}) => rig.ask('GET', path, undefined, { ...READER, ...headers }),
    post: (path, body, headers = {}) => rig.ask('POST', path, body, { ...ADMIN, ...headers }),
    step: async (step) => void value(await store.send('reservation.step', step)),
  };
}

const keyOf = (number: number): string => `a0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A reservation that another agent had; due `number` minutes after a full hour. */
async function takenOver({ step, store }: ViewRig, number: number, endpoint: string, more: Partial<ReservationStep> = {}): Promise<void> {
  await step({
    key: keyOf(number),
    step: 'take-over',
    endpoint,
    reservationId: `r${number}`,
    operationId: keyOf(number),
    caller: 'boss',
    untilMs: store.clock.ms + 7_200_000,
    renewDeadlineMs: dueMs(number),
    ...more,
  });
}

const dueMs = (number: number): number => Date.UTC(2026, 10, 22, 12) + number * 60_000;

/** One in each of a few states: 1 and 2 active, 3 joining, 4 unknown, 5 orphaned, 6 closed, 7 failed to renew. */
async function inAllStates(view: ViewRig): Promise<void> {
  const { step } = view;
  await takenOver(view, 1, 'nulls', { joinProperties: { vlan: '7', 'a.b': 'x' }, properties: { circuit: 'c1' } });
  await takenOver(view, 2, 'oscars', {
    joinProperties: { vlan: '8', 'oscars.password': 'hunter2' },
    properties: { vlan: '7', circuit: 'c2', apiKey: 'hunter3' },
  });
  const begin = (number: number): ReservationStep => ({
    key: keyOf(number),
    step: 'join.begin',
    operationId: keyOf(number),
    endpoint: 'nulls',
    caller: 'orca',
    joinProperties: { vlan: '9' },
  });
  await step(begin(3));
  await step(begin(4));
  await step({ key: keyOf(4), step: 'join.lost', operationId: keyOf(4), durationMs: 12, error: 'the thread ended' });
  await step(begin(5));
  await step({ key: keyOf(5), step: 'join.orphaned', operationId: keyOf(5), durationMs: 12, reservationId: 'r1', error: 'taken' });
  await takenOver(view, 6, 'nulls');
  await step({ key: keyOf(6), step: 'release', reason: 'gone', caller: 'boss' });
  await takenOver(view, 7, 'nulls');
  await step({ key: keyOf(7), step: 'renew.begin', operationId: keyOf(70) });
  await step({ key: keyOf(7), step: 'renew.failed', operationId: keyOf(70), durationMs: 5, error: 'no more circuits' });
}

/** The last digit of each key, in ascending order. */
const numbers = ({ list }: Answer): string =>
  list
    .map((record) => String(record['operation_id']).slice(-1))
    .sort()
    .join('');

test('a list of reservations shows records without what only the server needs, and with secrets masked', async (context) => {
  const view = await viewRig(context);
  const empty = await view.get('/reservations');
  assert.deepEqual([empty.status, empty.text, empty.headers.get('content-type')], [200, '[]', 'application/json']);
  await inAllStates(view);
  const all = await view.get('/reservations?count=true');
  assert.deepEqual([numbers(all), all.headers.get('x-total-count')], ['1234567', '7']);
  const two = all.list.find((record) => record['reservation_id'] === ('r2' as unknown as Json)) as unknown as ReservationImage;
  assert.deepEqual(two.join_properties, { vlan: '8', 'oscars.password': MASK });
  assert.deepEqual(two.sched_properties, { vlan: '7', circuit: 'c2', apiKey: MASK });
  assert.deepEqual(Object.keys(two), [
    'operation_id',
    'endpoint',
    'reservation_id',
    'state',
    'until',
    'renew_deadline',
    'join_properties',
    'sched_properties',
    'created_at',
    'updated_at',
    'revision',
  ]);
  const failed = all.list.find((record) => record['state'] === ('renew-failed' as unknown as Json)) as unknown as ReservationImage;
  assert.deepEqual([failed.last_error, failed.attempts, failed.renew_deadline, failed.calls?.at(-1)?.outcome], ['no more circuits', 1, undefined, 'failed']);
  assert.doesNotMatch(all.text, /hunter|held_as|resume_state|has_private/);
  const lines = await view.get('/reservations?endpoint=oscars&fields=state', { accept: 'application/x-ndjson' });
  assert.equal(lines.text, `{"operation_id":"${keyOf(2)}","state":"active"}\n`);
});

test('filters: endpoint, state, a time by which it is due, and properties of either kind', async (context) => {
  const view = await viewRig(context);
  await inAllStates(view);
  const due = new Date(dueMs(2)).toISOString();
  for (const [query, expected] of [
    ['endpoint=oscars', '2'],
    ['endpoint=nulls&endpoint=oscars', '1234567'],
    ['endpoint=nowhere', ''],
    ['endpoint=!nulls', '2'],
    ['state=active', '12'],
    ['state=active,unknown', '124'],
    ['state=active&state=unknown&state=orphaned', '1245'],
    ['state=!closed', '123457'],
    ['state=!closed,!active', '3457'],
    ['reservation_id=r1', '15'],
    ['missing=reservation_id', '34'],
    [`due_before=${due}`, '1'],
    [`due_before=${dueMs(2)}`, '1'],
    [`due_before=${dueMs(2) + 1}`, '12'],
    ['due_before=2026-11-22T13%3A00%3A00%2B01%3A00', ''],
    ['due_before=2026-11-22T13%3A02%3A00%2B01%3A00', '1'],
    ['due_before=0', ''],
    [`renew_deadline.gte=${due}`, '2'],
    ['property=vlan:7', '12'],
    ['property=vlan:8&endpoint=oscars', '2'],
    ['property=vlan:7&property=vlan:9', '12345'],
    ['property=vlan:7&property=circuit:c1', '1'],
    ['property=a.b:x', '1'],
    ['property=vlan:', ''],
    ['property=a:b:c', ''],
    [`property=${encodeURIComponent(`vlan":"7`)}:x`, ''],
    ['property=%00:%00', ''],
    ["property=x'%3BDROP TABLE reservations:1", ''],
  ] as const) {
    const found = await view.get(`/reservations?${query}`);
    assert.deepEqual([found.status, numbers(found)], [200, expected], query);
  }
});

test('what a list does not understand is refused by name, and no list tells of a secret', async (context) => {
  const view = await viewRig(context);
  await inAllStates(view);
  for (const [query, said] of [
    ['stat=active', '"stat"'],
    ['state=activ', 'active, renewing'],
    ['state=', '"state"'],
    ['due_before=tomorrow', '"due_before"'],
    ['due_before=2026-11-22', '"due_before"'],
    ['due_before=999999999999999', '"due_before"'],
    ['due_before=1&due_before=2', 'twice'],
    ['property=vlan', '"property"'],
    ['property=:x', '"property"'],
    ['property=oscars.password:hunter2', 'secret'],
    ['property=apiKey:******', 'secret'],
    [Array.from({ length: 9 }, (_, index) => `property=p${index}:x`).join('&'), '8 properties'],
    ['limit=0', '"limit"'],
    ['after=x', '"after"'],
    ['held_as=nulls/r1', '"held_as"'],
    ['idempotency=nulls/k', '"idempotency"'],
    ['fields=request_hash', '"request_hash"'],
    ['sort=has_private', '"has_private"'],
    ['missing=resume_state', '"resume_state"'],
    ['join_properties=x', '"join_properties"'],
  ] as const) {
    const refused = await view.get(`/reservations?${query}`);
    assert.deepEqual([refused.status, refused.json['code']], [400, 'invalid-parameter'], query);
    assert.ok(String(refused.json['detail']).includes(said), `${query}: ${String(refused.json['detail'])}`);
    assert.doesNotMatch(refused.text, /hunter/);
  }
  assert.equal((await view.get('/reservations', { accept: 'text/html' })).status, 406);
});

test('pages of a list lead through all of it, filters kept', async (context) => {
  const view = await viewRig(context);
  for (let number = 1; number <= 9; number++) await takenOver(view, number, number % 2 === 0 ? 'oscars' : 'nulls', { joinProperties: { vlan: '7' } });
  for (const start of [
    '/reservations?limit=2&endpoint=nulls&sort=-renew_deadline',
    '/reservations?state=active,unknown&endpoint=nulls&property=vlan:7&limit=2&sort=-renew_deadline',
  ]) {
    const seen: string[] = [];
    let path: string | undefined = start;
    while (path !== undefined) {
      const page: Answer = await view.get(path);
      assert.equal(page.status, 200, path);
      seen.push(...page.list.map((record) => String(record['reservation_id'])));
      path = /^<(\/reservations\?[A-Za-z0-9/&=%_.*+-]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    assert.deepEqual(seen, ['r9', 'r7', 'r5', 'r3', 'r1'], start);
  }
});

test('what needs a person has a list of its own', async (context) => {
  const view = await viewRig(context);
  await inAllStates(view);
  assert.equal(numbers(await view.get('/reservations/unknown')), '45');
  assert.equal(numbers(await view.get('/reservations/unknown?state=orphaned&count=true')), '5');
  const page = await view.get('/reservations/unknown?limit=1');
  assert.match(page.headers.get('link') ?? '', /^<\/reservations\/unknown\?limit=1&after=/);
});

test('one reservation comes with its history, its deadlines and its revision as the tag', async (context) => {
  const { agent, get, rig } = await viewRig(context);
  const id = 'a/b.c ü';
  agent.images.set(`nulls/${id}`, image(id));
  const path = `/reservations/nulls/${encodeURIComponent(id)}`;
  const one = await get(path);
  assert.deepEqual([one.status, one.headers.get('etag'), one.headers.get('content-type')], [200, '"42"', 'application/json']);
  assert.deepEqual(one.json, {
    operation_id: keyOf(1),
    endpoint: 'nulls',
    reservation_id: id,
    state: 'active',
    until: '2026-11-22T13:00:00Z',
    renew_deadline: '2026-11-22T12:00:00Z',
    join_properties: { vlan: '7' },
    last_error: 'once',
    calls: [{ operation: 'join', operation_id: keyOf(1), caller: 'orca', started_at: '2026-11-22T10:00:00Z', duration_ms: 12, outcome: 'done' }],
    created_at: '2026-11-22T10:00:00Z',
    updated_at: '2026-11-22T10:00:00Z',
    revision: 42,
  });
  const known = await get(path, { 'if-none-match': '"42"' });
  assert.deepEqual([known.status, known.text, known.headers.get('etag')], [304, '', '"42"']);
  assert.equal((await get(path, { 'if-none-match': '"41"' })).status, 200);
  assert.equal((await rig.ask('HEAD', path, undefined, READER)).headers.get('content-length'), String(Buffer.byteLength(one.text)));
  for (const missing of ['/reservations/nulls/nowhere', `/reservations/nulls/${'x'.repeat(300)}`, '/reservations/nulls', '/reservations/nulls//']) {
    const { status, json } = await get(missing);
    assert.deepEqual([status, json['code'], json['message']], [404, 'not-found', undefined], missing);
  }
  assert.equal((await get(`${path}?fields=state`)).status, 400);
});

test('a renewal on demand answers with the reservation, or says what went wrong', async (context) => {
  const { agent, post } = await viewRig(context);
  agent.images.set('nulls/r1', image('r1'));
  const renewed = await post('/reservations/nulls/r1/renew');
  assert.deepEqual([renewed.status, renewed.json['reservation_id'], renewed.headers.get('etag')], [200, 'r1', '"42"']);
  assert.deepEqual(agent.calls, [{ operation: 'renew', endpoint: 'nulls', id: 'r1', caller: 'boss' }]);
  assert.equal((await post('/reservations/nulls/r1/renew', { ignored: true }, { 'if-none-match': '"42"' })).status, 200);
  agent.outcome = returned({ status: 3, errorMessage: 'no more circuits' });
  const refused = await post('/reservations/nulls/r1/renew');
  assert.deepEqual([refused.status, refused.json['code'], refused.json['detail']], [502, 'plugin-failed', 'renew returned status 3: no more circuits']);
  agent.outcome = done({ type: 'threw', message: 'no route' });
  assert.equal((await post('/reservations/nulls/r1/renew')).json['detail'], 'renew error: no route');
  for (const [code, status] of [
    ['wrong-state', 409],
    ['not-found', 404],
    ['plugin-timeout', 504],
  ] as const) {
    agent.outcome = fail(code, 'why');
    const answer = await post('/reservations/nowhere/r1/renew');
    assert.deepEqual([answer.status, answer.json['code']], [status, code]);
  }
});

test('a release needs a reason, and answers with what was forgotten', async (context) => {
  const { agent, post } = await viewRig(context);
  agent.images.set('nulls/r1', image('r1'));
  for (const [body, pointer] of [
    [{}, '/reason'],
    [{ reason: '' }, '/reason'],
    [{ reason: '  ' }, '/reason'],
    [{ reason: 7 }, '/reason'],
    [{ reason: 'x'.repeat(501) }, '/reason'],
    [{ reason: 'x', force: true }, ''],
    [[], ''],
    ['null', ''],
  ] as const) {
    const refused = await post('/reservations/nulls/r1/release', body);
    assert.deepEqual([refused.status, refused.json['code'], refused.errors[0]?.pointer], [400, 'invalid', pointer], JSON.stringify(body));
  }
  assert.equal((await post('/reservations/nulls/r1/release', '{')).json['code'], 'malformed-json');
  assert.equal((await post('/reservations/nulls/r1/release', '{"reason":"x"}', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await post('/reservations/nulls/r1/release', undefined)).status, 415);
  assert.equal((await post('/reservations/nulls/r1/release', { reason: 'x'.repeat(20_000) })).status, 413);
  assert.deepEqual(agent.calls, []);
  const reason = 'ü'.repeat(500);
  const released = await post('/reservations/nulls/r1/release', { reason });
  assert.deepEqual([released.status, released.json['state'], released.json['close_reason'], released.headers.get('etag')], [200, 'closed', reason, '"43"']);
  assert.deepEqual(agent.calls, [{ operation: 'release', endpoint: 'nulls', id: 'r1', reason, caller: 'boss' }]);
  assert.equal((await post('/reservations/nulls/r2/release', { reason: 'x' })).status, 404);
});

test('reading needs the scope reservations, changing needs admin', async (context) => {
  const { agent, rig } = await viewRig(context);
  agent.images.set('nulls/r1', image('r1'));
  const ask = async (method: string, path: string, authorization: string): Promise<number> => {
    const response = await fetch(rig.front.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
      ...(method === 'POST' ? { body: '{"reason":"x"}' } : {}),
    });
    await response.text();
    return response.status;
  };
  for (const path of ['/reservations', '/reservations/unknown', '/reservations/nulls/r1']) {
    assert.deepEqual([await ask('GET', path, ''), await ask('GET', path, 'Bearer admin'), await ask('GET', path, READER.authorization)], [401, 403, 200], path);
  }
  for (const path of ['/reservations/nulls/r1/renew', '/reservations/nulls/r1/release', '/reservations/import']) {
    assert.deepEqual([await ask('POST', path, ''), await ask('POST', path, READER.authorization)], [401, 403], path);
  }
  assert.deepEqual(agent.calls, []);
});

const entry = (name: string, reservationId: string, more: object = {}): object => ({
  status: 0,
  errorMsg: null,
  name,
  reservationId,
  deadline: NOW_MS,
  joinProperties: { vlan: '7' },
  schedProperties: { circuit: 'c1', password: 'hunter2' },
  ...more,
});

test('what a NodeAgent2 answers to GET /schedule is taken over, each reservation for itself', async (context) => {
  const { agent, post } = await viewRig(context);
  const list = [entry('nulls', 'r1'), entry('nowhere', 'r2'), entry('oscars', 'r1', { joinProperties: null, schedProperties: { a: null, b: '1' } })];
  const answer = await post('/reservations/import', JSON.stringify({ list }, undefined, 2));
  assert.equal(answer.status, 200);
  assert.equal(answer.text.slice(0, 34), '{"taken":2,"refused":1,"items":[{"');
  const items = answer.json['items'] as unknown as readonly Json[];
  assert.deepEqual(items[0], { index: 0, endpoint: 'nulls', reservation_id: 'r1', status: 201, operation_id: 'op-1' });
  assert.deepEqual(
    [items[1]?.['index'], items[1]?.['endpoint'], items[1]?.['reservation_id'], items[1]?.['status'], items[1]?.['code']],
    [1, 'nowhere', 'r2', 404, 'not-found'],
  );
  assert.deepEqual(items[2], { index: 2, endpoint: 'oscars', reservation_id: 'r1', status: 201, operation_id: 'op-2' });
  assert.deepEqual(agent.takenOver, [
    { endpoint: 'nulls', reservationId: 'r1', renewDeadlineMs: NOW_MS, joinProperties: { vlan: '7' }, schedProperties: { circuit: 'c1', password: 'hunter2' } },
    { endpoint: 'oscars', reservationId: 'r1', renewDeadlineMs: NOW_MS, joinProperties: {}, schedProperties: { b: '1' } },
  ]);
  assert.deepEqual([agent.calls[0]?.caller, agent.calls.length], ['boss', 1]);
  const again = await post('/reservations/import', { list });
  assert.equal(again.text.slice(0, 22), '{"taken":0,"refused":3');
  assert.equal((await post('/reservations/import', { list: [] })).text, '{"taken":0,"refused":0,"items":[]}');
});

test('of two entries for one reservation the one with the later deadline is taken', async (context) => {
  const { agent, post } = await viewRig(context);
  const list = [
    entry('nulls', 'r1', { deadline: 1000 }),
    entry('nulls', 'r1', { deadline: 2000, schedProperties: { circuit: 'new' } }),
    entry('oscars', 'r1', { deadline: 1 }),
  ];
  const answer = await post('/reservations/import', { list });
  const items = answer.json['items'] as unknown as readonly Json[];
  assert.deepEqual(
    items.map((item) => [item['status'], item['code']]),
    [
      [409, 'conflict'],
      [201, undefined],
      [201, undefined],
    ],
  );
  assert.deepEqual(
    agent.takenOver.map(({ schedProperties }) => schedProperties['circuit']),
    ['new', 'c1'],
  );
});

test('an entry that cannot be taken over says why, and the others are taken', async (context) => {
  const { agent, post } = await viewRig(context);
  const wrong: readonly (readonly [entry: unknown, pointer: string])[] = [
    [7, '/name'],
    [null, '/name'],
    [entry('', 'r'), '/name'],
    [entry('nulls', ''), '/reservationId'],
    [{ ...entry('nulls', 'r'), reservationId: 7 }, '/reservationId'],
    [entry('nulls', 'r', { deadline: '2026-11-22T10:00:00Z' }), '/deadline'],
    [entry('nulls', 'r', { deadline: -1 }), '/deadline'],
    [entry('nulls', 'r', { deadline: 1e15 }), '/deadline'],
    [entry('nulls', 'r', { deadline: 1.5 }), '/deadline'],
    [entry('nulls', 'r', { joinProperties: [] }), '/joinProperties'],
    [entry('nulls', 'r', { schedProperties: { 'a/b': 7 } }), '/schedProperties/a~1b'],
    [entry('nulls', 'r', { schedProperties: { password: MASK } }), '/schedProperties/password'],
  ];
  const answer = await post('/reservations/import', { list: [...wrong.map(([item]) => item), entry('nulls', 'good', { schedProperties: { note: MASK } })] });
  assert.equal(answer.text.slice(0, 23), '{"taken":1,"refused":12');
  const items = answer.json['items'] as unknown as readonly { status: number; errors: readonly { pointer: string }[] }[];
  for (const [index, [item, pointer]] of wrong.entries())
    assert.deepEqual([items[index]?.status, items[index]?.errors[0]?.pointer], [400, pointer], JSON.stringify(item));
  assert.deepEqual(
    agent.takenOver.map(({ reservationId }) => reservationId),
    ['good'],
  );
});

test('a body that is no schedule is refused, and nothing of it is taken over', async (context) => {
  const { agent, post, rig } = await viewRig(context);
  const good = JSON.stringify(entry('nulls', 'r1'));
  for (const body of [
    '',
    '{',
    '{}',
    'null',
    `[${good}]`,
    '{"list":null}',
    `{"list":[${good}]`,
    `{"list":[${good}}`,
    `{"list":[${good}]}}`,
    `{"list":[${good}],"more":1}`,
    `{"more":1,"list":[${good}]}`,
    `{"list":[${good},]}`,
    `{"lists":[${good}]}`,
    `${' '.repeat(1000)}{"list":[]}`,
    `{"list":[${good}]}${' '.repeat(70_000)}`,
  ]) {
    const answer = await post('/reservations/import', body);
    assert.deepEqual([answer.status, answer.json['code']], [400, 'malformed-json'], body.slice(0, 60));
  }
  assert.equal((await post('/reservations/import', '{"list":[]}', { 'content-type': 'text/plain' })).status, 415);
  agent.isRecovering = true;
  assert.equal((await post('/reservations/import', { list: [entry('nulls', 'r1')] })).json['code'], 'recovering');
  agent.isRecovering = false;
  const large = await post('/reservations/import', { list: [entry('nulls', 'r1'), entry('nulls', 'r2', { errorMsg: 'x'.repeat(1024 * 1024) })] });
  assert.deepEqual([large.status, large.json['code']], [413, 'too-large']);
  assert.deepEqual([agent.calls, agent.takenOver], [[], []]);
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});

test('a schedule of any size comes in whole, in whatever pieces', async (context) => {
  const { agent, post, rig } = await viewRig(context);
  const list = Array.from({ length: 5000 }, (_, index) => entry('nulls', `r${index}`, { joinProperties: { text: `}] ,"${' '.repeat(20)}` } }));
  const answer = await post('/reservations/import', { list });
  assert.equal((answer.json['items'] as unknown as readonly unknown[]).length, 5000);
  assert.equal(agent.takenOver.length, 5000);
  assert.deepEqual(
    agent.calls.map(({ operation }) => operation),
    ['take over 1024', 'take over 1024', 'take over 1024', 'take over 1024', 'take over 904'],
  );
  const body = ` { "list" : [ ${JSON.stringify(entry('oscars', 'p1'))} , ${JSON.stringify(entry('oscars', 'p2', { joinProperties: { text: '}  ' } }))} ] } \r\n`;
  const pieces = [...body].map((letter) => `1\r\n${letter}\r\n`);
  const head =
    'POST /reservations/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const raw = await rig.raw([head, ...pieces, '0\r\n\r\n'], (text) => text.includes(']}'));
  assert.match(raw.text, /"taken":2,"refused":0/);
});

function image(id: string): ReservationImage {
  return {
    operation_id: keyOf(1),
    endpoint: 'nulls',
    reservation_id: id,
    held_as: `nulls/${id}`,
    state: 'active',
    resume_state: 'active',
    until: '2026-11-22T13:00:00Z',
    renew_deadline: '2026-11-22T12:00:00Z',
    join_properties: { vlan: '7' },
    has_private: true,
    last_error: 'once',
    calls: [{ operation: 'join', operation_id: keyOf(1), caller: 'orca', started_at: '2026-11-22T10:00:00Z', duration_ms: 12, outcome: 'done' }],
    idempotency: 'nulls/k',
    request_hash: 'h',
    created_at: '2026-11-22T10:00:00Z',
    updated_at: '2026-11-22T10:00:00Z',
    revision: 42,
  };
}
