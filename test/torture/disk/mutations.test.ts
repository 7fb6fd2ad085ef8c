import { strict as assert } from 'node:assert';
import { register } from 'node:module';
import { test } from 'node:test';
import { Run } from '../torture.ts';
import { MUTATIONS } from './mutations.ts';

register('../mutation-loader.js', import.meta.url, { data: MUTATIONS });

const CUTS_MAX = 20_000;

/** How many cuts it takes until something is wrong with the store that has this defect; undefined when nothing is. */
async function cutsUntilCaught(index: number, firstSeed: number): Promise<{ cuts: number; message: string } | undefined> {
  const { runPowerCuts } = (await import(`./power-cuts.js?mutation=${index}`)) as typeof import('./power-cuts.ts');
  const run = new Run(firstSeed, CUTS_MAX, undefined, 1);
  await runPowerCuts(run);
  const [failure] = run.failures;
  return failure === undefined ? undefined : { cuts: failure.round, message: failure.message };
}

for (const [index, { name, firstSeed = 0 }] of MUTATIONS.entries()) {
  test(`the power cuts show it when ${name}`, async (context) => {
    const caught = await cutsUntilCaught(index, firstSeed);
    assert(caught !== undefined, `nothing was seen in ${CUTS_MAX} power cuts`);
    assert.doesNotMatch(caught.message, /the text stands in/);
    context.diagnostic(`after ${caught.cuts} power cuts: ${caught.message.split('\n')[0]}`);
  });
}
