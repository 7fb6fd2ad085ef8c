import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { CELLS, KIND, type ReaderTask, type Seen, type Sight } from './reader-thread.ts';
import { onlyKinds, seededRandom } from './rig.ts';

/** Readers in threads of their own beside a writer that changes, deletes, grows and compacts without a pause. */

const READERS = 2;
const KEYS = 20_000;
const BATCHES = 900;
const LARGE_BATCH_EVERY = 60;
const LARGE_BATCH = 9000;
const LARGE_IMAGE_BYTES = 150_000;

/** What each record was after each batch that changed it. */
class Past {
  readonly #versions = new Map<number, { readonly batch: number; readonly revision: number }[]>();
  readonly #lists: { readonly sum: number; readonly count: number }[] = [];
  readonly #now = new Map<number, number>();
  #sum = 0;

  record(batch: number, changes: ReadonlyMap<number, number>): void {
    for (const [key, revision] of changes) {
      this.#sum -= this.#now.get(key) ?? 0;
      if (revision === -1) this.#now.delete(key);
      else {
        this.#now.set(key, revision);
        this.#sum += revision;
      }
      const versions = this.#versions.get(key) ?? [];
      versions.push({ batch, revision });
      this.#versions.set(key, versions);
    }
    this.#lists[batch] = { sum: this.#sum, count: this.#now.size };
  }

  has(key: number): boolean {
    return this.#now.has(key);
  }

  /** Whether a reader could see this: it was so after one of the batches between which it looked. */
  explains({ key, from, upTo, saw, count }: Sight): boolean {
    if (key === -1) return this.#lists.slice(from, upTo + 1).some((list) => list.sum === saw && list.count === count);
    const versions = this.#versions.get(key) ?? [];
    const before = versions.findLast(({ batch }) => batch <= from)?.revision ?? -1;
    return before === saw || versions.some(({ batch, revision }) => batch > from && batch <= upTo && revision === saw);
  }
}

test('a reader whose port is closed, or whose thread has ended, is shown nothing more', async () => {
  const memory = new SharedMemory();
  const shown: string[] = [];
  const watched = (name: string): MessageChannel => {
    const channel = new MessageChannel();
    const post = channel.port1.postMessage.bind(channel.port1);
    channel.port1.postMessage = (value: unknown) => {
      shown.push(name);
      post(value);
    };
    return channel;
  };
  const channels = ['closed', 'ended', 'stays'].map(watched);
  const [closed, ended, stays] = channels as [MessageChannel, MessageChannel, MessageChannel];
  for (const { port1 } of channels) memory.show(port1);
  const gone = [once(closed.port1, 'close'), once(ended.port1, 'close')];
  closed.port2.close();
  const reader = new Worker('', { eval: true, workerData: ended.port2, transferList: [ended.port2] });
  await Promise.all([...gone, once(reader, 'exit')]);
  shown.length = 0;
  memory.openSlab(0, new SharedArrayBuffer(16));
  memory.openTable('Thing', new SharedArrayBuffer(16));
  assert.deepEqual(shown, ['stays', 'stays']);
  stays.port2.close();
});

test('threads that read while the owner changes, deletes, grows and compacts see only what was true while they looked', async () => {
  const random = seededRandom(77);
  const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
  const memory = new SharedMemory(12_345);
  const log = new RecordLog(memory);
  const index = new KeyIndex(onlyKinds(KIND).all, [], memory, log);
  const keys = Array.from({ length: KEYS }, (_, number) => `key-${number}-${'k'.repeat(number % 40)}`);
  const cells = new Int32Array(new SharedArrayBuffer(16));
  const past = new Past();
  past.record(0, new Map());
  const readers = Array.from({ length: READERS }, (_, seed) => {
    const { port1, port2: port } = new MessageChannel();
    memory.show(port1);
    const task: ReaderTask = { port, cells, keys, seed: seed + 1 };
    const thread = new Worker(new URL('./reader-thread.js', import.meta.url), { workerData: task, transferList: [port] });
    return { thread, port1 };
  });
  await Promise.all(readers.map(({ thread }) => once(thread, 'message')));
  let revision = 0;
  let moved = 0;
  for (let batch = 1; batch <= BATCHES; batch++) {
    const length = batch % LARGE_BATCH_EVERY === 0 ? LARGE_BATCH : 1 + below(30);
    // Now more comes than goes, now the other way round.
    const removedOfTen = batch % 300 < 150 ? 2 : 7;
    const outcome = new Map<number, number>();
    const changes = Array.from({ length }, () => {
      // A few are changed again and again, often twice in a batch.
      const number = below(3) === 0 ? below(20) : below(KEYS);
      const key = keys[number] as string;
      revision += 1;
      if (below(10) < removedOfTen) {
        outcome.set(number, -1);
        return { kind: KIND, key, location: NOWHERE };
      }
      outcome.set(number, revision);
      const image = `{"UID":"${key}","revision":${revision},"more":"${'m'.repeat(number < 20 && below(4) === 0 ? LARGE_IMAGE_BYTES : 10)}"}`;
      return { kind: KIND, key, location: log.put(image, revision, key) };
    });
    past.record(batch, outcome);
    const garbage: number[] = [];
    Atomics.store(cells, CELLS.begun, batch);
    index.publish(changes, (_change, before) => before !== undefined && garbage.push(before));
    Atomics.store(cells, CELLS.finished, batch);
    for (const location of garbage) log.forget(location);
    const worst = log.worstSlab(0.5);
    if (worst !== undefined) moved += index.moveFrom(worst, log);
  }
  const answers = readers.map(({ thread }) => once(thread, 'message'));
  Atomics.store(cells, CELLS.stop, 1);
  let looks = 0;
  for (const [seen] of (await Promise.all(answers)) as [Seen][]) {
    assert.deepEqual(seen.wrong, []);
    for (const sight of seen.sights) assert(past.explains(sight), `no batch explains ${JSON.stringify(sight)}`);
    looks += seen.sights.length;
  }
  assert(looks > 1000, `${looks} looks`);
  assert(moved > 0, 'slabs were compacted');
  for (const { thread } of readers) await thread.terminate();
});
