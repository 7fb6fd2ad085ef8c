import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { DatabaseThreads } from '../../src/store/database-threads.ts';

test('a number of threads that could not be set fails the work that asked for it, and no later one', async () => {
  const asked: number[] = [];
  let isRefused = true;
  const threads = new DatabaseThreads(4, async (count) => {
    asked.push(count);
    if (isRefused) throw new Error('refused');
  });
  await assert.rejects(
    threads.alone(async () => 'done'),
    /refused/,
  );
  isRefused = false;
  assert.equal(await threads.alone(async () => 'done'), 'done');
  assert.deepEqual(asked, [1, 4, 1, 4]);
});
