import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { ioFaults } from './io-faults.ts';

const ROUNDS = 24;

test('whichever call to the file system fails, and however, nothing acknowledged is lost and nothing refused is kept', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const run = new Run(seed, ROUNDS);
  await ioFaults({}).run(run);
  assert.deepEqual(run.failures, []);
  assert((run.counts['combinations'] ?? 0) > 2000);
});
