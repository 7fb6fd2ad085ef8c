import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { holdfast, type ServerProcess, serverFor, temporaryFolder } from '../support/server-process.ts';

/** Debian's Python, which has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const missing = whatIsMissing();
const skip =
  missing === undefined
    ? false
    : `node-orchestrator's client needs ${PYTHON} with requests, PyJWT and jsonschema (Debian: python3-requests python3-jwt python3-jsonschema): ${missing}`;

test('the calls of the original Python client work unchanged, with and without /inventory in the URL', { skip }, async (context) => {
  const server = await serverFor(context);
  const schemas = join(temporaryFolder(context), 'schemas');
  assert.equal((await holdfast(['schemas', '--dir', schemas])).code, 0);
  for (const base of ['', '/inventory']) {
    const client = (args: readonly string[], body?: unknown) => python(server, base, ['--schema-dir', schemas, ...args], body);
    const [created] = await client(['create', 'ComputeNode'], { hostname: 'localhost', architecture: 'x86_64' });
    assert.equal(created?.status, 201);
    const { id } = created?.body ?? {};
    assert.deepEqual(await client(['get', 'ComputeNode', id]), [{ status: 200, body: created?.body }]);
    const [updated] = await client(['update', 'ComputeNode', id], { hostname: 'other', architecture: 'arm64' });
    assert.equal(updated?.status, 200);
    assert.equal(updated?.body.hostname, 'other');
    assert.equal((await client(['delete', 'ComputeNode', id]))[0]?.status, 204);
    assert.equal((await client(['get', 'ComputeNode', id]))[0]?.status, 404);
    const [bmc] = await client(['create', 'bmc'.toUpperCase()], {
      username: 'root',
      password: 'initial0',
      mac_address: `02:00:00:00:00:0${base.length === 0 ? 1 : 2}`,
    });
    assert.equal(bmc?.status, 201);
    assert.equal((await python(server, base, ['get', 'bmc', bmc?.body.id]))[0]?.status, 200);
    const [collection] = await client(
      ['create', 'NodeCollection'],
      [{ name: `Partition ${base}`, type: 'partition', nodes: [`x3000c12s12b3n${base.length}`] }],
    );
    assert.equal(collection?.status, 201);
    assert.equal(collection?.body.creator_subject, 'someone@example.org');
    assert.equal((await client(['get', 'NodeCollection', encodeURIComponent(`Partition ${base}`)]))[0]?.body.id, collection?.body.id);
  }
});

test('256 objects at once, as its sample data looks, are all created', { skip }, async (context) => {
  const server = await serverFor(context);
  const nodes = Array.from({ length: 256 }, (_, number) => ({
    hostname: `host-${number % 200}`,
    xname: `x${10000 + number}c1s1b1n1`,
    architecture: 'x86_64',
    boot_mac: `02:00:00:00:01:${number.toString(16).padStart(2, '0')}`,
    network_interfaces: [
      { interface_name: 'word', ipv4_address: '10.1.2.3', ipv6_address: 'fd00::1', mac_address: '02:00:00:00:00:99', description: 'A sentence.' },
    ],
    bmc:
      number % 3 === 0
        ? { username: 'admin', password: 'admin', ipv4_address: '10.0.0.1', mac_address: `02:00:00:00:02:${number.toString(16).padStart(2, '0')}` }
        : null,
    description: 'Another sentence.',
  }));
  const answers = await python(server, '', ['--at-once', '256', 'create', 'ComputeNode'], nodes);
  assert.equal(answers.length, 256);
  for (const answer of answers) assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal((await server.request('GET', '/ComputeNode')).json.length, 256);
  assert.equal((await server.request('GET', '/bmc')).json.length, 256);
});

test('a token of the original client with another secret is refused', { skip }, async (context) => {
  const server = await serverFor(context);
  const [answer] = await python(server, '', ['create', 'ComputeNode'], { hostname: 'a', architecture: 'x86_64' }, 'secret');
  assert.equal(answer?.status, 401);
});

// biome-ignore lint/suspicious/noExplicitAny: the bodies are looked into
type Line = { readonly status: number; readonly body: any };

async function python(server: ServerProcess, base: string, args: readonly string[], body?: unknown, secret?: string): Promise<readonly Line[]> {
  const shared = secret ?? readFileSync(join(server.directory, 'keys', 'token-secret'), 'utf8').trim();
  const script = join(packageRoot(), 'test', 'clients', 'orchestrator_client.py');
  const child = spawn(PYTHON, [script, '--url', `${server.url}${base}`, '--gen-jwt-secret', shared, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.end(body === undefined ? '' : JSON.stringify(body));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, errors);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function whatIsMissing(): string | undefined {
  try {
    execFileSync(PYTHON, ['-c', 'import requests, jwt, jsonschema'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return String((error as Error).message)
      .split('\n')
      .at(-2);
  }
}
