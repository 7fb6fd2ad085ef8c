import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ServerProcess } from '../support/server-process.ts';

/** The holes and slips of node-orchestrator that a client could reach, each asked for here. */

const folder = mkdtempSync(join(tmpdir(), 'holdfast-originals-'));
let server: ServerProcess;
before(async () => {
  server = await ServerProcess.start({ directory: join(folder, 'data') });
});
after(async () => {
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

const NODE = { hostname: 'n', architecture: 'x86_64' };
const SQL = 'x = 1; DROP TABLE ComputeNode; --';

test('names of properties, of parameters and of snapshots that are SQL or paths are refused, and values that are SQL are values', async () => {
  const status = async (method: string, path: string, body?: unknown): Promise<number> => (await server.request(method, path, body)).status;
  const { json: node } = await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: SQL });
  assert.equal(await status('POST', '/inventory/ComputeNode', { ...NODE, [SQL]: 1 }), 400);
  assert.equal(await status('PATCH', `/inventory/ComputeNode/${node.id}`, { [SQL]: 1 }), 400);
  assert.equal(await status('PATCH', `/inventory/ComputeNode/${node.id}`, { "hostname = 'x', description": 'y' }), 400);
  assert.equal(await status('POST', '/inventory/Component', { ID: 'x1000c0s0b0n0', [SQL]: 1 }), 400);
  assert.equal(await status('GET', `/inventory/ComputeNode?${encodeURIComponent(SQL)}=1`), 400);
  assert.equal(await status('GET', `/inventory/ComputeNode?sort=${encodeURIComponent(SQL)}`), 400);
  assert.equal(await status('GET', `/inventory/ComputeNode?fields=${encodeURIComponent(SQL)}`), 400);
  for (const name of ["x'; COPY ComputeNode TO '/tmp/x", '../../keys', '..%2f..%2fkeys', '%2e%2e', 'x'.repeat(300)]) {
    assert.equal(await status('GET', `/snapshots/${encodeURIComponent(name)}`), 400, name);
    assert.equal(await status('POST', `/snapshots/${encodeURIComponent(name)}/restore`, { confirm: true }), 400, name);
    assert.equal(await status('DELETE', `/snapshots/${encodeURIComponent(name)}`), 400, name);
  }
  const { json: found } = await server.request('GET', `/inventory/ComputeNode?hostname=${encodeURIComponent(SQL)}`);
  assert.deepEqual(found, [node]);
  assert.deepEqual((await server.request('GET', `/inventory/ComputeNode?hostname=${encodeURIComponent("' OR '1'='1")}`)).json, []);
});

test('a refused BMC leaves nothing behind, and a password is in no answer', async () => {
  assert.equal((await server.request('POST', '/inventory/BMC', { username: 'root', password: 'hidden one', mac_address: 'no' })).status, 400);
  assert.deepEqual((await server.request('GET', '/inventory/BMC')).json, []);
  const made = await server.request('POST', '/inventory/BMC', {
    username: 'root',
    password: 'hidden one',
    mac_address: '02:00:00:00:00:01',
    xname: 'x1000c0s0b0',
  });
  const { token } = server;
  server.token = '';
  const read = await server.request('GET', `/inventory/BMC/${made.json.id}`);
  assert.equal(read.status, 200);
  for (const { text } of [made, read]) assert.doesNotMatch(text, /hidden one/);
  assert.equal((await server.request('POST', '/inventory/BMC', { username: 'root', password: 'x', mac_address: '02:00:00:00:00:02' })).status, 401);
  server.token = token;
});

test('addresses that are missing are asked for by version, an xname in any spelling is had once, and a refused record does not hold its name', async () => {
  const created = async (more: object): Promise<string> => {
    const { status, text, json } = await server.request('POST', '/inventory/ComputeNode', { ...NODE, ...more });
    assert.equal(status, 201, text);
    return json.id;
  };
  const four = await created({ boot_ipv4_address: '192.0.2.1' });
  const six = await created({ boot_ipv6_address: '2001:db8::1' });
  const idsOf = async (query: string): Promise<readonly string[]> =>
    (await server.request('GET', `/inventory/ComputeNode?hostname=n&${query}`)).json.map(({ id }: { id: string }) => id);
  assert.deepEqual(await idsOf('missingIPV4=true'), [six]);
  assert.deepEqual(await idsOf('missingIPV6=true'), [four]);
  await created({ xname: 'x1000c0s1b0n0' });
  for (const more of [{ xname: 'x1000c0s01b0n0' }, { location_string: 'x1000c0s1b0n0' }]) {
    assert.equal((await server.request('POST', '/inventory/ComputeNode', { ...NODE, ...more })).status, 409, JSON.stringify(more));
  }
  assert.equal((await server.request('POST', '/inventory/NodeCollection', { name: 5 })).status, 400);
  const collection = { name: 'after a refusal', type: 'partition', nodes: ['x1000c0s1b0n0'] };
  const refused = await server.request('POST', '/inventory/NodeCollection', { ...collection, type: 'no such type' });
  const made = await server.request('POST', '/inventory/NodeCollection', collection);
  assert.deepEqual([refused.status, made.status], [400, 201], 'a refused record does not hold its name');
});
