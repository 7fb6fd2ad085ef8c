import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FrontCounts, type RouteCounts } from '../../src/http/front-counts.ts';
import { httpMetrics } from '../../src/metrics/http-metrics.ts';
import { node, type Rig, startRig, TOKEN } from '../http/front-rig.ts';

interface Counted extends Rig {
  readonly counts: FrontCounts;
  at(method: string, path: string): RouteCounts;
}

async function counted(context: TestContext): Promise<Counted> {
  const counts = new FrontCounts();
  const rig = await startRig(context, { counts });
  return {
    ...rig,
    counts,
    at(method, path) {
      const found = counts.routes.find((route) => route.method === method && route.path === path);
      assert.ok(found !== undefined, `${method} ${path}`);
      return found;
    },
  };
}

const ONE = '/inventory/{Kind}/{name}';

function timed({ seconds }: RouteCounts): number {
  return seconds.counts.reduce((sum, count) => sum + count, 0);
}

test('reads of one record are counted exactly, however they are answered, and one in sixteen is timed for all', async (context) => {
  const { ask, at } = await counted(context);
  const { json } = await ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${String(json['id'])}`;
  const { headers } = await ask('GET', path);
  for (let count = 1; count < 32; count++) await ask('GET', path);
  assert.deepEqual([...at('GET', ONE).statuses()], [[200, 32]]);
  assert.equal(timed(at('GET', ONE)), 32);
  assert.ok(at('GET', ONE).seconds.sum > 0);
  assert.equal((await ask('GET', path, undefined, { 'if-none-match': headers.get('etag') ?? '' })).status, 304);
  assert.equal((await ask('GET', `${path}?fields=id`)).status, 400);
  assert.equal((await ask('GET', `${path}0`)).status, 404);
  assert.equal((await ask('GET', path.replace('/inventory', ''))).status, 200);
  assert.deepEqual(
    [...at('GET', ONE).statuses()],
    [
      [200, 32],
      [304, 1],
      [400, 1],
      [404, 1],
    ],
  );
  assert.deepEqual([...at('GET', '/{Kind}/{name}').statuses()], [[200, 1]]);
  assert.deepEqual([...at('POST', '/inventory/{Kind}').statuses()], [[201, 1]]);
  assert.equal(timed(at('POST', '/inventory/{Kind}')), 1);
});

test('what has no route is counted in one place, whatever it asks for', async (context) => {
  const { ask, raw, counts } = await counted(context);
  for (const path of ['/nothing', '/nothing/else', '/a/b/c/d', `/${'x'.repeat(9000)}`]) await ask('GET', path);
  await ask('DELETE', '/health');
  await ask('OPTIONS', '/inventory/ComputeNode');
  await raw(['BREW /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'], (text) => text.includes('405'));
  assert.deepEqual(
    [...counts.unrouted.statuses()],
    [
      [204, 1],
      [404, 3],
      [405, 2],
      [414, 1],
    ],
  );
  const labels = httpMetrics({ front: counts, limits: { inFlightMax: 1, bulkBytesInFlightMax: 1, connectionsMax: 1 } })
    .flatMap((metric) => [...metric.read()])
    .flatMap(([, ...words]) => words);
  assert.ok(
    labels.every((label) => !label.includes('nothing') && !label.includes('BREW')),
    labels.join(' '),
  );
});

test('a client that goes before its answer is counted as aborted, and what waits as in flight', async (context) => {
  const { owner, front, at, counts } = await counted(context);
  let letGo: () => void = () => undefined;
  owner.gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const socket = connect(front.port, '127.0.0.1');
  const body = JSON.stringify(node(2));
  socket.write(
    `POST /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\nAuthorization: ${TOKEN['authorization']}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => counts.inFlight() === 1);
  socket.destroy();
  await until(() => at('POST', '/inventory/{Kind}').aborted === 1);
  letGo();
  await until(() => counts.inFlight() === 0);
  assert.deepEqual([...at('POST', '/inventory/{Kind}').statuses()], []);
});

test('bad tokens and tokens that may not are counted; requests without any are not', async (context) => {
  const { ask, counts } = await counted(context);
  await ask('POST', '/inventory/ComputeNode', node(3), { authorization: 'Bearer nobody' });
  await ask('POST', '/inventory/ComputeNode', node(3), { authorization: 'Bearer read' });
  await ask('POST', '/inventory/ComputeNode', node(3), { authorization: 'Bearer read' });
  await fetch(`${(await startRig(context, { counts })).front.url}/snapshots`);
  assert.deepEqual(counts.refusals, { token: 1, scope: 2, password: 0, limited: 0 });
});

async function until(condition: () => boolean): Promise<void> {
  for (const startedMs = performance.now(); !condition(); ) {
    if (performance.now() - startedMs > 5000) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
