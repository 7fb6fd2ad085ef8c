import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Kind } from '../../schemas/kind.ts';
import { loadKinds } from '../../schemas/registry.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { node, startRig } from './front-rig.ts';

test('a new record is answered with itself, its place and its tag, and is read at once', async (context) => {
  const rig = await startRig(context);
  const created = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), `/inventory/ComputeNode/${created.json['id']}`);
  assert.equal(created.headers.get('etag'), `"${created.json['revision']}"`);
  assert.equal(created.headers.get('content-type'), 'application/json');
  const read = await rig.ask('GET', created.headers.get('location') ?? '');
  assert.equal(read.status, 200);
  assert.equal(read.text, created.text);
  assert.equal(read.headers.get('etag'), created.headers.get('etag'));
});

test('a record is found by any of its names, in any spelling, under each path of its kind', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const id = String(json['id']);
  const names = [id, id.toUpperCase(), 'x1000c0s0b0n1', 'x01000c00s0b0n1', `${id}/`, encodeURIComponent(id)];
  for (const base of ['/inventory/ComputeNode', '/ComputeNode', '/inventory/computenode', '/inventory/nodes', '/COMPUTENODE']) {
    for (const name of names) {
      const read = await rig.ask('GET', `${base}/${name}`);
      assert.equal(read.status, 200, `${base}/${name}`);
      assert.equal(read.json['id'], id);
    }
  }
});

test('a GET by key or by another name, and a list of one unique value, are answered from the view alone; so is that there is none', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  rig.owner.queries.length = 0;
  for (const name of [json['id'], 'x1000c0s0b0n1', 'x1000c00s0b0n01']) {
    const read = await rig.ask('GET', `/inventory/ComputeNode/${name}`);
    assert.deepEqual([read.status, read.json], [200, json]);
  }
  for (const name of ['x1000c0s0b0n2', '0190aaaa-0000-7000-8000-000000000000']) {
    assert.equal((await rig.ask('GET', `/inventory/ComputeNode/${name}`)).status, 404);
  }
  for (const [query, found] of [
    ['xname=x1000c00s0b0n1', [json]],
    ['xname=x1000c0s0b0n2&xname=x1000c0s0b0n1&xname=x1000c0s0b0n01', [json]],
    ['xname=x1000c0s0b0n2', []],
    ['xname=x1000c0s0b0n1&count=true&fields=xname', [{ id: json['id'], xname: 'x1000c0s0b0n1' }]],
  ] as const) {
    const list = await rig.ask('GET', `/inventory/ComputeNode?${query}`);
    assert.deepEqual(list.list, found);
    if (query.includes('count')) assert.equal(list.headers.get('x-total-count'), '1');
  }
  assert.equal(rig.owner.queries.length, 0);
  // Anything else beside it is a search.
  for (const query of ['xname=x1000c0s0b0n1&limit=1', 'xname=x1000c0s0b0n1&sort=xname', 'xname=!x1000c0s0b0n1', 'xname=x1000c0s0b0n1&hostname=n']) {
    assert.equal((await rig.ask('GET', `/inventory/ComputeNode?${query}`)).status, 200);
  }
  assert.deepEqual(
    rig.owner.queries.map(({ kind }) => kind),
    Array.from({ length: 4 }, () => 'record.find'),
  );
});

test('a list of one unique value is the same whether it goes the shortest way or not', async (context) => {
  const rig = await startRig(context);
  await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const seen = async (query: string, headers: Record<string, string> = {}) => {
    const { status, text, headers: all } = await rig.ask('GET', `/inventory/ComputeNode?${query}`, undefined, headers);
    return { status, text, headers: Object.fromEntries([...all].filter(([name]) => name !== 'x-request-id' && name !== 'date')) };
  };
  for (const value of ['x1000c0s0b0n1', 'x1000c00s0b0n01', 'x1000c0s0b0n2']) {
    const short = await seen(`xname=${value}`);
    assert.deepEqual(short, await seen(`xname=${value}&count=false`));
    assert.equal(short.headers['x-holdfast-sequence'], '1');
    assert.deepEqual(await seen(`xname=${encodeURIComponent(value).replace('x', '%78')}`), short);
  }
  assert.deepEqual(await seen('xname=x1000c0s0b0n1', { 'if-none-match': '*' }), await seen('xname=x1000c0s0b0n1'));
  assert.equal((await seen('xname=x1000c0s0b0n1', { accept: 'application/x-ndjson' })).text.at(-1), '\n');
  assert.equal((await seen('xname=x1000c0s0b0n1', { accept: 'image/png' })).status, 406);
  assert.equal((await seen('xname=x1000c0s0b0n1', { 'x-request-id': 'mine' })).status, 200);
});

