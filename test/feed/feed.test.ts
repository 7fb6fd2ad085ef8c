import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FeedLimits } from '../../src/feed/limits.ts';
import type { OwnerReply } from '../../src/protocol/commands.ts';
import { Rig, type RigOptions, temporaryFolder, value } from '../store/rig.ts';
import type { Heard } from './fake-outlet.ts';
import { FeedRig, KINDS, type Member, turn, turns, WITH_COLLECTIONS } from './feed-simulation.ts';

/** What the feed does at each of its limits, one by one. */

async function feedOver(context: TestContext, limits: Partial<FeedLimits> = {}, options: RigOptions = {}): Promise<FeedRig> {
  const at = new FeedRig(await Rig.open(temporaryFolder(), { kinds: KINDS, ...options }), limits);
  context.after(() => at.close());
  return at;
}

let names = 0;
async function change(at: FeedRig, count = 1): Promise<void> {
  for (let each = 0; each < count; each++) await at.rig.created('Component', { ID: `x${names++}`, Type: 'Node' });
  await turns(3 + count);
}

function typesOf({ outlet }: Member): readonly string[] {
  return outlet.heard.map(({ type }) => type.slice('holdfast.'.length));
}

function sequencesOf({ outlet }: Member): readonly number[] {
  return outlet.heard.filter(({ type }) => !type.startsWith('holdfast.feed.')).map(({ sequence }) => Number(sequence));
}

test('who takes nothing for stallMs is dropped as slow; who takes a little now and then is not, though more and more waits for him', async (context) => {
  const at = await feedOver(context, { bufferBytesMax: 1_000_000 });
  const [sleeper, reader] = [at.subscribe('websocket'), at.subscribe('sse')];
  for (const { outlet } of [sleeper, reader]) outlet.isReading = false;
  const idle = at.subscribe('websocket', { signalsOnly: true });
  await change(at, 3);
  for (let second = 0; second <= 6; second++) {
    at.pass(1000);
    reader.outlet.read(1);
    await change(at, 3);
  }
  assert.equal(sleeper.outlet.ended, 'slow');
  assert.equal(at.feed.counts.droppedSlow, 1);
  for (const member of [reader, idle]) assert.equal(member.outlet.ended, undefined);
  await at.settle();
});

test('when history was cut while the owner was away everybody is sent away, and told so when he comes back', async (context) => {
  const at = await feedOver(context);
  const [live, listed] = [at.subscribe('sse'), at.subscribe('websocket')];
  await change(at, 3);
  const { epoch } = at.status;
  const segment = join(at.rig.journalDirectory, at.rig.segments().at(-1) ?? '');
  const bytes = readFileSync(segment);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 4;
  writeFileSync(segment, bytes);
  await at.die();
  assert.deepEqual([at.status.sequence, at.status.epoch > epoch], [2, true]);
  // The next change has a sequence that they know already.
  assert.deepEqual([live.outlet.ended, listed.outlet.ended], ['broken', 'broken']);
  const back = at.subscribe('sse', {}, { sequence: 3, epoch });
  await turns(2);
  assert.deepEqual(typesOf(back), ['feed.reset']);
});

test('a subscriber whose token has ended is ended, and one whose token goes on is not', async (context) => {
  const at = await feedOver(context);
  const nowMs = at.rig.clock.ms;
  await change(at);
  const [short, long] = [at.subscribe('sse', {}, undefined, nowMs + 1000), at.subscribe('sse', {}, undefined, nowMs + 5000)];
  at.pass(999);
  assert.equal(short.outlet.ended, undefined);
  at.pass(1);
  assert.deepEqual([short.outlet.ended, long.outlet.ended], ['expired', undefined]);
  assert.deepEqual(at.feed.subscribers, { websocket: 0, sse: 1 });
});

