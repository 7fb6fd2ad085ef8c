import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { failingStart, ServerProcess, serverFor, temporaryFolder } from '../support/server-process.ts';
import { runHttpExamples } from './http-examples.ts';
import { blocksUnder, codeIn, readPage, tableOf } from './markdown.ts';
import { ShellExamples } from './shell-examples.ts';

const PAGE = readPage('docs/operations.md');
const NODE = { hostname: 'nid000017', architecture: 'x86_64', xname: 'x3000c0s17b1n0' };

test('the commands about snapshots print what the page shows', async (context) => {
  const server = await serverWithNode(context);
  const place = { url: server.url, directory: server.directory, workingDirectory: temporaryFolder(context) };
  const blocks = blocksUnder(PAGE, 'Snapshots');
  const examples = new ShellExamples(PAGE.path);
  for (const [index, block] of blocks.entries()) if (block.language === 'sh') await examples.run(block, blocks[index + 1], place);
});

test('a snapshot has the files that the page lists', async (context) => {
  const server = await serverWithNode(context);
  const folder = await takenSnapshot(server);
  const listed = tableOf(PAGE, 'Snapshot file').flatMap((row) => codeIn(row['Snapshot file']));
  const others = ['Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint'].map((kind) => `${kind}.parquet`);
  assert.deepEqual(readdirSync(folder).sort(), [...listed, ...others].sort());
});

test('the data folder has the entries that the page lists', async (context) => {
  const server = await serverWithNode(context);
  await takenSnapshot(server);
  await server.kill('SIGTERM');
  const again = await ServerProcess.start({ directory: server.directory, flags: ['--restore=false'] });
  await again.request('POST', '/inventory/ComputeNode', NODE);
  await again.request('POST', '/snapshots');
  await again.kill();
  const listed = tableOf(PAGE, 'Entry').map((row) => (codeIn(row['Entry'])[0] ?? '').replace('/', '').replace('TIME', ''));
  const found = readdirSync(server.directory).map((name) => (name.startsWith('aside-') ? 'aside-' : name));
  assert.deepEqual(found.sort(), listed.sort());
});

test('a copy of snapshots, version and keys starts with the state of the newest snapshot', async (context) => {
  const server = await serverWithNode(context);
  await takenSnapshot(server);
  await server.request('POST', '/inventory/ComputeNode', { hostname: 'later', architecture: 'arm64' });
  const copy = join(temporaryFolder(context), 'copy');
  mkdirSync(copy);
  for (const name of ['snapshots', 'keys']) cpSync(join(server.directory, name), join(copy, name), { recursive: true });
  copyFileSync(join(server.directory, 'version'), join(copy, 'version'));
  const again = await ServerProcess.start({ directory: copy });
  context.after(async () => void (await again.kill()));
  const { json } = await again.request('GET', '/inventory/ComputeNode');
  assert.deepEqual(
    json.map(({ hostname }: { hostname: string }) => hostname),
    ['nid000017'],
  );
});

test('a damaged journal file can be taken away with those after it, and the state before it comes back', async (context) => {
  const server = await serverWithNode(context);
  await takenSnapshot(server);
  for (const hostname of ['a', 'b', 'c']) await server.request('POST', '/inventory/ComputeNode', { hostname, architecture: 'x' });
  await server.kill('SIGKILL');
  const journal = join(server.directory, 'journal');
  const newest = readdirSync(journal).sort().at(-1) as string;
  const bytes = readFileSync(join(journal, newest));
  bytes[80] = (bytes[80] ?? 0) ^ 1;
  writeFileSync(join(journal, newest), bytes);
  const refused = await failingStart(server.directory);
  assert.equal(refused.code, 65);
  assert.match(refused.output, new RegExp(`${newest} is damaged at byte 64`));
  rmSync(join(journal, newest));
  const again = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await again.kill()));
  assert.equal((await again.request('GET', '/inventory/ComputeNode')).json.length, 1);
});

test('a lost token secret ends the old tokens; a lost store key ends the start, and so does a wrong one', async (context) => {
  const server = await serverWithNode(context);
  const oldToken = server.token;
  await server.kill('SIGTERM');
  rmSync(join(server.directory, 'keys', 'token-secret'));
  const again = await ServerProcess.start({ directory: server.directory });
  assert.equal((await again.request('GET', '/snapshots')).status, 200);
  again.token = oldToken;
  assert.equal((await again.request('GET', '/snapshots')).status, 401);
  await again.kill();
  rmSync(join(server.directory, 'keys', 'store-key'));
  assert.equal((await failingStart(server.directory)).code, 1);
  assert.equal((await failingStart(server.directory, [], { HOLDFAST_STORE_KEY: Buffer.alloc(32, 7).toString('base64') })).code, 65);
});

test('HTTP/1.0 is answered with 505', async (context) => {
  const server = await serverFor(context);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /health HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /^HTTP\/1\.1 505 /);
});

test('the kind on the page is complete: with that one file its requests get the answers shown', async (context) => {
  const folder = temporaryFolder(context);
  const blocks = blocksUnder(PAGE, 'A kind of your own');
  const schema = blocks.find(({ language }) => language === 'json');
  assert.ok(schema !== undefined);
  mkdirSync(join(folder, 'kinds'));
  writeFileSync(join(folder, 'kinds', 'Rack.json'), schema.text);
  const server = await serverFor(context, ['--schema-dir', join(folder, 'kinds')]);
  assert.equal(await runHttpExamples(PAGE.path, blocks, server), 2);
});

test('a changed schema takes records over, and is refused where a value would get lost', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'Rack.json');
  const text = blocksUnder(PAGE, 'A kind of your own').find(({ language }) => language === 'json')?.text ?? '';
  writeFileSync(file, text);
  const directory = join(temporaryFolder(context), 'data');
  const flags = ['--schema-dir', folder];
  let server = await ServerProcess.start({ directory, flags });
  assert.equal((await server.request('POST', '/inventory/Rack', { name: 'r1', height_units: 42, row: 'A' })).status, 201);
  await server.kill('SIGTERM');

  writeFileSync(file, text.replace('"row":', '"aisle":'));
  const refused = await failingStart(directory, flags);
  assert.equal(refused.code, 65);
  assert.match(refused.output, /row is not in it any more, but 1 records/);

  // A new property, a property that no record has is gone, and a stricter limit.
  writeFileSync(file, text.replace(/ {4}"labels".*\n/, '    "depth_mm": { "type": "integer", "minimum": 1 },\n').replace('"maximum": 60', '"maximum": 40'));
  server = await ServerProcess.start({ directory, flags });
  context.after(async () => void (await server.kill()));
  assert.equal((await server.request('GET', '/inventory/Rack/r1')).json.height_units, 42);
  assert.equal((await server.request('PATCH', '/inventory/Rack/r1', { depth_mm: 1000 })).status, 400, 'checked when it is written');
  assert.equal((await server.request('PATCH', '/inventory/Rack/r1', { depth_mm: 1000, height_units: 40 })).status, 200);
});

async function serverWithNode(context: Parameters<typeof serverFor>[0]): Promise<ServerProcess> {
  const server = await serverFor(context);
  assert.equal((await server.request('POST', '/inventory/ComputeNode', NODE)).status, 201);
  return server;
}

/** The folder of a snapshot taken now. */
async function takenSnapshot(server: ServerProcess): Promise<string> {
  const { json } = await server.request('POST', '/snapshots');
  return join(server.directory, 'snapshots', `snapshot=${json.name}`);
}
