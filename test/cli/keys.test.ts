import { strict as assert } from 'node:assert';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failingStart, holdfast, ServerProcess, serverFor, tokenFor } from '../support/server-process.ts';

/** Keys of a real data folder, listed, rotated and forgotten from the command line. */

interface Listed {
  readonly storeKeys: readonly { readonly id: string; readonly use: string; readonly snapshots: number; readonly journalSegments: number }[];
  readonly tokenSecrets: readonly { readonly id: string; readonly use: string }[];
}

async function keys(directory: string, ...words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return await holdfast(['keys', ...words, '--data-dir', directory]);
}

async function listed(directory: string): Promise<Listed> {
  const { code, stdout, stderr } = await keys(directory, 'list');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Listed;
}

const KEEP_NO_JOURNAL = 'storage: {journalKeepBytes: 0}\n';

test('a store key is rotated and forgotten: secrets and answers of before stay, and nobody can do it under a running server', async (context) => {
  const server = await serverFor(context);
  const { directory } = server;
  const idempotency = { 'idempotency-key': 'the-same' };
  const draft = { username: 'root', password: 'of before', mac_address: '02:00:00:00:00:01' };
  const made = await server.request('POST', '/inventory/BMC', draft, idempotency);
  assert.equal(made.status, 201, made.text);
  const secretsPath = `/inventory/BMC/${made.json.id}/secrets`;
  const running = await keys(directory, 'rotate', 'store-key');
  assert.equal(running.code, 1);
  assert.match(running.stderr, /in use by process \d+/);
  await server.kill();

  const rotated = await keys(directory, 'rotate', 'store-key');
  assert.equal(rotated.code, 0, rotated.stderr);
  const file = join(directory, 'keys', 'store-key');
  const [newKey = '', oldKey = ''] = readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(
    (await listed(directory)).storeKeys.map(({ use, journalSegments }) => [use, journalSegments]),
    [
      ['seals', 0],
      ['opens', 1],
    ],
  );
  const early = await keys(directory, 'forget', 'store-key');
  assert.equal(early.code, 1);
  assert.match(early.stderr, /still needed by .*\.journal/);

  const config = join(directory, '..', 'holdfast.yaml');
  writeFileSync(config, KEEP_NO_JOURNAL);
  let again = await ServerProcess.start({ directory, flags: ['--config', config] });
  assert.deepEqual((await again.request('GET', secretsPath)).json, { password: 'of before' });
  const repeated = await again.request('POST', '/inventory/BMC', draft, idempotency);
  assert.deepEqual([repeated.status, repeated.json.id], [201, made.json.id], 'it is the answer of before');
  await again.request('PATCH', `/inventory/BMC/${made.json.id}`, { password: 'of now' });
  // The stop takes a snapshot; the journal from before it goes after the next one.
  await again.kill('SIGTERM');
  again = await ServerProcess.start({ directory, flags: ['--config', config] });
  await again.request('PATCH', `/inventory/BMC/${made.json.id}`, { username: 'admin' });
  await again.kill('SIGTERM');
  assert.deepEqual((await keys(directory, 'forget', 'store-key')).code, 0);
  assert.equal(readFileSync(file, 'utf8'), `${newKey}\n`);
  const last = await ServerProcess.start({ directory });
  assert.deepEqual((await last.request('GET', secretsPath)).json, { password: 'of now' });
  const output = [again, last].map((each) => each.output()).join('');
  await last.kill();
  for (const key of [newKey, oldKey]) assert.equal(output.includes(key), false, 'no key is in the log');
  assert.equal((await failingStart(directory, [], { HOLDFAST_STORE_KEY: oldKey })).code, 65, 'the forgotten key opens nothing');
  const inEnvironment = await ServerProcess.start({ directory, environment: { HOLDFAST_STORE_KEY: `${newKey} ${oldKey}` } });
  context.after(async () => void (await inEnvironment.kill()));
});

test('a token secret is rotated while the server runs: both are accepted until the old one is forgotten, and a leaked one not at all', async (context) => {
  const server = await serverFor(context);
  const { directory } = server;
  const status = async (token: string): Promise<number> => (await fetch(`${server.url}/snapshots`, { headers: { authorization: `Bearer ${token}` } })).status;
  const tokens = [tokenFor(directory, ['snapshots'])];
  const hangUp = async (expected: readonly number[]): Promise<void> => {
    process.kill(server.pid, 'SIGHUP');
    let statuses: readonly number[] = [];
    for (const startedMs = Date.now(); Date.now() - startedMs < 10_000; ) {
      statuses = await Promise.all(tokens.map(status));
      if (JSON.stringify(statuses) === JSON.stringify(expected)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(statuses, expected);
  };
  await hangUp([200]);
  assert.equal((await keys(directory, 'rotate', 'token-secret')).code, 0);
  for (const name of readdirSync(join(directory, 'keys'))) assert.equal(statSync(join(directory, 'keys', name)).mode & 0o777, 0o600, name);
  tokens.push(tokenFor(directory, ['snapshots']));
  assert.equal(await status(tokens[1] ?? ''), 401, 'not before it was told');
  await hangUp([200, 200]);
  assert.deepEqual(
    (await listed(directory)).tokenSecrets.map(({ use }) => use),
    ['signs', 'accepted'],
  );
  assert.equal((await keys(directory, 'forget', 'token-secret')).code, 0);
  await hangUp([401, 200]);
  assert.equal((await keys(directory, 'rotate', 'token-secret', '--leaked')).code, 0);
  tokens.push(tokenFor(directory, ['snapshots']));
  await hangUp([401, 401, 200]);
  // A secret that cannot be used leaves the one that is in use.
  const file = join(directory, 'keys', 'token-secret');
  writeFileSync(file, 'secret\n');
  chmodSync(file, 0o600);
  process.kill(server.pid, 'SIGHUP');
  await server.said(/the old ones stay/);
  assert.deepEqual(await Promise.all(tokens.map(status)), [401, 401, 200]);
});

test('keys are not rotated where there are none, where the server has them from elsewhere, and by another user', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/BMC', { username: 'root', password: 'x', mac_address: '02:00:00:00:00:01' });
  await server.kill();
  const { directory } = server;
  const nowhere = await keys(join(directory, '..'), 'rotate', 'store-key');
  assert.deepEqual([nowhere.code, /is no data folder/.test(nowhere.stderr)], [1, true]);
  const elsewhere = await holdfast(['keys', 'rotate', 'store-key', '--data-dir', directory], {
    environment: { HOLDFAST_STORE_KEY: Buffer.alloc(32, 1).toString('base64') },
  });
  assert.deepEqual([elsewhere.code, /where HOLDFAST_STORE_KEY is set/.test(elsewhere.stderr)], [1, true]);
  writeFileSync(join(directory, 'keys', 'store-key'), `${Buffer.alloc(32, 1).toString('base64')}\n`);
  const foreign = await keys(directory, 'rotate', 'store-key');
  assert.deepEqual([foreign.code, /the server has its key from elsewhere/.test(foreign.stderr)], [1, true]);
  assert.deepEqual(
    (await listed(directory)).storeKeys.map(({ use }) => use),
    ['seals', 'missing'],
  );
  rmSync(join(directory, 'keys', 'store-key'));
  assert.equal((await keys(directory, 'rotate', 'store-key')).code, 1);
  const unknown = await keys(directory, 'rotate', 'password');
  assert.equal(unknown.code, 2);
});
