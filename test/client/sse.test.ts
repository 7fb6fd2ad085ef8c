import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser } from '../../src/client/sse.ts';

const STREAM = Buffer.from(
  '\uFEFF: hello\r\n\r\nid: 1-1\r\ndata: {"a":"ü€😀"}\r\n\r\n:\n\ndata:two\ndata: lines\nid: 1-2\n\nevent: x\nretry: 5\n\rdata\r\rid: 1-3\ndata: half',
);
const MESSAGES = [
  { id: '1-1', data: '{"a":"ü€😀"}' },
  { id: '1-2', data: 'two\nlines' },
  { id: undefined, data: '' },
];

test('messages are the same wherever the stream is cut, in the middle of characters and line ends too', () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const parser = new SseParser();
    const found: unknown[] = [];
    for (let at = 0; at < STREAM.length; at += size) found.push(...parser.push(STREAM.subarray(at, at + size)));
    assert.deepEqual(found, MESSAGES, `in pieces of ${size} bytes`);
  }
});

test('what is no UTF-8 is refused', () => {
  assert.throws(() => [...new SseParser().push(Buffer.from([0x64, 0xff, 0x0a]))], { code: 'unexpected-answer' });
});

test('a message without end does not fill the memory', () => {
  const parser = new SseParser();
  const piece = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n`);
  assert.throws(() => {
    for (let count = 0; count < 25; count++) assert.deepEqual([...parser.push(piece)], []);
  }, /longer than/);
});