test('who is told nothing hears every positionMs where he stands, and who was told something does not', async (context) => {
  const at = await feedOver(context, { positionMs: 3000, stallMs: 1e9 });
  const [all, few] = [at.subscribe('sse'), at.subscribe('websocket', { subtype: 'z' })];
  await change(at, 2);
  at.pass(2999);
  assert.deepEqual(typesOf(few), ['feed.position']);
  at.pass(1);
  assert.deepEqual(typesOf(few), ['feed.position', 'feed.position']);
  assert.deepEqual([few.outlet.heard[1]?.sequence, few.outlet.heard[1]?.id], ['0000000000000002', `${at.status.epoch}-2-position`]);
  assert.deepEqual(typesOf(all), ['feed.position', 'Component.created', 'Component.created']);
  at.pass(3000);
  assert.equal(few.outlet.heard.length, 2, 'nothing has happened');
});

test('streams get a sign of life every keepAliveMs', async (context) => {
  const at = await feedOver(context);
  const member = at.subscribe('sse');
  at.pass(1999);
  assert.equal(member.outlet.keptAlive, 0);
  at.pass(1);
  at.pass(1999);
  assert.equal(member.outlet.keptAlive, 1);
});

test('what waits is bounded: beyond backlogChangesMax everybody is served from the journal, and nobody misses anything', async (context) => {
  const at = await feedOver(context, { backlogChangesMax: 20 });
  const members = [at.subscribe('sse'), at.subscribe('websocket', { patch: true })];
  const records = Array.from({ length: 50 }, () => ({ ID: `x${names++}`, Type: 'Node' }));
  value(await at.rig.bulk('Component', records));
  assert.equal(at.feed.counts.fellBehind, 2);
  await at.settle();
  for (const member of members) assert.equal(sequencesOf(member).length, 50);
});

test('no more than subscribersMax are taken, none before the store is known, and none after the end', async (context) => {
  const at = await feedOver(context, { subscribersMax: 2 });
  const [first] = [at.subscribe('sse'), at.subscribe('sse')];
  assert.equal(at.feed.refusal()?.code, 'overloaded');
  at.leave(first);
  assert.equal(at.feed.refusal(), undefined);
  at.feed.close();
  assert.equal(at.feed.refusal()?.code, 'stopping');
});

test('signals reach who is up to date, and who is behind with room; nobody who has no room or did not ask', async (context) => {
  const at = await feedOver(context, { stallMs: 1e9 });
  const live = at.subscribe('websocket');
  const full = at.subscribe('sse');
  full.outlet.isReading = false;
  await change(at, 20);
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  at.beforeReplay = (request) => gate.then(() => request);
  const behind = at.subscribe('sse', {}, { sequence: 0 });
  const deaf = at.subscribe('sse', { kinds: 'Component' });
  const isSignal = ({ type }: Heard): boolean => type === 'holdfast.owner.restarted';
  at.feed.signal({ type: 'owner.restarted', timeMs: 0, data: {} });
  full.outlet.isReading = true;
  full.outlet.read();
  assert.deepEqual(
    [live, behind, full, deaf].map(({ outlet }) => outlet.heard.filter(isSignal).length),
    [1, 1, 0, 0],
  );
  assert.equal(live.outlet.heard.find(isSignal)?.sequence, undefined);
  release();
  await at.settle();
});

test('a flood of signals to who does not read is bounded too', async (context) => {
  const at = await feedOver(context);
  const [sleeper, reader] = [at.subscribe('sse'), at.subscribe('sse')];
  sleeper.outlet.isReading = false;
  for (let count = 0; count < 200; count++) at.feed.signal({ type: 'owner.restarted', timeMs: 0, data: { filling: 'x'.repeat(100) } });
  assert.equal(reader.outlet.heard.length, 201);
  assert.ok(sleeper.outlet.bufferedBytes < 4000, `${sleeper.outlet.bufferedBytes} bytes wait for one who sleeps`);
});

