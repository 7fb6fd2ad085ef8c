import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { closest } from '../../src/config/closest.ts';
import { parseDurationMs, parseSizeBytes } from '../../src/config/units.ts';

test('durations have units and may have several parts', () => {
  for (const [text, ms] of [
    ['250ms', 250],
    ['60s', 60_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2w', 1_209_600_000],
  ] as const) {
    assert.equal(parseDurationMs(text), ms, text);
  }
  for (const text of ['', '5', 's', '-5s', '5 m', '5x', '1e3s']) assert.equal(parseDurationMs(text), undefined, text);
});

test('sizes know decimal and binary units', () => {
  for (const [text, bytes] of [
    ['10B', 10],
    ['1KiB', 1024],
    ['1kb', 1000],
    ['1.5MiB', 1_572_864],
    ['2 GiB', 2_147_483_648],
  ] as const)
    assert.equal(parseSizeBytes(text), bytes, text);
  for (const text of ['', '10', '-1KiB', '1PiB', 'KiB']) assert.equal(parseSizeBytes(text), undefined, text);
});

test('a suggestion is near to the word, or there is none', () => {
  assert.equal(closest('prot', ['port', 'host']), 'port');
  assert.equal(closest('journalsync', ['journalSync', 'lagMs']), 'journalSync');
  assert.equal(closest('zebra', ['port', 'host']), undefined);
});
