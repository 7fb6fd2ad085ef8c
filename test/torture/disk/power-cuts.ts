import { messageOf } from '../../../src/faults.ts';
import { numbersFor, type Run, type Torture } from '../torture.ts';
import { type CutChecker, checkCut } from './check.ts';
import { powerCut } from './power-cut.ts';
import { type Between, runSequence, type Sequence } from './sequence.ts';

/**
 * Power cuts at any moment of the life of a store, with any part of what was not synced forgotten. A round is one power
 * cut; as many seeds in a row as this have a sequence of operations in common, so that it is run once for all of them.
 */
const CUTS_PER_SEQUENCE = 256;

export const powerCuts: Torture = {
  about: 'the power is cut at any moment, and the disk forgets any part of what was not synced',
  unit: 'cuts',
  usualRounds: 20_000,
  run: (run) => runPowerCuts(run),
};

/** @param between what stands between store and disk; a mutation of this harness changes it. */
export async function runPowerCuts(run: Run, between: Between = (files) => files): Promise<void> {
  let current: { readonly seed: number; readonly sequence: Sequence | undefined } | undefined;
  for (const seed of run.seeds()) {
    const sequenceSeed = Math.floor(seed / CUTS_PER_SEQUENCE);
    try {
      if (current?.seed !== sequenceSeed) {
        current = { seed: sequenceSeed, sequence: undefined };
        current = { seed: sequenceSeed, sequence: await runSequence(sequenceSeed, between) };
        run.count('sequences');
      }
      // One that failed has told so already.
      if (current.sequence === undefined) continue;
      run.count('cutsAfterCuts', (await cutOnce(current.sequence, seed, between)) - 1);
    } catch (error) {
      run.fail(seed, error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
    }
  }
}

/** @returns how many power cuts there were, one after the other. */
async function cutOnce({ site, stages }: Sequence, seed: number, between: Between): Promise<number> {
  const numbers = numbersFor(seed, 'cut');
  let at = numbers.below(stages.reduce((sum, { disk }) => sum + disk.changes.length + 1, 0));
  const stage = stages.find(({ disk }) => {
    if (at <= disk.changes.length) return true;
    at -= disk.changes.length + 1;
    return false;
  });
  if (stage === undefined) throw new RangeError('the moment is in one of the stages');
  const checker: CutChecker = { site, between, cuts: 0, opened: [] };
  try {
    await checkCut(checker, powerCut(stage.disk.base, stage.disk.changes, at, numbers), stage.ledger.expectation(at), numbers);
  } finally {
    for (const owner of checker.opened) owner.forget();
  }
  return checker.cuts;
}
