import { messageOf } from '../../../src/faults.ts';
import { numbersFor, type Run, type Torture } from '../torture.ts';
import { Era } from './era.ts';
import type { KillPoint } from './plan.ts';

/**
 * SIGKILL at every system call: the n-th of its kind that a thread of the server makes, for n = 1, 2, 3 … until a whole
 * life of a server goes by without it: recovery of a torn journal, writes of all forms, segments that end and are
 * deleted, snapshots, retention, the end. After each the same comparison as after a kill under load.
 */
export const points: Torture = {
  about: 'SIGKILL at every system call that changes the data folder (needs strace)',
  unit: 'kills',
  usualRounds: 400,
  run: sweep,
};

/** How the server changes files, and makes that durable. */
const CALLS = ['ftruncate', 'mkdir', 'pwrite64', 'fdatasync', 'fsync', 'rename', 'unlink', 'rmdir'] as const;
/** More calls of one kind than a server's life has. */
const WHEN_MAX = 200;
/** Where a sample is taken from: most lives have so many. */
const SAMPLED_WHEN_MAX = 10;

async function sweep(run: Run): Promise<void> {
  const seeds = run.seeds();
  for (;;) {
    for (const call of CALLS) {
      const points = Array.from({ length: WHEN_MAX }, (_, index) => ({ call, when: index + 1 }));
      if (await onFolder(run, seeds, points, true)) return;
    }
  }
}

/** A few of all points, in one folder. */
export async function samplePoints(run: Run): Promise<void> {
  const random = numbersFor(run.seed, 'points');
  const points = Array.from({ length: run.roundsMax }, () => ({ call: random.pick(CALLS), when: 1 + random.below(SAMPLED_WHEN_MAX) }));
  await onFolder(run, run.seeds(), points, false);
}

/** @param endsWithLife when a server has lived to its end there are no more points of that kind. @returns whether the run has had its rounds. */
async function onFolder(run: Run, seeds: Generator<number>, points: readonly KillPoint[], endsWithLife: boolean): Promise<boolean> {
  const era = await Era.begin([], run, { snapshotEvery: '20d', journalKeep: '64KiB' });
  let keeps = false;
  let at = '';
  try {
    for (const point of points) {
      const next = seeds.next();
      if (next.done === true) return true;
      at = `${point.call} ${point.when}`;
      const wasKilled = await era.point(next.value, point);
      run.count(wasKilled ? `killsAt ${point.call}` : 'lives');
      if (!wasKilled && endsWithLife) break;
    }
    await era.end(run.seed);
  } catch (error) {
    keeps = true;
    run.fail(run.seed, `at ${at}, in the folder ${era.site.directory}, which is kept: ${messageOf(error)}`, run.rounds);
  } finally {
    await era.close(keeps);
  }
  return false;
}
