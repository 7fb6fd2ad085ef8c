import { strict as assert } from 'node:assert';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { StartFailure } from '../../src/faults.ts';
import { realFiles } from '../../src/store/files.ts';
import type { FrameContent } from '../../src/store/frame.ts';
import { Journal } from '../../src/store/journal.ts';
import { decodeFrameHeader, FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES, segmentName } from '../../src/store/journal-format.ts';
import { mendJournal, type Replayed, replayJournal } from '../../src/store/replay.ts';
import { identityOf } from '../../src/store/segments.ts';
import { diskError, troubledFiles } from './failing-files.ts';
import { onlyKinds, Rig, temporaryFolder, value, withRig } from './rig.ts';

/** What a store makes of a journal that is not as it left it. */

const KINDS = onlyKinds('Component');
const COMPONENT = { Type: 'Node' };

/** A data folder without snapshots: one frame for each of `frames` components, names in order of their frames. */
async function folderOf(frames: number): Promise<{ directory: string; segment: string; bytes: Buffer; names: string[]; ends: number[] }> {
  const names: string[] = [];
  const directory = await withRig(Rig.open(temporaryFolder(), { kinds: KINDS }), async (rig) => {
    for (let index = 0; index < frames; index++) {
      names.push(`x${1000 + index}c0s0b0n0`);
      await rig.created('Component', { ...COMPONENT, ID: names.at(-1) });
    }
    return rig.directory;
  });
  const segment = join(directory, 'journal', segmentName(1));
  const bytes = readFileSync(segment);
  return { directory, segment, bytes, names, ends: frameEnds(bytes) };
}

function frameEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let offset = SEGMENT_HEADER_BYTES; offset < bytes.length; ) {
    const header = decodeFrameHeader(bytes, offset);
    assert(header !== undefined);
    offset += FRAME_HEADER_BYTES + header.payloadBytes;
    ends.push(offset);
  }
  return ends;
}

interface Read {
  readonly names: readonly string[];
  readonly replayed: Replayed;
}

/** What recovery would take from the journal, without the database behind it. */
function readJournal(directory: string): Read {
  const names: string[] = [];
  const folder = join(directory, 'journal');
  const replayed = replayJournal(realFiles, folder, identityOf(realFiles, folder), 0, ({ changes }) => {
    for (const { image } of changes) names.push((JSON.parse(Buffer.from(image ?? []).toString('utf8')) as { ID: string }).ID);
  });
  mendJournal(realFiles, folder, replayed.mending);
  return { names, replayed };
}

async function namesOf(rig: Rig): Promise<readonly string[]> {
  const records = await rig.found('Component');
  return records.map((record) => String(record['ID'])).sort();
}

test('cut at any byte, the journal gives every change that was whole, and nothing else', async () => {
  const { directory, segment, bytes, names, ends } = await folderOf(5);
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(segment, bytes.subarray(0, length));
    const whole = ends.filter((end) => end <= length).length;
    assert.deepEqual(readJournal(directory).names, names.slice(0, whole), `cut at ${length}`);
    // The cut is made on disk: a second reading finds nothing to cut.
    const again = readJournal(directory);
    assert.deepEqual(again.names, names.slice(0, whole), `cut at ${length}, second time`);
    assert.deepEqual(again.replayed.log, [], `cut at ${length}, second time`);
  }
});

