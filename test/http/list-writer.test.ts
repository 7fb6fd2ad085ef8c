import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../bench/prng.ts';
import { ListWriter } from '../../src/http/list-writer.ts';
import type { ListForm } from '../../src/http/media-type.ts';
import type { Images } from '../../src/protocol/images.ts';
import { RecordReader } from '../../src/protocol/record-reader.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';

const RECORDS = 2000;
/** Some slabs full, so that neighbours end at the end of one. */
const BYTES_MAX = 8 * 1024;
const SOME_LARGE = 20;
const LARGER_THAN_A_PART = 700 * 1024;

test('a list has every record as it is, wherever they lie, however large they are, in parts that are not too large', () => {
  const memory = new SharedMemory();
  const view = new RecordReader();
  memory.show({ postMessage: (shown) => view.take(shown) });
  const log = new RecordLog(memory);
  const prng = new Prng(41);
  const images: string[] = [];
  const locations: number[] = [];
  for (let number = 0; number < RECORDS; number++) {
    const bytes = number % (RECORDS / SOME_LARGE) === 1 ? LARGER_THAN_A_PART : prng.below(number < RECORDS / 2 ? 300 : BYTES_MAX);
    const image = JSON.stringify({ number, text: '€'.repeat(prng.below(5)) + String(number % 10).repeat(bytes) });
    images.push(image);
    locations.push(log.put(image, number + 1, `key ${number}`));
  }
  const orders: Record<string, readonly number[]> = {
    'as they came': images.map((_, number) => number),
    'some of them gone': images.flatMap((_, number) => (prng.below(3) === 0 ? [] : [number])),
    'few left': images.flatMap((_, number) => (prng.below(40) === 0 ? [number] : [])),
    'the other way round': images.map((_, number) => RECORDS - 1 - number),
    'shuffled, some twice': images.map(() => prng.below(RECORDS)),
    'the last only': [RECORDS - 1],
    none: [],
  };
  for (const [order, numbers] of Object.entries(orders)) {
    const records = numbers.map((number) => images[number] ?? '');
    const addresses = Int32Array.from(numbers, (number) => locations[number] ?? 0);
    assert.ok(written(view, addresses, 'json') === `[${records.join(',')}]`, `${order}, as an array`);
    assert.ok(written(view, addresses, 'ndjson') === records.map((record) => `${record}\n`).join(''), `${order}, as lines`);
  }
});

/** All parts, each copied before the next one is asked for, as the network does. */
function written(view: Images, locations: Int32Array, form: ListForm): string {
  const writer = new ListWriter(view, locations, form, undefined);
  const parts: Buffer[] = [];
  do {
    const part = Buffer.from(writer.next());
    assert.ok(part.length <= LARGER_THAN_A_PART + 300 * 1024, 'no part is much larger than its largest record');
    assert.ok(part.length > 0 || writer.isDone, 'a part has something');
    parts.push(part);
  } while (!writer.isDone);
  return Buffer.concat(parts).toString();
}
