import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Substrate } from '../../plugins/simulator/substrate.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { substrateFor } from '../support/substrate.ts';

/** What callers hear when a substrate refuses, breaks down, repeats an id or does not answer, and what the server keeps of it. */

interface Faulty {
  readonly server: ReservationServer;
  readonly substrate: Substrate;
  /** @returns the id. */
  join(endpoint?: string, properties?: Readonly<Record<string, string>>): Promise<string>;
  /** A reservation's record. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  one(id: string, endpoint?: string): Promise<any>;
}

async function faulty(context: TestContext, more: Readonly<Record<string, unknown>> = {}): Promise<Faulty> {
  const substrate = await substrateFor(context);
  const timeLimits = Object.fromEntries(['join', 'leave', 'modify', 'renew', 'status'].map((operation) => [operation, '1s']));
  const endpoints = ['switch-one', 'switch-two'].map((name) => ({
    name,
    plugin: 'simulator',
    schedulePeriod: '1h',
    threads: 1,
    concurrentCalls: 4,
    timeLimits,
    properties: { 'simulator.url': substrate.url, 'simulator.prefix': `${name}.` },
    ...more,
  }));
  const server = new ReservationServer(context, temporaryFolder(context), { tick: '1m', endpoints });
  await server.start();
  return {
    server,
    substrate,
    async join(endpoint = 'switch-one', properties = {}) {
      const { status, json, text } = await server.post(`/join/${endpoint}`, properties);
      assert.deepEqual([status, json.status], [200, 0], text);
      return json.resId.id;
    },
    one: async (id, endpoint = 'switch-one') => (await server.process.request('GET', `/reservations/${endpoint}/${id}`)).json,
  };
}

test('an exception of the plugin is a 200 with status 255, and what was there is there as before', async (context) => {
  const { server, substrate, join, one } = await faulty(context);
  const id = await join();
  substrate.behave({ operations: Object.fromEntries(['join', 'leave', 'modify', 'status'].map((operation) => [operation, { failNext: 1 }])) });
  const threw = await server.post('/join/switch-one');
  assert.equal(threw.status, 200);
  assert.deepEqual(threw.json, { status: 255, properties: null, resId: null, errorMsg: 'join error: the substrate fails this join, as it was told to' });
  for (const [operation, method] of [
    ['modify', 'POST'],
    ['status', 'GET'],
    ['leave', 'POST'],
  ] as const) {
    const { status, json } = await server.process.request(method, `/${operation}/switch-one/${id}`, method === 'POST' ? {} : undefined);
    const expected = { status: 255, properties: null, resId: { id }, errorMsg: `${operation} error: the substrate fails this ${operation}, as it was told to` };
    assert.deepEqual([status, json], [200, expected]);
  }
  const { state, last_error, calls } = await one(id);
  assert.deepEqual([state, calls.at(-1).outcome], ['leave-failed', 'failed'], 'what could not be left is not forgotten');
  assert.match(last_error, /fails this leave/);
  assert.equal((await server.post(`/leave/switch-one/${id}`)).json.status, 0);
  assert.equal((await one(id)).state, 'closed');
  assert.equal(substrate.ledger.states().provisioned, 0);
});

test('a join that is refused is a 500, any other refusal a 200 with the status of the plugin', async (context) => {
  const { server, substrate, join } = await faulty(context);
  const id = await join();
  const refusing = { failNext: 1, failStatus: 17 };
  substrate.behave({ operations: { join: refusing, leave: refusing, modify: refusing, status: refusing } });
  const refused = await server.post('/join/switch-one');
  assert.deepEqual([refused.status, refused.json.status, refused.json.error], [500, 500, 'Internal Server Error']);
  assert.match(refused.json.message, /refuses this join/);
  for (const [operation, method] of [
    ['modify', 'POST'],
    ['status', 'GET'],
    ['leave', 'POST'],
  ] as const) {
    const { status, json } = await server.process.request(method, `/${operation}/switch-one/${id}`, method === 'POST' ? {} : undefined);
    assert.deepEqual([status, json.status, json.resId], [200, 17, { id }]);
    assert.match(json.errorMsg, new RegExp(`refuses this ${operation}`));
  }
  const reservations = await server.reservations('?state=!closed');
  assert.deepEqual(
    reservations.map(({ reservation_id, state }) => [reservation_id, state]),
    [[id, 'leave-failed']],
  );
});

test('a join with an id that is held is a 412: what it made is left again, or listed as orphaned until somebody leaves it', async (context) => {
  const { server, substrate, join, one } = await faulty(context);
  const id = await join();
  substrate.behave({ duplicateIdNext: 1 });
  const taken = await server.post('/join/switch-one');
  assert.deepEqual([taken.status, taken.json.status, taken.json.error], [412, 412, 'Precondition Failed']);
  await server.settled((all) => all.every(({ state }) => state !== 'orphaned'));
  assert.deepEqual(substrate.ledger.states(), { provisioned: 1, released: 1, replaced: 0, expired: 0 });

  substrate.behave({ duplicateIdNext: 1, operations: { leave: { failNext: 1 } } });
  assert.equal((await server.post('/join/switch-one')).status, 412);
  await server.settled((all) => all.some(({ state, calls }) => state === 'orphaned' && calls?.at(-1)?.outcome === 'failed'));
  const [orphan] = await server.reservations('/unknown');
  assert.deepEqual([orphan?.state, orphan?.reservation_id], ['orphaned', id]);
  assert.equal((await one(id)).state, 'active', 'the id means the one that holds it');
  await server.kill();
  await server.start();
  assert.equal((await server.reservations('/unknown')).length, 1);
  const left = await server.post(`/leave/switch-one/${orphan?.operation_id}`);
  assert.deepEqual([left.status, left.json.status], [200, 0], left.text);
  assert.deepEqual(await server.reservations('/unknown'), []);
  assert.deepEqual(substrate.ledger.states(), { provisioned: 1, released: 2, replaced: 0, expired: 0 });
  assert.equal((await one(id)).state, 'active');
});

test('a plugin that does not answer in time is a 504, and its reservation unknown until that is settled', async (context) => {
  const { server, substrate, join, one } = await faulty(context);
  const id = await join();
  substrate.behave({ operations: { modify: { hangNext: 1 }, join: { hangNext: 1 } } });
  const [joined, modified, neighbour] = await Promise.all([
    server.post('/join/switch-one', { mark: 'late' }),
    server.post(`/modify/switch-one/${id}`),
    server.post('/join/switch-two'),
  ]);
  assert.equal(neighbour.status, 200, 'another endpoint does not notice');
  for (const { status, json } of [joined, modified]) assert.deepEqual([status, json.status, json.error], [504, 504, 'Gateway Timeout']);
  // The substrate never heard of the join, and says so when it is asked.
  const all = await server.settled((reservations) =>
    reservations.filter(({ join_properties }) => join_properties?.['mark'] === 'late').every(({ state }) => state === 'closed'),
  );
  assert.match(all.find(({ join_properties }) => join_properties?.['mark'] === 'late')?.close_reason ?? '', /knows nothing/);
  assert.equal((await one(id)).state, 'unknown');
  assert.deepEqual(
    (await server.reservations('/unknown')).map(({ reservation_id }) => reservation_id),
    [id],
  );
  assert.equal((await server.process.request('GET', `/status/switch-one/${id}`)).json.status, 0);
  assert.equal((await server.post(`/leave/switch-one/${id}`)).json.status, 0);
});

test('a renewal that fails takes a reservation off the schedule and not out of sight; an administrator puts it back', async (context) => {
  const { server, substrate, join, one } = await faulty(context);
  const id = await join();
  const { until } = await one(id);
  substrate.behave({ operations: { renew: { failNext: 1 } } });
  const renew = (): ReturnType<ReservationServer['post']> => server.post(`/reservations/switch-one/${id}/renew`);
  const failed = await renew();
  assert.deepEqual([failed.status, failed.json.code], [502, 'plugin-failed']);
  const after = await one(id);
  assert.deepEqual([after.state, after.renew_deadline, after.until, after.attempts], ['renew-failed', undefined, until, 1]);
  assert.equal((await server.process.request('GET', '/schedule')).text, '{"list":[]}');
  assert.equal((await server.process.request('GET', `/status/switch-one/${id}`)).json.status, 0);
  const renewed = await renew();
  assert.deepEqual([renewed.status, renewed.json.state, renewed.json.attempts, renewed.json.last_error], [200, 'active', undefined, undefined]);
  const endMs = Date.parse(renewed.json.until);
  assert.deepEqual([endMs > Date.parse(until), endMs - Date.parse(renewed.json.renew_deadline)], [true, 61_000]);
  const schedule = await server.process.request('GET', '/schedule');
  assert.deepEqual([schedule.json.list.length, schedule.json.list[0].deadline], [1, Date.parse(renewed.json.renew_deadline)]);
  const asUser = { authorization: '' };
  assert.equal((await server.post(`/reservations/switch-one/${id}/renew`, {}, asUser)).status, 401);
});

test('a join with the same Idempotency-Key is one join, at the same time, later, and after a restart', async (context) => {
  const { server, substrate } = await faulty(context);
  substrate.behave({ operations: { join: { delayMs: 200 } } });
  const key = { 'idempotency-key': 'order-17' };
  const answers = await Promise.all(Array.from({ length: 4 }, () => server.post('/join/switch-one', { a: 'b' }, key)));
  await server.kill();
  await server.start();
  answers.push(await server.post('/join/switch-one', { a: 'b' }, key));
  assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1, answers.map(({ text }) => text).join('\n'));
  assert.equal(substrate.ledger.states().provisioned, 1);
  assert.equal((await server.post('/join/switch-one', { a: 'c' }, key)).status, 422);
  assert.equal(substrate.ledger.calls.counts()['join.begun'], 1);
});

test('reservations are found by endpoint, state, deadline and property, page by page', async (context) => {
  const { server, join } = await faulty(context);
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) ids.push(await join('switch-one', { vlan: `${count % 2}`, 'unit.password': 'canary' }));
  ids.push(await join('switch-two', { vlan: '0' }));
  assert.equal((await server.post(`/leave/switch-one/${ids[0]}`)).json.status, 0);
  const found = async (query: string): Promise<readonly (string | undefined)[]> => (await server.reservations(query)).map((one) => one.reservation_id);
  assert.deepEqual(await found('?endpoint=switch-two'), ids.slice(5));
  assert.deepEqual(await found('?state=closed'), ids.slice(0, 1));
  assert.deepEqual((await found('?state=!closed&property=vlan:0')).toSorted(), [ids[2], ids[4], ids[5]].toSorted());
  assert.deepEqual(await found('?endpoint=switch-one&property=vlan:1&state=active'), [ids[1], ids[3]]);
  const { json } = await server.process.request('GET', `/reservations/switch-one/${ids[2]}`);
  assert.equal(json.join_properties['unit.password'], '******');
  assert.deepEqual((await found(`?due_before=${encodeURIComponent(json.renew_deadline)}`)).toSorted(), [ids[1]]);
  assert.deepEqual(await found('?due_before=2000-01-01T00:00:00Z'), []);
  assert.equal((await server.process.request('GET', '/reservations?property=unit.password:canary')).status, 400);
  assert.equal((await server.process.request('GET', '/reservations?state=gone')).status, 400);

  const seen: string[] = [];
  for (let path: string | undefined = '/reservations?state=active&limit=2&count=true'; path !== undefined; ) {
    const page = await server.process.request('GET', path);
    assert.equal(page.headers.get('x-total-count'), '5');
    seen.push(...page.json.map((one: { reservation_id: string }) => one.reservation_id));
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(seen.toSorted(), ids.slice(1).toSorted());
});

test('what its substrate does not know any more is released with a reason, and only by an administrator', async (context) => {
  const { server, substrate, join, one } = await faulty(context);
  const id = await join();
  const path = `/reservations/switch-one/${id}/release`;
  assert.equal((await server.post(path)).status, 400);
  const released = await server.post(path, { reason: 'the switch was replaced' });
  assert.deepEqual([released.status, released.json.state], [200, 'closed']);
  assert.match(released.json.close_reason, /tester@example\.org.*the switch was replaced/);
  assert.deepEqual(await one(id), released.json);
  assert.equal(substrate.ledger.calls.counts()['leave.begun'], undefined, 'the plugin was not called');
  assert.equal((await server.post(path, { reason: 'again' })).status, 404);
  assert.match(server.process.output(), /released without asking its substrate/);
});
