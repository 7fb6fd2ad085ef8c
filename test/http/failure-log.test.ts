import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FailureLog, LOG_STEP_MS, LOGGED_ADDRESSES_MAX } from '../../src/http/failure-log.ts';
import type { FrontLog } from '../../src/http/front-log.ts';

test('failures from more addresses than the log is told of are only counted, and each step begins anew', () => {
  let nowMs = 0;
  const lines: unknown[] = [];
  const ignore = (): void => undefined;
  const log: FrontLog = { isLevelEnabled: () => true, debug: ignore, info: ignore, warn: (fields) => lines.push(fields), error: ignore };
  const failures = new FailureLog(log, { nowMs: () => 0, monotonicMs: () => nowMs });
  for (let round = 0; round < 3; round++) {
    for (let address = 0; address < LOGGED_ADDRESSES_MAX + 5; address++) failures.count(`a${address}`, round === 0 ? 'wrong' : 'refused');
  }
  failures.flush();
  assert.deepEqual(lines, []);
  nowMs = LOG_STEP_MS;
  failures.flush();
  assert.deepEqual(lines[0], { address: 'a0', wrong: 1, refused: 2 });
  assert.deepEqual([lines.length, lines.at(-1)], [LOGGED_ADDRESSES_MAX + 1, { failures: 15 }]);
  failures.count('a24', 'wrong');
  nowMs += LOG_STEP_MS - 1;
  failures.flush();
  assert.equal(lines.length, LOGGED_ADDRESSES_MAX + 1);
  nowMs += 1;
  failures.flush();
  failures.flush(true);
  assert.deepEqual(lines.slice(LOGGED_ADDRESSES_MAX + 1), [{ address: 'a24', wrong: 1, refused: 0 }]);
});
