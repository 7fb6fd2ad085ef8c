import { strict as assert } from 'node:assert';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Prng } from '../../bench/prng.ts';
import type { SnapshotDescription } from '../../src/protocol/commands.ts';
import { realFiles } from '../../src/store/files.ts';
import { areInOrder, readPieces } from '../../src/store/row-groups.ts';
import { troubledFiles } from './failing-files.ts';
import { type Fields, onlyKinds, Rig, temporaryFolder, value, withRig } from './rig.ts';

/** A large table is written in stretches of keys, and what has not changed is taken from the snapshot before. */

const STRETCH_ROWS = 40;
const OPTIONS = { kinds: onlyKinds('BMC', 'ComputeNode'), limits: { stretchRows: STRETCH_ROWS } };
const NODES = 600;
const ROUNDS = 6;

test('whatever has changed between two snapshots, each has all records, in the order of keys, and can be started from', async () => {
  const prng = new Prng(7);
  let rig = await Rig.open(temporaryFolder(), OPTIONS);
  value(await rig.bulk('ComputeNode', nodes(0, NODES)));
  for (let round = 0; round < ROUNDS; round++) {
    await change(rig, prng, round);
    const taken = await rig.snapshot();
    await assertWhole(rig, taken);
    const before = rig.images();
    if (round % 3 !== 1) continue;
    await rig.close();
    // Nothing but the snapshot can be started from.
    renameSync(rig.journalDirectory, `${rig.journalDirectory}-${round}`);
    rig = await rig.another();
    assert.deepEqual(rig.images(), before);
  }
  await rig.close();
});

/** A few, none, many, a whole stretch, new ones, or nearly all gone. */
async function change(rig: Rig, prng: Prng, round: number): Promise<void> {
  const keys = keysOf(rig);
  const patch = async (key: string): Promise<unknown> => value(await rig.patch('ComputeNode', key, { description: `round ${round}` }));
  switch (round % 6) {
    case 0:
      for (let count = 0; count < 3; count++) await patch(keys[prng.below(keys.length)] ?? '');
      return;
    case 1:
      return;
    case 2:
      for (const key of keys) if (prng.below(4) === 0) await patch(key);
      return;
    case 3:
      for (const key of [...keys.slice(1, 6), ...keys.slice(100, 100 + 2 * STRETCH_ROWS)]) value(await rig.remove('ComputeNode', key));
      value(await rig.remove('ComputeNode', keys[0] ?? ''));
      return;
    case 4:
      value(await rig.bulk('ComputeNode', nodes(NODES * (round + 1), 5 * STRETCH_ROWS)));
      // Before all others.
      value(await rig.replace('ComputeNode', '00000000-0000-7000-8000-000000000001', { hostname: 'first', architecture: 'x86_64' }, { upsert: true }));
      return;
    default:
      for (const key of keys) if (prng.below(5) !== 0) value(await rig.remove('ComputeNode', key));
      value(await rig.bulk('ComputeNode', nodes(NODES * (round + 1), NODES)));
  }
}

test('a row group in which nothing has changed is the same bytes in the next snapshot, and the others are few', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    value(await rig.bulk('ComputeNode', nodes(0, NODES)));
    const before = await groupsOf(rig, await rig.snapshot());
    assert(before.length >= NODES / STRETCH_ROWS / 1.5, `${before.length} row groups`);
    const key = keysOf(rig)[NODES / 2] ?? '';
    value(await rig.patch('ComputeNode', key, { description: 'another one' }));
    const after = await groupsOf(rig, await rig.snapshot());
    assert.equal(after.filter((group, index) => group === before[index]).length, before.length - 1);
    value(await rig.remove('ComputeNode', key));
    const last = await groupsOf(rig, await rig.snapshot());
    assert.equal(last.filter((group, index) => group === after[index]).length, before.length - 1);
  });
});

test('row groups are taken over only when their keys cannot be mixed', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    value(await rig.bulk('ComputeNode', nodes(0, NODES)));
    const groups = readPieces(realFiles, fileOf(rig, await rig.snapshot()))?.groups ?? [];
    assert.equal(areInOrder(groups, 'id'), true);
    assert.equal(areInOrder(groups.toReversed(), 'id'), false);
    assert.equal(areInOrder(groups, 'no_such_column'), false);
    const [first, second] = groups;
    assert(first !== undefined && second !== undefined);
    const reaching = { ...first, greatest: new Map([['id', second.least.get('id') ?? '']]) };
    assert.equal(areInOrder([reaching, second], 'id'), false);
  });
});

