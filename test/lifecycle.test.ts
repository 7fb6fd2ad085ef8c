import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Lifecycle, type ProcessControl } from '../src/lifecycle.ts';
import type { Log } from '../src/log.ts';

function recordingLog(lines: string[]): Log {
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { isLevelEnabled: () => true, debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** A process whose signals the test sends, and whose exit it waits for. */
function fakeProcess(): ProcessControl & { send(signal: 'SIGTERM' | 'SIGINT'): void; readonly exits: number[]; readonly exited: Promise<number> } {
  const handlers = new Map<string, () => void>();
  const exits: number[] = [];
  let settle: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    settle = resolve;
  });
  return {
    on: (signal, handler) => handlers.set(signal, handler),
    exit: (code) => {
      exits.push(code);
      settle(code);
    },
    send: (signal) => handlers.get(signal)?.(),
    exits,
    exited,
  };
}

test('what was started last is stopped first, and once', async () => {
  const order: string[] = [];
  const lifecycle = new Lifecycle(recordingLog([]), fakeProcess());
  for (const name of ['lock', 'owner', 'http']) lifecycle.onStop(name, () => void order.push(name));
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  assert.deepEqual(order, ['http', 'owner', 'lock']);
  assert.equal(lifecycle.stopping, true);
});

test('a step that fails is logged and does not keep the others from stopping', async () => {
  const lines: string[] = [];
  const order: string[] = [];
  const lifecycle = new Lifecycle(recordingLog(lines), fakeProcess());
  lifecycle.onStop('first', () => void order.push('first'));
  lifecycle.onStop('rejects', () => Promise.reject(new Error('no')));
  lifecycle.onStop('throws', () => {
    throw new Error('never');
  });
  await lifecycle.stop();
  assert.deepEqual(order, ['first']);
  assert.equal(lines.filter((line) => line.startsWith('error a part failed to stop')).length, 2);
});

test('a step that never ends is left behind after its time', async () => {
  const lines: string[] = [];
  let stopped = false;
  const lifecycle = new Lifecycle(recordingLog(lines), fakeProcess());
  lifecycle.onStop('first', () => {
    stopped = true;
  });
  lifecycle.onStop('hangs', () => new Promise(() => undefined), 5);
  await lifecycle.stop();
  assert.equal(stopped, true);
  assert.match(lines.join('\n'), /did not stop in time.*"step":"hangs"/);
});

test('the first signal stops and exits with 0', async () => {
  const control = fakeProcess();
  const lifecycle = new Lifecycle(recordingLog([]), control);
  const reasons: string[] = [];
  lifecycle.onStop('part', (reason) => void reasons.push(reason));
  lifecycle.handleSignals();
  control.send('SIGTERM');
  assert.equal(await control.exited, 0);
  assert.deepEqual(reasons, ['stop']);
});

test('the second signal exits at once, with the code of that signal', () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const control = fakeProcess();
    const lifecycle = new Lifecycle(recordingLog([]), control);
    lifecycle.onStop('hangs', () => new Promise(() => undefined), 5);
    lifecycle.handleSignals();
    control.send('SIGTERM');
    control.send(signal);
    assert.deepEqual(control.exits, [code]);
  }
});

test('a crash tells the steps so and exits with its code, also while stopping', async () => {
  const control = fakeProcess();
  const lifecycle = new Lifecycle(recordingLog([]), control);
  const reasons: string[] = [];
  lifecycle.onStop('part', (reason) => void reasons.push(reason));
  lifecycle.crash('fsync failed', 74);
  lifecycle.crash('again', 1);
  assert.equal(await control.exited, 74);
  assert.deepEqual(reasons, ['crash']);
  assert.deepEqual(control.exits, [74]);
});