test('signals of one endpoint do not reach who asked for another, and those of reservations nobody who may not see them', async (context) => {
  const at = await feedOver(context);
  const [a, b, all, inventory] = [
    at.subscribe('sse', { endpoint: 'a' }),
    at.subscribe('sse', { endpoint: 'b' }),
    at.subscribe('sse', { kinds: 'reservations' }),
    at.subscribe('sse', { kinds: 'Component' }),
  ];
  assert.equal(at.feed.hears('reservations'), true);
  at.feed.signal({ type: 'renewal.due', timeMs: 0, endpoint: 'a', subject: 'k', data: {} });
  assert.deepEqual(
    [a, b, all, inventory].map(({ outlet }) => outlet.heard.length),
    [2, 1, 2, 1],
  );
  for (const member of [a, all]) at.leave(member);
  at.leave(b);
  assert.equal(at.feed.hears('reservations'), false);
});

test('a close tells what is left, and then ends everybody', async (context) => {
  const at = await feedOver(context, { turnBytesMax: 10 });
  const [first, second] = [at.subscribe('sse'), at.subscribe('websocket')];
  const records = Array.from({ length: 20 }, () => ({ ID: `x${names++}`, Type: 'Node' }));
  value(await at.rig.bulk('Component', records));
  assert.ok(sequencesOf(first).length < 20);
  at.feed.close();
  for (const member of [first, second]) {
    assert.equal(sequencesOf(member).length, 20);
    assert.equal(member.outlet.ended, 'stopping');
  }
  await turns(5);
  at.feed.close();
});

test('a part that others read further than a subscriber joins from is not told to him twice', async (context) => {
  const at = await feedOver(context, { joinChangesMax: 100 });
  await change(at, 10);
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let parts = 0;
  at.beforeReplay = async (request) => {
    parts += 1;
    if (parts === 1) {
      await gate;
      return { ...request, upTo: 5 };
    }
    await turns(3);
    return request;
  };
  // He joins from change 10, and has read up to 5 when another asks for all after 5.
  const joining = at.subscribe('sse', {}, { sequence: 0 });
  await change(at, 5);
  at.subscribe('sse', {}, { sequence: 5 });
  await turn();
  release();
  await at.settle();
  assert.deepEqual(
    sequencesOf(joining),
    Array.from({ length: 15 }, (_, index) => index + 1),
  );
});

test('who falls behind in the turn in which he came up to date is brought up to date once', async (context) => {
  const at = await feedOver(context);
  const keeper = at.subscribe('websocket', { signalsOnly: true });
  await change(at, 3);
  at.isDeaf = true;
  await change(at);
  at.isDeaf = false;
  const member = at.subscribe('sse', {}, { sequence: 0 });
  // In the microtask behind the last part's, before what brought him up to date has looked again.
  while (!member.subscription.isLive) await Promise.resolve();
  at.feed.changed({ ...(at.rig.replies.at(-1) as OwnerReply), changes: [] });
  assert.equal(member.subscription.isLive, false);
  await at.settle();
  assert.deepEqual(sequencesOf(member), [1, 2, 3, 4]);
  assert.equal(keeper.outlet.ended, undefined);
});

test('with syncs by interval nothing is told before it is durable, and who comes with a sequence of a list waits for it', async (context) => {
  const at = await feedOver(context, {}, { journalSync: 'interval' });
  await change(at, 4);
  assert.equal(at.status.durableSequence, 0);
  const [live, listed, between] = [at.subscribe('websocket'), at.subscribe('sse', {}, { sequence: 4 }), at.subscribe('sse', {}, { sequence: 2 })];
  await turns(5);
  for (const member of [live, listed, between]) assert.deepEqual(typesOf(member), ['feed.position']);
  await at.rig.query('store.sync', {});
  await turns(20);
  assert.deepEqual(sequencesOf(live), [1, 2, 3, 4]);
  assert.deepEqual(sequencesOf(between), [3, 4], 'though nothing more has happened');
  await change(at);
  assert.deepEqual(sequencesOf(listed), []);
  await at.settle();
  assert.deepEqual(sequencesOf(listed), [5]);
});

