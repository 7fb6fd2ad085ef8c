import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from './markdown.ts';
import { assertListsProved } from './proofs.ts';

const PAGE = readPage('docs/promises.md');
/** Limits of what is promised, which no test can show; and the list of contents. */
const WITHOUT_TESTS: ReadonlySet<string> = new Set(['Promises', 'What is not promised']);

test('every promise, and every fault that is withstood, names a test that is there', () => {
  assert.ok(assertListsProved(PAGE, WITHOUT_TESTS) >= 10, 'lists were found');
});
