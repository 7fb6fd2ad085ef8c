import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { BodySource } from '../../src/http/body-source.ts';
import { BulkBudget, BulkItems } from '../../src/http/bulk-items.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { ArraySplitter, type ItemSplitter, LineSplitter } from '../../src/http/item-splitter.ts';
import { FRONT_LIMITS } from '../../src/http/limits.ts';
import type { HttpResponse } from '../../src/http/transport.ts';
import { fc } from '../support/properties.ts';

/** The items of a text that comes in pieces of the given sizes; undefined when it is refused. */
function split(splitter: ItemSplitter, text: string, sizes: readonly number[]): unknown[] | undefined {
  const bytes = Buffer.from(text);
  const items: Buffer[] = [];
  let at = 0;
  for (let part = 0; at < bytes.length; part++) {
    const size = sizes[part % Math.max(1, sizes.length)] ?? bytes.length;
    const pushed = splitter.push(bytes.subarray(at, at + size));
    if (!pushed.ok) return undefined;
    items.push(...pushed.value);
    at += size;
  }
  const ended = splitter.end();
  return ended.ok ? [...items, ...ended.value].map((item) => JSON.parse(item.toString())) : undefined;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

test('any array of any JSON is cut into its elements, wherever its pieces end', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), sizes, fc.constantFrom(0, 2), (values, cuts, indent) => {
      const text = ` ${JSON.stringify(values, null, indent)}\n`;
      assert.deepEqual(split(new ArraySplitter(100_000), text, cuts), JSON.parse(text));
    }),
  );
});

test('any lines of any JSON are cut, with blank lines and line ends of either kind', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), sizes, fc.constantFrom('\n', '\r\n', '\n\n \n'), fc.boolean(), (values, cuts, separator, isEnded) => {
      const text = values.map((value) => JSON.stringify(value)).join(separator) + (isEnded ? separator : '');
      assert.deepEqual(split(new LineSplitter(100_000), text, cuts), JSON.parse(JSON.stringify(values)));
    }),
  );
});

test('a large piece of many short items is cut with turns for others in between, and into the same items', async () => {
  const lines = Buffer.from('1\n\n 2\r\n'.repeat(200_000));
  let arrive: (chunk: ArrayBuffer, isLast: boolean) => void = () => undefined;
  const onData = (take: typeof arrive): void => {
    arrive = take;
  };
  const res = { onData, pause: () => undefined, resume: () => undefined };
  const body = new BodySource(res as unknown as HttpResponse, undefined);
  const exchange = { touch: () => undefined, address: 'here' } as unknown as Exchange;
  const items = new BulkItems(exchange, body, new LineSplitter(100), FRONT_LIMITS, new BulkBudget(FRONT_LIMITS), undefined, undefined);
  arrive(new Uint8Array(lines).buffer, true);
  let turns = 0;
  let isCut = false;
  const count = (): void => {
    turns += 1;
    if (!isCut) setImmediate(count);
  };
  setImmediate(count);
  const piece = await items.next();
  isCut = true;
  assert(piece.ok && piece.value !== undefined);
  assert.deepEqual([piece.value.items.length, piece.value.bytes.length], [400_000, lines.length]);
  assert(piece.value.items.every((item, index) => Number(item) === 1 + (index % 2)));
  assert(turns > 1, `${turns} turns`);
});

test('what is no array is refused', () => {
  for (const text of ['', '{}', '[', '[1', '[1,]', '[,1]', '[1,,2]', '[1] 2', '[1]]', '1,2', '["a]']) {
    assert.equal(split(new ArraySplitter(100), text, [1]), undefined, text);
  }
  assert.deepEqual(split(new ArraySplitter(100), '[]', [1]), []);
});

test('an element that is too large is refused before it is complete', () => {
  for (const splitter of [new ArraySplitter(10), new LineSplitter(10)]) {
    const pushed = splitter.push(Buffer.from(`[${'1'.repeat(12)}`));
    assert.equal(pushed.ok ? undefined : pushed.fault.code, 'too-large');
  }
});
