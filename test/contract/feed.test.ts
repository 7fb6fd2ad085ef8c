import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CloudEvent } from 'cloudevents';
import { request } from 'undici';
import { changesIn, type FeedEvent, openSocket, openStream, type Subscriber, sequencesOf } from '../support/feed-client.ts';
import { ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

const NODE = { hostname: 'n1', architecture: 'x86_64' };

const TRANSPORTS: Readonly<Record<string, (url: string, query?: string) => Promise<Subscriber>>> = { stream: openStream, WebSocket: openSocket };

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

async function stopped(context: TestContext, subscriber: Promise<Subscriber>): Promise<Subscriber> {
  const open = await subscriber;
  context.after(() => open.kill());
  return open;
}

for (const [name, open] of Object.entries(TRANSPORTS)) {
  test(`a ${name} tells of records that are created, updated and deleted, as CloudEvents`, async (context) => {
    const server = await serverFor(context);
    const feed = await stopped(context, open(server.url));
    const { json: made } = await server.request('POST', '/inventory/ComputeNode', NODE);
    const { json: changed } = await server.request('PATCH', `/inventory/ComputeNode/${made.id}`, { hostname: 'n2' });
    await server.request('DELETE', `/inventory/ComputeNode/${made.id}`);
    const events = await feed.until((all) => changesIn(all).length === 3);
    const [position, created, updated, deleted] = events as [FeedEvent, FeedEvent, FeedEvent, FeedEvent];
    assert.equal(position.type, 'holdfast.feed.position');
    assert.equal(position.sequence, '0000000000000000');
    assert.deepEqual(
      [created, updated, deleted].map(({ type, subject, sequence, data }) => ({ type, subject, sequence, data })),
      [
        { type: 'holdfast.ComputeNode.created', subject: made.id, sequence: '0000000000000001', data: made },
        { type: 'holdfast.ComputeNode.updated', subject: made.id, sequence: '0000000000000002', data: changed },
        { type: 'holdfast.ComputeNode.deleted', subject: made.id, sequence: '0000000000000003', data: changed },
      ],
    );
    for (const event of events) new CloudEvent(event as unknown as Readonly<Record<string, unknown>>).validate();
    assert.equal(new Set(events.map(({ source }) => source)).size, 1);
    assert.equal(new Set(events.map(({ id }) => id)).size, events.length, 'ids are unique');
  });

  test(`a ${name} that comes back with since gets the same events again, and then those of now`, async (context) => {
    const server = await serverFor(context);
    const live = await stopped(context, open(server.url));
    for (let count = 1; count <= 5; count++) await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: `n${count}` });
    await live.until((all) => changesIn(all).length === 5);
    const replayed = await stopped(context, open(server.url, 'since=2'));
    await replayed.until((all) => changesIn(all).length === 3);
    await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: 'n6' });
    await live.until((all) => changesIn(all).length === 6);
    await replayed.until((all) => changesIn(all).length === 4);
    assert.deepEqual(sequencesOf(replayed.events), [3, 4, 5, 6]);
    assert.deepEqual(changesIn(replayed.events), changesIn(live.events).slice(2));
  });
}

test('with patch=true an update is the merge patch against the record before, live and replayed', async (context) => {
  const server = await serverFor(context);
  const live = await stopped(context, openStream(server.url, 'patch=true'));
  const { json: made } = await server.request('POST', '/inventory/ComputeNode', { ...NODE, description: 'to go' });
  const { json: changed } = await server.request('PATCH', `/inventory/ComputeNode/${made.id}`, { hostname: 'n2', description: null });
  const patch = { description: null, hostname: 'n2', updated_at: changed.updated_at, revision: 2 };
  const replayed = await stopped(context, openSocket(server.url, 'patch=true&since=0'));
  for (const feed of [live, replayed]) {
    const [created, updated] = changesIn(await feed.until((all) => changesIn(all).length === 2)) as [FeedEvent, FeedEvent];
    assert.deepEqual([created.datacontenttype, created.data], ['application/json', made]);
    assert.deepEqual([updated.datacontenttype, updated.data], ['application/merge-patch+json', patch]);
  }
});

