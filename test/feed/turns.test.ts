import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Turns } from '../../src/feed/turns.ts';
import { turn } from './feed-simulation.ts';

test('a turn has so many bytes, whoever asks first comes first, and what is larger than a turn has one for itself', async () => {
  const turns = new Turns(10);
  const begun: number[] = [];
  for (const bytes of [4, 5, 6, 30, 1]) void turns.take(bytes).then(() => begun.push(bytes));
  await Promise.resolve();
  const seen: number[][] = [];
  for (let count = 0; count < 3; count++) {
    seen.push(begun.splice(0));
    await turn();
  }
  assert.deepEqual(seen, [[4, 5, 6], [30], [1]]);
});
