import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { requests } from './requests.ts';

/** A few thousand of the million. */
const ROUNDS = 4000;

test('whatever is sent, the server answers what it describes, shows no secret, and has the same state after a kill', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const run = new Run(seed, ROUNDS);
  await requests.run(run);
  context.diagnostic(JSON.stringify(run.counts));
  assert.deepEqual(
    run.failures.map(({ message, seed: at }) => `seed ${at}: ${message}`),
    [],
  );
  for (const status of [200, 201, 400, 401, 404, 405, 413, 415]) assert.ok((run.counts[`status${status}`] ?? 0) > 0, `${status} was never answered`);
});
