import { strict as assert } from 'node:assert';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Manifest } from '../../src/store/manifest.ts';
import { verifySnapshots } from '../../src/store/verify.ts';
import { type Fields, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

/** Snapshots: what they hold, when they are visible, and what a start makes of damaged ones. */

const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };

function component(number: number, more: Fields = {}): Fields {
  return { ID: `x${number}c0`, Type: 'Node', ...more };
}

function manifestOf(rig: { readonly directory: string }, snapshot: string): Manifest {
  return JSON.parse(readFileSync(join(rig.directory, 'snapshots', snapshot, '_manifest.json'), 'utf8')) as Manifest;
}

test('a snapshot has the name, the files and the manifest that it should, and is what the list shows', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    await rig.created('Component', component(2));
    const taken = await rig.snapshot({ note: 'before the upgrade' });
    assert.equal(taken.name, '2026-11-22T02-10-00Z-000000000002');
    assert.deepEqual(rig.snapshots(), ['snapshot=2026-11-22T02-10-00Z-000000000002']);
    const folder = join(rig.snapshotDirectory, `snapshot=${taken.name}`);
    assert.deepEqual(readdirSync(folder).sort(), [
      'Component.parquet',
      '_SUCCESS',
      '_manifest.json',
      '_private',
      '_schemas.json',
      'load.sql',
      'reservations.parquet',
      'schema.sql',
    ]);
    assert.deepEqual(
      [taken.sequence, taken.reason, taken.note, taken.rows, taken.time],
      [2, 'demand', 'before the upgrade', { Component: 2, reservations: 0 }, '2026-11-22T02:10:00.000Z'],
    );
    const manifest = manifestOf(rig, `snapshot=${taken.name}`);
    assert.equal(manifest.sequence, 2);
    assert.equal(
      manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
      taken.bytes,
    );
    assert.deepEqual(await rig.query('snapshot.list', {}), [taken]);
    assert.deepEqual(await verifySnapshots(rig.directory), [{ name: taken.name, rows: { Component: 2, reservations: 0 } }]);
  });
});

test('under the umask that the server sets, what a store writes can be read by its owner only', async () => {
  const before = process.umask(0o077);
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    await rig.snapshot();
    const open = readdirSync(rig.directory, { recursive: true, encoding: 'utf8' }).filter((name) => (statSync(join(rig.directory, name)).mode & 0o077) !== 0);
    assert.deepEqual(open, []);
  });
  process.umask(before);
});

test('an unchanged store takes no other snapshot unless it is asked to, also after a restart', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const skip = { reason: 'interval', retention: { newest: 5, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: true } as const;
  await rig.created('Component', component(1));
  assert.notEqual((await rig.query('snapshot.take', skip)).taken, undefined);
  assert.equal((await rig.query('snapshot.take', skip)).taken, undefined);
  const again = await rig.restart();
  again.clock.ms += 60_000;
  assert.equal((await again.query('snapshot.take', skip)).taken, undefined);
  assert.notEqual((await again.query('snapshot.take', { ...skip, skipUnchanged: false })).taken, undefined);
  await again.created('Component', component(2));
  assert.notEqual((await again.query('snapshot.take', skip)).taken, undefined);
  assert.equal(again.snapshots().length, 3);
  await again.close();
});

test('a snapshot that was just taken is not pruned, though the clock went back and others of the same change look newer', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    const retention = { newest: 2, hourly: 0, daily: 0, weekly: 0 };
    await rig.created('Component', component(1));
    for (let count = 0; count < 3; count++) {
      rig.clock.ms -= 60_000;
      const taken = await rig.snapshot({ retention });
      assert(
        (await rig.query('snapshot.list', {})).some(({ name }) => name === taken.name),
        `snapshot ${count}`,
      );
    }
  });
});

test('two snapshots in the same second are two when something changed between, else one', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    const first = await rig.snapshot();
    assert.deepEqual(await rig.snapshot(), first);
    await rig.created('Component', component(2));
    const second = await rig.snapshot();
    assert.notEqual(second.name, first.name);
    assert.equal(rig.snapshots().length, 2);
    // The clock goes back: newest is who has the greater sequence.
    rig.clock.ms -= 3_600_000;
    await rig.created('Component', component(3));
    const third = await rig.snapshot();
    assert.deepEqual(
      (await rig.query('snapshot.list', {})).map(({ name }) => name),
      [third.name, second.name, first.name],
    );
    rmSync(rig.journalDirectory, { recursive: true });
    await withRig(rig.another(), async (other) => assert.equal(other.images().size, 3));
  });
});