test('filters take kinds, keys and properties; a record that leaves the filter is told once more', async (context) => {
  const server = await serverFor(context);
  const feeds = await Promise.all(
    ['kinds=BMC', 'kinds=ComputeNode&hostname=n1', 'kinds=ComputeNode&hostname=nobody', 'since=0&kinds=ComputeNode&hostname=n1'].map((query, index) =>
      stopped(context, index % 2 === 0 ? openSocket(server.url, query) : openStream(server.url, query)),
    ),
  );
  const [bmcs, named, nobody, replayed] = feeds as [Subscriber, Subscriber, Subscriber, Subscriber];
  const { json: made } = await server.request('POST', '/inventory/ComputeNode', { ...NODE, xname: 'x3000c0s17b1n0' });
  const byKey = await stopped(context, openStream(server.url, `since=0&keys=${made.id}`));
  await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: 'n9' });
  await server.request('PATCH', `/inventory/ComputeNode/${made.id}`, { hostname: 'n2' });
  await server.request('PATCH', `/inventory/ComputeNode/${made.id}`, { description: 'unseen' });
  for (const feed of [named, replayed]) {
    const events = changesIn(await feed.until((all) => changesIn(all).length === 2));
    assert.deepEqual(
      events.map(({ type, matches, data }) => [type, matches, data.hostname]),
      [
        ['holdfast.ComputeNode.created', undefined, 'n1'],
        ['holdfast.ComputeNode.updated', false, 'n2'],
      ],
    );
  }
  assert.deepEqual(
    changesIn(await bmcs.until((all) => changesIn(all).length === 1)).map(({ type }) => type),
    ['holdfast.BMC.created'],
  );
  await byKey.until((all) => changesIn(all).length === 3);
  assert.deepEqual(sequencesOf(byKey.events), [2, 4, 5]);
  assert.deepEqual(changesIn(nobody.events), []);
});

test('what cannot be replayed is answered with a reset that says why, and the feed goes on from there', async (context) => {
  const server = await configured(context, { storage: { journalKeepBytes: 0 } });
  for (let count = 0; count < 3; count++) {
    await server.request('POST', '/inventory/ComputeNode', NODE);
    await server.request('POST', '/snapshots');
  }
  const epoch = await epochOf(context, server);
  const reasons: Readonly<Record<string, string>> = {
    'since=0': 'too-old',
    'since=1000': 'future',
    [`since=${epoch}-1000`]: 'future',
    'since=1-2': 'epoch',
  };
  for (const [query, reason] of Object.entries(reasons)) {
    const feed = await stopped(context, openStream(server.url, query));
    const events = await feed.until((all) => all.some(({ type }) => type === 'holdfast.feed.reset'));
    const reset = events.find(({ type }) => type === 'holdfast.feed.reset') as FeedEvent;
    assert.equal(reset.data.reason, reason, query);
    assert.match(reset.data.detail, /list again; events go on from change/);
    const sequence = Number(reset.sequence) + 1;
    await server.request('POST', '/inventory/ComputeNode', NODE);
    await feed.until((all) => changesIn(all).length === 1);
    assert.deepEqual(sequencesOf(feed.events), [sequence]);
  }
});

