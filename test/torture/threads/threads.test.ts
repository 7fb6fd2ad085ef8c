import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scrape } from '../../support/scrape.ts';
import { temporaryFolder } from '../../support/server-process.ts';
import { expectAll, PATH } from '../acknowledged.ts';
import { sabotage, startSabotaged, until, Writers } from './sabotaged-server.ts';

/** Threads of a real server end, hang or break down in the middle of their work. */

test('an owner thread that dies is replaced, /health tells meanwhile, and at the fourth time the process ends with the reason', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  const writers = new Writers(server, 4);
  const states = new Set<string>();
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      const health = await server.request('GET', '/health').catch(() => undefined);
      if (health === undefined) assert.fail(`${JSON.stringify(await server.exited)}: ${logOf(server.output())}`);
      states.add(health.json.status);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await writers.more(20);
  const dies = async (act: string, time: number): Promise<void> => {
    await sabotage(directory, 'owner', act);
    await until(() => server.output().split('the owner thread has recovered').length === time + 1, `recovered from ${act}`);
    assert.equal((await Scrape.of(server)).value('holdfast_owner_restarts_total'), time);
  };
  for (const [index, act] of ['throw', 'reject', 'throw'].entries()) {
    await dies(act, index + 1);
    await writers.more(20);
  }
  await writers.stop();
  isWatching = false;
  await watching;
  assert.deepEqual([...states].sort(), ['ready', 'recovering']);
  await until(async () => (await server.request('GET', '/health')).status === 200, 'ready');
  await expectAll(server, [writers]);
  const last = new Writers(server, 4);
  await last.more(20);
  await sabotage(directory, 'owner', 'throw');
  assert.deepEqual(await server.exited, { code: 74, signal: null }, logOf(server.output()));
  await last.stop();
  assert.match(server.output(), /the owner thread died 4 times, last: .*sabotage: thrown/);
  const again = await startSabotaged(directory);
  context.after(async () => void (await again.kill()));
  await expectAll(again, [writers, last]);
});

test('an owner thread that dies while nobody asks it anything tells why all the same, and is replaced', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  for (const [index, [act, why]] of [['throw', 'thrown in a timer'] as const, ['reject', 'rejected'] as const].entries()) {
    await sabotage(directory, 'owner', act);
    await server.said(new RegExp(`"reason":"sabotage: ${why}","restarts":${index + 1}`));
    await until(() => server.output().split('the owner thread has recovered').length === index + 2, `recovered from ${act}`);
  }
});

test('whatever breaks down under the owner ends the process, and the next start has everything', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const before: Writers[] = [];
  const ends = [
    { act: 'duckdb is out of memory', code: 74, signal: null, says: /the working set failed: .*Out of Memory Error/ },
    { act: 'duckdb is invalidated', code: 74, signal: null, says: /database has been invalidated/ },
    // A crash of native code takes all threads along.
    { act: 'segfault', code: null, signal: 'SIGSEGV', says: /./ },
  ] as const;
  for (const { act, code, signal, says } of ends) {
    const server = await startSabotaged(directory);
    context.after(async () => void (await server.kill()));
    await expectAll(server, before);
    const writers = new Writers(server, 4);
    before.push(writers);
    await writers.more(20);
    await sabotage(directory, 'owner', act);
    // A read makes DuckDB follow, if the timer has not yet. What it fails with must not look like an empty inventory.
    const read = await server.request('GET', `${PATH}?hostname=n1`).catch(() => undefined);
    assert.ok(read === undefined || read.status >= 500 || read.json.length === 1, read?.text);
    assert.deepEqual(await server.exited, { code, signal }, logOf(server.output()));
    await writers.stop();
    assert.ok(says.test(server.output()), `${act}: ${logOf(server.output())}`);
  }
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  await expectAll(server, before);
});

test('an owner thread without memory is replaced or, in the middle of a native call, takes the process along; everything is there', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  const writers = new Writers(server, 4);
  await writers.more(20);
  await sabotage(directory, 'owner', 'heap');
  let isOver = false;
  void server.exited.then(() => {
    isOver = true;
  });
  await until(() => isOver || server.output().includes('the owner thread has recovered'), 'replaced, or ended');
  await writers.stop();
  if (isOver) assert.equal((await server.exited).signal, 'SIGABRT', logOf(server.output()));
  await server.kill();
  const again = await startSabotaged(directory);
  context.after(async () => void (await again.kill()));
  await expectAll(again, [writers]);
});

test('an owner thread that hangs holds up what needs it, and nothing that was written', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  const writers = new Writers(server, 4);
  await writers.more(20);
  const id = writers.firstId;
  await sabotage(directory, 'owner', 'hang');
  const held = writers.texts.size;
  for (let count = 0; count < 10; count++) {
    assert.equal((await server.request('GET', `${PATH}/${id}`)).status, 200);
    assert.equal((await server.request('GET', '/health')).status, 200);
  }
  await until(() => writers.texts.size > held + 20, 'writes go on');
  await writers.stop();
  await expectAll(server, [writers]);
});

test('threads that read the past and the journal die alone: their questions fail, and the next ones are answered', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await startSabotaged(directory);
  context.after(async () => void (await server.kill()));
  const writers = new Writers(server, 2);
  await writers.more(20);
  const id = writers.firstId;
  const history = (): Promise<number> => server.request('GET', `${PATH}/${id}/history`).then(({ status }) => status);
  assert.equal(await history(), 200);
  for (const act of ['exit', 'throw', 'heap']) {
    await sabotage(directory, 'history', act);
    await until(async () => (await history()) === 200, `history after ${act}`);
  }
  const since = async (): Promise<boolean> => {
    const stream = await fetch(`${server.url}/feed?since=0`, { headers: { authorization: `Bearer ${server.token}`, accept: 'text/event-stream' } });
    const reader = stream.body?.getReader();
    let text = '';
    for (const startedMs = performance.now(); performance.now() - startedMs < 15_000 && !text.includes(id); ) {
      const part = await reader?.read();
      if (part === undefined || part.done) break;
      text += Buffer.from(part.value).toString('utf8');
    }
    await reader?.cancel();
    return text.includes(id);
  };
  assert.ok(await since());
  await sabotage(directory, 'journal', 'throw');
  await until(since, 'the journal is read back again');
  await writers.stop();
  await expectAll(server, [writers]);
  assert.equal((await Scrape.of(server)).value('holdfast_owner_restarts_total'), 0);
});

/** The last lines of a log, without those of requests. */
function logOf(output: string): string {
  const lines = output.split('\n').filter((line) => !line.includes('"msg":"request"'));
  return lines.slice(-10).join('\n');
}
