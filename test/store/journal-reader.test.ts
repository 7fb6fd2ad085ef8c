import { strict as assert } from 'node:assert';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Files, realFiles } from '../../src/store/files.ts';
import type { FrameContent, JournaledChange } from '../../src/store/frame.ts';
import { Journal } from '../../src/store/journal.ts';
import { segmentName } from '../../src/store/journal-format.ts';
import { JournalDamage, JournalReader } from '../../src/store/journal-reader.ts';
import { committedIn, type Told, toldOf } from '../support/committed.ts';
import { seedOfTests } from '../torture/torture.ts';
import { onlyKinds, Rig, temporaryFolder, value, withRig } from './rig.ts';

/** What the feed reads back from a journal whose owner goes on writing. */

const SEED = seedOfTests();
const IDENTITY = { storeId: 'ab'.repeat(16), keyId: 'cd'.repeat(8), epoch: 7, schemaId: 'ef'.repeat(8) };
const BLOCK_BYTES = 1024 * 1024;

function journalIn(directory: string, files: Files = realFiles): Journal {
  return new Journal(directory, files, IDENTITY, 'always', { nextSequence: 1, chain: 0, segment: undefined });
}

interface Read {
  readonly changes: readonly Told[];
  readonly end: 'pruned' | undefined;
}

function read(reader: JournalReader, after: number, upTo: number): Read {
  const changes: Told[] = [];
  const reading = reader.changes(after, upTo);
  for (;;) {
    const next = reading.next();
    if (next.done === true) return { changes, end: next.value };
    changes.push(toldOf(next.value));
  }
}

function nextOf(reading: ReturnType<JournalReader['changes']>): number | undefined {
  const next = reading.next();
  return next.done === true ? undefined : next.value.sequence;
}

/** A journal that writes as the store does, and remembers what it wrote. */
class Model {
  readonly all: Told[] = [];
  readonly #journal: Journal;
  readonly #records = new Map<string, { sequence: number; image: string }>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get last(): number {
    return this.all.length;
  }

  /** @param sizes bytes of each change's image; 0 deletes. */
  write(frames: readonly (readonly { key: string; bytes: number }[])[]): void {
    const first = this.last + 1;
    const contents = frames.map((changes): FrameContent => ({ timeMs: first, changes: changes.map((change) => this.#change(change)), answers: [] }));
    const [only] = contents;
    if (only !== undefined && contents.length === 1) value(this.#journal.append(only, first));
    else value(this.#journal.appendAtomically(contents, first, { timeMs: first, changes: [], answers: [] }));
  }

  #change({ key, bytes }: { key: string; bytes: number }): JournaledChange {
    const sequence = this.last + 1;
    const before = this.#records.get(key);
    const isGone = bytes === 0 && before !== undefined;
    const image = JSON.stringify({ key, revision: sequence, filling: 'x'.repeat(bytes) });
    if (isGone) this.#records.delete(key);
    else this.#records.set(key, { sequence, image });
    const type = isGone ? 'deleted' : before === undefined ? 'created' : 'updated';
    this.all.push({ kind: 'Thing', key, sequence, type, image: isGone ? before.image : image, before: type === 'updated' ? before?.image : undefined });
    return {
      kind: 'Thing',
      key,
      image: isGone ? null : Buffer.from(image),
      predecessor: before?.sequence ?? 0,
      ...(isGone ? { lastImage: Buffer.from(before.image) } : {}),
    };
  }
}

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  bytes: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.nat(40) }),
});
const frame = fc.array(change, { minLength: 1, maxLength: 6 });
const frames = fc.oneof({ weight: 4, arbitrary: frame.map((one) => [one]) }, { weight: 1, arbitrary: fc.array(frame, { minLength: 2, maxLength: 4 }) });
const action = fc.oneof(
  { weight: 6, arbitrary: frames.map((what) => ({ type: 'write' as const, what })) },
  { weight: 1, arbitrary: fc.constant({ type: 'roll' as const }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => ({ type: 'drop' as const, share })) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30)).map(([share, length]) => ({ type: 'read' as const, share, length })),
  },
);

