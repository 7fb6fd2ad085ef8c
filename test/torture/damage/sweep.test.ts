import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { everyByte } from './sweep.ts';

test('a flipped bit or a cut anywhere costs at most the last write, is told, and is the same at the next start', async (context) => {
  const run = new Run(seedOfTests(), 150);
  context.diagnostic(`HOLDFAST_SEED=${run.seed}`);
  await everyByte.run(run);
  context.diagnostic(JSON.stringify(run.counts));
  assert.deepEqual(run.failures, []);
});