test('a key that is missed while a start still brings keys is asked of the owner, though the last has come when the look is over', async (context) => {
  const kinds = await loadKinds();
  // A kind whose keys are its only names.
  const find: typeof kinds.find = (name) => kinds.find(name) && { ...(kinds.find(name) as Kind), naturalKeys: [] };
  const rig = await startRig(context, { kinds: { ...kinds, find } });
  let looks = 0;
  // The shortest way looks first, and leaves it to the ordinary one.
  Object.defineProperty(rig.view, 'isIndexed', { get: () => looks > 1 });
  rig.view.locate = () => {
    looks += 1;
    return NOWHERE;
  };
  rig.owner.queries.length = 0;
  await rig.ask('GET', '/inventory/ComputeNode/00000000-0000-4000-8000-000000000001');
  assert.deepEqual(
    rig.owner.queries.map(({ kind }) => kind),
    ['record.read'],
  );
  await rig.ask('GET', '/inventory/ComputeNode/00000000-0000-4000-8000-000000000001');
  assert.equal(rig.owner.queries.length, 1, 'with all keys there the view knows');
});

test('a tag that the client has already gets 304, in lists, weak, and as *', async (context) => {
  const rig = await startRig(context);
  const created = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const etag = created.headers.get('etag') ?? '';
  const key = `/inventory/ComputeNode/${created.json['id']}`;
  for (const path of [key, '/inventory/ComputeNode/x1000c0s0b0n1']) {
    for (const header of [etag, `W/${etag}`, `"7777", ${etag}`, '*']) {
      const read = await rig.ask('GET', path, undefined, { 'if-none-match': header });
      assert.equal(read.status, 304, header);
      assert.equal(read.text, '');
      assert.equal(read.headers.get('etag'), etag);
      assert.equal(read.headers.get('x-content-type-options'), 'nosniff');
    }
    assert.equal((await rig.ask('GET', path, undefined, { 'if-none-match': '"7777"' })).status, 200);
  }
});

test('HEAD answers like GET without a body', async (context) => {
  const rig = await startRig(context);
  const created = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const head = await rig.ask('HEAD', `/inventory/ComputeNode/${created.json['id']}`);
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), String(created.text.length));
  assert.equal(head.headers.get('etag'), created.headers.get('etag'));
  assert.equal((await rig.ask('HEAD', '/inventory/ComputeNode')).status, 200);
  assert.equal((await rig.ask('HEAD', '/inventory/ComputeNode/x9000c0s0b0n0')).status, 404);
});

test('an array is created as a whole, or not at all', async (context) => {
  const rig = await startRig(context);
  const created = await rig.ask('POST', '/inventory/ComputeNode', [node(1), node(2)]);
  assert.equal(created.status, 201);
  assert.deepEqual([created.list[0]?.['hostname'], created.list[1]?.['hostname']], ['nid1', 'nid2']);
  const refused = await rig.ask('POST', '/inventory/ComputeNode', [node(3), { hostname: 4 }]);
  assert.equal(refused.status, 400);
  assert.equal(refused.json['code'], 'invalid');
  assert.ok(refused.errors.every(({ pointer }) => pointer.startsWith('/1')));
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode')).list.length, 2);
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode', [])).text, '[]');
});

test('more records than an array may have are sent to the bulk route', async (context) => {
  const rig = await startRig(context, { limits: { createItemsMax: 2 } });
  const refused = await rig.ask('POST', '/inventory/ComputeNode', [node(1), node(2), node(3)]);
  assert.equal(refused.status, 413);
  assert.match(String(refused.json['detail']), /bulk/);
});

test('what only the server sets is ignored in a body, nulls mean absent', async (context) => {
  const rig = await startRig(context);
  const created = await rig.ask('POST', '/inventory/ComputeNode', node(1, { id: 'no uuid', revision: 99, created_at: 'x', bmc: null, description: null }));
  assert.equal(created.status, 201);
  assert.equal(created.json['revision'], 1);
});

