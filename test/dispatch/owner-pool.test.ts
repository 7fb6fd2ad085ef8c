import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
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

test('who listens for the death of an idle thread hears also of one that was before', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  const pool = new OwnerPool({ directory, storeKey: randomBytes(32), journalSync: 'always' });
  (await pool.start()).shown.close();
  const [worker] = workers;
  assert(worker !== undefined);
  const ended = once(worker, 'exit');
  void worker.terminate();
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  const told: string[] = [];
  pool.onIdleDeath((reason) => told.push(reason));
  assert.equal(told.length, 1);
  (await pool.start()).shown.close();
  process.off('worker', note);
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});
