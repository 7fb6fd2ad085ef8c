import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Distribution } from '../../src/distribution.ts';
import { Background } from '../../src/metrics/background.ts';
import { counter, gauge, histogram, one, type Sample } from '../../src/metrics/metric.ts';
import { registryOf } from '../../src/metrics/registry.ts';
import { Scrape } from '../support/scrape.ts';

test('a distribution counts a value for the first bound that it does not exceed', () => {
  const seconds = new Distribution([1, 5, 10]);
  for (const value of [0, 1, 1.5, 5, 10, 11, 1000]) seconds.add(value);
  seconds.add(2, 16);
  assert.deepEqual(seconds.counts, [2, 18, 1, 2]);
  assert.equal(seconds.sum, 1028.5 + 32);
});

test('a distribution is scraped as the histogram that it is: cumulative, with everything in +Inf', async () => {
  const seconds = new Distribution([0.5, 1]);
  for (const value of [0.1, 0.7, 0.8, 30]) seconds.add(value);
  const registry = registryOf([histogram('some_seconds', 'Some.', ['endpoint'], () => [[seconds, 'one']])]);
  const scrape = new Scrape(await registry.metrics());
  const bucket = (le: string): number | undefined => scrape.value('some_seconds_bucket', { endpoint: 'one', le });
  assert.deepEqual([bucket('0.5'), bucket('1'), bucket('+Inf')], [1, 3, 4]);
  assert.deepEqual([scrape.value('some_seconds_count'), scrape.value('some_seconds_sum')], [4, 31.6]);
});

test('what is not known is left out, what is gone is gone, and labels are written so that they can be read back', async () => {
  let known: number | undefined = 7;
  let samples: readonly Sample[] = [
    [1, 'a"\\\nb'],
    [2, 'second'],
  ];
  const registry = registryOf([
    gauge('a_gauge', 'A.', [], () => one(known)),
    counter('b_total', 'B.', [], () => one(known)),
    counter('c_total', 'C.', ['name'], () => samples),
  ]);
  const first = new Scrape(await registry.metrics());
  assert.deepEqual([first.value('a_gauge'), first.value('b_total'), first.value('c_total')], [7, 7, 3]);
  assert.match(first.text, /^c_total\{name="a\\"\\\\\\nb"\} 1$/m);
  known = undefined;
  samples = [[5, 'second']];
  const second = new Scrape(await registry.metrics());
  assert.deepEqual([second.value('a_gauge'), second.value('b_total'), second.value('c_total')], [undefined, undefined, 5]);
  assert.deepEqual([...second.types], [...first.types]);
});

test('a fact that takes its time is told as it was last, and nobody waits for it', async () => {
  const asked: ((value: number) => void)[] = [];
  const fact = new Background(() => new Promise<number>((resolve) => asked.push(resolve)));
  assert.equal(fact.take(), undefined);
  assert.equal(asked.length, 1, 'it is asked for once at a time');
  asked[0]?.(5);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fact.take(), 5);
  assert.equal(fact.take(), 5);
  assert.equal(asked.length, 2);
});

test('a fact that cannot be found any more is not told any more', async () => {
  let fails = false;
  const fact = new Background(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(1)));
  await new Promise((resolve) => setImmediate(resolve));
  fails = true;
  assert.equal(fact.take(), 1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fact.take(), undefined);
});
