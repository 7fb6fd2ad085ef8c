import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type FeedOptions, HoldfastError, type Interruption } from '../../src/client/client.ts';
import { type Behaviour, beginFeed, type FakeServer, fakeServer, position, problem, reset, told } from './fake-server.ts';

const PAUSES_MAX = 50;

/** Pauses that take no time, and are remembered. So many of them are a loop without end. */
function reconnectAtOnce(pauses: number[] = []): NonNullable<FeedOptions<string>['reconnect']> {
  return {
    random: () => 1,
    wait: async (ms) => {
      pauses.push(ms);
      if (pauses.length > PAUSES_MAX) throw new Error('the feed connects again and again');
    },
  };
}

async function feedOf(
  context: Parameters<typeof fakeServer>[0] & { after(fn: () => Promise<void>): void },
  behaviour: Behaviour,
): Promise<{ server: FakeServer; client: Client }> {
  const server = await fakeServer(context, behaviour);
  const client = new Client({ url: server.url, token: 't', retry: { retriesMax: 0 } });
  context.after(() => client.close());
  return { server, client };
}

/** The next `count` events, in short. */
async function take(feed: AsyncIterable<{ topic: string; sequence: number | undefined }>, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { topic, sequence } of feed) {
    found.push(`${topic} ${sequence}`);
    if (found.length === count) break;
  }
  return found;
}

test('a connection that is cut in the middle of an event goes on behind the last whole one', async (context) => {
  const { server, client } = await feedOf(context, (response, _request, nth) => {
    beginFeed(response);
    response.write(position(nth === 1 ? 4 : 5));
    if (nth === 1) response.write(told(5) + told(6).slice(0, -40), () => response.destroy());
    else response.write(told(6) + told(7));
  });
  assert.deepEqual(await take(client.feed({ reconnect: reconnectAtOnce() }), 3), ['record 5', 'record 6', 'record 7']);
  assert.deepEqual(server.asked, ['/feed', '/feed?since=1-5']);
});

test('what is told again is dropped', async (context) => {
  const { client } = await feedOf(context, (response, _request, nth) => {
    beginFeed(response);
    if (nth === 1) response.end(position(4) + told(5) + told(5) + told(4) + told(6));
    else response.write(position(3) + told(5) + told(6) + told(7));
  });
  assert.deepEqual(await take(client.feed({ reconnect: reconnectAtOnce() }), 3), ['record 5', 'record 6', 'record 7']);
});

test('a position without an event is where the feed goes on', async (context) => {
  const { server, client } = await feedOf(context, (response, _request, nth) => {
    beginFeed(response);
    if (nth === 1) response.end(position(4) + position(90));
    else response.write(told(91));
  });
  const feed = client.feed({ kinds: ['ComputeNode'], where: { hostname: 'n1' }, patch: true, reconnect: reconnectAtOnce() });
  assert.deepEqual(await take(feed, 1), ['record 91']);
  assert.equal(server.asked[1], '/feed?kinds=ComputeNode&hostname=n1&patch=true&since=1-90');
  assert.equal(feed.position, '1-91');
});

test('the id of a position or a reset is a place, too', async (context) => {
  const { server, client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.write(told(91));
  });
  for (const [index, since] of ['1-90', '1-90-position', '1-90-reset'].entries()) {
    assert.deepEqual(await take(client.feed({ since, reconnect: reconnectAtOnce() }), 1), ['record 91']);
    assert.equal(server.asked[index], '/feed?since=1-90');
  }
  assert.throws(() => client.feed({ since: '1-90-else' }), TypeError);
});

