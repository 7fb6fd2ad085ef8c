import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LongAnswers } from '../../src/http/long-answers.ts';

test('there are only so many long answers at once', () => {
  const answers = new LongAnswers(2, 2, 1);
  answers.enter('a');
  answers.enter('b');
  assert.equal(answers.refusalFor('c')?.code, 'overloaded');
  answers.leave('a');
  assert.deepEqual([answers.refusalFor('c'), answers.length], [undefined, 1]);
});

test('one address has a share of the long answers, and others have theirs', () => {
  const answers = new LongAnswers(3, 1, 1);
  answers.enter('a');
  assert.deepEqual([answers.refusalFor('a')?.code, answers.refusalFor('b'), answers.turnedAway], ['too-many-requests', undefined, 1]);
  answers.leave('a');
  assert.equal(answers.refusalFor('a'), undefined);
});

test('in each turn of the event loop a few parts are made, of one answer after the other', async () => {
  const answers = new LongAnswers(10, 10, 2);
  const made: string[] = [];
  let turn = 0;
  const counting = setInterval(() => undefined, 1000);
  const count = (): void => {
    turn += 1;
    if (made.length < 9) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      for (let part = 0; part < 3; part++) {
        await answers.turn();
        made.push(`${turn} ${name}`);
      }
    }),
  );
  clearInterval(counting);
  const turns = made.map((text) => text.split(' ')[0]);
  assert.deepEqual(
    made.map((text) => text.split(' ')[1]),
    ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c'],
  );
  for (const one of new Set(turns)) assert.ok(turns.filter((other) => other === one).length <= 2, made.join(', '));
});
