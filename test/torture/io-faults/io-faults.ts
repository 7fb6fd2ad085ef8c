import { messageOf } from '../../../src/faults.ts';
import type { Run, Torture } from '../torture.ts';
import { combinationsOf, describe, runCombination, type Tables } from './sweep.ts';

/** Every call to the file system fails, in every way: a round is one call and one way. */

/** Neighbouring seeds are far apart in the list, so that a short run sees something of everything; a prime visits all. */
const STRIDE = 7919;

export function ioFaults(tables: Tables): Torture {
  return {
    about:
      tables === 'duckdb'
        ? 'the same with DuckDB behind the store'
        : 'each call to the file system fails in each way: EIO, ENOSPC, EROFS, EMFILE, short, late, twice, for good',
    unit: 'faults',
    // As many as there are.
    usualRounds: Number.POSITIVE_INFINITY,
    async run(run: Run): Promise<void> {
      const all = await combinationsOf(tables);
      run.count('combinations', all.length);
      for (const seed of run.seeds()) {
        const combination = all[(seed * STRIDE) % all.length];
        if (combination === undefined) return;
        try {
          await runCombination(combination);
        } catch (error) {
          run.fail(seed, `${describe(combination)}: ${messageOf(error)}`);
        }
        if (run.rounds === all.length) return;
      }
    },
  };
}
