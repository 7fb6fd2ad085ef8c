import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BodySource } from '../../src/http/body-source.ts';
import type { HttpResponse } from '../../src/http/transport.ts';

/** A body whose chunks come when a test says so, and whether its connection is paused. */
class Arriving {
  readonly source: BodySource;
  isPaused = false;
  #take: (chunk: ArrayBuffer, isLast: boolean) => void = () => undefined;

  constructor() {
    const res = {
      onData: (take: (chunk: ArrayBuffer, isLast: boolean) => void) => {
        this.#take = take;
      },
      pause: () => {
        this.isPaused = true;
      },
      resume: () => {
        this.isPaused = false;
      },
    };
    this.source = new BodySource(res as unknown as HttpResponse, undefined);
  }

  arrive(text: string, isLast = false): void {
    this.#take(new Uint8Array(Buffer.from(text)).buffer, isLast);
  }
}

test('what has come before it is asked for is one piece, in however many chunks it came', async () => {
  const body = new Arriving();
  for (const text of ['a', 'bc', 'd']) body.arrive(text);
  assert.equal(String(await body.source.next()), 'abcd');
  const next = body.source.next();
  body.arrive('e');
  assert.equal(String(await next), 'e');
  for (const text of ['f', 'g']) body.arrive(text);
  body.arrive('', true);
  assert.equal(String(await body.source.next()), 'fg');
  assert.equal(await body.source.next(), undefined);
});

test('a connection is paused while too much waits, and goes on when it has been taken', async () => {
  const body = new Arriving();
  for (let count = 0; count < 5; count++) body.arrive('x'.repeat(250_000));
  assert.equal(body.isPaused, true);
  assert.equal((await body.source.next())?.length, 1_250_000);
  assert.equal(body.isPaused, false);
});

test('a whole body that comes byte by byte takes the memory of its bytes, and not that of a chunk for each', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const chunks = 500_000;
  const body = new Arriving();
  const whole = body.source.readAll(chunks);
  collect();
  const beforeBytes = process.memoryUsage().heapUsed;
  for (let count = 0; count < chunks; count++) body.arrive(String(count % 10));
  collect();
  const takenBytes = process.memoryUsage().heapUsed - beforeBytes;
  body.arrive('', true);
  const read = await whole;
  assert.ok(takenBytes < 8 * 1024 * 1024, `${takenBytes} bytes`);
  assert.ok(read.ok && String(read.value) === '0123456789'.repeat(chunks / 10));
});

test('a whole body is refused or cut at whatever moment, and what was read by then is not taken for it', async () => {
  const long = 'x'.repeat(100_000);
  for (const before of [[], ['ab'], [long], [long, 'ab']]) {
    const cut = new Arriving();
    for (const text of before.slice(0, 1)) cut.arrive(text);
    const unread = cut.source.readAll(1_000_000);
    for (const text of before.slice(1)) cut.arrive(text);
    cut.source.release(true);
    assert.equal((await unread).ok, false);

    const refused = new Arriving();
    const tooLong = refused.source.readAll(before.join('').length + 1);
    for (const text of before) refused.arrive(text);
    refused.arrive('abc', true);
    const answer = await tooLong;
    assert.ok(!answer.ok && answer.fault.code === 'too-large');

    const complete = new Arriving();
    const read = complete.source.readAll(1_000_000);
    for (const text of before) complete.arrive(text);
    complete.arrive('', true);
    complete.source.release(false);
    assert.deepEqual(await read, { ok: true, value: Buffer.from(before.join('')) });
  }
});
