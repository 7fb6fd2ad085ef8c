import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { periodMs, type TimeUnit } from '../../src/agent/endpoint-config.ts';
import { parsePeriod, periodOf, periodText, periodTextOf } from '../../src/config/period.ts';
import { parseDurationMs } from '../../src/config/units.ts';
import { fc } from '../support/properties.ts';

test('a period of one part keeps its unit; of several parts it takes the largest that divides', () => {
  for (const [text, length, unit] of [
    ['3m', 3, 'MINUTE'],
    ['60m', 60, 'MINUTE'],
    ['180s', 180, 'SECOND'],
    ['7d', 7, 'DAY'],
    ['1w', 1, 'WEEK'],
    ['1h30m', 90, 'MINUTE'],
    ['1d24h', 2, 'DAY'],
    ['1.5h', 90, 'MINUTE'],
    ['60000ms', 1, 'MINUTE'],
    ['0', 0, 'SECOND'],
    ['0d', 0, 'DAY'],
  ] as const)
    assert.deepEqual(parsePeriod(text), { length, unit }, text);
  for (const text of ['', '3', '3 m', '500ms', '-1m', '3M', 'minute', '1y']) assert.match(String(parsePeriod(text)), /is no period like/, text);
  for (const text of ['11000d', '999999999w', '600w']) assert.match(String(parsePeriod(text)), /longer than 10 years/, text);
});

test('a period may be a length and a unit, in any case, singular or plural', () => {
  for (const unit of ['week', 'DAYS', 'Hour', ' minutes ', 'SECOND']) {
    const found = periodOf('2', unit);
    assert.ok(typeof found !== 'string', unit);
    assert.equal(found.unit, unit.trim().toUpperCase().replace(/S$/, ''));
  }
  assert.match(String(periodOf('2', 'month')), /"month" is none of week, day, hour, minute, second/);
  for (const length of ['', '-1', '1.5', 'x', '1e3', '9'.repeat(20)]) assert.match(String(periodOf(length, 'day')), /is no whole number of units/, length);
  assert.deepEqual(periodTextOf({ length: 3, unit: 'Minutes' }), { text: '3m' });
  assert.deepEqual(periodTextOf(0), { text: '0s' });
  for (const wrong of [5, null, [], {}, { length: 3 }, true]) assert.equal(typeof periodTextOf(wrong), 'string', JSON.stringify(wrong));
});

test('the text of a period is read back as the same period, and is as long as a duration', () => {
  const units = fc.constantFrom<TimeUnit>('WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND');
  fc.assert(
    fc.property(fc.record({ length: fc.nat(500), unit: units }, { noNullPrototype: true }), (period) => {
      assert.deepEqual(parsePeriod(periodText(period)), period);
      assert.equal(parseDurationMs(periodText(period)), periodMs(period));
    }),
  );
});
