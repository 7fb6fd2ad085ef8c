import { register } from 'node:module';
import { messageOf } from '../../../src/faults.ts';
import { MUTANTS } from './mutants.ts';

/** `node mutant-life.js MUTANT SEED LIVES`: lives with a rule taken out until something is noticed, and says what. */

const [mutant = 0, seed = 0, lives = 0] = process.argv.slice(2).map(Number);
register('../mutation-loader.js', import.meta.url, { data: MUTANTS });
const { Life } = (await import(`./life.js?mutation=${mutant}`)) as typeof import('./life.ts');
const STEPS = 250;

async function firstNoticed(): Promise<string> {
  for (let life = 0; life < lives; life++) {
    try {
      await Life.live(seed + life, STEPS);
    } catch (error) {
      return `after ${life + 1} lives: ${messageOf(error).split('\n')[0]?.slice(0, 300) ?? ''}\n`;
    }
  }
  return '';
}

process.stdout.write(await firstNoticed());
