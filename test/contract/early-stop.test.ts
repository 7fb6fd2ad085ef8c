import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerProcess, serverFor } from '../support/server-process.ts';

const RECORDS = 40_000;

test('a stop at any moment of a start ends with 0, and the next start has everything', async (context) => {
  const server = await serverFor(context);
  const lines = Array.from({ length: RECORDS }, (_, number) => JSON.stringify({ ID: `x${1000 + (number >> 8)}c0s${number & 255}b0n0`, Type: 'Node' }));
  const done = await server.request('POST', '/inventory/Component/bulk', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(done.json.created, RECORDS);
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  await server.kill('SIGTERM');
  for (const pauseMs of [0, 20, 60, 150]) {
    const again = await ServerProcess.start({ directory: server.directory });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    assert.deepEqual(await again.kill('SIGTERM'), { code: 0, signal: null }, `${pauseMs} ms after it was ready:\n${again.output()}`);
    assert.doesNotMatch(again.output(), /"level":"error"/);
  }
  const last = await ServerProcess.start({ directory: server.directory });
  context.after(async () => void (await last.kill()));
  assert.equal((await last.request('GET', '/inventory/Component')).json.length, RECORDS);
});
