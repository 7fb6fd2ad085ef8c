import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServerProcess, temporaryFolder } from '../support/server-process.ts';

test('a write that was answered is read by the next request, by key, by natural key, by filter and in the full list', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  const server = await ServerProcess.start({ directory });
  context.after(async () => void (await server.kill()));
  for (let number = 0; number < 40; number++) {
    const { json, text } = await server.request('POST', '/inventory/ComputeNode', node(number));
    assert.equal((await server.request('GET', `/inventory/ComputeNode/${json.id}`)).text, text);
    assert.equal((await server.request('GET', `/inventory/ComputeNode/${json.xname}`)).text, text);
    assert.equal((await server.request('GET', `/inventory/ComputeNode?hostname=${json.hostname}`)).text, `[${text}]`);
    assert.equal((await server.request('GET', '/inventory/ComputeNode')).json.length, number + 1);
  }
});

test('secrets and idempotent answers survive a restart with and without a snapshot', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  let server = await ServerProcess.start({ directory });
  const bmc = { username: 'root', password: 'correct horse', mac_address: '02:00:00:00:00:01' };
  const first = await server.request('POST', '/inventory/BMC', bmc, { 'idempotency-key': 'one' });
  assert.equal(first.status, 201);
  for (const stop of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    await server.kill(stop);
    server = await ServerProcess.start({ directory });
    const again = await server.request('POST', '/inventory/BMC', bmc, { 'idempotency-key': 'one' });
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('etag'), first.headers.get('etag'));
    const other = await server.request('POST', '/inventory/BMC', { ...bmc, description: 'other' }, { 'idempotency-key': 'one' });
    assert.equal(other.status, 422);
    const secrets = await server.request('GET', `/inventory/BMC/${first.json.id}/secrets`);
    assert.equal(secrets.json.password, 'correct horse');
  }
  assert.equal((await server.request('GET', '/inventory/BMC')).json.length, 1);
  await server.kill();
});

function node(number: number): Record<string, unknown> {
  const mac = number
    .toString(16)
    .padStart(6, '0')
    .replace(/(..)(..)(..)/, '$1:$2:$3');
  return {
    hostname: `node-${number}`,
    xname: `x${1000 + (number >> 8)}c0s${number & 255}b0n0`,
    architecture: number % 2 === 0 ? 'x86_64' : 'arm64',
    boot_mac: undefined,
    network_interfaces: [{ interface_name: 'eth0', mac_address: `02:00:01:${mac}`, description: 'the first one' }],
  };
}
