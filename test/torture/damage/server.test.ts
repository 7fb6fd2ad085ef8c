import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { failingStart, holdfast, ServerProcess, serverFor, temporaryFolder } from '../../support/server-process.ts';
import { treeOf } from './site.ts';

/** Damages and the doctor, with real servers. */

/** The folder of a server that was killed with three changes in its journal. */
async function killedWithThree(context: TestContext, alive: (server: ServerProcess) => Promise<void> = async () => undefined): Promise<string> {
  const server = await serverFor(context);
  for (const hostname of ['a', 'b', 'c']) assert.equal((await server.request('POST', '/inventory/ComputeNode', { hostname, architecture: 'x' })).status, 201);
  await alive(server);
  await server.kill('SIGKILL');
  return server.directory;
}

async function doctorOnlyLooks({ directory, pid }: ServerProcess): Promise<void> {
  const before = treeOf(directory);
  const looked = await holdfast(['doctor', '--data-dir', directory]);
  assert.equal(looked.code, 0, looked.stdout);
  assert.match(looked.stdout, new RegExp(`in use +by process ${pid}`));
  const repair = await holdfast(['doctor', '--data-dir', directory, '--repair']);
  assert.equal(repair.code, 1);
  assert.match(repair.stderr, /is in use by process/);
  assert.deepEqual(treeOf(directory), before, 'a folder in use is left alone');
}

test('what the doctor says of a damaged folder is what a server does with it, and what it mends stays mended', async (context) => {
  const directory = await killedWithThree(context, doctorOnlyLooks);
  const torn = join(temporaryFolder(context), 'torn');
  cpSync(directory, torn, { recursive: true });
  const segment = (folder: string): string => join(folder, 'journal', readdirSync(join(folder, 'journal'))[0] ?? '');
  truncateSync(segment(torn), readFileSync(segment(torn)).length - 10);

  const foretold = await holdfast(['doctor', '--data-dir', torn, '--json']);
  assert.equal(foretold.code, 1);
  const { prognosis } = JSON.parse(foretold.stdout);
  assert.equal(prognosis.start.sequence, 2);
  const server = await ServerProcess.start({ directory: torn });
  context.after(async () => void (await server.kill()));
  assert.match(server.output(), /of an unfinished write, which were cut off/);
  assert.equal((await server.request('GET', '/health')).json.sequence, 2);
  const metrics = (await server.request('GET', '/metrics')).text;
  const [cut] = prognosis.acts;
  assert.match(metrics, new RegExp(`^holdfast_recovery_cut_bytes ${cut.foundBytes - cut.bytes}$`, 'm'));

  const bytes = readFileSync(segment(directory));
  const second = 64 + 40 + bytes.readUInt32LE(64 + 8);
  bytes[second + 50] = (bytes[second + 50] ?? 0) ^ 8;
  writeFileSync(segment(directory), bytes);
  const refused = await failingStart(directory);
  assert.equal(refused.code, 65);
  assert.match(refused.output, new RegExp(`damaged at byte ${second} \\(change 2\\), and intact changes stand behind it.*holdfast doctor`));
  const said = await holdfast(['doctor', '--data-dir', directory]);
  assert.equal(said.code, 65);
  assert.match(said.stdout, /and keep everything up to change 1\n +LOST would be the changes 2 to 3; 1 of them can be read/);
  assert.equal((await holdfast(['doctor', '--data-dir', directory, '--repair'])).code, 65, 'not without being asked to');
  const copy = join(torn, 'readable.ndjson');
  const dropped = await holdfast(['doctor', '--data-dir', directory, '--repair', '--drop-damaged', '--salvage', copy]);
  assert.equal(dropped.code, 0, dropped.stdout);
  assert.match(dropped.stdout, /dropped: the changes 2 to 3, of which 1 can be read: ComputeNode/);
  const readable = readFileSync(copy, 'utf8').trim().split('\n');
  assert.deepEqual(
    readable.map((line) => JSON.parse(line)).map(({ sequence, record }) => [sequence, record.hostname]),
    [
      [1, 'a'],
      [3, 'c'],
    ],
  );
  assert.equal((await holdfast(['doctor', '--data-dir', directory])).code, 0);
  const again = await ServerProcess.start({ directory });
  context.after(async () => void (await again.kill()));
  assert.deepEqual(
    (await again.request('GET', '/inventory/ComputeNode')).json.map(({ hostname }: { hostname: string }) => hostname),
    ['a'],
  );
});

test('missing and damaged keys are told by the doctor as by a start, and neither makes new ones', async (context) => {
  const directory = await killedWithThree(context);
  const key = join(directory, 'keys', 'store-key');
  const told = async (expected: RegExp): Promise<void> => {
    const before = treeOf(join(directory, 'keys'));
    const said = await holdfast(['doctor', '--data-dir', directory]);
    assert.equal(said.code, 65);
    assert.match(said.stdout, expected);
    assert.match((await failingStart(directory)).output, expected);
    assert.deepEqual(treeOf(join(directory, 'keys')), before);
  };
  renameSync(key, `${key}.away`);
  await told(/the store key is missing/);
  assert.equal(existsSync(key), false);
  writeFileSync(key, Buffer.alloc(32, 1).toString('base64'));
  await told(/written with another store key/);
  renameSync(`${key}.away`, key);
  writeFileSync(join(directory, 'keys', 'token-secret'), 'short');
  await told(/token-secret is damaged/);
  rmSync(join(directory, 'keys', 'token-secret'));
  assert.equal((await holdfast(['doctor', '--data-dir', directory])).code, 0);
});
