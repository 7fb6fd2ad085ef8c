import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lacks } from '../../support/lacks.ts';
import { Scrape } from '../../support/scrape.ts';
import { type Answer, ServerProcess, serverFor } from '../../support/server-process.ts';
import { injectInto, lacksStrace } from '../../support/strace.ts';
import { Acknowledged, expectAll, PATH } from '../acknowledged.ts';

/** A real server whose system calls fail, or take long. */

function create(server: ServerProcess, hostname: string, description = ''): Promise<Answer> {
  return server.request('POST', PATH, { hostname, architecture: 'x86_64', ...(description === '' ? {} : { description }) });
}

function told(answers: readonly Answer[]): readonly [Acknowledged] {
  const all = new Acknowledged();
  for (const answer of answers) all.add(answer);
  return [all];
}

async function count(server: ServerProcess, name: string): Promise<number> {
  return (await Scrape.of(server)).value(name) ?? 0;
}

test('when fdatasync fails nothing more is acknowledged, the process ends with 74, and a restart has everything', async (context) => {
  if (lacksStrace(context)) return;
  const server = await serverFor(context);
  const before = await Promise.all(Array.from({ length: 20 }, (_, number) => create(server, `before-${number}`)));
  await injectInto(context, server.pid, ['fdatasync:error=EIO:when=3+']);
  const answers = [...before];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let number = 0; number < 100; number++) {
      const answer = await create(server, `w${writer}-${number}`).catch(() => undefined);
      // The process has ended.
      if (answer === undefined) return;
      answers.push(answer);
      if (answer.status === 201) continue;
      assert.deepEqual([answer.status, answer.json.code], [503, 'outcome-unknown'], answer.text);
    }
  });
  assert.deepEqual(await server.exited, { code: 74, signal: null });
  await Promise.all(writers);
  assert.ok(answers.some(({ status }) => status === 503));
  assert.match(server.output(), /fdatasync of .* failed: EIO/);
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  await expectAll(again, told(answers));
  assert.equal((await create(again, 'after')).status, 201);
});

test('system calls on the journal and its folders that are interrupted by a signal are noticed by nobody', async (context) => {
  if (lacksStrace(context)) return;
  const server = await serverFor(context);
  const answers = [await create(server, 'first')];
  const journal = join(server.directory, 'journal');
  const paths = [journal, join(server.directory, 'snapshots'), ...readdirSync(journal).map((name) => join(journal, name))];
  const calls = ['fdatasync', 'fsync', 'pwrite64', 'pread64', 'openat', 'close', 'fstat'];
  const end = await injectInto(
    context,
    server.pid,
    calls.map((call) => `${call}:error=EINTR:when=1+2`),
    paths,
  );
  for (let number = 0; number < 10; number++) answers.push(await create(server, `n${number}`));
  assert.ok(answers.every(({ status }) => status === 201));
  const { status, text } = await server.request('GET', `${PATH}/${answers[0]?.json.id}/history`);
  assert.equal(status, 200, text);
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  await end();
  await server.kill();
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  await expectAll(again, told(answers));
});

test('while fdatasync takes long, reads and /health are answered at once, and writes wait for it together', async (context) => {
  if (lacksStrace(context)) return;
  const server = await serverFor(context);
  const first = await create(server, 'first');
  const end = await injectInto(context, server.pid, ['fdatasync:delay_exit=400000']);
  const frames = await count(server, 'holdfast_journal_frames_total');
  let isWriting = true;
  const writing = Promise.all(Array.from({ length: 40 }, (_, number) => create(server, `slow-${number}`))).finally(() => {
    isWriting = false;
  });
  let reads = 0;
  while (isWriting) {
    assert.equal((await server.request('GET', `${PATH}/${first.json.id}`)).status, 200);
    assert.equal((await server.request('GET', '/health')).status, 200);
    reads += 1;
  }
  // Had each of them waited for a sync there would be one or two.
  assert.ok(reads >= 5, `${reads} reads beside the writes`);
  assert.ok((await writing).every(({ status }) => status === 201));
  await end();
  const batches = (await count(server, 'holdfast_journal_frames_total')) - frames;
  assert.ok(batches < 20, `${batches} frames for 40 writes`);
});

test('a journal that may not grow (EFBIG) refuses writes, answers reads, and takes writes again when it may', async (context) => {
  if (lacks(context, 'prlimit', ['--pid', String(process.pid)])) return;
  const server = await serverFor(context);
  const answers = [await create(server, 'first')];
  const limit = (bytes: string): void => assert.equal(spawnSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}`]).status, 0);
  limit('65536:');
  for (let number = 0; number < 40; number++) answers.push(await create(server, `n${number}`, 'x'.repeat(4000)));
  const refused = answers.filter(({ status }) => status !== 201);
  assert.ok(refused.length > 10);
  for (const { status, json, headers } of refused) {
    assert.deepEqual([status, json.code], [503, 'not-durable']);
    assert.match(json.detail, /no room on the disk \(EFBIG\)/);
    assert.ok(headers.get('retry-after'));
  }
  await expectAll(server, told(answers));
  limit('unlimited');
  answers.push(await create(server, 'last', 'x'.repeat(4000)));
  assert.equal(answers.at(-1)?.status, 201);
  await server.kill();
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  await expectAll(again, told(answers));
  assert.doesNotMatch(again.output(), /cut off/);
});

test('a folder that cannot be synced fails the snapshot, which is counted and not in sight, and nothing else', async (context) => {
  if (lacksStrace(context)) return;
  const server = await serverFor(context);
  await create(server, 'first');
  const end = await injectInto(context, server.pid, ['fsync:error=EIO']);
  const failed = await server.request('POST', '/snapshots');
  assert.deepEqual([failed.status, failed.json.code], [500, 'snapshot-failed']);
  assert.deepEqual(readdirSync(join(server.directory, 'snapshots')), []);
  assert.equal((await create(server, 'second')).status, 201);
  assert.equal(await count(server, 'holdfast_snapshot_failures_total'), 1);
  await end();
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  assert.equal((await server.request('GET', '/health')).status, 200);
});
