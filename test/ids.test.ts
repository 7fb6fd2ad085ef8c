import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newUuid } from '../src/ids.ts';
import { systemRandom } from '../src/random.ts';
import { handClock } from './support/hand-clock.ts';

const IDS = 20_000;

test('ids rise in the order in which they are made, also within one millisecond', () => {
  const clock = handClock();
  const random = systemRandom();
  const ids: string[] = [];
  for (let index = 0; index < IDS; index++) {
    if (index % 5000 === 4999) clock.ms += 1;
    ids.push(newUuid(clock, random));
  }
  assert.deepEqual(ids.toSorted(), ids);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids that two make in the same millisecond differ, and nobody can tell the next one from the last', () => {
  const clock = handClock();
  const sources = [systemRandom(), systemRandom()];
  const ids = sources.flatMap((random) => Array.from({ length: IDS }, () => newUuid(clock, random)));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(new Set(ids.map((id) => id.slice(-12))).size, ids.length);
});
