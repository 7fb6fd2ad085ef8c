import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lacks } from '../../support/lacks.ts';
import { Run, seedOfTests } from '../torture.ts';
import { samplePoints } from './points.ts';

const POINTS = 3;

test('a server that is killed at any of its system calls is what it was before that, or after', async (context) => {
  if (lacks(context, 'strace', ['-f', '-qq', '-o', '/dev/null', 'true'])) return;
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const run = new Run(seed, POINTS);
  await samplePoints(run);
  context.diagnostic(JSON.stringify(run.counts));
  assert.deepEqual(run.failures, []);
});
