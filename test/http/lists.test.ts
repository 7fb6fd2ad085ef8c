import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Json, node, type Rig, startRig } from './front-rig.ts';

async function rigWith(context: TestContext, count: number): Promise<Rig> {
  const rig = await startRig(context);
  const nodes = Array.from({ length: count }, (_, index) => node(index, { architecture: index % 2 === 0 ? 'X86' : 'ARM' }));
  if (count > 0) assert.equal((await rig.ask('POST', '/inventory/ComputeNode', nodes)).status, 201);
  rig.owner.queries.length = 0;
  return rig;
}

const hostnames = (list: readonly Json[]): unknown[] => list.map((record) => record['hostname']);

test('a list of nothing is an empty array', async (context) => {
  const rig = await rigWith(context, 0);
  const empty = await rig.ask('GET', '/inventory/ComputeNode');
  assert.deepEqual([empty.status, empty.text, empty.headers.get('content-type')], [200, '[]', 'application/json']);
  const lines = await rig.ask('GET', '/inventory/ComputeNode', undefined, { accept: 'application/x-ndjson' });
  assert.deepEqual([lines.text, lines.headers.get('content-type')], ['', 'application/x-ndjson']);
});

test('a list without conditions does not trouble the owner', async (context) => {
  const rig = await rigWith(context, 5);
  const list = await rig.ask('GET', '/inventory/ComputeNode?count=true&fields=hostname');
  assert.equal(rig.owner.queries.length, 0);
  assert.equal(list.headers.get('x-total-count'), '5');
  assert.deepEqual(Object.keys(list.list[0] ?? {}), ['id', 'hostname']);
});

test('conditions, order and pages go to the owner, and the link leads through all of them', async (context) => {
  const rig = await rigWith(context, 10);
  let path = '/inventory/nodes?arch=X86&sort=-hostname&limit=2&count=true';
  const seen: unknown[] = [];
  for (let page = 0; page < 5; page++) {
    const list = await rig.ask('GET', path);
    assert.equal(list.status, 200);
    assert.equal(list.headers.get('x-total-count'), '5');
    seen.push(...hostnames(list.list));
    const next = /^<([^>]+)>; rel="next"$/.exec(list.headers.get('link') ?? '')?.[1];
    if (next === undefined) break;
    path = next;
  }
  assert.deepEqual(seen, ['nid8', 'nid6', 'nid4', 'nid2', 'nid0']);
});

test('a cursor is good only for the list that it came from', async (context) => {
  const rig = await rigWith(context, 4);
  const list = await rig.ask('GET', '/inventory/ComputeNode?limit=1');
  const after = new URL(/<([^>]+)>/.exec(list.headers.get('link') ?? '')?.[1] ?? '', 'http://x').searchParams.get('after') ?? '';
  assert.equal((await rig.ask('GET', `/inventory/ComputeNode?after=${after}`)).list.length, 3);
  for (const path of [
    `/inventory/BMC?after=${after}`,
    `/inventory/ComputeNode?sort=hostname&after=${after}`,
    '/inventory/ComputeNode?after=e30',
    '/inventory/ComputeNode?after=!',
  ]) {
    assert.equal((await rig.ask('GET', path)).json['code'], 'invalid-parameter', path);
  }
});

test('a value in a link is encoded, whatever the caller wrote', async (context) => {
  const rig = await rigWith(context, 3);
  const list = await rig.ask('GET', `/inventory/ComputeNode?limit=1&hostname=!${encodeURIComponent('a>;\r\nX: y"')}`);
  const link = list.headers.get('link') ?? '';
  assert.match(link, /^<[A-Za-z0-9/?&=%_.*+-]+>; rel="next"$/);
  assert.equal(list.headers.get('x'), null);
});

test('an unknown parameter is refused by name', async (context) => {
  const rig = await rigWith(context, 0);
  const refused = await rig.ask('GET', '/inventory/ComputeNode?hostnaem=a');
  assert.deepEqual([refused.status, refused.json['code']], [400, 'invalid-parameter']);
  assert.match(String(refused.json['detail']), /"hostnaem"/);
  for (const path of ['/inventory/ComputeNode/x1000c0s0b0n0?a=1', '/health?a=1', '/schemas?a=1']) {
    assert.equal((await rig.ask('GET', path)).status, 400, path);
  }
});

test('a list that fits no Accept header is a 406', async (context) => {
  const rig = await rigWith(context, 1);
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode', undefined, { accept: 'text/html' })).status, 406);
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode', undefined, { accept: 'text/html, */*;q=0.1' })).status, 200);
});

test('a long list comes whole, as an array and as lines, with other requests answered in between', async (context) => {
  const rig = await startRig(context);
  const description = 'd'.repeat(900);
  const nodes = Array.from({ length: 2500 }, (_, index) => node(index, { description, xname: undefined }));
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode', nodes)).status, 201);
  const list = await rig.ask('GET', '/inventory/ComputeNode');
  assert.equal(list.headers.get('transfer-encoding'), 'chunked');
  assert.deepEqual(
    hostnames(list.list),
    nodes.map((each) => (each as { hostname: string }).hostname),
  );
  const lines = await rig.ask('GET', '/inventory/ComputeNode?fields=hostname', undefined, { accept: 'application/x-ndjson' });
  assert.equal(lines.text.trimEnd().split('\n').length, 2500);
});

test('a client that does not read holds little, and one that goes away ends its list', async (context) => {
  const rig = await startRig(context);
  const description = 'd'.repeat(4000);
  for (let part = 0; part < 3; part++) {
    const nodes = Array.from({ length: 1000 }, (_, index) => node(index, { description, xname: undefined }));
    await rig.ask('POST', '/inventory/ComputeNode', nodes);
  }
  const socket = connect(rig.front.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /inventory/ComputeNode HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1));
  while (rig.front.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await rig.ask('GET', '/health')).status, 200);
  socket.destroy();
  while (rig.front.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 0);
});
