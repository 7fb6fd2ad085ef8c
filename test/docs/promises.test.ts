import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage, tableOf } from './markdown.ts';
import { assertProved } from './proofs.ts';

const PAGE = readPage('docs/promises.md');

test('every promise names the tests that prove it, and they are there', () => {
  const rows = tableOf(PAGE, 'Promise');
  assert.ok(rows.length >= 10);
  for (const row of rows) assertProved(row['What it says'] ?? '', row['Proved by'] ?? '');
});
