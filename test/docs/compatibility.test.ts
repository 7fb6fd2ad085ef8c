import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { failingStart, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';
import { runHttpExamples } from './http-examples.ts';
import { blocksUnder, codeIn, readPage, tableOf } from './markdown.ts';
import { ShellExamples } from './shell-examples.ts';

const PAGE = readPage('docs/compatibility.md');
const NODE = { hostname: 'n', architecture: 'x86_64' };

test('every request on the page gets the answer that the page shows, with a token that has no scope', async (context) => {
  const server = await serverFor(context);
  server.token = tokenFor(server.directory, undefined);
  assert.ok((await runHttpExamples(PAGE.path, PAGE.blocks, server)) > 5);
});

test('the table of calls tells the statuses of this server', async (context) => {
  const server = await serverFor(context);
  server.token = tokenFor(server.directory, undefined);
  const nobody = '01a20197-adc2-7320-abef-8e34df7a86ae';
  const bodies: Readonly<Record<string, (salt: number) => object>> = {
    ComputeNode: () => NODE,
    bmc: (salt) => ({ username: 'u', password: 'p', mac_address: `02:00:00:00:00:${salt.toString(16).padStart(2, '0')}` }),
    NodeCollection: (salt) => ({ name: `c${salt}`, type: 'ad-hoc', nodes: [] }),
  };
  let salt = 0;
  for (const row of tableOf(PAGE, 'Call')) {
    const [methods = '', path = ''] = splitCall(row['Call'] ?? '');
    const said = row['Holdfast'] === 'the same' ? row['node-orchestrator'] : row['Holdfast'];
    const kind = path.split('/')[2] ?? '';
    for (const method of methods.split(', ')) {
      salt += 1;
      const body = method === 'GET' || method === 'DELETE' ? undefined : bodies[kind]?.(salt);
      const made = await server.request('POST', `/inventory/${kind}`, bodies[kind]?.(salt));
      if (path.endsWith('{id}')) {
        const there = await server.request(method, path.replace('{id}', made.json.id), body);
        assert.ok(said?.startsWith(String(there.status)) || said?.startsWith('by id'), `${method} ${path}: ${there.status}, and the page says "${said}"`);
        const missing = await server.request(method, path.replace('{id}', nobody), body);
        assert.equal(missing.status, 404, `${method} ${path} of what is not there`);
      } else {
        const { status } = method === 'GET' ? await server.request(method, path) : made;
        assert.ok(said?.startsWith(String(status)), `${method} ${path}: ${status}, and the page says "${said}"`);
      }
    }
  }
});

test('a record as it was read can be put back, and keeps its password', async (context) => {
  const server = await serverFor(context);
  const bmc = { username: 'admin', password: 'admin', mac_address: '02:00:00:00:00:01' };
  const { json } = await server.request('POST', '/inventory/bmc', bmc);
  assert.equal((await server.request('PUT', `/inventory/bmc/${json.id}`, json)).status, 200);
  assert.deepEqual((await server.request('GET', `/inventory/bmc/${json.id}/secrets`)).json, { password: 'admin' });
});

test('an import of snapshots prints what the page shows, and may be repeated', async (context) => {
  const folder = temporaryFolder(context);
  await writeSnapshots(join(folder, 'snapshots'));
  const server = await serverFor(context);
  const place = { url: server.url, directory: server.directory, workingDirectory: folder };
  const [commands, output] = blocksUnder(PAGE, 'Importing its snapshots');
  assert.ok(commands !== undefined && output !== undefined);
  await new ShellExamples(PAGE.path).run(commands, output, place);
  const before = await server.request('GET', '/inventory/ComputeNode?xname=x1000c0s0b0n0');
  await new ShellExamples(PAGE.path).run(commands, undefined, place);
  assert.equal((await server.request('GET', '/inventory/ComputeNode/0195d2a0-0000-7000-8000-000000000001')).json.hostname, 'n2');
  const after = await server.request('GET', '/inventory/ComputeNode?xname=x1000c0s0b0n0');
  assert.equal(after.json[0].id, before.json[0].id);
  assert.equal((await server.request('GET', '/inventory/ComputeNode')).json.length, 4, 'the node without id, xname and MAC came in again');
  const refused = await failingStart(join(folder, 'snapshots'));
  assert.equal(refused.code, 1);
  assert.match(refused.output, /import --from-node-orchestrator/);
});

test('the flags of node-orchestrator start this server, but for a frequency of 0', async (context) => {
  const server = await serverFor(context, ['-snapshot-freq', '60m', '-init-tables', '-snapshot-dir=true', '-restore=true']);
  assert.equal((await server.request('GET', '/health')).status, 200);
  const refused = await failingStart(join(temporaryFolder(context), 'data'), ['-snapshot-freq', '0']);
  assert.equal(refused.code, 2);
  const named = tableOf(PAGE, 'Flag').flatMap((row) => codeIn(row['Flag']).map((flag) => flag.split(/[ =]/)[0]));
  assert.deepEqual(named, ['-dir', '-snapshot-freq', '-restore', '-snapshot-dir', '-init-tables']);
});

function splitCall(cell: string): readonly string[] {
  const call = codeIn(cell).join(', ');
  const slash = call.indexOf(' /');
  return [call.slice(0, slash), call.slice(slash + 1)];
}

async function writeSnapshots(folder: string): Promise<void> {
  mkdirSync(folder);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`
    CREATE TABLE compute_nodes (id UUID, added TIMESTAMP, xname TEXT, boot_mac TEXT, data JSON);
    INSERT INTO compute_nodes VALUES
      (uuid(), now()::TIMESTAMP, 'x1000c0s0b0n0', '', '{"id":"00000000-0000-0000-0000-000000000000","hostname":"n0","architecture":"x86","xname":{"Value":"x1000c0s0b0n0"},"boot_mac":"","bmc":null}'),
      (uuid(), now()::TIMESTAMP, '', '', '{"hostname":"n1","architecture":"x86","xname":"","boot_mac":""}'),
      ('0195d2a0-0000-7000-8000-000000000001', now()::TIMESTAMP, '', '', '{"id":"0195d2a0-0000-7000-8000-000000000001","hostname":"n2","architecture":"x86","xname":"","boot_mac":""}');
    CREATE TABLE bmcs (id UUID, xname TEXT, added TIMESTAMP, data JSON);
    INSERT INTO bmcs VALUES (uuid(), 'x1000c0s0b0', now()::TIMESTAMP, '{"xname":"x1000c0s0b0","username":"root","password":"p","mac_address":"00:11:22:33:44:55"}');
    CREATE TABLE collections (id UUID, name TEXT, data JSON, nodes JSON);
    INSERT INTO collections VALUES (uuid(), 'p1', '{"name":"p1","type":"partition","nodes":["x1000c0s0b0n0"]}', '["x1000c0s0b0n0"]');`);
  await connection.run(`EXPORT DATABASE '${join(folder, '2024-07-01T10-00-00')}' (FORMAT PARQUET)`);
  connection.closeSync();
  instance.closeSync();
}
