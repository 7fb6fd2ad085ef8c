import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { jsonItems } from '../../src/cli/json-items.ts';
import { fc } from '../support/properties.ts';

async function* chunked(text: string, chunkBytes: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
}

async function itemsOf(text: string, chunkBytes = 7): Promise<[string, number][]> {
  const items: [string, number][] = [];
  for await (const { bytes, line } of jsonItems(chunked(text, chunkBytes))) items.push([bytes.toString().trim(), line]);
  return items;
}

test('items come out with their lines', async () => {
  assert.deepEqual(await itemsOf('[\n {"a":1},\n {"b":"]},{"}\n]\n'), [
    ['{"a":1}', 2],
    ['{"b":"]},{"}', 3],
  ]);
  assert.deepEqual(await itemsOf('{"a":1}\n\n{"b":2}'), [
    ['{"a":1}', 1],
    ['{"b":2}', 3],
  ]);
  assert.deepEqual(await itemsOf('{\n"a":\n1}\n{"b":2}\n'), [
    ['{\n"a":\n1}', 1],
    ['{"b":2}', 4],
  ]);
  assert.deepEqual(await itemsOf('\ufeff[{"a":1}]'), [['{"a":1}', 1]]);
  assert.deepEqual(await itemsOf(''), []);
  assert.deepEqual(await itemsOf('[]'), []);
});

test('a broken line does not take the next ones with it', async () => {
  assert.deepEqual(await itemsOf('{"a":1}\n{"b":"x\n{{{\n{"c":3}\n'), [
    ['{"a":1}', 1],
    ['{"b":"x', 2],
    ['{{{', 3],
    ['{"c":3}', 4],
  ]);
});

test('an array that ends too early is refused', async () => {
  await assert.rejects(itemsOf('[{"a":1},\n'), /ends inside its array/);
});

test('whatever JSON stands in an array or in lines comes out unchanged, however it is cut into chunks', async () => {
  const records = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (values, chunkBytes, indent) => {
      const list = await itemsOf(JSON.stringify(values, null, indent ? 2 : undefined), chunkBytes);
      assert.deepEqual(
        list.map(([text]) => JSON.parse(text) as unknown),
        JSON.parse(JSON.stringify(values)),
      );
      const lines = await itemsOf(values.map((value) => `${JSON.stringify(value)}\n`).join(''), chunkBytes);
      assert.deepEqual(
        lines.map(([text]) => JSON.parse(text) as unknown),
        JSON.parse(JSON.stringify(values)),
      );
    }),
  );
});
