import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPluginHost } from '../src/agent/plugin-host/plugin-host.ts';
import { OwnerPool } from '../src/dispatch/owner-pool.ts';
import { JournalThread } from '../src/feed/journal-thread.ts';
import { ThreadPool, threadsLoaded } from '../src/thread-pool.ts';
import { endpointConfig, INSTANCE, TestLog } from './agent/plugin-host-rig.ts';
import { countEarlyEnds } from './support/early-ends.ts';
import { temporaryFolder } from './support/server-process.ts';

/** Ended while it links its module, a thread takes the whole process with it (SIGABRT, now and then). */

test('a pool ends when all of its threads have loaded their module, also those that took the place of others', async (context) => {
  const earlyEnds = countEarlyEnds(context);
  const file = join(temporaryFolder(context), 'slow.mjs');
  writeFileSync(
    file,
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);\nexport default (words) => { if (words === "die") throw process.exit(1); };\n',
  );
  const pool = new ThreadPool({ filename: file, minThreads: 2, maxThreads: 2 });
  pool.on('error', () => undefined);
  await assert.rejects(pool.run('die'));
  assert.equal(pool.threads.length, 2);
  await pool.destroy();
  assert.deepEqual(earlyEnds(), { threads: 3, early: 0 });
  assert.equal(pool.threads.length, 0);
});

test('an exit can wait for the threads that are loading their module, and not for those that have', async (context) => {
  const earlyEnds = countEarlyEnds(context);
  const file = join(temporaryFolder(context), 'slow.mjs');
  writeFileSync(file, 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);\nexport default () => undefined;\n');
  const pool = new ThreadPool({ filename: file, minThreads: 2, maxThreads: 2 });
  assert.equal(pool.isLoading, true);
  await threadsLoaded();
  assert.equal(pool.isLoading, false);
  // As the exit of the process does it.
  await Promise.all(pool.threads.map((worker) => worker.terminate()));
  assert.equal(earlyEnds().early, 0);
  pool.on('error', () => undefined);
  await pool.destroy();
});

test('no thread is ended before it has loaded its module: not of a plugin that does not start, of the journal, of the owner', async (context) => {
  const earlyEnds = countEarlyEnds(context);
  const folder = temporaryFolder(context);
  const log = new TestLog();
  const opened = await openPluginHost(endpointConfig({ plugin: join(folder, 'absent'), threads: 2 }), { instance: INSTANCE, log });
  assert.equal(opened.ok, false);
  const { threads } = earlyEnds();
  assert.ok(threads > 2, `${threads}: another took the place of the one that failed`);
  mkdirSync(join(folder, 'data', 'journal'), { recursive: true });
  const journal = new JournalThread(join(folder, 'data'), 10);
  void journal.replay({} as Parameters<JournalThread['replay']>[0]).catch(() => undefined);
  await journal.close();
  await new OwnerPool({ directory: join(folder, 'data'), storeKey: randomBytes(32), journalSync: 'always' }).close();
  assert.deepEqual(earlyEnds(), { threads: threads + 2, early: 0 });
});
