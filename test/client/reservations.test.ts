import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { Client, type HoldfastError } from '../../src/client/client.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { temporaryFolder } from '../support/server-process.ts';

const CALLS = ['join', 'leave', 'modify', 'renew', 'status'];

let server: ReservationServer;
let client: Client;

before(async (context) => {
  const agent = {
    tick: '2s',
    endpoints: [
      { name: 'try-it', plugin: 'null', schedulePeriod: '10m' },
      {
        name: 'refuser',
        plugin: 'exec',
        schedulePeriod: 0,
        properties: Object.fromEntries(CALLS.map((call) => [`exec.${call}`, '/bin/echo ERROR no light on port 7'])),
      },
    ],
  };
  server = new ReservationServer(context as TestContext, join(temporaryFolder(context as TestContext), 'site'), agent);
  await server.start();
  client = new Client({ url: server.process.url, token: server.process.token });
  (context as TestContext).after(() => client.close());
});

test('a reservation is made, asked about, changed, renewed and left, and its record tells each call', async () => {
  const { reservations } = client;
  const joined = await reservations.join('try-it', { 'unit.vlan': '7' });
  assert.equal(joined.properties['key1'], 'val1');
  const { reservationId: id } = joined;
  assert.deepEqual(await reservations.status('try-it', id), { status: 0, properties: joined.properties, message: undefined });
  assert.deepEqual((await reservations.modify('try-it', id, { 'unit.vlan': '8' })).reservationId, id);
  assert.equal((await reservations.renew('try-it', id)).state, 'active');
  await reservations.leave('try-it', id);
  const record = await reservations.get('try-it', id);
  assert.equal(record?.state, 'closed');
  assert.deepEqual(
    record?.calls?.map(({ operation, outcome }) => [operation, outcome]),
    ['join', 'modify', 'renew', 'leave'].map((operation) => [operation, 'done']),
  );
  assert.deepEqual(await reservations.get('try-it', record?.operation_id ?? ''), record);
  assert.equal(await reservations.get('try-it', 'nobody'), undefined);
});

test('a join with a key joins once', async () => {
  const options = { idempotencyKey: 'slice-7' };
  const first = await client.reservations.join('try-it', { slice: '7' }, options);
  assert.deepEqual(await client.reservations.join('try-it', { slice: '7' }, options), first);
  assert.equal(await client.reservations.count({ properties: { slice: '7' } }), 1);
});

test('what a plugin refuses is an error with its words and its status', async () => {
  const error = (await client.reservations.join('refuser').catch((caught: unknown) => caught)) as HoldfastError;
  assert.deepEqual([error.name, error.code, error.pluginStatus], ['HoldfastError', 'plugin-refused', 255]);
  assert.match(error.message, /join error: .*no light on port 7/);
  await assert.rejects(client.reservations.join('nowhere'), { code: 'not-found', status: 404 });
  await assert.rejects(client.reservations.leave('try-it', 'nobody'), { code: 'not-found', status: 404 });
});

test('lists have filters of their own beside those of all lists', async () => {
  const { reservations } = client;
  for (const vlan of ['100', '101', '102']) await reservations.join('try-it', { list: 'yes', vlan });
  const vlans = async (options: Parameters<typeof reservations.list>[0]): Promise<(string | undefined)[]> => {
    const all = await reservations.list({ sort: 'created_at', pageSize: 2, ...options }).toArray();
    return all.map(({ join_properties }) => join_properties?.['vlan']);
  };
  assert.deepEqual(await vlans({ properties: { list: 'yes' } }), ['100', '101', '102']);
  assert.deepEqual(await vlans({ properties: { list: 'yes', vlan: ['100', '102'] }, where: { state: 'active', endpoint: 'try-it' } }), ['100', '102']);
  assert.deepEqual(await vlans({ properties: { list: 'yes' }, where: { state: { not: ['active', 'renewing'] } } }), []);
  assert.deepEqual(await vlans({ properties: { list: 'yes' }, dueBefore: new Date(0) }), []);
  assert.equal((await vlans({ properties: { list: 'yes' }, dueBefore: new Date(Date.now() + 86_400_000) })).length, 3);
  assert.deepEqual(await reservations.listUnknown().toArray(), []);
});

test('the schedule tells what will be renewed, and what should have been', async () => {
  const { reservationId } = await client.reservations.join('try-it', { scheduled: 'yes' });
  const [entry] = await client.reservations.schedule('try-it', reservationId);
  assert.equal(entry?.endpoint, 'try-it');
  assert.deepEqual(entry?.joinProperties, { scheduled: 'yes' });
  assert.ok((entry?.renewDeadlineMs ?? 0) > Date.now());
  assert.ok((await client.reservations.schedule()).length >= (await client.reservations.schedule('try-it')).length);
  assert.deepEqual(await client.reservations.schedule('nowhere'), []);
  assert.deepEqual(await client.reservations.expired(), []);
});

test('a reservation is released by hand, with the reason', async () => {
  const { reservationId } = await client.reservations.join('try-it');
  const released = await client.reservations.release('try-it', reservationId, 'the switch was replaced');
  assert.equal(released.state, 'closed');
  assert.match(released.close_reason ?? '', /the switch was replaced$/);
});