test('a since that is no sequence, and a filter that is not understood, are refused with what would be right', async (context) => {
  const server = await serverFor(context);
  const wrong: Readonly<Record<string, RegExp>> = {
    'since=-1': /"since" is the sequence of a change, or the id of an event/,
    'since=x': /"since"/,
    'kinds=Foo': /"kinds" names "Foo".*ComputeNode.*reservations/,
    'hostname=n1': /"hostname" is no parameter of the feed, and a filter by a property needs "kinds" with one kind/,
    'kinds=ComputeNode&limit=3': /"limit" is for lists/,
    'kinds=ComputeNode&color=red': /unknown query parameter "color"/,
    'patch=maybe': /"patch" must be true or false/,
    'kinds=BMC&endpoint=e': /"endpoint" is for reservations/,
    'since=1&since=2': /"since" is given twice/,
  };
  for (const [query, detail] of Object.entries(wrong)) {
    const answer = await server.request('GET', `/feed?${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.json.detail, detail);
    await assert.rejects(openSocket(server.url, query));
  }
});

test('a subscriber that is killed and comes back a hundred times while others write sees every change once, in order', async (context) => {
  const server = await serverFor(context, ['--snapshot-every', '1s']);
  let isWriting = true;
  const writers = range(1, 4).map(async (writer) => {
    let count = 0;
    for (; isWriting; count++) {
      const { json } = await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: `w${writer}-${count}` });
      if (count % 5 === 0) await server.request('PATCH', `/inventory/ComputeNode/${json.id}`, { description: 'patched' });
      if (count % 7 === 0) await server.request('DELETE', `/inventory/ComputeNode/${json.id}`);
    }
  });
  const seen: number[] = [];
  let lastId = '';
  try {
    for (let round = 0; round < 100; round++) {
      const since = lastId === '' ? 'since=0' : `since=${lastId}`;
      const feed = round % 2 === 0 ? await openStream(server.url, since) : await openSocket(server.url, since);
      const wanted = 1 + (round % 40);
      const events = changesIn(await feed.until((all) => changesIn(all).length >= wanted));
      // What came after the last one that was looked at is lost with the client.
      const taken = events.slice(0, wanted);
      feed.kill();
      seen.push(...sequencesOf(taken));
      lastId = taken.at(-1)?.id ?? lastId;
    }
  } finally {
    isWriting = false;
  }
  await Promise.all(writers);
  assert.deepEqual(seen, range(1, seen.length));
  assert.equal(seen.length, 1850);
});

test('a restart of the server does not tear the feed: whoever comes back sees every acknowledged change', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  let server = await ServerProcess.start({ directory });
  context.after(async () => void (await server.kill()));
  const seen: number[] = [];
  let lastEventId = '';
  for (let round = 0; round < 4; round++) {
    const feed = await openStream(server.url, '', lastEventId === '' ? {} : { 'last-event-id': lastEventId });
    for (let count = 0; count < 10; count++) await server.request('POST', '/inventory/ComputeNode', NODE);
    // Some of them only the journal knows when the client comes back.
    await feed.until((all) => changesIn(all).length >= 5);
    await server.kill(round === 1 ? 'SIGTERM' : 'SIGKILL');
    await feed.ended;
    seen.push(...sequencesOf(feed.events));
    lastEventId = feed.lastEventId;
    server = await ServerProcess.start({ directory });
  }
  const rest = await stopped(context, openStream(server.url, `since=${lastEventId}`));
  const last = (await server.request('GET', '/health')).json.sequence as number;
  await rest.until(() => seen.length + changesIn(rest.events).length >= last);
  assert.deepEqual([...seen, ...sequencesOf(rest.events)], range(1, 40));
});

test('a stop ends WebSockets with 1012 and streams complete', async (context) => {
  const server = await serverFor(context);
  const [socket, stream] = await Promise.all([openSocket(server.url), openStream(server.url)]);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  await server.kill('SIGTERM');
  assert.equal(await socket.ended, 1012);
  await stream.ended;
  for (const feed of [socket, stream]) assert.deepEqual(sequencesOf(feed.events), [1]);
});

test('snapshots are told when they are taken and deleted, and a bulk is told change by change', async (context) => {
  const server = await serverFor(context, ['--retain', '2']);
  const feed = await stopped(context, openStream(server.url));
  const lines = range(1, 20_000).map((count) => JSON.stringify({ ...NODE, hostname: `n${count}` }));
  const bulk = await server.request('POST', '/inventory/ComputeNode/bulk', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(bulk.status, 200, bulk.text);
  await feed.until((all) => changesIn(all).length === 20_000);
  assert.deepEqual(sequencesOf(feed.events), range(1, 20_000));
  const first = (await server.request('POST', '/snapshots', { note: 'a' })).json.name;
  await server.request('POST', '/inventory/ComputeNode', NODE);
  const second = (await server.request('POST', '/snapshots')).json.name;
  await server.request('POST', '/inventory/ComputeNode', NODE);
  const third = (await server.request('POST', '/snapshots')).json.name;
  await feed.until((all) => all.some(({ type }) => type === 'holdfast.snapshot.pruned'));
  const told = feed.events.filter(({ type }) => type.startsWith('holdfast.snapshot.')).map(({ type, subject }) => [type, subject]);
  assert.deepEqual(told, [
    ['holdfast.snapshot.taken', first],
    ['holdfast.snapshot.taken', second],
    ['holdfast.snapshot.taken', third],
    ['holdfast.snapshot.pruned', first],
  ]);
});

test('the feed is read as the inventory is: openly, or with a token in the header or among the subprotocols', async (context) => {
  const server = await configured(context, { auth: { reads: 'token' } });
  const reader = tokenFor(server.directory, ['inventory:read']);
  const blind = tokenFor(server.directory, ['inventory:write']);
  assert.equal((await fetch(`${server.url}/feed`)).status, 401);
  await assert.rejects(openSocket(server.url), /no WebSocket/);
  await assert.rejects(openSocket(server.url, '', { token: blind }), /no WebSocket/);
  await assert.rejects(openSocket(server.url, '', { token: `${reader}x` }), /no WebSocket/);
  await stopped(context, openSocket(server.url, '', { token: reader }));
  await stopped(context, openSocket(server.url, '', { headers: { authorization: `Bearer ${reader}` } }));
  await stopped(context, openStream(server.url, '', { authorization: `Bearer ${reader}` }));
  // Reservations are a matter of their own.
  assert.equal((await server.request('GET', '/feed?kinds=reservations')).status, 403);
  assert.equal((await server.request('GET', '/feed?endpoint=e', undefined, { authorization: `Bearer ${reader}` })).status, 403);
  const both = tokenFor(server.directory, ['reservations']);
  await stopped(context, openSocket(server.url, 'kinds=reservations', { token: both }));
  assert.equal((await server.request('GET', '/feed?kinds=reservations,BMC', undefined, { authorization: `Bearer ${both}` })).status, 403);
});

test('where reads are open a wrong token is still refused, and HTTP Digest is offered for reservations', async (context) => {
  const server = await serverFor(context);
  assert.equal((await fetch(`${server.url}/feed`, { headers: { authorization: 'Bearer x.y.z' } })).status, 401);
  const asked = await fetch(`${server.url}/feed?kinds=reservations`);
  assert.equal(asked.status, 401);
});

test('a subscriber whose token ends is closed with 4401', async (context) => {
  const server = await configured(context, { auth: { leewaySeconds: 0 } });
  const nowSeconds = Math.floor(Date.now() / 1000);
  const token = tokenFor(server.directory, ['inventory:read'], { exp: nowSeconds + 2 });
  const feed = await openSocket(server.url, '', { token });
  assert.equal(await feed.ended, 4401);
});

test('a page of another site may not open the feed unless the configuration says so', async (context) => {
  const server = await configured(context, { server: { allowedOrigins: ['https://dashboard.example'] } });
  await assert.rejects(openSocket(server.url, '', { headers: { origin: 'https://evil.example' } }), /no WebSocket/);
  await stopped(context, openSocket(server.url, '', { headers: { origin: 'https://dashboard.example' } }));
  await stopped(context, openSocket(server.url, '', { headers: { origin: server.url } }));
});

test('no secret is ever told', async (context) => {
  const server = await serverFor(context);
  const feeds = await Promise.all([openStream(server.url), openSocket(server.url, 'patch=true')].map((open) => stopped(context, open)));
  const secret = 'canary-in-the-feed';
  const made = await server.request('POST', '/inventory/BMC', { mac_address: '02:00:00:00:00:01', username: 'root', password: secret });
  assert.equal(made.status, 201, made.text);
  await server.request('PATCH', `/inventory/BMC/${made.json.id}`, { password: `${secret}-2` });
  await server.request('DELETE', `/inventory/BMC/${made.json.id}`);
  const replayed = await stopped(context, openStream(server.url, 'since=0'));
  for (const feed of [...feeds, replayed]) {
    const events = await feed.until((all) => changesIn(all).length === 3);
    assert.ok(!JSON.stringify(events).includes(secret));
  }
});

test('a list says up to which change it is complete, so that the feed goes on from there', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  for (const query of ['', '?hostname=n1']) {
    const list = await server.request('GET', `/inventory/ComputeNode${query}`);
    assert.equal(list.headers.get('x-holdfast-sequence'), '1');
  }
});

test('HEAD tells that there is a feed, and a stream begins at once', async (context) => {
  const server = await serverFor(context);
  const head = await fetch(`${server.url}/feed`, { method: 'HEAD' });
  assert.equal(head.headers.get('content-type'), 'text/event-stream');
  const { headers, body } = await request(`${server.url}/feed`);
  assert.equal(headers['content-type'], 'text/event-stream');
  body.destroy();
});

/** A server with a configuration file; every JSON text is YAML. */
async function configured(context: TestContext, config: object): Promise<ServerProcess> {
  const file = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(file, JSON.stringify(config));
  return await serverFor(context, ['--config', file]);
}

async function epochOf(context: TestContext, server: ServerProcess): Promise<string> {
  const feed = await stopped(context, openStream(server.url));
  const [position] = await feed.until((all) => all.length > 0);
  return (position?.id ?? '').split('-')[0] ?? '';
}