test(`any stretch reads as it was written, while writing goes on, segments begin and old ones go (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 120 }), (actions) => {
      const directory = temporaryFolder();
      const journal = journalIn(directory);
      const model = new Model(journal);
      const reader = new JournalReader(realFiles, directory);
      let kept = 1;
      for (const step of actions) {
        if (step.type === 'write') model.write(step.what);
        else if (step.type === 'roll') journal.roll();
        else if (step.type === 'drop') {
          journal.dropThrough(Math.floor(step.share * model.last));
          kept = firstKept(directory, model.last);
        } else {
          const after = Math.floor(step.share * model.last);
          const upTo = Math.min(model.last, after + step.length);
          const got = read(reader, after, upTo);
          // What is deleted is pruned, or still in the reader's memory; it is never wrong.
          if (after + 1 < kept && got.end === 'pruned') assert.deepEqual(got.changes.map(image), model.all.slice(after, after + got.changes.length).map(image));
          else if (after + 1 < kept) assert.deepEqual(got.changes.map(image), model.all.slice(after, upTo).map(image));
          else
            assert.deepEqual(got, {
              changes: model.all.slice(after, upTo).map((told, index) => withoutPruned(told, kept, model, got.changes[index])),
              end: undefined,
            });
        }
      }
      journal.close();
      rmSync(directory, { recursive: true });
    }),
    { seed: SEED, numRuns: 60 },
  );
});

function image({ sequence, image: bytes }: { readonly sequence: number; readonly image: string }): readonly [number, string] {
  return [sequence, bytes];
}

function firstKept(directory: string, last: number): number {
  const [first] = [...realFiles.list(directory)].sort();
  return first === undefined ? last + 1 : Number(first.slice(0, 16));
}

/** The image before an update is only there while the change is that left it. */
/** What was before may be pruned with its segment, or still in the reader's memory. */
function withoutPruned(told: Told, kept: number, model: Model, got: Told | undefined): Told {
  const before = model.all.slice(0, told.sequence - 1).findLast(({ key }) => key === told.key);
  return got?.before === undefined && told.before !== undefined && (before?.sequence ?? 0) < kept ? { ...told, before: undefined } : told;
}

test('frames larger than a block, frames across blocks, and a reader who comes back to the middle of many', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const model = new Model(journal);
  for (let count = 0; count < 400; count++) model.write([[{ key: `k${count % 7}`, bytes: 20_000 }]]);
  model.write([[{ key: 'large', bytes: 3 * BLOCK_BYTES }], [{ key: 'k1', bytes: 10 }], [{ key: 'large', bytes: BLOCK_BYTES - 200 }]]);
  for (let count = 0; count < 50; count++) model.write([[{ key: 'large', bytes: BLOCK_BYTES / 8 }]]);
  let bytesRead = 0;
  const counting: Files = {
    ...realFiles,
    read(file, bytes, position) {
      const count = realFiles.read(file, bytes, position);
      bytesRead += count;
      return count;
    },
  };
  const reader = new JournalReader(counting, directory);
  const { length } = model.all;
  for (const [after, upTo] of [
    [0, length],
    [0, 1],
    [399, 403],
    [400, 401],
    [200, 210],
    [length - 1, length],
    [length, length],
  ] as const) {
    bytesRead = 0;
    assert.deepEqual(read(reader, after, upTo), { changes: model.all.slice(after, upTo), end: undefined }, `${after} to ${upTo}`);
    // Each of ten changes has a predecessor nearby.
    if (after === 200) assert.ok(bytesRead <= 5 * BLOCK_BYTES, `${bytesRead} bytes were read, and the segment has more than 18 MiB`);
  }
  journal.close();
});

test('a segment that is deleted under its reader is read to its end, and what comes behind it goes on or is pruned', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const model = new Model(journal);
  for (let segment = 0; segment < 3; segment++) {
    for (let count = 0; count < 5; count++) model.write([[{ key: `${segment}-${count}`, bytes: 5 }]]);
    journal.roll();
  }
  const reader = new JournalReader(realFiles, directory);
  const goesOn = reader.changes(0, 15);
  assert.equal(nextOf(goesOn), 1);
  journal.dropThrough(5);
  for (let sequence = 2; sequence <= 15; sequence++) assert.equal(nextOf(goesOn), sequence);
  assert.deepEqual(goesOn.next(), { done: true, value: undefined });
  const cut = reader.changes(5, 15);
  assert.equal(nextOf(cut), 6);
  for (const first of [6, 11]) rmSync(join(directory, segmentName(first)));
  for (let sequence = 7; sequence <= 10; sequence++) assert.equal(nextOf(cut), sequence);
  assert.deepEqual(cut.next(), { done: true, value: 'pruned' });
  assert.deepEqual(read(reader, 5, 15), { changes: [], end: 'pruned' });
});

test('a segment that vanishes between being named and being opened is pruned, not damage', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const model = new Model(journal);
  for (const key of ['a', 'b']) {
    model.write([[{ key, bytes: 5 }]]);
    journal.roll();
  }
  const vanishing: Files = {
    ...realFiles,
    openToRead(path) {
      if (path.endsWith(segmentName(1))) rmSync(path, { force: true });
      return realFiles.openToRead(path);
    },
  };
  assert.deepEqual(read(new JournalReader(vanishing, directory), 0, 2), { changes: [], end: 'pruned' });
});

test('any damaged byte is an error or changes nothing: what is read is never wrong', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const model = new Model(journal);
  model.write([[{ key: 'a', bytes: 5 }]]);
  model.write([[{ key: 'a', bytes: 7 }], [{ key: 'b', bytes: 0 }]]);
  journal.close();
  const segment = join(directory, segmentName(1));
  const bytes = readFileSync(segment);
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 0x40;
    writeFileSync(segment, damaged);
    try {
      assert.deepEqual(read(new JournalReader(realFiles, directory), 0, 3), { changes: model.all, end: undefined }, `byte ${at}`);
    } catch (error) {
      assert.ok(error instanceof JournalDamage, `byte ${at}: ${String(error)}`);
      refused += 1;
    }
  }
  // The end of a bulk is not looked at: the reader is only ever asked for what was committed.
  assert.ok(refused > bytes.length - 100, `${refused} of ${bytes.length}`);
  for (const length of [bytes.length - 60, 70, 10, 0]) {
    writeFileSync(segment, bytes.subarray(0, length));
    assert.throws(() => read(new JournalReader(realFiles, directory), 0, 3), JournalDamage, `cut at ${length}`);
  }
});

test('a frame that is missing in the middle is damage, not a gap', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const model = new Model(journal);
  const ends: number[] = [];
  for (const key of ['a', 'b', 'c']) {
    model.write([[{ key, bytes: 5 }]]);
    ends.push(realFiles.size(join(directory, segmentName(1))));
  }
  journal.close();
  const bytes = readFileSync(join(directory, segmentName(1)));
  writeFileSync(join(directory, segmentName(1)), Buffer.concat([bytes.subarray(0, ends[0]), bytes.subarray(ends[1])]));
  assert.throws(() => read(new JournalReader(realFiles, directory), 0, 3), JournalDamage);
});

test('a journal of before predecessors were kept is read: updates without the record before, deletions without their last', () => {
  const directory = temporaryFolder();
  const journal = journalIn(directory);
  const image = Buffer.from('{"key":"a"}');
  const changes: JournaledChange[] = [
    { kind: 'Thing', key: 'a', image },
    { kind: 'Thing', key: 'a', image: null },
  ];
  value(journal.append({ timeMs: 1, changes, answers: [] }, 1));
  journal.close();
  const { changes: got } = read(new JournalReader(realFiles, directory), 0, 2);
  assert.deepEqual(
    got.map(({ type, image: shown, before }) => [type, shown, before]),
    [
      ['updated', '{"key":"a"}', undefined],
      ['deleted', '{}', undefined],
    ],
  );
});

test('what a real store has journaled is what its replies told, bulks in several frames and chains in one batch included', async () => {
  await withRig(Rig.open(temporaryFolder(), { kinds: onlyKinds('Component') }), async (rig) => {
    const create = (id: string) =>
      ({ kind: 'record.create', input: { kind: 'Component', records: [{ ID: id, Type: 'Node' }], asArray: false, origin: {} } }) as const;
    const patch = (name: string, document: object) =>
      ({ kind: 'record.patch', input: { kind: 'Component', name, patch: { type: 'merge', document }, origin: {} } }) as const;
    const remove = (name: string) => ({ kind: 'record.delete', input: { kind: 'Component', name, force: false } }) as const;
    await rig.batch([create('x1'), patch('x1', { Subtype: 'a' }), patch('x1', { Subtype: 'b' }), remove('x1'), create('x1'), create('x2'), remove('x3')]);
    value(
      await rig.bulk(
        'Component',
        Array.from({ length: 20_000 }, (_, index) => ({ ID: `x${index}`, Type: 'Node' })),
        true,
      ),
    );
    await rig.snapshot();
    await rig.batch([patch('x1', { Subtype: 'c' }), remove('x2'), patch('x19999', { Subtype: 'd' })]);
    const all = rig.replies.flatMap((reply) => committedIn(reply, rig.view)).sort((a, b) => a.sequence - b.sequence);
    assert.equal(all.length, rig.status.sequence);
    assert.ok(rig.segments().length === 2);
    assert.deepEqual(read(new JournalReader(realFiles, rig.journalDirectory), 0, rig.status.sequence), { changes: all, end: undefined });
    const reader = new JournalReader(realFiles, rig.journalDirectory);
    for (const after of [0, 3, 8190, 8199, 16_384, all.length - 5]) {
      assert.deepEqual(read(reader, after, after + 5).changes, all.slice(after, after + 5));
    }
  });
});
