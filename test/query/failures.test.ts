import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import pino from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { OwnerClient } from '../../src/dispatch/owner-client.ts';
import { fail } from '../../src/faults.ts';
import { Contents } from '../../src/query/contents.ts';
import { QueryHost } from '../../src/query/query-host.ts';
import { ask, childrenOf, queryServer } from '../support/query-server.ts';

/** What the machine refuses costs the query that needed it, and nothing else. */

test('where no tables can be written each query and each saved query fails by itself, and all is well when they can again', async (context) => {
  const saved = ['saved:', '  - { name: nodes, sql: "SELECT count(*) AS value FROM ComputeNode", every: 1s }'];
  const server = await queryServer(context, { settings: saved });
  const folder = join(server.directory, 'query');
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  await server.request('POST', '/inventory/ComputeNode', { hostname: 'n1', architecture: 'x86_64' });
  for (let count = 1; count <= 3; count++) {
    const { json, status } = await ask(server, 'SELECT 1');
    assert.deepEqual([status, json.code], [500, 'query-failed'], 'the turn of the one before was given back');
    assert.match(json.detail, /there is no place for the tables: ENOTDIR/);
  }
  const failures = async (): Promise<number> => Number(/_failures_total\{query="nodes"\} (\d+)/.exec((await server.request('GET', '/metrics')).text)?.[1]);
  for (const startedMs = performance.now(); !((await failures()) > 0); ) {
    assert.ok(performance.now() - startedMs < 5000, 'the saved query fails');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  rmSync(folder);
  assert.deepEqual((await ask(server, 'SELECT count(*) AS n FROM ComputeNode')).json, [{ n: 1 }]);
  assert.equal(childrenOf(server).length, 1);
});

test('a query whose tables break down in the server gives its turn back and leaves no process', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-query-'));
  let asked = 0;
  const owner = {
    status: { sequence: 1 },
    async query() {
      asked += 1;
      if (asked < 3) throw new Error('the wire broke');
      return fail('recovering', 'the records are being loaded');
    },
  } as unknown as OwnerClient;
  const contents = new Contents(directory, owner, { ask: async () => fail('internal', 'nobody asks') }, systemClock, 1);
  const limits = { timeLimitMs: 1000, rowsMax: 10, bytesMax: 10_000, memoryBytes: 256 << 20, children: 1 };
  const host = new QueryHost(contents, limits, pino({ enabled: false }));
  context.after(() => {
    host.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const query = () => host.query({ sql: 'SELECT 1', at: 'now', form: 'json' }, AbortSignal.timeout(5000));
  await assert.rejects(query(), /the wire broke/);
  await assert.rejects(query(), /the wire broke/);
  const third = await query();
  assert.ok(!third.ok && third.fault.code === 'recovering');
  for (const startedMs = performance.now(); processesOfSql() > 0; ) {
    assert.ok(performance.now() - startedMs < 30_000, 'its processes are gone');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

/** Children of this process that run SQL. */
function processesOfSql(): number {
  const ids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return ids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query-process')).length;
}
