import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OwnerPool } from '../../src/dispatch/owner-pool.ts';
import { Rig } from '../store/rig.ts';

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

test('a recovery that is under way when the pool is closed ends before its end, and the next one has everything', async () => {
  const rig = await Rig.open();
  await rig.created('NodeCollection', { name: 'all', type: 'job', nodes: [] });
  await rig.close();
  const storeKey = Buffer.alloc(32, 7);
  const pool = new OwnerPool({ directory: rig.directory, storeKey, journalSync: 'always' });
  const starting = assert.rejects(pool.start(), /the start was stopped/);
  await pool.close();
  await starting;
  const next = new OwnerPool({ directory: rig.directory, storeKey, journalSync: 'always' });
  const { reply, shown } = await next.start();
  assert.equal(reply.status.sequence, 1);
  shown.close();
  await next.close();
});
