import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { realFiles } from '../../src/store/files.ts';
import type { FrameContent } from '../../src/store/frame.ts';
import { Journal } from '../../src/store/journal.ts';
import { replayJournal } from '../../src/store/replay.ts';
import { identityOf } from '../../src/store/segments.ts';
import { failingStart, type Launched, launch, ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

/** Starts that end before they are through: a signal, or a port that is taken, while the journal is still being replayed. */

const RECORDS = 1000;
const FRAMES = 400;
const TURN_MS = 5;
/** Less than the process gives its parts when it cannot go on. */
const CRASH_PATIENCE_MS = 4000;

/** A folder whose journal takes seconds to replay: the same records, changed again and again. */
async function withLongJournal(context: { after(fn: () => void | Promise<void>): void }): Promise<string> {
  const server = await serverFor(context);
  const lines = Array.from({ length: RECORDS }, (_, number) => JSON.stringify({ ID: `x${1000 + number}c0`, Type: 'Node' }));
  const { json } = await server.request('POST', '/inventory/Component/bulk', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(json.created, RECORDS);
  await server.kill();
  const directory = join(server.directory, 'journal');
  const identity = identityOf(realFiles, directory);
  assert(identity !== undefined);
  let changed: FrameContent | undefined;
  const { end } = replayJournal(realFiles, directory, identity, 0, (frame) => {
    changed ??= frame;
  });
  assert(changed !== undefined && changed.changes.length > 0);
  const journal = new Journal(directory, realFiles, identity, 'interval', end);
  for (let frame = 0; frame < FRAMES; frame++) assert(journal.append(changed, journal.nextSequence).ok);
  assert(journal.close().ok);
  // Snapshots have no folder before the end of a replay: whether there is one tells how far a start has come.
  for (const name of ['snapshots', 'query']) rmSync(join(server.directory, name), { recursive: true });
  return server.directory;
}

function namesIn(directory: string): readonly string[] {
  return (readdirSync(directory, { recursive: true }) as string[]).sort();
}

async function said({ output }: Launched, pattern: RegExp): Promise<void> {
  for (const startedMs = Date.now(); !pattern.test(output()); ) {
    assert(Date.now() - startedMs < 30_000, `${pattern} was not said:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

test('a stop while the journal is replayed does not wait for its end, whatever the start was at, and the next start has everything', async (context) => {
  const directory = await withLongJournal(context);
  const before = namesIn(directory);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const run = launch(directory, [], {});
    // The port is open, and the journal far from its end.
    await said(run, /"listening on/);
    run.child.kill(signal);
    assert.deepEqual(await run.exited, { code: 0, signal: null }, run.output());
    assert.match(run.output(), /"stopped"/);
    assert.doesNotMatch(run.output(), /reads are answered|"level":"error"/);
    assert.deepEqual(namesIn(directory), before, `after ${signal}`);
  }
  for (const pauseMs of [0, 40, 120, 200, 260, 320]) {
    const run = launch(directory, [], {});
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    run.child.kill('SIGTERM');
    const { code, signal } = await run.exited;
    // Node itself has no ear for it before the program runs.
    assert(code === 0 || (signal === 'SIGTERM' && run.output() === ''), `${code ?? signal} after ${pauseMs} ms:\n${run.output()}`);
    assert.doesNotMatch(run.output(), /"level":"error"/);
  }
  const taken = createServer().listen(0, '127.0.0.1');
  context.after(() => void taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  assert(typeof address === 'object' && address !== null);
  const { code, output } = await failingStart(directory, ['--port', String(address.port)]);
  assert.equal(code, 1, output);
  assert.match(output, /port .*in use/);
  assert.doesNotMatch(output, /did not stop/);
  assert.deepEqual(namesIn(directory), before);
  const last = await ServerProcess.start({ directory });
  context.after(async () => void (await last.kill()));
  assert.match(last.output(), /recovered change/);
  assert.equal((await last.request('GET', '/inventory/Component')).json.length, RECORDS);
});

/** A start whose plugin is not ready before the gate is there. Writes are answered. */
async function withSlowPlugin(context: TestContext, flags: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder(context);
  const gate = join(folder, 'gate');
  const plugin = join(folder, 'slow.mjs');
  writeFileSync(
    plugin,
    `import { existsSync } from 'node:fs';
    const never = () => { throw new Error('not to be called'); };
    export default () => ({
      async initialize() { while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 10)); },
      join: never, leave: never, modify: never, renew: never, status: never,
    });\n`,
  );
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, JSON.stringify({ agent: { tick: '1m', endpoints: [{ name: 'slow-one', plugin, schedulePeriod: '1h' }] } }), { mode: 0o600 });
  const directory = join(folder, 'data');
  const run = launch(directory, ['--config', config, ...flags], environment);
  context.after(() => void run.child.kill('SIGKILL'));
  await said(run, /writes are answered/);
  return { run, directory, openGate: () => writeFileSync(gate, '') };
}

test('a stop while a plugin is still starting is as any other: what was written is in a last snapshot', async (context) => {
  const { run, directory, openGate } = await withSlowPlugin(context);
  const url = /"url":"(http[^"]+)"/.exec(run.output())?.[1];
  const headers = { authorization: `Bearer ${tokenFor(directory, ['inventory:write'])}`, 'content-type': 'application/json' };
  const made = await fetch(`${url}/inventory/Component`, { method: 'POST', headers, body: '{"ID":"x0c0s0b0n0","Type":"Node"}' });
  assert.equal(made.status, 201);
  run.child.kill('SIGTERM');
  await said(run, /"stopping/);
  // What is loading is not cut off.
  openGate();
  assert.deepEqual(await run.exited, { code: 0, signal: null }, run.output());
  assert.doesNotMatch(run.output(), /"level":"error"/);
  const [snapshot = ''] = readdirSync(join(directory, 'snapshots'));
  assert.match(snapshot, /^snapshot=/);
});

test('a crash while a plugin is still starting does not wait for it', async (context) => {
  const folder = temporaryFolder(context);
  const [sabotage, fall] = [join(folder, 'sabotage.mjs'), join(folder, 'fall')];
  writeFileSync(
    sabotage,
    `import { existsSync } from 'node:fs';
    import { isMainThread, workerData } from 'node:worker_threads';
    const looking = !isMainThread && workerData?.sharing === 'further' && setInterval(() => {
      if (!existsSync(${JSON.stringify(fall)})) return;
      clearInterval(looking);
      throw new Error('sabotage');
    }, 10);\n`,
  );
  const { run, openGate } = await withSlowPlugin(context, ['--http-threads', '2'], { NODE_OPTIONS: `--import ${pathToFileURL(sabotage).href}` });
  writeFileSync(fall, '');
  await said(run, /cannot go on/);
  let isOpen = false;
  const patience = setTimeout(() => {
    isOpen = true;
    openGate();
  }, CRASH_PATIENCE_MS);
  assert.deepEqual(await run.exited, { code: 70, signal: null }, run.output());
  clearTimeout(patience);
  assert.equal(isOpen, false, 'it ended while the plugin was starting');
});
