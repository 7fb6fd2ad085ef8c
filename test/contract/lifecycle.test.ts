import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failingStart, ServerProcess, serverFor, temporaryFolder } from '../support/server-process.ts';

const NODE = { hostname: 'n1', architecture: 'x86_64' };

test('SIGTERM lets requests finish, takes the last snapshot and exits with 0', async (context) => {
  const server = await serverFor(context);
  const { json } = await server.request('POST', '/inventory/ComputeNode', NODE);
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });
  assert.equal(snapshots(server.directory).length, 1);
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  assert.match(again.output(), /"replayedChanges":0/);
  assert.equal((await again.request('GET', `/ComputeNode/${json.id}`)).status, 200);
});

test('a stop takes no second snapshot when nothing has changed', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  await server.request('POST', '/snapshots');
  await server.kill('SIGTERM');
  assert.equal(snapshots(server.directory).length, 1);
});

test('two processes cannot have one data folder, and a killed one lets it go', async (context) => {
  const server = await serverFor(context);
  const second = await failingStart(server.directory);
  assert.equal(second.code, 1);
  assert.match(second.output, new RegExp(`in use by process ${server.pid}`));
  assert.equal((await server.request('GET', '/health')).status, 200);
  await server.kill('SIGKILL');
  const third = await ServerProcess.start({ directory: server.directory });
  assert.deepEqual(await third.kill('SIGTERM'), { code: 0, signal: null });
});

test('a port that is taken is said so', async (context) => {
  const server = await serverFor(context);
  const { code, output } = await failingStart(join(temporaryFolder(context), 'data'), ['--port', new URL(server.url).port]);
  assert.equal(code, 1);
  assert.match(output, /port .*in use/);
});

test('a data folder that cannot be used is refused with its path and the reason', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'thesis.txt'), 'precious');
  const newer = join(folder, 'newer');
  mkdirSync(newer);
  writeFileSync(join(newer, 'version'), '99\n');
  for (const [directory, reason] of [
    [file, /not a folder|is a file/],
    [foreign, /thesis\.txt/],
    [newer, /newer version/],
    ['/proc/holdfast', /\/proc\/holdfast/],
  ] as const) {
    const { code, output } = await failingStart(directory);
    assert.equal(code, 1, directory);
    assert.match(output, reason);
    assert.doesNotMatch(output, /\.js:\d+/, 'no stack');
  }
});

test('all mistakes of a configuration are told at once', async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, 'server:\n  prot: 80\n  port: 99999\nsnapshots:\n  every: sometimes\n');
  const { code, output } = await failingStart(join(folder, 'data'), ['--config', config], { HOLDFAST_LOG_LEVEL: 'loud' });
  assert.equal(code, 2);
  for (const part of [/prot/, /did you mean.*port/i, /99999|65535/, /every/, /LOG_LEVEL/]) assert.match(output, part);
});

test('--restore=false moves what is there aside, starts empty, and says where it went', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  await server.kill('SIGTERM');
  const empty = await ServerProcess.start({ directory: server.directory, flags: ['--restore=false'] });
  assert.equal((await empty.request('GET', '/inventory/ComputeNode')).text, '[]');
  const aside = readdirSync(server.directory).find((name) => name.startsWith('aside-')) as string;
  assert.match(empty.output(), new RegExp(aside));
  assert.equal(readdirSync(join(server.directory, aside, 'snapshots')).length, 1);
  await empty.kill();
});

test('a data folder can be moved', async (context) => {
  const server = await serverFor(context);
  const { text, json } = await server.request('POST', '/inventory/ComputeNode', NODE);
  await server.kill('SIGTERM');
  const moved = join(temporaryFolder(context), 'elsewhere');
  cpSync(server.directory, moved, { recursive: true });
  const again = await ServerProcess.start({ directory: moved });
  context.after(async () => void (await again.kill()));
  assert.equal((await again.request('GET', `/ComputeNode/${json.id}`)).text, text);
});

test('a data folder that is deleted under the server ends it with a reason', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  execFileSync('rm', ['-rf', join(server.directory, 'journal')]);
  const answer = await server.request('POST', '/inventory/ComputeNode', NODE);
  assert.equal(answer.status, 503);
  assert.equal(answer.json.code, 'outcome-unknown');
  assert.equal((await server.exited).code, 74);
  assert.match(server.output(), /has been deleted/);
});

test('a listener beyond this machine is warned of', async (context) => {
  const server = await serverFor(context, ['--host', '0.0.0.0']);
  assert.match(server.output(), /without TLS/);
  assert.ok(existsSync(join(server.directory, 'version')));
});

function snapshots(directory: string): readonly string[] {
  return existsSync(join(directory, 'snapshots')) ? readdirSync(join(directory, 'snapshots')).filter((name) => !name.startsWith('.broken')) : [];
}
