import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Run, seedOfTests } from '../torture.ts';
import { ioFaults } from './io-faults.ts';

for (const [tables, rounds] of [
  ['plain', 60],
  ['duckdb', 12],
] as const) {
  test(`whichever call to the file system fails, and however, nothing acknowledged is lost and nothing refused is kept (${tables} tables)`, async (context) => {
    const seed = seedOfTests();
    context.diagnostic(`HOLDFAST_SEED=${seed}`);
    const run = new Run(seed, rounds);
    await ioFaults(tables).run(run);
    assert.deepEqual(run.failures, []);
    assert((run.counts['combinations'] ?? 0) > 2000);
  });
}
