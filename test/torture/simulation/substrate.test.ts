import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../bench/prng.ts';
import type { PluginCall } from '../../../src/protocol/plugin-calls.ts';
import { Substrate } from './substrate.ts';
import { VirtualTime } from './virtual-time.ts';

const JOIN = 'the join';

/**
 * A reservation until 100 is renewed until 200, its server is killed, and the next one renews it until 150.
 * @returns what was wrong with that.
 */
function heardAgain(recordedAtRenewalMs: number, recordedAtStartMs: number): readonly unknown[] {
  const wrong: unknown[] = [];
  let recordedMs = 100;
  const nothing = (): void => undefined;
  const time = new VirtualTime();
  const substrate = new Substrate(
    time,
    new Prng(1),
    { isCalm: true },
    nothing,
    nothing,
    (error) => wrong.push(error),
    () => recordedMs,
  );
  const call = (made: PluginCall): void => {
    substrate.host('alpha').call(made, 1000);
    time.next(time.monotonicMs() + 1000)?.();
  };
  const renew = (untilMs: number): void =>
    call({ operation: 'renew', operationId: `until ${untilMs}`, input: { reservationId: 'r1', untilMs, joinProperties: { mark: 'm1' }, schedProperties: {} } });
  call({ operation: 'join', operationId: JOIN, input: { untilMs: 100, callerProperties: { mark: 'm1' } } });
  recordedMs = recordedAtRenewalMs;
  renew(200);
  substrate.serverDied();
  recordedMs = recordedAtStartMs;
  substrate.serverRecovered();
  renew(150);
  return wrong;
}

test('an end that was in no record goes back when its server is gone, and nothing else does', () => {
  assert.deepEqual(heardAgain(100, 100), [], 'it never got into the journal');
  assert.match(String(heardAgain(100, 200)), /went back from 200 to 150/, 'it got there later');
  assert.match(String(heardAgain(200, 100)), /went back from 200 to 150/, 'it was there, and must not be forgotten');
});
