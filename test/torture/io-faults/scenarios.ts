import { appendFileSync, cpSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Rig, type RigOptions, withRig } from '../../store/rig.ts';
import { folderInMemory } from '../../support/folders.ts';
import { Ledger } from './ledger.ts';
import { Steps } from './steps.ts';

/** Sequences of operations that are run again and again, each time with other calls to the file system that fail. */
export interface Scenario {
  readonly name: string;
  readonly options: RigOptions;
  /** Makes what the data folder holds before. */
  prepare(options: RigOptions): Promise<{ directory: string; ledger: Ledger }>;
  run(steps: Steps): Promise<void>;
}

async function nothing(): Promise<{ directory: string; ledger: Ledger }> {
  return { directory: folderInMemory(), ledger: new Ledger() };
}

/** Two snapshots, and a journal that ends in a frame with an answer to remember and no change. */
async function twoSnapshots(options: RigOptions): Promise<{ directory: string; ledger: Ledger }> {
  const ledger = new Ledger();
  const directory = await withRig(Rig.open(folderInMemory(), options), async (rig) => {
    const steps = new Steps(rig, ledger);
    await steps.put('x1c0', 'first');
    await steps.snapshot();
    await steps.put('x1c0', 'second');
    await steps.bulk(['x2c0', 'x3c0'], 'first');
    await steps.snapshot();
    await steps.rememberAnswer();
    await steps.put('x4c0', 'first');
    return rig.directory;
  });
  return { directory, ledger };
}

/** The same, but the newest snapshot is damaged, the journal has a torn end, and a crash left half a snapshot behind. */
async function crashed(options: RigOptions): Promise<{ directory: string; ledger: Ledger }> {
  const { directory, ledger } = await twoSnapshots(options);
  const snapshots = join(directory, 'snapshots');
  const newest = readdirSync(snapshots).sort().at(-1) ?? '';
  cpSync(join(snapshots, newest), join(snapshots, '.tmp-1'), { recursive: true });
  rmSync(join(snapshots, '.tmp-1', '_manifest.json'));
  truncateSync(join(snapshots, newest, '_private'), 5);
  const segment = readdirSync(join(directory, 'journal')).sort().at(-1) ?? '';
  appendFileSync(join(directory, 'journal', segment), Buffer.alloc(30, 7));
  return { directory, ledger };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first start',
    options: {},
    prepare: nothing,
    async run(steps) {
      await steps.put('x1c0', 'first');
      await steps.array(['x2c0', 'x3c0'], 'first');
      await steps.patch('x1c0', 'second');
      await steps.remove('x2c0');
      await steps.partialBulk(['x4c0', 'x1c0'], 'third');
      await steps.bulk(['x5c0', 'x3c0'], 'fourth');
    },
  },
  {
    name: 'start after a crash',
    options: {},
    prepare: crashed,
    run: (steps) => steps.put('x5c0', 'first'),
  },
  {
    name: 'snapshot, roll and prune',
    options: {},
    prepare: twoSnapshots,
    async run(steps) {
      await steps.put('x1c0', 'third');
      await steps.snapshot();
      await steps.bulk(['x5c0', 'x6c0'], 'first');
      await steps.snapshot();
      // Nothing has changed since: the journal is rolled and pruned all the same.
      await steps.snapshot();
      await steps.deleteOldestSnapshot();
      await steps.remove('x5c0');
    },
  },
  {
    name: 'restore',
    options: {},
    prepare: twoSnapshots,
    async run(steps) {
      await steps.put('x1c0', 'third');
      await steps.restore(['x1c0', 'x2c0', 'x7c0'], 'fourth');
      await steps.put('x8c0', 'first');
    },
  },
  {
    name: 'synced now and then',
    options: { journalSync: 'interval' },
    prepare: twoSnapshots,
    async run(steps) {
      await steps.put('x1c0', 'third');
      await steps.sync();
      await steps.put('x5c0', 'first');
      await steps.snapshot();
      await steps.put('x6c0', 'first');
      await steps.sync();
      await steps.sync();
      await steps.bulk(['x7c0', 'x8c0'], 'first');
    },
  },
];
