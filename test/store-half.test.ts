import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import type { OwnerPool, StartedOwner } from '../src/dispatch/owner-pool.ts';
import { RecordView } from '../src/dispatch/record-view.ts';
import type { Feed } from '../src/feed/feed.ts';
import type { Log } from '../src/log.ts';
import type { Draft, OwnerReply, Stored } from '../src/protocol/commands.ts';
import { NOWHERE } from '../src/protocol/slab.ts';
import { StoreHalf, type StoreHalfParts } from '../src/store-half.ts';
import { fault, KEEP_ALL, onlyKinds, Rig, value } from './store/rig.ts';

/** A real store without its thread; nobody listens to feed, log and metrics. */
function storeHalf(rig: Rig, run: OwnerPool['run'] = (task) => rig.store.run(task)): StoreHalf {
  const nothing = (): void => undefined;
  const parts: Partial<StoreHalfParts> = {
    config: { snapshots: { retain: KEEP_ALL }, limits: { inFlight: 100 } } as StoreHalfParts['config'],
    pool: { run } as OwnerPool,
    view: rig.view,
    feed: { changed: nothing, signal: nothing } as unknown as Feed,
    counts: { snapshotFailures: 0, snapshotsTaken: 0 } as StoreHalfParts['counts'],
    log: { info: nothing, error: nothing, warn: nothing } as unknown as Log,
  };
  return new StoreHalf(parts as StoreHalfParts);
}

class Latch {
  open: () => void = () => undefined;
  readonly opened: Promise<void> = new Promise((resolve) => {
    this.open = resolve;
  });
}

test('a safety snapshot waits for the one that is being taken, also when another one was refused meanwhile', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component') });
  const half = storeHalf(rig);
  const first = half.takeSnapshot('demand');
  fault(await half.takeSnapshot('demand'), 'snapshot-failed');
  const safety = await half.takeSafetySnapshot('before');
  assert.equal(value(safety)?.sequence, 0);
  value(await first);
  await rig.close();
});

test('snapshots that several ask for at once are taken one after the other', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component') });
  const half = storeHalf(rig);
  const byTimer = half.takeSnapshot('interval');
  for (const taken of await Promise.all([half.snapshots.take(), half.snapshots.take(), half.snapshots.take()])) value(taken);
  value(await byTimer);
  await rig.close();
});

test('a safety snapshot waits also for one that began while the answer to the one before was on its way', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component') });
  const isDone = new Latch();
  const arrives = new Latch();
  let isFirst = true;
  const half = storeHalf(rig, async (task) => {
    const wasFirst = isFirst;
    isFirst = false;
    const reply = await rig.store.run(task);
    if (!wasFirst) return reply;
    isDone.open();
    await arrives.opened;
    return reply;
  });
  const first = half.takeSnapshot('demand');
  await isDone.opened;
  const second = half.takeSnapshot('demand');
  arrives.open();
  value(await first);
  value(await half.takeSafetySnapshot('before'));
  value(await second);
  await rig.close();
});

/** More mebibytes than a slab has. */
const LETTERS = [...'abcdefghijklmnopqrst'];

test('who wrote first is told what he wrote, though later writes of the same batch have replaced it and emptied its slab', async () => {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('NodeCollection') });
  const replies: OwnerReply[] = [];
  const half = storeHalf(rig, async (task) => {
    const reply = await rig.store.run(task);
    replies.push(reply);
    return reply;
  });
  half.owner.revive(rig.store.report());
  const large = (letter: string): Draft =>
    rig.draft('NodeCollection', { name: 'all', type: 'job', nodes: [], cloud_init_data: { data: letter.repeat(1024 * 1024) } });
  const input = { kind: 'NodeCollection', name: 'all', origin: {}, upsert: true };
  const told = await Promise.all(
    LETTERS.map(async (letter) => {
      const { stored } = value(await half.owner.send('record.replace', { ...input, record: large(letter) })) as { stored: readonly Stored[] };
      const [{ key, revision } = { key: '', revision: 0 }] = stored;
      const image = rig.view.imageOf('NodeCollection', key, revision);
      return image?.bytes.toString('latin1').includes(`"data":"${letter.repeat(10)}`);
    }),
  );
  assert.deepEqual(
    told,
    LETTERS.map(() => true),
  );
  const [{ changes, releasedSlabs } = { changes: [], releasedSlabs: [] }] = replies;
  assert(releasedSlabs.length > 0, 'the slab of the first went with the batch that made it');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rig.view.imageIfThere(changes[0]?.locations[0] ?? NOWHERE), undefined, 'and then it is let go here as well');
  await rig.close();
});

test('an owner that has died before it was begun with is not followed: the one that took its place is', async () => {
  const kinds = onlyKinds('NodeCollection');
  const [dead, next] = [await Rig.open(undefined, { kinds }), await Rig.open(undefined, { kinds })];
  const started = ({ store }: Rig): StartedOwner => {
    const { port1: theirs, port2: shown } = new MessageChannel();
    store.show(theirs);
    return { reply: store.report(), shown };
  };
  const nothing = (): void => undefined;
  const view = new RecordView();
  let begun = 0;
  const half = new StoreHalf({
    config: { limits: { inFlight: 100 } },
    pool: { run: (task: Parameters<OwnerPool['run']>[0]) => next.store.run(task), start: () => Promise.resolve(started(next)) },
    feed: { changed: nothing, signal: nothing },
    counts: { ownerRestarts: 0 },
    log: { info: nothing, error: nothing, debug: nothing },
    ...{ view, lifecycle: { stopping: false }, indexed: nothing, lost: nothing, began: () => void begun++, fatal: assert.fail },
  } as unknown as StoreHalfParts);
  const first = started(dead);
  half.owner.died('it had nothing to do');
  while (begun === 0) await new Promise((resolve) => setImmediate(resolve));
  await half.begin(first);
  assert.equal(begun, 2, 'whoever listens only now is shown its memory as well');
  const records = [next.draft('NodeCollection', { name: 'all', type: 'job', nodes: [] })];
  const { stored } = value(await half.owner.send('record.create', { kind: 'NodeCollection', origin: {}, asArray: false, records })) as {
    stored: readonly Stored[];
  };
  const [{ key, revision } = { key: '', revision: 0 }] = stored;
  assert(view.imageOf('NodeCollection', key, revision) !== undefined, 'who wrote reads it');
  view.reset();
  await dead.close();
  await next.close();
});
