import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Exchange } from '../../src/http/exchange.ts';
import type { FrontLog } from '../../src/http/front-log.ts';
import { REFUSED_LINES_MAX, REFUSED_LINES_PER_ADDRESS_MAX, RequestLog } from '../../src/http/request-log.ts';

interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function rig(level: 'info' | 'debug' = 'info'): { readonly lines: Line[]; readonly log: RequestLog; pass(ms: number): void } {
  let nowMs = 0;
  const lines: Line[] = [];
  const write = (fields: Line['fields'], message: string): void => void lines.push({ fields, message });
  const log: FrontLog = { isLevelEnabled: (asked) => asked === level, debug: write, info: write, warn: write, error: write };
  const requestLog = new RequestLog(log, { nowMs: () => 0, monotonicMs: () => nowMs });
  return {
    lines,
    log: requestLog,
    pass(ms) {
      nowMs += ms;
      requestLog.flush();
    },
  };
}

function refused(address: string, path = '/inventory/BMC'): Exchange {
  return {
    address,
    status: 401,
    isAgentCall: false,
    aborted: false,
    head: { method: 'POST', path, query: '', requestId: 'r', headers: {} },
  } as unknown as Exchange;
}

test('of one address, and of all, only so many refused writes are told in a second, and then how many there were besides', () => {
  const { lines, log, pass } = rig();
  for (let count = 0; count < 1000; count++) log.settled(refused('a'), 1);
  assert.equal(lines.length, REFUSED_LINES_PER_ADDRESS_MAX);
  log.settled(refused('b'), 1);
  assert.equal(lines.length, REFUSED_LINES_PER_ADDRESS_MAX + 1);
  for (let count = 0; count < 1000; count++) log.settled(refused(`c${count}`), 1);
  assert.equal(lines.length, REFUSED_LINES_MAX);
  pass(1000);
  const untold = 1000 + 1 + 1000 - REFUSED_LINES_MAX;
  assert.deepEqual(lines.slice(REFUSED_LINES_MAX), [{ fields: { requests: untold }, message: 'further writes were refused, too many to tell of each' }]);
  log.settled(refused('a'), 1);
  pass(1000);
  assert.equal(lines.length, REFUSED_LINES_MAX + 2);
});

test('a long path is told by its beginning', () => {
  const { lines, log } = rig();
  log.settled(refused('a', `/${'x'.repeat(8000)}`), 1);
  assert.equal(String(lines[0]?.fields['path']).length, 501);
});

test('at level debug every request is told', () => {
  const { lines, log } = rig('debug');
  for (let count = 0; count < 1000; count++) log.settled(refused('a'), 1);
  assert.equal(lines.length, 1000);
});
