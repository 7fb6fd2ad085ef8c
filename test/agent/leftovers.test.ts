import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { killLeftovers, killLeftoversOfCalls } from '../../src/agent/leftovers.ts';
import { TestLog } from './plugin-host-rig.ts';

const skip = process.platform === 'linux' ? false : 'needs /proc';
const instance = `leftovers-${process.pid}`;

async function sleeper(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { env: environment, stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  return child;
}

test('what an earlier server left behind is killed, and nothing else', { skip }, async () => {
  const log = new TestLog();
  const left = [await sleeper({ HOLDFAST_INSTANCE: instance }), await sleeper({ A: 'b', HOLDFAST_INSTANCE: instance, HOLDFAST_OPERATION_ID: 'op' })];
  const others = [await sleeper({ HOLDFAST_INSTANCE: `${instance}0` }), await sleeper({ NOT_HOLDFAST_INSTANCE: instance }), await sleeper({})];
  const exits = left.map((child) => once(child, 'exit'));
  assert.equal(killLeftovers(instance, log), 2);
  assert.deepEqual(
    (await Promise.all(exits)).map(([, signal]) => signal),
    ['SIGKILL', 'SIGKILL'],
  );
  assert.match(log.messages[0] ?? '', /^2 processes of plugins outlived an earlier server/);
  assert.equal(killLeftovers(instance, log), 0);
  for (const child of others) {
    assert.equal(child.exitCode ?? child.signalCode, null);
    child.kill('SIGKILL');
  }
});

test('of the processes of one server only those of the given calls are killed', { skip }, async () => {
  const log = new TestLog();
  const wanted = await sleeper({ HOLDFAST_INSTANCE: instance, HOLDFAST_OPERATION_ID: 'given-up' });
  const others = [
    await sleeper({ HOLDFAST_INSTANCE: instance, HOLDFAST_OPERATION_ID: 'running' }),
    await sleeper({ HOLDFAST_INSTANCE: 'another', HOLDFAST_OPERATION_ID: 'given-up' }),
  ];
  const exit = once(wanted, 'exit');
  assert.equal(killLeftoversOfCalls(instance, ['given-up', 'long-gone'], log), 1);
  assert.equal((await exit)[1], 'SIGKILL');
  assert.equal(killLeftoversOfCalls(instance, [], log), 0);
  for (const child of others) {
    assert.equal(child.exitCode ?? child.signalCode, null);
    child.kill('SIGKILL');
  }
});