test('PUT and POST to a record replace it, and create it only when asked to', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  for (const method of ['PUT', 'POST']) {
    const replaced = await rig.ask(method, `/inventory/ComputeNode/${json['id']}`, node(1, { hostname: method }));
    assert.equal(replaced.status, 200);
    assert.equal(replaced.json['hostname'], method);
    assert.equal((await rig.ask(method, '/inventory/ComputeNode/x1000c0s0b0n7', node(7))).status, 404);
  }
  const made = await rig.ask('PUT', '/inventory/ComputeNode/x1000c0s0b0n7?upsert=true', node(7));
  assert.equal(made.status, 201);
  assert.equal(made.headers.get('location'), `/inventory/ComputeNode/${made.json['id']}`);
});

test('a kind whose clients choose the key need not repeat it in the body of a PUT', async (context) => {
  const rig = await startRig(context);
  const made = await rig.ask('PUT', '/inventory/RedfishEndpoint/x1000c0s0b0?upsert=true', { Name: 'a' });
  assert.equal(made.status, 201);
  assert.equal(made.json['ID'], 'x1000c0s0b0');
});

test('a patch goes to the owner as what its content type says', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${json['id']}`;
  for (const type of ['application/json', 'application/merge-patch+json', 'application/merge-patch+json; charset=utf-8']) {
    const patched = await rig.ask('PATCH', path, { description: null }, { 'content-type': type });
    assert.equal(patched.status, 200);
  }
  await rig.ask('PATCH', path, [{ op: 'test', path: '/hostname', value: 'x' }], { 'content-type': 'application/json-patch+json' });
  assert.deepEqual(
    rig.owner.commands.flatMap((command) => (command.kind === 'record.patch' ? [command.input.patch.type] : [])),
    ['merge', 'merge', 'merge', 'json'],
  );
  const first = rig.owner.commands.find((command) => command.kind === 'record.patch');
  assert.deepEqual(first?.input, {
    kind: 'ComputeNode',
    name: json['id'],
    patch: { type: 'merge', document: { description: null } },
    origin: { subject: 'tester' },
  });
  assert.equal((await rig.ask('PATCH', path, { a: 1 }, { 'content-type': 'application/json-patch+json' })).json['code'], 'invalid');
  assert.equal((await rig.ask('PATCH', path, [1])).json['code'], 'invalid');
});

test('a record that is deleted is gone, and deleting it again is a 404', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${json['id']}`;
  const deleted = await rig.ask('DELETE', `${path}?force=true`);
  assert.equal(deleted.status, 204);
  assert.equal(deleted.text, '');
  assert.equal((await rig.ask('GET', path)).status, 404);
  assert.equal((await rig.ask('DELETE', path)).status, 404);
  const [command] = rig.owner.commands.filter(({ kind }) => kind === 'record.delete');
  assert.deepEqual(command?.input, { kind: 'ComputeNode', name: json['id'], force: true });
});

