import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadContent } from '../../src/query/inside/load.ts';
import { QueryChild } from '../../src/query/query-child.ts';
import { realFiles } from '../../src/store/files.ts';
import { encodeManifest, folderOf, MANIFEST_NAME, readManifest, snapshotName } from '../../src/store/manifest.ts';
import { onlyKinds, Rig, temporaryFolder, value } from '../store/rig.ts';

/** All snapshots as one table, whatever became of the clock and however many there are. */

const kinds = onlyKinds('Component');
const HOUR_MS = 3_600_000;

test('each record stands once in each snapshot that has it, after the clock was set back and between those of another store', async () => {
  const ours = await Rig.open(undefined, { kinds });
  const theirs = await Rig.open(undefined, { kinds });
  await ours.fill();
  await theirs.fill();
  const startMs = ours.clock.ms;
  const folders: string[] = [];
  const take = async (rig: Rig, hours: number): Promise<string> => {
    rig.clock.ms = startMs + hours * HOUR_MS;
    const { name } = await rig.snapshot();
    folders.push(join(rig.snapshotDirectory, folderOf(name)));
    return name;
  };
  value(await ours.create('Component', { ID: 'x1c0s0b0n0', Type: 'Node', State: 'On' }));
  const first = await take(ours, 3);
  value(await ours.patch('Component', 'x1c0s0b0n0', { State: 'Off' }));
  const second = await take(ours, 0);
  value(await theirs.create('Component', { ID: 'x2c0s0b0n0', Type: 'Node', State: 'On' }));
  const third = await take(theirs, 4);
  value(await ours.create('Component', { ID: 'x3c0s0b0n0', Type: 'Node', State: 'On' }));
  const fourth = await take(ours, 5);
  await ours.close();
  await theirs.close();

  for (const runSnapshotsMax of [0, 100]) {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await loadContent(connection, { type: 'history', folders }, runSnapshotsMax);
    const rowsOf = async (sql: string): Promise<unknown> => (await connection.runAndReadAll(sql)).getRows();
    assert.deepEqual(await rowsOf('SELECT snapshot FROM snapshots'), [[second], [first], [third], [fourth]], 'in the order of their times');
    assert.deepEqual(await rowsOf('SELECT snapshot, "ID", "State" FROM Component ORDER BY snapshot_time, "ID"'), [
      [second, 'x1c0s0b0n0', 'Off'],
      [first, 'x1c0s0b0n0', 'On'],
      [third, 'x2c0s0b0n0', 'On'],
      [fourth, 'x1c0s0b0n0', 'Off'],
      [fourth, 'x3c0s0b0n0', 'On'],
    ]);
  }
});

/** More than its process may have files open. */
const SNAPSHOTS = 520;

test('a history has more snapshots than its process may open files', async (context) => {
  const rig = await Rig.open(undefined, { kinds });
  await rig.fill();
  value(await rig.create('Component', { ID: 'x1c0s0b0n0', Type: 'Node', State: 'On' }));
  const source = join(rig.snapshotDirectory, folderOf((await rig.snapshot()).name));
  await rig.close();
  const read = readManifest(realFiles, source);
  assert.ok(read.ok);
  const copies = temporaryFolder();
  const folders = Array.from({ length: SNAPSHOTS }, (_, index) => {
    const sequence = read.manifest.sequence + index;
    const name = snapshotName(rig.clock.ms + index * HOUR_MS, sequence);
    const folder = join(copies, folderOf(name));
    mkdirSync(folder);
    cpSync(source, folder, { recursive: true });
    const time = new Date(rig.clock.ms + index * HOUR_MS).toISOString();
    writeFileSync(join(folder, MANIFEST_NAME), encodeManifest({ ...read.manifest, name, time, sequence }));
    return folder;
  });
  const memoryBytes = 256 << 20;
  const started = await QueryChild.start({ memoryBytes, cpuSeconds: 100 });
  assert.ok(started.ok);
  const child = started.value;
  context.after(() => child.kill());
  const loaded = await child.load({ type: 'history', folders }, { memoryBytes, threads: 1 }, 60_000);
  assert.deepEqual(loaded, { ok: true, value: { leftOut: [], time: undefined } });
  const sql = 'SELECT count(*) AS rows, count(DISTINCT snapshot) AS snapshots FROM Component';
  assert.ok((await child.run({ sql, form: 'json', rowsMax: 10, bytesMax: 10_000, timeLimitMs: 10_000 })).ok);
  const part = await child.next();
  assert.ok(part.ok);
  assert.deepEqual(JSON.parse(String(part.value)), [{ rows: SNAPSHOTS, snapshots: SNAPSHOTS }]);
});