test('a journal that cannot be read ends who needs it, with a line in the log, and nobody else', async (context) => {
  const at = await feedOver(context);
  await change(at, 3);
  const live = at.subscribe('sse');
  at.beforeReplay = () => Promise.reject(new Error('the disk is gone'));
  const broken = at.subscribe('sse', {}, { sequence: 0 });
  const left = at.subscribe('sse', {}, { sequence: 1 });
  at.leave(left);
  await turns(5);
  assert.deepEqual([broken.outlet.ended, live.outlet.ended, left.outlet.ended], ['broken', undefined, undefined]);
  assert.equal(at.errors.length, 1, 'of who has left nothing is said');
  at.beforeReplay = async (request) => request;
  const again = at.subscribe('sse', {}, { sequence: 0 });
  await at.settle();
  assert.deepEqual(sequencesOf(again), [1, 2, 3]);
});

test('a subscriber that is taken off twice takes nobody with him who came after', async (context) => {
  const at = await feedOver(context);
  const gone = at.subscribe('websocket', { subtype: 'a' });
  at.leave(gone);
  const stays = at.subscribe('websocket', { subtype: 'a' });
  at.feed.unsubscribe(gone.subscription);
  value(await at.rig.create('Component', { ID: `x${names++}`, Type: 'Node', Subtype: 'a' }));
  await at.settle();
  assert.deepEqual(sequencesOf(stays), [1]);
});

test('many who come back to one place are served by one reading', async (context) => {
  const at = await feedOver(context);
  await change(at, 10);
  const members = Array.from({ length: 20 }, () => at.subscribe('sse', {}, { sequence: 0 }));
  await at.settle();
  assert.equal(at.feed.partsReplayed, 1);
  for (const member of members) assert.equal(sequencesOf(member).length, 10);
});

test('who catches up while changes never stop does come up to date', async (context) => {
  const at = await feedOver(context, { stallMs: 1e9, turnBytesMax: 1e6, joinBytesMax: 1e6 });
  await change(at, 3);
  at.beforeReplay = async (request) => {
    // While a part is read there is always another change.
    if (at.history.length < 40) await change(at);
    return request;
  };
  const member = at.subscribe('websocket', {}, { sequence: 0 });
  await turns(100);
  assert.equal(member.subscription.isLive, true);
  assert.ok(at.history.length < 10, `${at.history.length - 3} parts were read`);
  await at.settle();
});

test('a crowd that comes back to one place is brought up to date in turns, and others get theirs in between', async (context) => {
  const limits = { turnBytesMax: 50_000 };
  const at = await feedOver(context, limits);
  await change(at, 100);
  const members = Array.from({ length: 40 }, () => at.subscribe('websocket', {}, { sequence: 0 }));
  let most = 0;
  let before = 0;
  while (members.some(({ subscription }) => !subscription.isLive)) {
    await turn();
    const heard = members.reduce((sum, { outlet }) => sum + outlet.heard.length, 0);
    most = Math.max(most, heard - before);
    before = heard;
  }
  for (const member of members) assert.equal(sequencesOf(member).length, 100);
  assert.ok(most <= 400, `${most} events of some 400 bytes in one turn`);
});

test('a part is kept for who comes later, unless it is very large', async (context) => {
  const at = await feedOver(context, { bufferBytesMax: 1e7 }, { kinds: WITH_COLLECTIONS });
  await at.rig.created('NodeCollection', { name: 'small', type: 'ad-hoc', nodes: [] });
  await turns(4);
  for (const parts of [1, 1]) {
    at.subscribe('sse', { kinds: 'NodeCollection' }, { sequence: 0 });
    await turns(60);
    assert.equal(at.feed.partsReplayed, parts);
  }
  await at.rig.created('NodeCollection', { name: 'large', type: 'ad-hoc', nodes: [], cloud_init_data: { a: 'x'.repeat(1e6), b: 'x'.repeat(1e6) } });
  await turns(4);
  for (const parts of [2, 3]) {
    at.subscribe('sse', { kinds: 'NodeCollection' }, { sequence: 1 });
    await turns(60);
    assert.equal(at.feed.partsReplayed, parts);
  }
});