test('a write with another revision than the record has is refused with 412', async (context) => {
  const rig = await startRig(context);
  const { json, headers } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${json['id']}`;
  const etag = headers.get('etag') ?? '';
  for (const tag of ['"7777"', `W/${etag}`, '"abc"']) {
    for (const [method, body] of [
      ['PUT', node(1)],
      ['POST', node(1)],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      const refused = await rig.ask(method, path, body, { 'if-match': tag });
      assert.equal(refused.status, 412, `${method} ${tag}`);
    }
  }
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode', node(2), { 'if-match': etag })).status, 412);
  assert.equal((await rig.ask('PUT', path, node(1), { 'if-match': '17' })).json['code'], 'invalid-parameter');
  assert.equal((await rig.ask('PUT', path, node(1), { 'if-none-match': '*' })).json['code'], 'invalid-parameter');
  assert.equal((await rig.ask('PUT', path, node(1), { 'if-match': `"1234", ${etag}` })).status, 200);
  assert.equal((await rig.ask('DELETE', path, undefined, { 'if-match': '*' })).status, 204);
});

test('the same idempotency key and body give the same answer, another body is refused', async (context) => {
  const rig = await startRig(context);
  const headers = { 'idempotency-key': 'once-and-only' };
  const first = await rig.ask('POST', '/inventory/ComputeNode', node(1), headers);
  const again = await rig.ask('POST', '/inventory/ComputeNode', node(1), headers);
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(again.headers.get('etag'), first.headers.get('etag'));
  assert.equal(again.headers.get('location'), first.headers.get('location'));
  assert.equal((await rig.ask('POST', '/inventory/ComputeNode', node(2), headers)).status, 422);
  for (const key of ['with space', 'x'.repeat(256), '\u00e9']) {
    assert.equal((await rig.ask('POST', '/inventory/ComputeNode', node(3), { 'idempotency-key': key })).json['code'], 'invalid-parameter');
  }
});

test('a conflict from the owner is a 409 problem', async (context) => {
  const rig = await startRig(context);
  await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const refused = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  assert.equal(refused.status, 409);
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  const { type, title, status, code, instance, requestId } = refused.json as unknown as Record<string, unknown>;
  assert.deepEqual(
    { type, title, status, code, instance, requestId },
    {
      type: '/problems/conflict',
      title: 'Another record stands in the way',
      status: 409,
      code: 'conflict',
      instance: '/inventory/ComputeNode',
      requestId: refused.headers.get('x-request-id'),
    },
  );
});

test('a write whose body is no JSON, or of another type, says so', async (context) => {
  const rig = await startRig(context);
  const cases: readonly [unknown, Record<string, string>, number, string][] = [
    ['{"a":', {}, 400, 'malformed-json'],
    [Buffer.from([0x7b, 0xff, 0x7d]), {}, 400, 'invalid-encoding'],
    [undefined, {}, 400, 'malformed-json'],
    ['{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'unsupported-media-type'],
    ['{}', { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['7', {}, 400, 'invalid'],
  ];
  for (const [body, headers, status, code] of cases) {
    const refused = await rig.ask('POST', '/inventory/ComputeNode', body, headers);
    assert.deepEqual([refused.status, refused.json['code']], [status, code], String(body));
  }
  assert.equal(
    (await rig.ask('POST', '/inventory/ComputeNode', node(1), { 'content-encoding': 'identity', 'content-type': 'Application/JSON;charset="UTF-8"' })).status,
    201,
  );
});

test('names that cannot be any are refused, names that could be are not found', async (context) => {
  const rig = await startRig(context);
  for (const name of ['%00', '%ff', 'a%0ab', 'x'.repeat(1025), 'a%zz']) {
    const refused = await rig.ask('GET', `/inventory/ComputeNode/${name}`);
    assert.deepEqual([refused.status, refused.json['code']], [400, 'invalid-id'], name);
  }
  for (const name of ['nothing', 'a%2Fb', "'; DROP TABLE nodes; --", '__proto__', '0190aaaa-0000-7000-8000-000000000000']) {
    assert.equal((await rig.ask('GET', `/inventory/ComputeNode/${encodeURI(name)}`)).status, 404, name);
  }
});

test('while the view is being filled, a record that it lacks is asked of the owner', async (context) => {
  const rig = await startRig(context);
  rig.owner.indexed = false;
  rig.owner.filled = false;
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  rig.owner.queries.length = 0;
  for (const name of ['0190aaaa-0000-7000-8000-000000000000', 'x1c0s0b0n0']) assert.equal((await rig.ask('GET', `/inventory/ComputeNode/${name}`)).status, 404);
  assert.deepEqual((await rig.ask('GET', '/inventory/ComputeNode?xname=x1c0s0b0n0')).list, []);
  assert.deepEqual(
    rig.owner.queries.map(({ kind }) => kind),
    ['record.read', 'record.read', 'record.find'],
  );
  assert.equal((await rig.ask('GET', '/inventory/ComputeNode')).list[0]?.['id'], json['id']);
  assert.equal(rig.owner.queries.at(-1)?.kind, 'record.find');
});

test('secrets are shown to who may see them, and to nobody else', async (context) => {
  const rig = await startRig(context);
  const { json } = await rig.ask('POST', '/inventory/ComputeNode', node(1));
  const path = `/inventory/ComputeNode/${json['id']}/secrets`;
  assert.equal((await rig.ask('GET', path)).status, 401);
  assert.equal((await rig.ask('GET', path, undefined, { authorization: 'Bearer read' })).status, 403);
  assert.equal((await rig.ask('GET', path, undefined, { authorization: 'Bearer unscoped' })).status, 403);
  const shown = await rig.ask('GET', path, undefined, { authorization: 'Bearer all' });
  assert.deepEqual([shown.status, shown.text, shown.headers.get('cache-control')], [200, '{"password":"hunter2"}', 'no-store']);
  assert.ok(rig.lines.some(({ fields }) => fields['subject'] === 'tester' && fields['kind'] === 'ComputeNode'));
});
