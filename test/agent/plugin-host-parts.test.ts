import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallQueue } from '../../src/agent/plugin-host/call-queue.ts';
import { EarliestLimit } from '../../src/agent/plugin-host/earliest-limit.ts';
import { RestartPause } from '../../src/agent/plugin-host/restart-pause.ts';
import type { Room } from '../../src/agent/plugin-host/room.ts';
import { ThreadRooms } from '../../src/agent/plugin-host/thread-rooms.ts';
import { JsonLineReader, jsonLine } from '../../src/plugin-host/json-lines.ts';
import { LineBudget } from '../../src/plugin-host/line-budget.ts';
import { LineSplitter } from '../../src/plugin-host/line-splitter.ts';
import type { PluginOperation } from '../../src/protocol/plugin-calls.ts';
import { endpointConfig, eventually, INSTANCE } from './plugin-host-rig.ts';

function read(bytes: Buffer, chunkBytes: number, bytesMax?: number): { messages: unknown[]; flaws: string[] } {
  const messages: unknown[] = [];
  const flaws: string[] = [];
  const reader = new JsonLineReader(
    (message) => messages.push(message),
    (flaw) => flaws.push(flaw),
    bytesMax,
  );
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  return { messages, flaws };
}

test('messages survive however the pipe cuts them', () => {
  const sent = [{ text: 'é\n😀 \ud800' }, [], 'x'.repeat(1000), { type: 'call', id: 1 }];
  const bytes = Buffer.from(sent.map(jsonLine).join(''));
  for (const chunkBytes of [1, 2, 7, 64, bytes.length]) assert.deepEqual(read(bytes, chunkBytes), { messages: sent, flaws: [] });
});

test('a message without end is cut off at the limit, and nothing is read after a flaw', () => {
  const endless = read(Buffer.from(`{"a":1}\n${'x'.repeat(500)}\n{"b":2}\n`), 16, 100);
  assert.deepEqual(endless, { messages: [{ a: 1 }], flaws: ['a message of more than 100 bytes'] });
  assert.deepEqual(read(Buffer.from('{"a":1}\nnonsense\n{"b":2}\n'), 1000), { messages: [{ a: 1 }], flaws: ['something that is no JSON'] });
});

test('output is cut into lines, and long lines are cut short', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  const euro = Buffer.from('€');
  for (const chunk of ['one\ntw', 'o\n', euro.subarray(0, 1), euro.subarray(1), `\n${'x'.repeat(5000)}`, 'y'.repeat(5000), '\nlast']) splitter.push(chunk);
  splitter.end();
  assert.deepEqual(lines, ['one', 'two', '€', `${'x'.repeat(4096)}…`, 'last']);
});

test('lines beyond the budget of a second are counted, and the next second has a budget of its own', () => {
  let nowMs = 0;
  const budget = new LineBudget(2, () => nowMs);
  assert.deepEqual([budget.take(), budget.take(), budget.take(), budget.take()], [true, true, false, false]);
  nowMs = 1000;
  assert.equal(budget.take(), true);
  assert.equal(budget.takeLeftOut(), 2);
  assert.equal(budget.takeLeftOut(), 0);
});

test('calls of one sort leave the queue in the order in which they came, and a full one takes no more', () => {
  const queue = new CallQueue<number>(1000);
  const taken: (number | undefined)[] = [];
  for (let round = 0; round < 10; round++) {
    for (let index = 0; index < 100; index++) queue.push(round * 100 + index, 'join');
    for (let index = 0; index < 50; index++) taken.push(queue.shift());
  }
  assert.equal(queue.length, 500);
  while (queue.length > 0) taken.push(queue.shift());
  assert.deepEqual(
    taken,
    Array.from({ length: 1000 }, (_, index) => index),
  );
  assert.equal(queue.shift(), undefined);
  const small = new CallQueue<string>(2);
  const push = (entry: string): boolean => small.push(entry, 'join');
  assert.deepEqual([push('a'), push('b'), push('c'), small.shift(), push('d')], [true, true, false, 'a', true]);
});

test('renewals and leaves leave the queue first, then what recovery asks, then what changes something, then what looks', () => {
  const queue = new CallQueue<string>(10);
  for (const operation of ['status', 'join', 'list', 'find', 'modify', 'leave', 'join', 'renew'] as const) queue.push(operation, operation);
  const taken: (string | undefined)[] = [];
  while (!queue.isEmpty) taken.push(queue.shift());
  assert.deepEqual(taken, ['leave', 'renew', 'find', 'join', 'modify', 'join', 'status', 'list']);
});

test('a queue that is full of joins takes renewals and leaves, up to a limit of their own', () => {
  const queue = new CallQueue<string>(2);
  const push = (operation: PluginOperation): boolean => queue.push(operation, operation);
  assert.deepEqual([push('join'), push('status'), push('modify'), push('find'), push('list')], [true, true, false, false, false]);
  assert.deepEqual([push('renew'), push('leave'), push('renew'), push('leave')], [true, true, false, false]);
  assert.deepEqual([queue.length, queue.urgentLength], [2, 2]);
});

test('a limit can be made shorter, but not longer, and passes once', async () => {
  let passed = 0;
  const limit = new EarliestLimit(() => {
    passed += 1;
  });
  limit.shorten(60_000);
  limit.shorten(20);
  limit.shorten(60_000);
  assert.equal(limit.hasPassed, false);
  await eventually(() => limit.hasPassed);
  limit.pass();
  limit.shorten(0);
  assert.equal(passed, 1);
});

test('a plugin that died is started again at once, until it dies too often', () => {
  let nowMs = 0;
  const pause = new RestartPause(() => nowMs);
  const pauses = Array.from({ length: 6 }, () => {
    const { pauseMs } = pause;
    pause.died();
    nowMs += 100;
    return pauseMs;
  });
  assert.deepEqual(pauses, [0, 0, 0, 0, 0, 2000]);
  nowMs += 10_000;
  assert.equal(pause.pauseMs, 0);
});

test('threads are made again even after the pool has given up because they die while they boot', async () => {
  const endpoint = endpointConfig({ memoryMiB: 1 });
  const rooms = new ThreadRooms(
    endpoint,
    { endpoint: endpoint.name, plugin: 'null', exportName: 'default', resolveFrom: '/', configText: null, properties: {}, instance: INSTANCE },
    {},
  );
  const opened: Room[] = [];
  const ends: string[] = [];
  rooms.open({
    opened: (room) => {
      opened.push(room);
      room.start().catch(() => undefined);
    },
    ending: () => undefined,
    ended: (_room, why) => ends.push(why),
    said: () => undefined,
  });
  await eventually(() => opened.length >= 2 && ends.length >= 2);
  assert.match(ends[0] ?? '', /needed more than its 1 MiB of memory/);
  rooms.close();
});