test('a second snapshot is refused while one is being taken', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    const input = { reason: 'demand', retention: { newest: 5, hourly: 0, daily: 0, weekly: 0 }, skipUnchanged: false } as const;
    const [first, second] = await Promise.all([rig.ask('snapshot.take', input), rig.ask('snapshot.take', input)]);
    assert.equal(first.ok, true);
    assert(!second.ok && second.fault.code === 'snapshot-failed');
  });
});

test('snapshots that are taken while writes go on are a cut at their sequence, and no bulk is torn', async () => {
  const rig = await Rig.open(temporaryFolder(), OPTIONS);
  const history = new Map<number, string>();
  const remember = (): void => void history.set(rig.status.sequence, contentOf(rig.images()));
  await rig.bulk(
    'Component',
    Array.from({ length: 200 }, (_, index) => component(1000 + index, { Subtype: 'round 0' })),
  );
  remember();
  let writing = true;
  const writer = (async () => {
    for (let round = 1; writing || round < 12; round++) {
      if (round % 3 === 0) await rig.remove('Component', `x${1000 + round}c0`);
      else if (round % 3 === 1) await rig.replace('Component', 'x1000c0', component(1000, { Subtype: `round ${round}` }));
      else
        value(
          await rig.bulk(
            'Component',
            Array.from({ length: 100 }, (_, index) => component(1100 + index, { Subtype: `round ${round}` })),
            true,
          ),
        );
      remember();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const sequences: number[] = [];
  for (let count = 0; count < 4; count++) {
    sequences.push((await rig.snapshot()).sequence);
    rig.clock.ms += 1000;
  }
  writing = false;
  await writer;
  await rig.close();
  assert(new Set(sequences).size > 1, 'writes went on between');
  for (const sequence of sequences) {
    const copy = temporaryFolder();
    const name = rig.snapshots().find((snapshot) => snapshot.endsWith(`-${String(sequence).padStart(12, '0')}`));
    cpSync(join(rig.snapshotDirectory, name ?? '?'), join(copy, 'snapshots', name ?? '?'), { recursive: true });
    await withRig(Rig.open(copy, OPTIONS), async (old) => {
      const expected = history.get(sequence);
      assert(expected !== undefined, `a snapshot at ${sequence} is a state that clients could see`);
      assert.equal(contentOf(old.images()), expected);
    });
  }
  await withRig(rig.another(), async (last) => assert.deepEqual(last.images(), rig.images()));
});

function contentOf(images: ReadonlyMap<string, string>): string {
  return [...images].map((entry) => entry.join(' ')).join('\n');
}

interface Prepared {
  readonly directory: string;
  readonly images: ReadonlyMap<string, string>;
  /** Folders, oldest first. */
  readonly snapshots: readonly string[];
}

async function twoSnapshots(): Promise<Prepared> {
  return await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    await rig.snapshot();
    rig.clock.ms += 1000;
    await rig.created('Component', component(2));
    await rig.remove('Component', 'x1c0');
    await rig.snapshot();
    rig.clock.ms += 1000;
    await rig.created('Component', component(3));
    return { directory: rig.directory, images: rig.images(), snapshots: rig.snapshots() };
  });
}

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  cut: (path) => truncateSync(path, Math.max(0, statSync(path).size - 2)),
  emptied: (path) => truncateSync(path, 0),
  flipped: (path) => {
    const bytes = readFileSync(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
  },
  'made longer': (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1)])),
  deleted: (path) => rmSync(path),
  'replaced by a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

test('any damaged file of a snapshot is found without a server', async () => {
  const { directory, snapshots } = await twoSnapshots();
  const newest = snapshots.at(-1) ?? '?';
  for (const file of ['Component.parquet', '_SUCCESS', '_manifest.json', '_private', '_schemas.json', 'load.sql', 'reservations.parquet', 'schema.sql']) {
    for (const [name, damage] of Object.entries(DAMAGES)) {
      if (file === '_SUCCESS' && name !== 'deleted') continue;
      // All damages are told by length or checksum; a few of them with all files are enough.
      if ((file.endsWith('.sql') || file === '_schemas.json') && name !== 'flipped') continue;
      const copy = temporaryFolder();
      cpSync(directory, copy, { recursive: true });
      damage(join(copy, 'snapshots', newest, file));
      assert.equal((await verifySnapshots(copy)).filter(({ problem }) => problem !== undefined).length, 1, `${file} ${name}`);
    }
  }
});