test('a store whose journal was cut starts with what is whole, starts again alike, and goes on writing', async () => {
  const { directory, segment, bytes, names, ends } = await folderOf(3);
  const [first = 0, second = 0] = ends;
  const cuts = [
    0,
    1,
    SEGMENT_HEADER_BYTES - 1,
    SEGMENT_HEADER_BYTES,
    SEGMENT_HEADER_BYTES + 1,
    first - 1,
    first,
    first + 1,
    second - 1,
    second,
    bytes.length - 1,
  ];
  for (const length of cuts) {
    rmSync(join(directory, 'journal'), { recursive: true });
    const rig = await Rig.open(directory, { kinds: KINDS });
    await rig.close();
    writeFileSync(segment, bytes.subarray(0, length));
    const whole = names.slice(0, ends.filter((end) => end <= length).length);
    const cut = await Rig.open(directory, { kinds: KINDS });
    assert.deepEqual(await namesOf(cut), whole, `cut at ${length}`);
    const images = cut.images();
    const restarted = await cut.restart();
    assert.deepEqual(restarted.images(), images, `cut at ${length}, second start`);
    const { revision } = await restarted.created('Component', { ...COMPONENT, ID: 'x9000c0' });
    assert.equal(revision, whole.length + 1, 'sequences go on where the journal ends');
    await withRig(restarted.restart(), async (last) => assert.deepEqual(await namesOf(last), [...whole, 'x9000c0'].sort(), `cut at ${length}, after a write`));
  }
});

test('a flipped bit anywhere is either refused or cost only the last frame', async () => {
  const { directory, segment, bytes, names, ends } = await folderOf(4);
  const lastFrame = ends.at(-2) ?? 0;
  for (let offset = 0; offset < bytes.length; offset++) {
    const flipped = Buffer.from(bytes);
    flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (offset % 8));
    writeFileSync(segment, flipped);
    if (offset < lastFrame) {
      assert.throws(() => readJournal(directory), StartFailure, `bit at byte ${offset}`);
      assert.deepEqual(readFileSync(segment), flipped, 'a refused start changes nothing');
    } else {
      assert.deepEqual(readJournal(directory).names, names.slice(0, -1), `bit at byte ${offset}`);
    }
  }
});

