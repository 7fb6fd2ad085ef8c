import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { kills } from './kills.ts';

/** Of each folder: one with plugins in threads, and one with a plugin in a process. */
const ROUNDS = 8;
const FOLDERS = 2;
const KINDS = ['killsBesideLoad', 'killsBesideSnapshot', 'killsAfterSnapshot', 'killsBesideStop', 'killsOfStarts'];
const ACKNOWLEDGED = ['acknowledgedWrites', 'acknowledgedJoins', 'acknowledgedRenewals', 'snapshots'];

test('whenever a server is killed under load, what was acknowledged is there, and what was not is there wholly or not at all', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const counts: Record<string, number> = {};
  for (let folder = 0; folder < FOLDERS; folder++) {
    const run = new Run(seed + folder, ROUNDS);
    await kills.run(run);
    assert.deepEqual(run.failures, []);
    assert.equal(run.rounds, ROUNDS);
    for (const [name, count] of Object.entries(run.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  context.diagnostic(JSON.stringify(counts));
  assert.deepEqual(
    [...KINDS, ...ACKNOWLEDGED].filter((name) => (counts[name] ?? 0) === 0),
    [],
    'every kind of kill, and every kind of promise, is among them',
  );
});
