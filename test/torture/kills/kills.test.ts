import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { kills } from './kills.ts';

const ROUNDS = 50;

test('whenever a server is killed under load, what was acknowledged is there, and what was not is there wholly or not at all', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const run = new Run(seed, ROUNDS);
  await kills.run(run);
  context.diagnostic(JSON.stringify(run.counts));
  assert.deepEqual(run.failures, []);
  assert.equal(run.rounds, ROUNDS);
  const { acknowledgedWrites = 0, acknowledgedRenewals = 0, acknowledgedJoins = 0, snapshots = 0 } = run.counts;
  assert.ok(Math.min(acknowledgedWrites, acknowledgedJoins, acknowledgedRenewals, snapshots) > 0, JSON.stringify(run.counts));
});
