import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FeedEvent, openSocket, openStream, type Subscriber } from '../support/feed-client.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { temporaryFolder, tokenFor } from '../support/server-process.ts';
import { substrateFor } from '../support/substrate.ts';

/** Reservations of real endpoints over the feed. */

function typesOf(events: readonly FeedEvent[], endpoint: string): readonly string[] {
  return events.filter(({ data }) => data?.endpoint === endpoint).map(({ type }) => type.replace(/^holdfast\./, ''));
}

async function open(context: TestContext, subscriber: Promise<Subscriber>): Promise<Subscriber> {
  const opened = await subscriber;
  context.after(() => opened.kill());
  return opened;
}

test('each step of a reservation is told to who may see reservations, filtered by endpoint, and nothing of it to anybody else', async (context) => {
  const folder = temporaryFolder(context);
  const endpoints = ['first-one', 'second-one'].map((name) => ({ name, plugin: 'null', schedulePeriod: '1h' }));
  const site = new ReservationServer(context, folder, { tick: '1m', endpoints });
  const server = await site.start();
  const token = tokenFor(server.directory, ['reservations']);
  const reader = tokenFor(server.directory, ['inventory:read']);
  const all = await open(context, openSocket(server.url, 'kinds=reservations', { token }));
  const first = await open(context, openStream(server.url, 'endpoint=first-one', { authorization: `Bearer ${token}` }));
  const patches = await open(context, openSocket(server.url, 'endpoint=second-one&patch=true', { token }));
  const blind = [await open(context, openSocket(server.url)), await open(context, openStream(server.url, '', { authorization: `Bearer ${reader}` }))];
  const ids = new Map<string, string>();
  for (const { name } of endpoints) ids.set(name, (await site.post(`/join/${name}`, { vlan: '7', 'switch.password': 'canary' })).json.resId.id);
  for (const { name } of endpoints) assert.equal((await site.post(`/reservations/${name}/${ids.get(name)}/renew`)).status, 200);
  for (const { name } of endpoints) assert.equal((await site.post(`/leave/${name}/${ids.get(name)}`)).status, 200);
  await all.until((events) => ['first-one', 'second-one'].every((name) => typesOf(events, name).includes('reservation.closed')));
  await first.until((events) => typesOf(events, 'first-one').includes('reservation.closed'));
  assert.deepEqual(typesOf(all.events, 'first-one'), typesOf(first.events, 'first-one'));
  const told = typesOf(first.events, 'first-one');
  assert.deepEqual(
    told,
    ['joining', 'active', 'renewing', 'active', 'leaving', 'closed'].map((state) => `reservation.${state}`),
  );
  assert.deepEqual(typesOf(first.events, 'second-one'), []);
  const shown = await site.reservations('?endpoint=first-one&state=closed');
  assert.deepEqual(first.events.findLast(({ type }) => type === 'holdfast.reservation.closed')?.data, shown[0]);
  assert.ok(!JSON.stringify([all.events, first.events, patches.events]).includes('canary'));
  const active = patches.events.find(({ type }) => type === 'holdfast.reservation.active');
  assert.equal(active?.datacontenttype, 'application/merge-patch+json');
  assert.equal(active?.data.state, 'active');
  assert.equal(active?.data.endpoint, undefined, 'a patch says what has changed');
  for (const { events } of blind)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['holdfast.feed.position'],
    );
  const again = await open(context, openStream(server.url, 'endpoint=first-one&since=0', { authorization: `Bearer ${token}` }));
  await again.until((events) => typesOf(events, 'first-one').includes('reservation.closed'));
  assert.deepEqual(typesOf(again.events, 'first-one'), told);
});

test('a renewal is told when it is due and when it fails, with its error, and not again to who comes later', async (context) => {
  const folder = temporaryFolder(context);
  const substrate = await substrateFor(context);
  const endpoint = { name: 'weak-one', plugin: 'simulator', schedulePeriod: '4s', properties: { 'simulator.url': substrate.url } };
  const site = new ReservationServer(context, join(folder, 'site'), { tick: '2s', endpoints: [endpoint] });
  const server = await site.start();
  const token = tokenFor(server.directory, ['reservations']);
  const feed = await open(context, openStream(server.url, 'kinds=reservations', { authorization: `Bearer ${token}` }));
  assert.equal((await site.post('/join/weak-one')).status, 200);
  substrate.behave({ operations: { renew: { failNext: 100 } } });
  await feed.until((events) => typesOf(events, 'weak-one').includes('reservation.renew-failed'));
  const failed = feed.events.find(({ type }) => type === 'holdfast.renewal.failed');
  assert.equal(typeof failed?.data.error, 'string');
  assert.equal(failed?.sequence, undefined);
  assert.match(failed?.data.until, /^\d{4}-.*Z$/);
  assert.ok(feed.events.some(({ type }) => type === 'holdfast.renewal.due'));
  assert.equal(failed?.subject, feed.events.find(({ type }) => type === 'holdfast.reservation.renew-failed')?.subject);
  const replayed = await open(context, openStream(server.url, 'kinds=reservations&since=0', { authorization: `Bearer ${token}` }));
  await replayed.until((events) => typesOf(events, 'weak-one').includes('reservation.renew-failed'));
  assert.deepEqual(
    replayed.events.filter(({ type, sequence }) => sequence === undefined && type !== 'holdfast.renewal.expiring'),
    [],
  );
});
