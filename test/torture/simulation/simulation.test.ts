import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { Life } from './life.ts';
import { MUTANTS, noticed } from './mutants.ts';
import { oneLife } from './simulation.ts';

const SEED = seedOfTests();
const LIVES = 10;
const STEPS = 250;

test('through kills, full and failing disks, lost owners, slow plugins and jumping clocks, a server does what a plain model says', async (context) => {
  context.diagnostic(`HOLDFAST_SEED=${SEED}`);
  const run = new Run(SEED, LIVES);
  for (const seed of run.seeds()) await oneLife(run, seed, STEPS);
  assert.deepEqual(run.failures, []);
});

test('a reservation that has begun to be renewed by the time that the interrupted ones are settled is no defect', async () => {
  const run = new Run(50_309, 1);
  await oneLife(run, run.seed, 400);
  assert.deepEqual(run.failures, []);
});

test('a life is the same again from the same seed', async (context) => {
  context.diagnostic(`HOLDFAST_SEED=${SEED}`);
  const first = await Life.live(SEED, STEPS);
  const second = await Life.live(SEED, STEPS);
  assert.equal(first.trace, second.trace);
  assert.notEqual((await Life.live(SEED + 1, STEPS)).trace, first.trace);
});

test('the simulation notices when unique values are judged without the batch so far', async () => {
  // One of the rules that `npm run torture -- simulation-mutants` takes out, each in a process of its own.
  const mutant = MUTANTS.findIndex(({ name }) => name === 'unique values are judged without the batch so far');
  assert.notEqual(await noticed(mutant, 0), undefined);
});
