import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Scrape } from '../../support/scrape.ts';
import { type Answer, failingStart, ServerProcess } from '../../support/server-process.ts';
import { Acknowledged, expectAll, PATH } from '../acknowledged.ts';

/** A real server on a small disk that is filled up under load, and on one that cannot be written. */

const WRITERS = 6;

/** A small file system in memory. Skips the test, and says why, where none can be mounted. */
function smallDisk(context: TestContext, size: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  context.after(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0) return folder;
  context.skip('needs the right to mount a small tmpfs');
  return undefined;
}

test('a disk that fills up under load costs writes and snapshots, and nothing that was acknowledged; a start on it answers reads', async (context) => {
  const folder = smallDisk(context, '5m');
  if (folder === undefined) return;
  const directory = join(folder, 'data');
  let server = await ServerProcess.start({ directory, flags: ['--snapshot-every', '1s'] });
  const told = new Acknowledged();
  let number = 0;
  const write = async (bytes: number): Promise<Answer> => {
    number += 1;
    const answer = told.add(await server.request('POST', PATH, { hostname: `n${number}`, architecture: 'x86_64', description: 'x'.repeat(bytes) }));
    if (answer.status !== 201) assert.deepEqual([answer.status, answer.json.code], [503, 'not-durable'], answer.text);
    return answer;
  };
  const fill = async (): Promise<void> => {
    for (let refused = 0; refused < 10; ) if ((await write(4000)).status === 503) refused += 1;
  };
  await Promise.all(Array.from({ length: WRITERS }, fill));
  assert.equal((await server.request('GET', `${PATH}/${told.firstId}`)).text, told.texts.get(told.firstId));
  const health = await server.request('GET', '/health');
  assert.deepEqual([health.status, health.json.status, health.json.ready], [200, 'degraded', true]);
  assert.match(health.json.detail, /ENOSPC/);
  for (const startedMs = Date.now(); ((await Scrape.of(server)).value('holdfast_snapshot_failures_total') ?? 0) === 0; ) {
    assert.ok(Date.now() - startedMs < 10_000, 'a snapshot has failed');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await expectAll(server, [told]);
  await server.kill('SIGKILL');
  server = await ServerProcess.start({ directory, flags: ['--snapshot-every', '1h'] });
  context.after(async () => void (await server.kill()));
  await expectAll(server, [told]);
  await fill();
  execFileSync('mount', ['-o', 'remount,size=64m', folder]);
  assert.equal((await write(4000)).status, 201);
  assert.equal((await server.request('GET', '/health')).json.status, 'ready');
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  assert.deepEqual(
    readdirSync(join(directory, 'snapshots')).filter((name) => !name.startsWith('snapshot=')),
    [],
    'nothing is left of the failed ones',
  );
  await expectAll(server, [told]);
});

test('a data folder that cannot be written is refused with one sentence', async (context) => {
  const folder = smallDisk(context, '8m');
  if (folder === undefined) return;
  const directory = join(folder, 'data');
  const server = await ServerProcess.start({ directory });
  await server.kill('SIGTERM');
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  for (const at of [directory, join(folder, 'other')]) {
    const { code, output } = await failingStart(at);
    assert.equal(code, 1);
    assert.match(output, /cannot use .*: the file system is read-only \(EROFS\)/);
    assert.doesNotMatch(output, /^\s+at /m);
  }
});
