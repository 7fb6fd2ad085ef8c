import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import type { FeedLimits } from '../../src/feed/limits.ts';
import { Rig, temporaryFolder } from '../store/rig.ts';
import { FeedRig, type Member, turn, turns, WITH_COLLECTIONS } from './feed-simulation.ts';

/** Where the images of changes are while they are told: in slabs that may be let go, or in the journal. */

const ROOMY: Partial<FeedLimits> = { turnBytesMax: 1e9, bufferBytesMax: 1e9, joinBytesMax: 1e9, stallMs: 1e9 };

interface Watched {
  readonly at: FeedRig;
  readonly member: Member;
  /** One batch of changes, each of six megabytes; a slab has sixteen. */
  change(...letters: readonly string[]): Promise<void>;
  /** The letters that were told. */
  told(): readonly unknown[];
}

async function watched(context: TestContext, journalSync: 'always' | 'interval'): Promise<Watched> {
  const at = new FeedRig(await Rig.open(temporaryFolder(), { kinds: WITH_COLLECTIONS, journalSync }), ROOMY);
  context.after(() => at.close());
  const member = at.subscribe('websocket', { kinds: 'NodeCollection' });
  const { key } = await at.rig.created('NodeCollection', { name: 'large', type: 'ad-hoc', nodes: [] });
  return {
    at,
    member,
    async change(...letters) {
      const documentOf = (letter: string): object => ({ cloud_init_data: Object.fromEntries([...'abcdef'].map((name) => [name, letter.repeat(1_000_000)])) });
      await at.rig.batch(
        letters.map((letter) => ({
          kind: 'record.patch',
          input: { kind: 'NodeCollection', name: key, patch: { type: 'merge', document: documentOf(letter) }, origin: {} },
        })),
      );
    },
    told: () =>
      member.outlet.heard
        .filter(({ type }) => type === 'holdfast.NodeCollection.updated')
        .map(({ data }) => (data as { cloud_init_data: { a: string } }).cloud_init_data.a[0]),
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; !holds(); round++) {
    assert.ok(round < 2000, 'time is up');
    await turn();
  }
}

test('images that were replaced in the batch that made them, and their slab let go with it, are told all the same', async (context) => {
  const { at, change, told } = await watched(context, 'always');
  await change('0', '1', '2', '3', '4');
  await until(() => told().length === 5);
  assert.ok(
    at.rig.replies.some(({ releasedSlabs }) => releasedSlabs.length > 0),
    'one slab held only what was replaced in the same batch',
  );
  assert.deepEqual(told(), ['0', '1', '2', '3', '4']);
});

test('images of what is not told yet stay readable, though their slabs are let go and others take their places', async (context) => {
  const { at, change, told } = await watched(context, 'interval');
  for (const letter of 'abcdef') await change(letter);
  await turns(5);
  assert.deepEqual(told(), [], 'nothing is durable');
  assert.ok(at.rig.replies.some(({ releasedSlabs }) => releasedSlabs.length > 0));
  await at.rig.query('store.sync', {});
  await until(() => told().length === 6);
  assert.deepEqual(told(), [...'abcdef']);
  assert.equal(at.feed.counts.fellBehind, 0);
});

test('what is kept for one who joins has a bound in bytes: beyond it he reads on in the journal', async (context) => {
  const { at, change } = await watched(context, 'always');
  const small = new FeedRig(at.rig, { ...ROOMY, joinBytesMax: 1_000_000 });
  context.after(() => small.feed.close());
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  small.beforeReplay = async (request) => {
    await gate;
    return request;
  };
  const keeper = small.subscribe('websocket', { kinds: 'NodeCollection' });
  const joining = small.subscribe('sse', { kinds: 'NodeCollection' }, { sequence: 0 });
  assert.notEqual(joining.subscription.joining, undefined);
  await change('a');
  await turns(5);
  assert.equal(joining.subscription.joining, undefined);
  release();
  await until(() => joining.subscription.isLive);
  for (const { outlet } of [keeper, joining]) assert.equal(outlet.heard.at(-1)?.sequence, '0000000000000002');
});