test('a snapshot that was restored by hand, damaged again, is set aside again', async () => {
  const { directory, images, snapshots } = await twoSnapshots();
  const newest = join(directory, 'snapshots', snapshots.at(-1) ?? '?');
  for (let round = 0; round < 2; round++) {
    const intact = temporaryFolder();
    cpSync(newest, intact, { recursive: true });
    truncateSync(join(newest, 'Component.parquet'), 10);
    await withRig(Rig.open(directory, OPTIONS), async (rig) => assert.deepEqual(rig.images(), images));
    assert.equal(existsSync(newest), false);
    cpSync(intact, newest, { recursive: true });
  }
});

test('when no snapshot can be trusted the journal alone is used, if it reaches back to the first change', async () => {
  const { directory, images } = await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    await rig.created('Component', component(1));
    const { name } = await rig.snapshot();
    await rig.created('Component', component(2));
    truncateSync(join(rig.snapshotDirectory, `snapshot=${name}`, 'Component.parquet'), 10);
    return { directory: rig.directory, images: rig.images() };
  });
  await withRig(Rig.open(directory, OPTIONS), async (rig) => assert.deepEqual(rig.images(), images));
});

test('when no snapshot can be trusted and the journal begins later, the start is refused and changes nothing', async () => {
  const { directory, snapshots } = await twoSnapshots();
  for (const snapshot of snapshots) truncateSync(join(directory, 'snapshots', snapshot, 'Component.parquet'), 10);
  const before = treeOf(directory);
  await assert.rejects(Rig.open(directory, OPTIONS), { name: 'StartFailure', exitCode: 65, message: /the changes between are missing/ });
  assert.deepEqual(treeOf(directory), before, 'a refused start changes nothing');

  rmSync(join(directory, 'journal'), { recursive: true });
  await assert.rejects(Rig.open(directory, OPTIONS), { name: 'StartFailure', exitCode: 65, message: /none of the 2 snapshots can be used/ });
});

function treeOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(directory, name)).isDirectory() ? '' : readFileSync(join(directory, name)).toString('hex')}`);
}

test('a manifest that is about another snapshot, or was edited, is not believed', async () => {
  const { directory, images, snapshots } = await twoSnapshots();
  const [older = '?', newest = '?'] = snapshots;
  const edits: readonly (() => string | Buffer)[] = [
    () => readFileSync(join(directory, 'snapshots', older, '_manifest.json')),
    () => readFileSync(join(directory, 'snapshots', newest, '_manifest.json'), 'utf8').replace('"sequence": 3', '"sequence": 2'),
    () => '[]',
    () => 'null',
  ];
  for (const edit of edits) {
    const copy = temporaryFolder();
    cpSync(directory, copy, { recursive: true });
    writeFileSync(join(copy, 'snapshots', newest, '_manifest.json'), edit());
    await withRig(Rig.open(copy, OPTIONS), async (rig) => {
      assert.deepEqual(rig.images(), images);
      assert(rig.snapshots().includes(`.broken-${newest}`));
    });
  }
});

test('what a crash left of unfinished and half-deleted snapshots is removed, and foreign files are left alone', async () => {
  const { directory, images } = await twoSnapshots();
  const snapshots = join(directory, 'snapshots');
  for (const name of ['.tmp-1763777400000', '.del-2026-11-22T02-10-00Z-000000000001', 'notes', 'snapshot=yesterday']) {
    mkdirSync(join(snapshots, name));
    writeFileSync(join(snapshots, name, 'Component.parquet'), 'half');
  }
  writeFileSync(join(snapshots, 'README.txt'), 'mine');
  await withRig(Rig.open(directory, OPTIONS), async (rig) => {
    assert.deepEqual(rig.images(), images);
    const left = rig.snapshots().filter((name) => !name.startsWith('snapshot=2026'));
    assert.deepEqual(left, ['README.txt', 'notes', 'snapshot=yesterday']);
    assert.equal((await rig.query('snapshot.list', {})).length, 2);
  });
});

test('a snapshot without a journal is enough to start from, and sequences go on', async () => {
  const { directory, snapshots } = await twoSnapshots();
  rmSync(join(directory, 'journal'), { recursive: true });
  await withRig(Rig.open(directory, OPTIONS), async (rig) => {
    assert.equal(snapshots.length, 2);
    assert.equal(rig.images().size, 1);
    assert.equal((await rig.created('Component', component(9))).revision, 4);
    await withRig(rig.another(), async (other) => assert.equal(other.images().size, 2));
  });
});
