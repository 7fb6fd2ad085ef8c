import { strict as assert } from 'node:assert';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '../../src/http/scopes.ts';
import { ask, childrenOf, queryServer } from '../support/query-server.ts';
import { holdfast, temporaryFolder, tokenFor } from '../support/server-process.ts';

/** What another user of the machine finds. */

const SECRET = 'in-the-environment-0d7c';

test('every file of the data folder is for its owner only, whatever the mask of the shell is, and so is the folder', async (context) => {
  const folder = temporaryFolder(context);
  const directory = join(folder, 'data');
  const before = process.umask(0);
  const server = await queryServer(context, { directory }).finally(() => process.umask(before));
  server.token = tokenFor(directory, SCOPES);
  assert.equal((await server.request('POST', '/inventory/BMC', { username: 'root', password: 'x', mac_address: '02:00:00:00:00:01' })).status, 201);
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  assert.equal((await ask(server, 'SELECT count(*) FROM BMC')).status, 200);
  assert.equal((await ask(server, 'SELECT count(*) FROM BMC', 'latest')).status, 200);
  assert.equal((await holdfast(['keys', 'rotate', 'token-secret', '--data-dir', directory])).code, 0);
  const entries = ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })];
  assert.ok(entries.length > 15);
  for (const entry of entries) {
    const stat = lstatSync(join(directory, entry), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    assert.equal(stat.mode & 0o777, stat.isDirectory() ? 0o700 : 0o600, `${directory}/${entry}`);
  }
});

test('no secret is on the command line or in the environment of a process that the server starts, and no process listens for debuggers', async (context) => {
  const environment = { HOLDFAST_STORE_KEY: Buffer.alloc(32, 3).toString('base64'), HOLDFAST_AGENT_PASSWORD: SECRET, SOMETHING: SECRET };
  const directory = join(temporaryFolder(context), 'data');
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  const server = await queryServer(context, { environment, directory });
  for (const name of readdirSync(directory)) assert.equal(lstatSync(join(directory, name)).mode & 0o077, 0, `${name}, though the folder is open`);
  assert.equal((await ask(server, 'SELECT 1')).status, 200);
  const children = childrenOf(server);
  assert.ok(children.length > 0);
  for (const pid of children) {
    const seen = readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    for (const word of Object.values(environment)) assert.equal(seen.includes(word), false);
  }
  const line = readFileSync(`/proc/${server.pid}/cmdline`, 'latin1');
  for (const word of Object.values(environment)) assert.equal(line.includes(word), false);
  assert.equal(await listens(9229), false);
  for (const path of ['/debug', '/heap', '/heapdump', '/json/list', '/json/version', '/env', '/.env', '/config', '/keys', '/../keys/store-key']) {
    assert.equal((await server.request('GET', path)).status, 404, path);
  }
});

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
