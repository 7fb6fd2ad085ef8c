import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { packageRoot } from '../../src/package-root.ts';
import { lacks } from '../support/lacks.ts';
import { type ServerProcess, serverFor } from '../support/server-process.ts';
import { assertAlike } from './likeness.ts';
import { type Block, blocksUnder, readPage, tableOf } from './markdown.ts';
import { here } from './shell-examples.ts';

const PAGE = readPage('docs/reading-snapshots.md');
const NODE = {
  hostname: 'nid000017',
  architecture: 'x86_64',
  xname: 'x3000c0s17b1n0',
  network_interfaces: [
    { interface_name: 'eth0', mac_address: '00:00:5e:00:53:17' },
    { interface_name: 'ib0', mac_address: '00:00:5e:00:53:18' },
  ],
  status: { extended_data: { rack: 7 } },
};

/** The site of the page: two snapshots, the second with one node more. */
async function site(context: TestContext): Promise<ServerProcess> {
  const server = await serverFor(context);
  for (const node of [NODE, { hostname: 'nid000018', architecture: 'arm64' }]) {
    assert.equal((await server.request('POST', '/inventory/ComputeNode', node)).status, 201);
    assert.equal((await server.request('POST', '/snapshots')).status, 201);
  }
  return server;
}

function newestFolder(server: ServerProcess): string {
  const snapshots = join(server.directory, 'snapshots');
  return join(snapshots, readdirSync(snapshots).sort().at(-1) ?? '');
}

function textFor(server: ServerProcess, { text }: Block): string {
  return here(text, { url: server.url, directory: server.directory, workingDirectory: '' });
}

test('DuckDB answers the statements on the page, and imports one snapshot', async (context) => {
  const server = await site(context);
  await server.request('PATCH', '/inventory/ComputeNode/x3000c0s17b1n0', { description: 'moved' });
  await server.request('POST', '/snapshots');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const [perSnapshot, changed] = blocksUnder(PAGE, 'DuckDB').filter(({ language }) => language === 'sql');
  assert.ok(perSnapshot !== undefined && changed !== undefined);
  const counts = (await connection.runAndReadAll(textFor(server, perSnapshot))).getRowObjectsJson();
  assert.deepEqual(
    counts.map(({ nodes }) => nodes),
    ['1', '2', '2'],
  );
  const rows = (await connection.runAndReadAll(textFor(server, changed))).getRowObjectsJson();
  assert.deepEqual(
    rows.map(({ hostname, bmc }) => [hostname, bmc]),
    [['nid000017', 'x3000c0s17b1']],
  );
  await connection.run(`IMPORT DATABASE '${newestFolder(server)}'`);
  assert.deepEqual((await connection.runAndReadAll('SELECT hostname FROM "ComputeNode" ORDER BY 1')).getRows(), [['nid000017'], ['nid000018']]);
  connection.closeSync();
  instance.closeSync();
});

test('hyparquet reads a snapshot, and finds the metadata that the page names', async (context) => {
  const server = await site(context);
  const file = await asyncBufferFromFile(join(newestFolder(server), 'ComputeNode.parquet'));
  const metadata = await parquetMetadataAsync(file);
  const rows = await parquetReadObjects({ file, metadata, compressors });
  assert.deepEqual(rows.map((row) => [row['hostname'], row['bmc']?.xname]).sort(), [
    ['nid000017', 'x3000c0s17b1'],
    ['nid000018', undefined],
  ]);
  const pairs = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]));
  assert.deepEqual([pairs['holdfast_kind'], pairs['holdfast_sequence']], ['ComputeNode', '3']);
  assert.match(pairs['holdfast_schema'] ?? '', /^[0-9a-f]{64}$/);
  for (const name of Object.keys(pairs).filter((key) => key.startsWith('holdfast_'))) assert.ok(PAGE.text.includes(`\`${name}\``), name);
});

for (const [index, block] of PAGE.blocks.entries()) {
  if (block.language !== 'python') continue;
  const output = PAGE.blocks[index + 1];
  const libraries = new Set([...block.text.matchAll(/^import (.+)$/gm)].flatMap(([, names = '']) => names.split(', ')));
  test(`Python prints what the page shows below ${block.heading}`, async (context) => {
    if (lacks(context, 'python3', ['-c', `import ${[...libraries].join(', ')}`])) return;
    assert.equal(output?.language, 'text');
    const server = await site(context);
    const printed = execFileSync('python3', ['-c', textFor(server, block)], { encoding: 'utf8', timeout: PYTHON_LIMIT_MS });
    // pandas pads its columns, an editor takes blanks at the end of a line away.
    assertAlike(printed.replaceAll(/ +$/gm, ''), output?.text ?? '', `${PAGE.path}, line ${block.line}`);
  });
}

const PYTHON_LIMIT_MS = 60_000;

test('the versions on the page are those that the tests run', () => {
  const versions = Object.fromEntries(tableOf(PAGE, 'Reader').map((row) => [row['Reader'], row['Version']]));
  assert.deepEqual([versions['DuckDB'], versions['hyparquet']], ['@duckdb/node-api', 'hyparquet'].map(installedVersion));
});

/** Major and minor. */
function installedVersion(name: string): string {
  const lock = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> };
  return lock.packages[`node_modules/${name}`]?.version.split('.').slice(0, 2).join('.') ?? `no ${name}`;
}
