import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../src/agent/deadlines.ts';
import { fc } from '../support/properties.ts';

const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('set' as const), key: fc.nat(40), deadlineMs: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), key: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('due' as const), nowMs: fc.nat(1000) }) },
);

test('whatever is set, changed and deleted, what is due comes out once and in order', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const deadlines = new Deadlines();
      const model = new Map<string, number>();
      for (const each of changes) {
        if (each.type === 'set') {
          deadlines.set(String(each.key), each.deadlineMs);
          model.set(String(each.key), each.deadlineMs);
        } else if (each.type === 'delete') {
          deadlines.delete(String(each.key));
          model.delete(String(each.key));
        } else {
          const due = [...model].filter(([, deadlineMs]) => deadlineMs <= each.nowMs);
          const taken = deadlines.takeDue(each.nowMs);
          assert.deepEqual([...taken].sort(), due.map(([key]) => key).sort());
          const times = taken.map((key) => model.get(key) ?? 0);
          assert.deepEqual(
            times,
            [...times].sort((a, b) => a - b),
          );
          for (const [key] of due) model.delete(key);
        }
        assert.equal(deadlines.size, model.size);
      }
    }),
  );
});

test('deadlines that change again and again do not pile up', () => {
  const deadlines = new Deadlines();
  for (let round = 0; round < 100_000; round++) deadlines.set(String(round % 10), round);
  assert.equal(deadlines.size, 10);
  assert.equal(deadlines.takeDue(100_000).length, 10);
});
