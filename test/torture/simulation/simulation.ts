import { messageOf } from '../../../src/faults.ts';
import type { Run, Torture } from '../torture.ts';
import { Life } from './life.ts';

/** The real store and agent without threads, on a simulated disk, clock and substrate, against a plain model. */

const STEPS = 400;

export const simulation: Torture = {
  about: 'lives of the server against a plain model: kills, full and failing disks, slow plugins, jumping clocks',
  unit: 'lives',
  usualRounds: 1000,
  async run(run: Run) {
    for (const seed of run.seeds()) await oneLife(run, seed, STEPS);
  },
};

export async function oneLife(run: Run, seed: number, steps: number): Promise<void> {
  try {
    const { counts } = await Life.live(seed, steps);
    for (const [name, count] of counts) run.count(name, count);
  } catch (error) {
    run.fail(seed, messageOf(error));
  }
}
