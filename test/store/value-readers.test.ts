import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { onlyKinds, seededRandom } from './rig.ts';
import { CELLS, KIND, type ReaderTask, type Seen, type Sight } from './value-reader-thread.ts';

/** Readers in threads of their own look at values that a writer hands on from record to record without a pause. */

const READERS = 2;
const TOKENS = 16;
const KEYS = 12_000;
const BATCHES = 420;
const LARGE_BATCH_EVERY = 70;
const LARGE_BATCH = 5000;
const LARGE_IMAGE_BYTES = 200_000;

/** Whether this was the batch that had given the value last, at some moment of the look. */
function explains(givings: readonly number[], { from, upTo, givenBy }: Sight): boolean {
  const place = givings.indexOf(givenBy);
  return place !== -1 && givenBy <= upTo && (givings[place + 1] ?? Number.POSITIVE_INFINITY) > from;
}

test('threads see a value that is handed on in a batch always with exactly one record, while the table grows and is compacted', async () => {
  const random = seededRandom(99);
  const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
  const memory = new SharedMemory(54_321);
  const log = new RecordLog(memory);
  const index = new KeyIndex(onlyKinds(KIND).all, [], memory, log);
  const component = index.of(KIND);
  const unique = component.unique('ID');
  const tokens = Array.from({ length: TOKENS }, (_, token) => `x${token + 1}c0`);
  const givings: number[][] = tokens.map(() => [0]);
  const cells = new Int32Array(new SharedArrayBuffer(16));
  let revision = 0;
  const changed = (key: string, batch: number, ID?: string) => {
    revision += 1;
    const more = 'm'.repeat(below(60) === 0 ? LARGE_IMAGE_BYTES : 10);
    const record = { UID: key, batch, more, ...(ID === undefined ? {} : { ID }) };
    return { kind: KIND, key, location: log.put(JSON.stringify(record), revision, key), values: component.valuesOf(record) };
  };
  const publish = (changes: Parameters<typeof index.publish>[0], batch: number): void => {
    const garbage: number[] = [];
    Atomics.store(cells, CELLS.begun, batch);
    index.publish(changes, (_change, before) => before !== undefined && garbage.push(before));
    Atomics.store(cells, CELLS.finished, batch);
    for (const location of garbage) log.forget(location);
  };
  /** The record that has each token. */
  const holders = tokens.map((_, token) => `holder-${token}`);
  publish(
    tokens.map((token, number) => changed(holders[number] as string, 0, token)),
    0,
  );
  const readers = Array.from({ length: READERS }, () => {
    const { port1, port2: port } = new MessageChannel();
    memory.show(port1);
    const task: ReaderTask = { port, cells, unique, tokens };
    const thread = new Worker(new URL('./value-reader-thread.js', import.meta.url), { workerData: task, transferList: [port] });
    return { thread, port1 };
  });
  await Promise.all(readers.map(({ thread }) => once(thread, 'message')));
  let moved = 0;
  for (let batch = 1; batch <= BATCHES; batch++) {
    const others = batch % LARGE_BATCH_EVERY === 0 ? LARGE_BATCH : below(20);
    const changes = Array.from({ length: others }, () => {
      const number = below(KEYS);
      const key = `other-${number}`;
      return below(10) < 4 ? { kind: KIND, key, location: NOWHERE } : changed(key, batch, below(2) === 0 ? `x${number + 100}c${batch}` : undefined);
    });
    const touched = new Set<string>();
    for (let count = below(4); count >= 0; count--) {
      const token = below(TOKENS);
      const giver = holders[token] as string;
      const taker = `holder-${below(1000)}`;
      if (holders.includes(taker) || touched.has(taker) || touched.has(giver)) continue;
      touched.add(taker).add(giver);
      const given = changed(taker, batch, tokens[token]);
      const givenUp = below(2) === 0 ? { kind: KIND, key: giver, location: NOWHERE } : changed(giver, batch);
      changes.splice(below(changes.length + 1), 0, ...(below(2) === 0 ? [given, givenUp] : [givenUp, given]));
      holders[token] = taker;
      givings[token]?.push(batch);
    }
    publish(changes, batch);
    const worst = log.worstSlab(0.5);
    if (worst !== undefined) moved += index.moveFrom(worst, log);
  }
  const answers = readers.map(({ thread }) => once(thread, 'message'));
  Atomics.store(cells, CELLS.stop, 1);
  let looks = 0;
  for (const [seen] of (await Promise.all(answers)) as [Seen][]) {
    assert.deepEqual(seen.wrong, []);
    for (const sight of seen.sights) assert(explains(givings[sight.token] ?? [], sight), `no batch explains ${JSON.stringify(sight)}`);
    looks += seen.sights.length;
  }
  assert(looks > 1000, `${looks} looks`);
  assert(moved > 0, 'slabs were compacted');
  for (const { thread } of readers) await thread.terminate();
});
