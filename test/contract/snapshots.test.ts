import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failingStart, holdfast, ServerProcess, serverFor, temporaryFolder } from '../support/server-process.ts';

const NODE = { hostname: 'n1', architecture: 'x86_64' };

test('POST /snapshots takes one, GET lists them, and the command line verifies them offline', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', [NODE, { ...NODE, hostname: 'n2' }]);
  const taken = await server.request('POST', '/snapshots', { note: 'before the upgrade' });
  assert.equal(taken.status, 201);
  assert.equal(taken.json.rows.ComputeNode, 2);
  assert.equal(taken.json.sequence, 2);
  assert.match(taken.json.name, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-\d+$/);
  const listed = await server.request('GET', '/snapshots');
  assert.deepEqual(listed.json[0], taken.json);
  assert.equal(listed.json[0].note, 'before the upgrade');
  const folder = join(server.directory, 'snapshots', `snapshot=${taken.json.name}`);
  const files = readdirSync(folder).sort();
  for (const name of ['ComputeNode.parquet', 'BMC.parquet', '_manifest.json', '_SUCCESS', 'schema.sql', 'load.sql']) assert.ok(files.includes(name), name);
  for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, `${name} is for its owner only`);
  const verified = await holdfast(['snapshot', 'verify', '--data-dir', server.directory]);
  assert.equal(verified.code, 0, verified.stderr);
  const elsewhere = await holdfast(['snapshot', 'verify', '--data-dir', join(server.directory, 'nowhere')]);
  assert.deepEqual([elsewhere.code, /there is no snapshot in .*nowhere/.test(elsewhere.stderr)], [1, true]);
  flip(join(folder, 'ComputeNode.parquet'));
  const damaged = await holdfast(['snapshot', 'verify', '--data-dir', server.directory]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout + damaged.stderr, /ComputeNode\.parquet does not match its checksum/);
});

test('snapshots are taken by interval, only when something has changed, and the oldest go', async (context) => {
  const server = await serverFor(context, ['--snapshot-every', '1s', '--retain', '3']);
  const names = new Set<string>();
  for (let count = 0; count < 5; count++) {
    await server.request('POST', '/inventory/ComputeNode', NODE);
    const sequence = count + 1;
    await until(async () => (await server.request('GET', '/snapshots')).json[0]?.sequence >= sequence);
    for (const { name } of (await server.request('GET', '/snapshots')).json) names.add(name);
  }
  const { json } = await server.request('GET', '/snapshots');
  assert.equal(json.length, 3);
  assert.equal(names.size, 5, 'no snapshot without a change');
  // What the last two snapshots have is all that the journal may have let go.
  assert.ok(readdirSync(join(server.directory, 'journal')).length <= 3);
});

test('a damaged newest snapshot is set aside, and the one before it and the journal bring everything back', async (context) => {
  const server = await serverFor(context);
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    ids.push((await server.request('POST', '/inventory/ComputeNode', NODE)).json.id);
    assert.equal((await server.request('POST', '/snapshots')).status, 201);
  }
  ids.push((await server.request('POST', '/inventory/ComputeNode', NODE)).json.id);
  await server.kill();
  const newest = folders(server).at(-1) as string;
  flip(join(newest, 'ComputeNode.parquet'));
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  for (const id of ids) assert.equal((await again.request('GET', `/ComputeNode/${id}`)).status, 200);
  assert.match(again.output(), /does not match its checksum.*\.broken-/);
  assert.ok(readdirSync(join(server.directory, 'snapshots')).some((name) => name.startsWith('.broken-')));
});

test('when no snapshot can be used and the journal does not reach back, the start is refused and nothing is touched', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\n');
  const server = await serverFor(context, ['--config', config]);
  for (let count = 0; count < 4; count++) {
    await server.request('POST', '/inventory/ComputeNode', NODE);
    await server.request('POST', '/snapshots');
  }
  await server.kill();
  for (const folder of folders(server)) flip(join(folder, '_manifest.json'));
  const before = readdirSync(join(server.directory, 'snapshots'));
  const { code, output } = await failingStart(server.directory);
  assert.equal(code, 65);
  assert.match(output, /holdfast doctor/);
  assert.deepEqual(readdirSync(join(server.directory, 'snapshots')), before);
});

test('no secret is in clear anywhere in the data folder, in an answer or in the log', async (context) => {
  const server = await serverFor(context, ['--log-level', 'debug']);
  const canary = 'canary-7f3b1c';
  const bmc = await server.request('POST', '/inventory/BMC', { username: 'root', password: canary, mac_address: '02:00:00:00:00:01' });
  const node = await server.request('POST', '/inventory/ComputeNode', {
    ...NODE,
    bmc: { username: 'root', password: canary, mac_address: '02:00:00:00:00:02' },
    spec: { bmc_password: canary },
  });
  const endpoint = await server.request('POST', '/inventory/RedfishEndpoint', { ID: 'x1000c0s0b0', Password: canary });
  const wrong = await server.request('POST', '/inventory/BMC', { username: 'root', password: { inside: canary }, mac_address: 'no' });
  const answers = [bmc, node, endpoint, wrong];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201, 201, 400],
    answers.map(({ text }) => text).join('\n'),
  );
  await server.request('POST', '/snapshots');
  for (const path of ['/BMC', '/ComputeNode', '/RedfishEndpoint', '/BMC?password=x']) answers.push(await server.request('GET', path));
  await server.kill('SIGTERM');
  for (const { text } of answers) assert.doesNotMatch(text, new RegExp(canary));
  assert.doesNotMatch(server.output(), new RegExp(canary));
  for (const file of readdirSync(server.directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(server.directory, file);
    if (statSync(path).isFile()) assert.equal(readFileSync(path).indexOf(canary), -1, file);
  }
});

function folders(server: ServerProcess): readonly string[] {
  return readdirSync(join(server.directory, 'snapshots'))
    .sort()
    .map((name) => join(server.directory, 'snapshots', name));
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] as number) ^ 1;
  writeFileSync(path, bytes);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const startedMs = Date.now(); Date.now() - startedMs < 15_000; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to pass in time');
}
