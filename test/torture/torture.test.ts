import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { numbersFor, Run } from './torture.ts';

test('a run has as many rounds as it was told, and the seed of each begins a run of its own', () => {
  const run = new Run(7, 3);
  assert.deepEqual([...run.seeds()], [7, 8, 9]);
  assert.deepEqual([...new Run(8, 1).seeds()], [8]);
  assert.equal(run.rounds, 3);
});

test('a run that keeps failing ends', () => {
  const run = new Run(1, 1_000_000);
  for (const seed of run.seeds()) run.fail(seed, 'again');
  assert.equal(run.failures.length, 20);
  assert.equal(run.failures[0]?.seed, 1);
});

test('the numbers of one purpose do not depend on those of another', () => {
  const alone = numbersFor(3, 'disk').next();
  const clients = numbersFor(3, 'clients');
  clients.next();
  assert.equal(numbersFor(3, 'disk').next(), alone);
  assert.notEqual(clients.next(), alone);
});
