import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { openDuckDb } from '../../../src/store/duckdb-working-set.ts';
import { writeAndSync } from '../../../src/store/files.ts';
import { numbersFor, Run, seedOfTests } from '../torture.ts';
import { type CutChecker, checkCut } from './check.ts';
import { powerCut } from './power-cut.ts';
import { runPowerCuts } from './power-cuts.ts';
import { runSequence } from './sequence.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { visibleSnapshots } from './snapshots-on-disk.ts';

const CUTS = 1000;
const CUTS_WITH_DUCKDB = 4;

test('whenever the power is cut, and whatever the disk forgets, every acknowledged write is there', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const run = new Run(seed, CUTS);
  await runPowerCuts(run);
  assert.deepEqual(run.failures, []);
});

test('the same holds with DuckDB behind the store', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  let left = CUTS_WITH_DUCKDB;
  for (let next = seed; left > 0; next++) {
    const { site, stages } = await runSequence(next);
    const numbers = numbersFor(next, 'cut');
    for (const { disk, ledger } of stages) {
      const until = numbers.below(disk.changes.length + 1);
      const image = powerCut(disk.base, disk.changes, until, numbers);
      // DuckDB writes and reads the files of snapshots by itself, and knows nothing of this disk.
      if (left === 0 || visibleSnapshots(new SimulatedDisk(image).files()).length > 0) continue;
      left -= 1;
      const checker: CutChecker = { site, between: (files) => files, cuts: 0, opened: [], openWorkingSet: openDuckDb };
      await checkCut(checker, image, ledger.expectation(until), numbers);
      for (const owner of checker.opened) await owner.close();
    }
  }
});

/** What may be left of the files of a folder after a power cut: by name, text. */
function leftOf(disk: SimulatedDisk, until: number = disk.changes.length): ReadonlySet<string> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const files = new SimulatedDisk(powerCut(disk.base, disk.changes, until, numbersFor(seed, 'cut'))).files();
    const left = files.list('/data').map((name) => [name, files.readAll(`/data/${name}`).toString('latin1').replaceAll('\0', '0')]);
    seen.add(JSON.stringify(Object.fromEntries(left.sort())));
  }
  return seen;
}

function setOf(...folders: readonly Readonly<Record<string, string>>[]): ReadonlySet<string> {
  return new Set(folders.map((folder) => JSON.stringify(folder)));
}

test('the disk forgets a synced file with its name, and keeps both once the folder is synced', () => {
  const disk = new SimulatedDisk();
  const files = disk.files();
  writeAndSync(files, '/data/a', Buffer.from('1'));
  assert.deepEqual(leftOf(disk), setOf({}, { a: '1' }));
  files.syncDirectory('/data');
  assert.deepEqual(leftOf(disk), setOf({ a: '1' }));
  files.rename('/data/a', '/data/b');
  assert.deepEqual(leftOf(disk), setOf({ a: '1' }, { b: '1' }));
  files.remove('/data/b');
  assert.deepEqual(leftOf(disk), setOf({ a: '1' }, { b: '1' }, {}));
});

test('the disk forgets any sectors and any lengths of what was not synced, and nothing of what was', () => {
  const disk = new SimulatedDisk();
  const files = disk.files();
  writeAndSync(files, '/data/a', Buffer.from('1'));
  files.syncDirectory('/data');
  const file = files.openToAppend('/data/a');
  files.write(file, Buffer.alloc(1023, '2'), 1);
  const left = [...leftOf(disk)].map((folder) => (JSON.parse(folder) as { a: string }).a);
  assert(left.every((text) => text.startsWith('1')));
  assert(left.includes('1'), 'nothing of it');
  assert(left.includes(`1${'2'.repeat(1023)}`), 'all of it');
  assert(left.includes(`1${'2'.repeat(511)}${'0'.repeat(512)}`), 'its first sector');
  assert(left.includes(`1${'0'.repeat(511)}${'2'.repeat(512)}`), 'its second sector');
  assert(left.includes(`1${'0'.repeat(1023)}`), 'its length');
  assert(
    left.some((text) => /^12{1,510}0/.test(text)),
    'a part of a sector',
  );
  files.syncFile(file);
  assert.deepEqual(leftOf(disk), setOf({ a: `1${'2'.repeat(1023)}` }));
  files.truncate(file, 1);
  assert(leftOf(disk).has(JSON.stringify({ a: '1' })));
  assert(leftOf(disk).has(JSON.stringify({ a: `1${'2'.repeat(1023)}` })));
});