test('a store with a flipped bit in the middle of its journal does not start, says where, and ends with EX_DATAERR', async () => {
  const { directory, segment, bytes, ends } = await folderOf(3);
  const inPayload = (ends[0] ?? 0) + FRAME_HEADER_BYTES + 5;
  bytes[inPayload] = (bytes[inPayload] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
  await assert.rejects(Rig.open(directory, { kinds: KINDS }), (error: unknown) => {
    assert(error instanceof StartFailure);
    assert.equal(error.exitCode, 65);
    assert.match(error.message, new RegExp(`damaged at byte ${ends[0]}`));
    return true;
  });
  assert.deepEqual(readFileSync(segment), bytes);
});

test('a tail of zeros is cut off, zeros in the middle are refused', async () => {
  const { directory, segment, bytes, names, ends } = await folderOf(4);
  for (const zeros of [1, 39, 40, 511, 4096]) {
    writeFileSync(segment, Buffer.concat([bytes, Buffer.alloc(zeros)]));
    const { names: read, replayed } = readJournal(directory);
    assert.deepEqual(read, names);
    assert.match(
      replayed.log[0]?.message ?? '',
      new RegExp(`ended in ${zeros} ${zeros < FRAME_HEADER_BYTES ? 'bytes of an unfinished write' : 'damaged bytes'}`),
    );
    assert.deepEqual(readFileSync(segment), bytes);
  }
  writeFileSync(segment, Buffer.from(bytes).fill(0, ends[1], bytes.length));
  assert.deepEqual(readJournal(directory).names, names.slice(0, 2));
  writeFileSync(segment, Buffer.from(bytes).fill(0, ends[0], ends[1]));
  assert.throws(() => readJournal(directory), StartFailure);
});

/** Three segments: the journal rolls at a snapshot, and the snapshots are then taken away. */
async function threeSegments(): Promise<{ directory: string; segments: readonly string[]; names: string[] }> {
  const names = ['x1000c0', 'x1001c0', 'x1002c0', 'x1003c0', 'x1004c0', 'x1005c0'];
  return await withRig(Rig.open(temporaryFolder(), { kinds: KINDS }), async (rig) => {
    for (const [index, ID] of names.entries()) {
      await rig.created('Component', { ...COMPONENT, ID });
      if (index === 1) await rig.snapshot();
      if (index !== 3) continue;
      // Without the first snapshot nothing of the journal is dropped at the second.
      for (const name of rig.snapshots()) rmSync(join(rig.snapshotDirectory, name), { recursive: true });
      await rig.snapshot();
    }
    const segments = rig.segments();
    assert.equal(segments.length, 3);
    for (const name of rig.snapshots()) rmSync(join(rig.snapshotDirectory, name), { recursive: true });
    return { directory: rig.directory, segments, names };
  });
}

function copyOf(directory: string): string {
  const copy = temporaryFolder();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

test('segments are read one after the other', async () => {
  const { directory, names } = await threeSegments();
  assert.deepEqual(readJournal(directory).names, names);
  await withRig(Rig.open(directory, { kinds: KINDS }), async (rig) => assert.deepEqual(await namesOf(rig), names));
});

test('a journal with a missing, torn, damaged or foreign segment is refused and left as it is', async () => {
  const { directory, segments } = await threeSegments();
  const other = await folderOf(2);
  const [first, middle, last] = segments as [string, string, string];
  const damages: Readonly<Record<string, (journal: string) => void>> = {
    'the first is missing': (journal) => rmSync(join(journal, first)),
    'the middle one is missing': (journal) => rmSync(join(journal, middle)),
    'the middle one is cut': (journal) => truncateSync(join(journal, middle), readFileSync(join(journal, middle)).length - 1),
    'the middle one is cut after its header': (journal) => truncateSync(join(journal, middle), SEGMENT_HEADER_BYTES),
    'the middle one is empty': (journal) => truncateSync(join(journal, middle), 0),
    'the middle one ends in zeros': (journal) => writeFileSync(join(journal, middle), Buffer.concat([readFileSync(join(journal, middle)), Buffer.alloc(512)])),
    'the last stands there twice': (journal) => copyFileSync(join(journal, last), join(journal, segmentName(7))),
    'the first stands there twice': (journal) => copyFileSync(join(journal, first), join(journal, segmentName(2))),
    'the middle one is the first again': (journal) => copyFileSync(join(journal, first), join(journal, middle)),
    'one is of another store': (journal) => copyFileSync(other.segment, join(journal, first)),
    'the last is renamed': (journal) => {
      copyFileSync(join(journal, last), join(journal, segmentName(6)));
      rmSync(join(journal, last));
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const copy = copyOf(directory);
    damage(join(copy, 'journal'));
    const before = contentOf(join(copy, 'journal'));
    assert.throws(() => readJournal(copy), StartFailure, name);
    assert.deepEqual(contentOf(join(copy, 'journal')), before, name);
    await assert.rejects(Rig.open(copy, { kinds: KINDS }), { name: 'StartFailure', exitCode: 65 }, name);
    assert.deepEqual(contentOf(join(copy, 'journal')), before, name);
  }
});

function contentOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
  );
}

test('a segment that a crash left unbegun does not cut the journal in two, should the newest snapshot turn out damaged later', async () => {
  const rig = await Rig.open(temporaryFolder(), { kinds: KINDS });
  for (const ID of ['x1c0', 'x2c0']) {
    await rig.created('Component', { ...COMPONENT, ID });
    rig.clock.ms += 1000;
    await rig.snapshot();
  }
  await rig.close();
  // Half of a header: the snapshot has all that came before.
  writeFileSync(join(rig.journalDirectory, segmentName(3)), Buffer.alloc(10, 1));
  const again = await rig.another();
  await again.created('Component', { ...COMPONENT, ID: 'x3c0' });
  await again.close();
  truncateSync(join(rig.snapshotDirectory, rig.snapshots().at(-1) ?? '?', 'Component.parquet'), 10);
  await withRig(rig.another(), async (other) => assert.deepEqual(await namesOf(other), ['x1c0', 'x2c0', 'x3c0']));
});

test('damage in what a snapshot has already hinders no start, and is still refused when that part is needed', async () => {
  const rig = await Rig.open(temporaryFolder(), { kinds: KINDS });
  await rig.created('Component', { ...COMPONENT, ID: 'x1c0' });
  await rig.snapshot();
  await rig.created('Component', { ...COMPONENT, ID: 'x2c0' });
  await rig.created('Component', { ...COMPONENT, ID: 'x3c0' });
  rig.clock.ms += 1000;
  await rig.snapshot();
  await rig.created('Component', { ...COMPONENT, ID: 'x4c0' });
  await rig.close();
  const covered = join(rig.journalDirectory, segmentName(2));
  const bytes = readFileSync(covered);
  const inPayload = SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES + 5;
  bytes[inPayload] = (bytes[inPayload] ?? 0) ^ 1;
  writeFileSync(covered, bytes);
  await withRig(rig.another(), async (other) => assert.equal((await namesOf(other)).length, 4));
  truncateSync(join(rig.snapshotDirectory, rig.snapshots().at(-1) ?? '?', 'Component.parquet'), 10);
  await assert.rejects(rig.another(), { name: 'StartFailure', exitCode: 65 });
});

test('a segment of a newer format is refused, not cut', async () => {
  const { directory, segment, bytes } = await folderOf(2);
  bytes.writeUInt32LE(3, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  writeFileSync(segment, bytes);
  await assert.rejects(Rig.open(directory, { kinds: KINDS }), {
    name: 'StartFailure',
    message: /has format 3, written by a newer version of Holdfast; this one reads up to 2/,
  });
  assert.deepEqual(readFileSync(segment), bytes);
});

test('a segment of the format before is read, and what is written goes into a new one', async () => {
  const { directory, segment, bytes, names } = await folderOf(2);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  writeFileSync(segment, bytes);
  await withRig(Rig.open(directory, { kinds: KINDS }), async (rig) => {
    await rig.created('Component', { ...COMPONENT, ID: 'x3000c0' });
    assert.equal(rig.segments().length, 2);
    await withRig(rig.another(), async (again) => assert.equal((await again.found('Component')).length, names.length + 1));
  });
});

test('a hole in what was written since the last sync is cut off, however whole the frames behind it', async () => {
  await withRig(Rig.open(temporaryFolder(), { kinds: KINDS, journalSync: 'interval' }), async (rig) => {
    await rig.created('Component', { ...COMPONENT, ID: 'x3000c0' });
    await rig.query('store.sync', {});
    const segment = join(rig.journalDirectory, rig.segments()[0] as string);
    const { length: synced } = readFileSync(segment);
    for (const ID of ['x3001c0', 'x3002c0', 'x3003c0']) await rig.created('Component', { ...COMPONENT, ID });
    const bytes = readFileSync(segment);
    const opened = async (damagedAt: number): Promise<readonly string[]> => {
      const directory = temporaryFolder();
      cpSync(rig.directory, directory, { recursive: true });
      const damaged = Buffer.from(bytes);
      damaged.fill(0, damagedAt, damagedAt + 60);
      writeFileSync(join(directory, 'journal', rig.segments()[0] as string), damaged);
      return await withRig(Rig.open(directory, { kinds: KINDS }), async (again) => (await again.found('Component')).map(({ ID }) => String(ID)));
    };
    assert.deepEqual(await opened(synced), ['x3000c0']);
    // The first one had been synced before the others were written.
    await assert.rejects(opened(synced - 60), { name: 'StartFailure', message: /intact changes stand behind it/ });
  });
});

test('a journal or a snapshot that another store key sealed is refused', async () => {
  const { directory } = await folderOf(2);
  const wrongKey = { kinds: KINDS, storeKey: Buffer.alloc(32, 9) };
  await assert.rejects(Rig.open(directory, wrongKey), { name: 'StartFailure', message: /another store key/ });
  await withRig(Rig.open(directory, { kinds: KINDS }), (rig) => rig.snapshot());
  await assert.rejects(Rig.open(directory, wrongKey), { name: 'StartFailure', message: /another store key/ });
  rmSync(join(directory, 'journal'), { recursive: true });
  await assert.rejects(Rig.open(directory, wrongKey), { name: 'StartFailure', message: /another store key/ });
});

test('a bulk without its commit frame is cut off, and with it nothing else', async () => {
  const { directory, names, bytes, segment } = await folderOf(2);
  const before = readJournal(directory);
  const identity = identityOf(realFiles, join(directory, 'journal'));
  assert(identity !== undefined);
  const journal = new Journal(join(directory, 'journal'), realFiles, identity, 'always', before.replayed.end);
  const chunk = (ID: string): FrameContent => ({
    timeMs: 0,
    changes: [{ kind: 'Component', key: ID, image: Buffer.from(JSON.stringify({ ID })) }],
    answers: [],
  });
  value(journal.appendAtomically([chunk('x7c0'), chunk('x8c0')], 3, { timeMs: 0, changes: [], answers: [] }));
  journal.close();
  const whole = readFileSync(segment);
  assert.deepEqual(readJournal(directory).names, [...names, 'x7c0', 'x8c0'], 'with its commit it is there');
  for (let length = bytes.length; length < whole.length; length++) {
    writeFileSync(segment, whole.subarray(0, length));
    const { names: read, replayed } = readJournal(directory);
    assert.deepEqual(read, names, `cut at ${length}`);
    assert.equal(replayed.end.nextSequence, 3, `cut at ${length}`);
    assert.deepEqual(readFileSync(segment), bytes, `cut at ${length}`);
  }
});

test('a bulk that a power cut left with holes is cut off: nothing of it was acknowledged', async () => {
  const { directory, names, bytes, segment } = await folderOf(2);
  const { end } = readJournal(directory).replayed;
  const identity = identityOf(realFiles, join(directory, 'journal'));
  assert(identity !== undefined);
  const journal = new Journal(join(directory, 'journal'), realFiles, identity, 'always', end);
  const chunk = (ID: string): FrameContent => ({
    timeMs: 0,
    changes: [{ kind: 'Component', key: ID, image: Buffer.from(JSON.stringify({ ID })) }],
    answers: [],
  });
  value(journal.appendAtomically([chunk('x7c0'), chunk('x8c0'), chunk('x9c0')], 3, { timeMs: 0, changes: [], answers: [] }));
  journal.close();
  const whole = readFileSync(segment);
  const [, second = 0, firstChunk = 0, , lastChunk = 0] = frameEnds(whole);
  for (const [from, to] of [
    [second, firstChunk],
    [second + FRAME_HEADER_BYTES, firstChunk],
  ]) {
    // With the commit behind the hole it was acknowledged, since that is written when all before it is on disk.
    writeFileSync(segment, Buffer.from(whole).fill(0, from, to));
    assert.throws(() => readJournal(directory), StartFailure);
    writeFileSync(segment, Buffer.from(whole.subarray(0, lastChunk)).fill(0, from, to));
    assert.deepEqual(readJournal(directory).names, names);
    assert.deepEqual(readFileSync(segment), bytes);
  }
});

test('a commit is written when the chunks of its bulk are on disk', async () => {
  const { directory } = await folderOf(1);
  const { end } = readJournal(directory).replayed;
  const identity = identityOf(realFiles, join(directory, 'journal'));
  assert(identity !== undefined);
  const { files, calls } = troubledFiles();
  const journal = new Journal(join(directory, 'journal'), files, identity, 'always', end);
  calls.length = 0;
  const content: FrameContent = { timeMs: 0, changes: [], answers: [] };
  value(journal.appendAtomically([content, content], 2, content));
  const made = calls.map(({ name }) => name).filter((name) => name === 'write' || name === 'syncFile');
  assert.deepEqual(made, ['write', 'write', 'syncFile', 'write', 'syncFile']);
  journal.close();
});

test('a damaged last change ends the epoch, for good: its sequence may have been told to somebody', async () => {
  const { directory, segment, bytes, names } = await folderOf(3);
  const rig = await Rig.open(directory, { kinds: KINDS });
  const { epoch } = rig.status;
  await rig.close();
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 4;
  writeFileSync(segment, bytes);
  const first = await rig.another();
  assert(first.status.epoch > epoch);
  assert.match(first.log.join('\n'), /damaged bytes, which were cut off.*that change is lost\. A new epoch begins/);
  const again = await first.restart();
  assert.equal(again.status.epoch, first.status.epoch, 'also when nothing was written before the next start');
  await again.created('Component', { ...COMPONENT, ID: 'x9c0' });
  await again.snapshot();
  await withRig(again.restart(), async (last) => {
    assert.equal(last.status.epoch, first.status.epoch);
    assert.deepEqual(await namesOf(last), [...names.slice(0, -1), 'x9c0']);
  });
});

test('the epoch that a damaged last change ends stays ended when the disk fails behind the cut', async () => {
  const { directory, segment, bytes } = await folderOf(3);
  const { epoch } = (await withRig(Rig.open(directory, { kinds: KINDS }), async (rig) => rig)).status;
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 4;
  writeFileSync(segment, bytes);
  const disk = troubledFiles(({ name, path }) => (name === 'create' && path.endsWith('.journal') ? diskError('EIO') : undefined));
  await assert.rejects(Rig.open(directory, { kinds: KINDS, files: disk.files }), /EIO/);
  assert(readFileSync(segment).length < bytes.length, 'what is damaged has been cut off');
  const next = await Rig.open(directory, { kinds: KINDS });
  assert(next.status.epoch > epoch);
  await withRig(next.restart(), async (again) => assert.equal(again.status.epoch, next.status.epoch, 'and one is enough'));
});

test('an unfinished last write ends no epoch: nobody was told of it', async () => {
  const { directory, segment, bytes } = await folderOf(3);
  const rig = await Rig.open(directory, { kinds: KINDS });
  await rig.close();
  writeFileSync(segment, bytes.subarray(0, bytes.length - 7));
  await withRig(rig.another(), async (again) => assert.equal(again.status.epoch, rig.status.epoch));
});

test('the epoch that began when a snapshot was put back without its journal stays until the next one', async () => {
  const rig = await Rig.open(temporaryFolder(), { kinds: KINDS });
  await rig.created('Component', { ...COMPONENT, ID: 'x1c0' });
  await rig.snapshot();
  await rig.close();
  rmSync(rig.journalDirectory, { recursive: true });
  const back = await rig.another();
  assert(back.status.epoch > rig.status.epoch);
  await back.created('Component', { ...COMPONENT, ID: 'x2c0' });
  // Killed before another snapshot says so.
  await withRig(back.another(), async (again) => assert.equal(again.status.epoch, back.status.epoch));
  await back.close();
});

test('a frame that is too large to be read back is not written', async () => {
  const { directory } = await folderOf(1);
  const { end } = readJournal(directory).replayed;
  const identity = identityOf(realFiles, join(directory, 'journal'));
  assert(identity !== undefined);
  const journal = new Journal(join(directory, 'journal'), realFiles, identity, 'always', end);
  // A bulk of large records, or a batch of many large bodies, comes to this.
  const image = new Uint8Array(64 * 1024 * 1024 + 1);
  const change = { kind: 'Component', key: 'x1c0', image };
  const written = journal.append({ timeMs: 0, changes: [change, change, change, change], answers: [] }, 2);
  journal.close();
  let changes = 0;
  replayJournal(realFiles, join(directory, 'journal'), identity, 1, (frame) => {
    changes += frame.changes.length;
  });
  assert.equal(changes, written.ok ? 4 : 0, 'what was acknowledged is there after a restart');
});
