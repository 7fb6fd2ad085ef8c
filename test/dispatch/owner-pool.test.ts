import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OwnerPool } from '../../src/dispatch/owner-pool.ts';

// Ended while it loads DuckDB's native part, the thread takes the whole process with it (SIGABRT, now and then).
test('a thread that is still starting is not ended before it has started', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  const pool = new OwnerPool({ directory, storeKey: randomBytes(32), journalSync: 'always' });
  const order: string[] = [];
  const started = pool.start().then(
    () => order.push('started'),
    () => order.push('failed'),
  );
  await Promise.all([started, pool.close().then(() => order.push('closed'))]);
  assert.deepEqual(order, ['started', 'closed']);
  rmSync(directory, { recursive: true, force: true });
});