test('characters of several bytes arrive whole, whatever pieces they come in', async (context) => {
  const { client } = await feedOf(context, async (response) => {
    beginFeed(response);
    for (const byte of Buffer.from(told(1, { data: { hostname: 'knöten-😀' } }))) {
      response.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
  });
  for await (const event of client.feed({ kinds: ['ComputeNode'] })) {
    assert.ok(event.topic === 'record');
    assert.equal(event.data.hostname, 'knöten-😀');
    break;
  }
});

test('a reset is given to the reader, and the feed goes on from there, also when that is earlier', async (context) => {
  const { server, client } = await feedOf(context, (response, _request, nth) => {
    beginFeed(response);
    if (nth === 1) response.end(position(50) + told(51));
    else if (nth === 2) response.end(reset(7, 'epoch', 2) + told(8, {}, 2));
    else response.write(told(9, {}, 2));
  });
  assert.deepEqual(await take(client.feed({ since: '1-50', reconnect: reconnectAtOnce() }), 4), ['record 51', 'reset 7', 'record 8', 'record 9']);
  assert.deepEqual(server.asked, ['/feed?since=1-50', '/feed?since=1-51', '/feed?since=2-8']);
});

test('a place that the server has not come to yet is put right by its reset', async (context) => {
  const { client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.write(reset(50, 'future') + told(51));
  });
  assert.deepEqual(await take(client.feed({ since: '1-90' }), 2), ['reset 50', 'record 51']);
});

test('a reset that keeps the sequence is told nevertheless', async (context) => {
  const { client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.write(reset(50, 'too-old'));
  });
  for await (const event of client.feed({ since: 50 })) {
    assert.ok(event.topic === 'reset');
    assert.deepEqual([event.data.reason, event.data.detail], ['too-old', 'list again']);
    break;
  }
});

test('signals come without a sequence and leave the place as it is', async (context) => {
  const { client } = await feedOf(context, (response) => {
    beginFeed(response);
    const signal = { id: 'x', sequence: undefined, type: 'holdfast.renewal.due', subject: 'op' };
    response.write(
      position(4) + told(0, signal).replace(/^id: .*\n/, '') + told(0, { ...signal, type: 'holdfast.later.invention' }).replace(/^id: .*\n/, '') + told(5),
    );
  });
  const feed = client.feed();
  const [signal] = await take(feed, 1);
  assert.deepEqual([signal, feed.position], ['renewal undefined', '1-4']);
});

test('events of reservations, patches and records that do not fit any more are told as such', async (context) => {
  const { client } = await feedOf(context, (response) => {
    beginFeed(response);
    const patch = { datacontenttype: 'application/merge-patch+json', data: { state: 'renew-failed' } };
    response.write(told(1, { type: 'holdfast.reservation.renew-failed', ...patch }));
    response.write(told(2, { type: 'holdfast.Rack.deleted', matches: false }));
  });
  const seen: unknown[] = [];
  for await (const event of client.feed({ kinds: ['reservations', 'Rack'], patch: true })) {
    if (event.topic === 'reservation') seen.push(event.state, event.isPatch);
    else if (event.topic === 'record') seen.push(event.kind, event.change, event.matches, event.isPatch);
    if (seen.length === 6) break;
  }
  assert.deepEqual(seen, ['renew-failed', true, 'Rack', 'deleted', false, false]);
});

test('refused credentials and wrong questions end the feed with the error, at the first connection and at later ones', async (context) => {
  for (const [status, code] of [
    [400, 'invalid-parameter'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ] as const) {
    for (const failsAt of [1, 2]) {
      const { server, client } = await feedOf(context, (response, _request, nth) => {
        if (nth === failsAt) return problem(response, status, code);
        beginFeed(response);
        response.end(told(nth));
      });
      await assert.rejects(take(client.feed({ reconnect: reconnectAtOnce() }), 9), { code, status, requestId: 'r1' });
      assert.equal(server.asked.length, failsAt);
    }
  }
});

test('pauses double up to a limit, 503 asks for more, and something new begins anew', async (context) => {
  const pauses: number[] = [];
  const interruptions: Interruption[] = [];
  const { client } = await feedOf(context, (response, _request, nth) => {
    if (nth === 4) return problem(response, 503, 'overloaded', { 'retry-after': '7' });
    beginFeed(response);
    response.end(nth === 1 || nth === 6 ? told(nth) : position(1));
  });
  const policy = { ...reconnectAtOnce(pauses), pauseMs: 1000, pauseMsMax: 10_000 };
  await take(client.feed({ reconnect: policy, onInterruption: (each) => interruptions.push(each) }), 2);
  assert.deepEqual(pauses, [1000, 2000, 4000, 10_000, 10_000]);
  assert.deepEqual(
    interruptions.map(({ cause }) => (cause instanceof HoldfastError ? cause.code : cause)),
    [undefined, undefined, undefined, 'overloaded', undefined],
  );
  const later: number[] = [];
  const { client: second } = await feedOf(context, (response, _request, nth) => {
    if (nth === 2) return problem(response, 503, 'overloaded', { 'retry-after': '7' });
    beginFeed(response);
    response.end(told(nth));
  });
  await take(second.feed({ reconnect: { ...reconnectAtOnce(later), pauseMs: 1000 } }), 3);
  assert.deepEqual(later, [1000, 10_500, 1000]);
});

test('a server that tells nothing new again and again is given up', async (context) => {
  const { server, client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.end(position(4));
  });
  const error = await take(client.feed({ since: 4, reconnect: { ...reconnectAtOnce(), retriesMax: 3 } }), 1).catch((caught: unknown) => caught);
  assert.ok(error instanceof HoldfastError);
  assert.equal(error.code, 'connection-lost');
  assert.equal(server.asked.length, 4);
});