test('what is damaged or gone in the snapshot before is in none that is taken after it', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    value(await rig.bulk('ComputeNode', nodes(0, NODES)));
    for (const harm of [flip, cutOff, remove]) {
      const path = fileOf(rig, await rig.snapshot());
      harm(path);
      await assertWhole(rig, await rig.snapshot());
    }
  });
});

test('a snapshot goes on when the one that it takes row groups over from is deleted meanwhile', async () => {
  const disk = troubledFiles();
  await withRig(Rig.open(temporaryFolder(), { ...OPTIONS, files: disk.files, journalKeepBytes: 1e9 }), async (rig) => {
    value(await rig.bulk('ComputeNode', nodes(0, NODES)));
    await rig.snapshot();
    const [first = '', ...keys] = keysOf(rig);
    value(await rig.patch('ComputeNode', first, { description: 'changed' }));
    const base = await rig.snapshot();
    const before = await groupsOf(rig, base);
    value(await rig.patch('ComputeNode', keys.at(-1) ?? '', { description: 'changed' }));
    let deleting: Promise<unknown> | undefined;
    disk.trouble = ({ name, path }) => {
      if (name === 'write' && /\.tmp-\d+\/ComputeNode\.parquet$/.test(path)) deleting ??= rig.ask('snapshot.delete', { name: base.name }).then(value);
      return undefined;
    };
    const taking = rig.snapshot();
    while (deleting === undefined) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await Promise.race([deleting, taking]), { deleted: base.name });
    const taken = await taking;
    await assertWhole(rig, taken);
    const after = await groupsOf(rig, taken);
    assert.equal(after.filter((group, index) => group === before[index]).length, before.length - 1);
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  const place = Math.floor(bytes.length / 2);
  // What lies between row groups is zero, and harms nobody.
  const at = bytes.findIndex((byte, index) => index >= place && byte !== 0);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 0x10, at);
  writeFileSync(path, bytes);
}

function cutOff(path: string): void {
  writeFileSync(path, readFileSync(path).subarray(0, -9));
}

function remove(path: string): void {
  rmSync(path);
}

async function assertWhole(rig: Rig, taken: SnapshotDescription): Promise<void> {
  const file = await asyncBufferFromFile(fileOf(rig, taken));
  const metadata = await parquetMetadataAsync(file);
  const pairs = new Map(metadata.key_value_metadata?.map(({ key, value: text }) => [key, text]));
  assert.equal(pairs.get('holdfast_sequence'), String(taken.sequence));
  const rows = (await parquetReadObjects({ file, compressors })) as Fields[];
  assert.equal(Number(metadata.num_rows), rows.length);
  assert.equal(taken.rows['ComputeNode'], rows.length);
  const read = rows.map(({ id, revision, hostname, description }) => `${id} ${revision} ${hostname} ${description ?? ''}`);
  const records = [...rig.view.locationsOf('ComputeNode')].map((location) => JSON.parse(rig.view.imageAt(location).bytes.toString('utf8')) as Fields);
  const expected = records.map(({ id, revision, hostname, description }) => `${id} ${revision} ${hostname} ${description ?? ''}`).sort();
  assert.deepEqual(read, expected);
}

/** The bytes of each row group. */
async function groupsOf(rig: Rig, taken: SnapshotDescription): Promise<readonly string[]> {
  const path = fileOf(rig, taken);
  const bytes = readFileSync(path);
  const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return groups.map(({ file_offset: start, total_compressed_size: length }) => bytes.toString('latin1', Number(start), Number(start) + Number(length)));
}

function fileOf(rig: Rig, { name }: SnapshotDescription): string {
  return join(rig.snapshotDirectory, `snapshot=${name}`, 'ComputeNode.parquet');
}

function keysOf(rig: Rig): readonly string[] {
  const records = [...rig.view.locationsOf('ComputeNode')].map((location) => JSON.parse(rig.view.imageAt(location).bytes.toString('utf8')) as Fields);
  return records.map(({ id }) => String(id)).sort();
}

function nodes(first: number, count: number): readonly Fields[] {
  return Array.from({ length: count }, (_, index) => ({
    hostname: `nid${first + index}`,
    architecture: 'x86_64',
    network_interfaces: [{ interface_name: 'eth0', description: `of ${index}` }],
  }));
}
