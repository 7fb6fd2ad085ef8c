import { messageOf } from '../../../src/faults.ts';
import type { KillEndpoint } from '../../support/kill-site.ts';
import { numbersFor, type Run, type Torture } from '../torture.ts';
import { Era } from './era.ts';

/**
 * A real server, many clients, SIGKILL: and after each restart the comparison with all that was acknowledged.
 *
 * A folder's seed decides what each client sends in each round, how the substrate misbehaves, and after how many acknowledged
 * writes and milliseconds the server is killed. In which order requests of different clients arrive, and what the server is
 * doing at that very moment, is up to the machine; that is what the many rounds are for.
 */
export const kills: Torture = {
  about: 'SIGKILL under load, and the comparison with all that was acknowledged',
  unit: 'rounds',
  usualRounds: 10_000,
  async run(run) {
    // A start is mostly work for one core. What fits into one folder is repeated as it was.
    const lanes = run.roundsMax <= ROUNDS_OF_FOLDER ? 1 : LANES;
    await Promise.all(Array.from({ length: lanes }, () => lane(run)));
  },
};

const LANES = 2;
/** So long a data folder is carried on. */
const ROUNDS_OF_FOLDER = 40;
const ENDPOINTS: readonly (readonly KillEndpoint[])[] = [
  [
    { name: 'thread-finds', isolation: 'thread', finds: true },
    { name: 'thread-blind', isolation: 'thread', finds: false },
  ],
  [{ name: 'process-finds', isolation: 'process', finds: true }],
];

/** One folder after another. */
async function lane(run: Run): Promise<void> {
  const seeds = run.seeds();
  for (const seed of seeds) {
    const era = await Era.begin(ENDPOINTS[seed % ENDPOINTS.length] ?? [], run);
    let rounds = 1;
    let keeps = false;
    try {
      for (; ; rounds++) {
        await era.round(roundSeed(seed, rounds), seed + rounds);
        if (rounds === ROUNDS_OF_FOLDER || seeds.next().done === true) break;
      }
      await era.end(seed);
    } catch (error) {
      keeps = true;
      run.fail(seed, `round ${rounds} of the folder ${era.site.directory}, which is kept: ${messageOf(error)}`, rounds);
    } finally {
      await era.close(keeps);
    }
  }
}

function roundSeed(folderSeed: number, round: number): number {
  return numbersFor(folderSeed, `round ${round}`).below(2 ** 31);
}