test('a server that is not there fails the first connection at once', async () => {
  await using client = new Client({ url: 'http://127.0.0.1:9', retry: { retriesMax: 0 } });
  await assert.rejects(take(client.feed(), 1), { code: 'unreachable' });
});

test('a connection that falls silent is made again; comments keep one alive', async (context) => {
  const { server, client } = await feedOf(context, async (response, _request, nth) => {
    beginFeed(response);
    response.write(told(nth));
    if (nth === 1) return;
    for (let count = 0; count < 8; count++) {
      await sleep(400);
      response.write(': still here\n\n');
    }
    response.write(told(3));
  });
  assert.deepEqual(await take(client.feed({ silenceMsMax: 1500, reconnect: reconnectAtOnce() }), 3), ['record 1', 'record 2', 'record 3']);
  assert.equal(server.asked.length, 2);
});

test('leaving the loop ends the connection, and so does an abort, with its reason', async (context) => {
  const { server, client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.write(told(1));
  });
  await take(client.feed(), 1);
  while (server.connections() > 0) await sleep(1);
  const abort = new AbortController();
  const reason = new Error('enough');
  const reading = take(client.feed({ signal: abort.signal }), 2);
  setImmediate(() => abort.abort(reason));
  await assert.rejects(reading, reason);
  await assert.rejects(take(client.feed({ signal: AbortSignal.abort(reason) }), 1), reason);
});

test('closing the client ends a feed that waits to connect again', async (context) => {
  const { client } = await feedOf(context, (response) => {
    beginFeed(response);
    response.end(told(1));
  });
  const reading = take(client.feed({ reconnect: { pauseMs: 60_000 }, onInterruption: () => void client.close() }), 2);
  await assert.rejects(reading, { code: 'closed' });
});

test('a slow reader slows the server down instead of filling the memory', async (context) => {
  let written = 0;
  const { client } = await feedOf(context, async (response) => {
    beginFeed(response);
    const padding = 'x'.repeat(64 * 1024);
    for (let sequence = 1; sequence <= 2000; sequence++) {
      const isFull = !response.write(told(sequence, { data: { padding } }));
      written = sequence;
      if (isFull) await once(response, 'drain');
    }
  });
  let read = 0;
  for await (const _ of client.feed()) {
    read += 1;
    if (read === 1) await sleep(300);
    if (read === 2) break;
  }
  assert.ok(written < 500, `${written} of 2000 events of 64 KiB were written`);
});

test('what is no event stream, and an event that is none, end the feed', async (context) => {
  const { client } = await feedOf(context, (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'));
  await assert.rejects(take(client.feed(), 1), { code: 'unexpected-answer' });
  const { client: second } = await feedOf(context, (response) => {
    beginFeed(response);
    response.write('data: {"specversion":"1.0"}\n\n');
  });
  await assert.rejects(take(second.feed({ reconnect: reconnectAtOnce() }), 1), { code: 'unexpected-answer' });
});

test('questions that would mean everything are not asked', async () => {
  await using client = new Client({ url: 'http://127.0.0.1:9' });
  for (const options of [{ kinds: [] }, { keys: [] }, { kinds: ['BMC' as const], where: { xname: [] } }])
    await assert.rejects(take(client.feed(options), 1), TypeError);
  assert.throws(() => client.feed({ since: '-5' }), TypeError);
});
