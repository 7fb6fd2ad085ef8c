import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Log } from '../../src/log.ts';
import { watchLoop } from '../../src/schedule/loop-watch.ts';

test('a main thread that was held up for a second is told, once, with the time; small delays are not', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const clock = { ms: 0, monotonicMs: () => clock.ms, nowMs: () => clock.ms };
  const lines: unknown[] = [];
  const stop = watchLoop(clock, { warn: (fields: unknown) => lines.push(fields) } as unknown as Log);
  for (const passedMs of [250, 400, 250, 3250, 250, 1200]) {
    clock.ms += passedMs;
    context.mock.timers.tick(250);
  }
  assert.deepEqual(lines, [{ lateMs: 3000 }]);
  stop();
});
