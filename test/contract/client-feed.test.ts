import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../bench/peers/free-port.ts';
import { Client } from '../../src/client/client.ts';
import { packageRoot } from '../../src/package-root.ts';
import { ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

const NODE = { hostname: 'n1', architecture: 'x86_64' };

test('the client follows the feed over restarts of the server, and sees each change once', async (context) => {
  const directory = join(temporaryFolder(context), 'data');
  // Known before the first start, and none that the system gives to somebody else while the server is down.
  const port = String(await freePort());
  let server = await ServerProcess.start({ directory, flags: ['--port', port] });
  const { url } = server;
  const client = new Client({ url, token: tokenFor(directory, ['inventory:read', 'inventory:write']) });
  context.after(async () => {
    await client.close();
    await server.kill();
  });
  const seen: number[] = [];
  const following = (async () => {
    for await (const event of client.feed({ kinds: ['ComputeNode'], since: 0 })) {
      if (event.topic !== 'record') continue;
      assert.equal(event.data.hostname, `n${event.sequence}`);
      seen.push(event.sequence);
      if (seen.length === 40) return;
    }
  })();
  for (let round = 0; round < 4; round++) {
    for (let count = 1; count <= 10; count++) {
      await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: `n${round * 10 + count}` });
    }
    await server.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    server = await ServerProcess.start({ directory, flags: ['--port', port] });
  }
  await following;
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
});

test('list, then follow: what the list does not have the feed tells', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', NODE);
  await using client = new Client({ url: server.url });
  const list = client.kind('ComputeNode').list();
  const names: string[] = [];
  for await (const { hostname } of list) names.push(hostname);
  await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: 'n2' });
  for await (const event of client.feed({ kinds: ['ComputeNode'], since: list.sequence ?? 0 })) {
    if (event.topic !== 'record') continue;
    assert.equal(event.change, 'created');
    names.push(event.data.hostname);
    break;
  }
  assert.deepEqual(names, ['n1', 'n2']);
});

test('holdfast watch prints a line for each event, and ends after as many as were asked for', async (context) => {
  const server = await serverFor(context);
  const cli = join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js');
  const child = spawn(
    process.execPath,
    [cli, 'watch', 'ComputeNode', '--url', server.url, '--filter', 'hostname=n1', '--since', '0', '--json', '--count', '2'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const { json: made } = await server.request('POST', '/inventory/ComputeNode', NODE);
  await server.request('POST', '/inventory/ComputeNode', { ...NODE, hostname: 'n2' });
  await server.request('PATCH', `/inventory/ComputeNode/${made.id}`, { description: 'changed' });
  assert.equal(await ended, 0);
  const events = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ type, subject }) => [type, subject]),
    [
      ['holdfast.ComputeNode.created', made.id],
      ['holdfast.ComputeNode.updated', made.id],
    ],
  );
});
