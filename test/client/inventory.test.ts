import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { Client, type HoldfastError, type RecordOf } from '../../src/client/client.ts';
import { blocksUnder, readPage } from '../docs/markdown.ts';
import { type ServerProcess, serverFor, temporaryFolder } from '../support/server-process.ts';

let server: ServerProcess;
let client: Client;

/** One server for the file, with a kind of its own; every test makes its own records. */
before(async (context) => {
  const kinds = temporaryFolder(context as TestContext);
  const schema = blocksUnder(readPage('docs/operations.md'), 'A kind of your own').find(({ language }) => language === 'json');
  writeFileSync(join(kinds, 'Rack.json'), schema?.text ?? '');
  server = await serverFor(context as TestContext, ['--schema-dir', kinds]);
  client = new Client({ url: `${server.url}/inventory/`, token: () => server.token });
  (context as TestContext).after(() => client.close());
});

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error = (await call.then(
    () => assert.fail('it succeeded'),
    (caught: unknown) => caught,
  )) as HoldfastError;
  return error.code;
};

test('a record is made, read by every name it has, replaced, patched in both ways, and deleted', async () => {
  const nodes = client.kind('ComputeNode');
  const made = await nodes.create({ hostname: 'a1', architecture: 'x86_64', xname: 'x3001c0s0b0n0' });
  assert.equal(made.bmc?.xname, 'x3001c0s0b0');
  assert.deepEqual(await nodes.get(made.id), made);
  assert.deepEqual(await nodes.get('x3001c0s0b0n0'), made);
  const replaced = await nodes.replace(made.id, { ...made, hostname: 'a2' }, { ifMatch: made.revision });
  assert.equal(replaced.hostname, 'a2');
  const merged = await nodes.patch(made.id, { description: 'row 1', location_string: null }, { ifMatch: replaced.revision });
  assert.deepEqual([merged.description, merged.location_string], ['row 1', undefined]);
  const patched = await nodes.patch(made.id, [
    { op: 'test', path: '/description', value: 'row 1' },
    { op: 'remove', path: '/description' },
  ]);
  assert.equal(patched.description, undefined);
  assert.equal(await nodes.delete(made.id, { ifMatch: '*' }), true);
  assert.equal(await nodes.delete(made.id), false);
  assert.equal(await nodes.get(made.id), undefined);
});

test('a write with a revision that is not the newest is refused, and changes nothing', async () => {
  const nodes = client.kind('ComputeNode');
  const first = await nodes.create({ hostname: 'r1', architecture: 'x86_64' });
  const second = await nodes.patch(first.id, { hostname: 'r2' });
  const writes: readonly (() => Promise<unknown>)[] = [
    () => nodes.patch(first.id, { hostname: 'r3' }, { ifMatch: first.revision }),
    () => nodes.replace(first.id, { hostname: 'r3', architecture: 'x' }, { ifMatch: `"${first.revision}"` }),
    () => nodes.delete(first.id, { ifMatch: first.revision }),
  ];
  for (const write of writes) assert.equal(await codeOf(write()), 'precondition-failed');
  assert.deepEqual(await nodes.get(first.id), second);
});

test('refreshing gives the known record itself until it has changed', async () => {
  const nodes = client.kind('ComputeNode');
  const known = await nodes.create({ hostname: 'f1', architecture: 'x86_64' });
  assert.equal(await nodes.refresh(known.id, known), known);
  const changed = await nodes.patch(known.id, { hostname: 'f2' });
  assert.deepEqual(await nodes.refresh(known.id, known), changed);
  await nodes.delete(known.id);
  assert.equal(await nodes.refresh(known.id, changed), undefined);
});

test('many records are made together or not at all, and a mistake is told with its place', async () => {
  const components = client.kind('Component');
  const made = await components.createMany([
    { ID: 'x2c0s0b0n0', Type: 'Node' },
    { ID: 'x2c0s0b0n1', Type: 'Node' },
  ]);
  assert.deepEqual(
    made.map(({ ID }) => ID),
    ['x2c0s0b0n0', 'x2c0s0b0n1'],
  );
  // @ts-expect-error the type knows better
  const wrong = components.createMany([{ ID: 'x2c0s0b0n2', Type: 'Node' }, { Type: 'Spaceship' }]);
  const error = (await wrong.catch((caught: unknown) => caught)) as HoldfastError;
  assert.equal(error.code, 'invalid');
  assert.equal(error.status, 400);
  assert.ok(error.errors.some(({ pointer }) => pointer === '/1/ID'));
  assert.equal(typeof error.requestId, 'string');
  assert.equal(error.problem?.instance, '/inventory/Component');
  assert.equal(await components.get('x2c0s0b0n2'), undefined);
});

test('a write with an idempotency key acts once', async () => {
  const nodes = client.kind('ComputeNode');
  const draft = { hostname: 'once', architecture: 'x86_64' };
  const options = { idempotencyKey: 'make-once' };
  assert.deepEqual(await nodes.create(draft, options), await nodes.create(draft, options));
  assert.equal(await nodes.count({ where: { hostname: 'once' } }), 1);
  assert.equal(await codeOf(nodes.create({ ...draft, hostname: 'twice' }, options)), 'idempotency-mismatch');
});

test('secrets are written, never read by the way, kept by a replacement, and read by who may', async () => {
  const bmcs = client.kind('BMC');
  const made = await bmcs.replace(
    'x3003c0s0b0',
    { xname: 'x3003c0s0b0', username: 'root', password: 'correct horse', mac_address: '02:00:00:00:03:00' },
    { upsert: true },
  );
  assert.equal(made.password_set, true);
  assert.ok(!('password' in made));
  await bmcs.replace(made.id, { xname: 'x3003c0s0b0', username: 'admin', mac_address: '02:00:00:00:03:00' });
  assert.deepEqual(await bmcs.secrets('x3003c0s0b0'), { password: 'correct horse' });
  assert.equal(await bmcs.secrets('x3c0s0b9'), undefined);
});

test('a list follows its pages, keeps to its limit, its filter, its order and its fields', async () => {
  const nodes = client.kind('ComputeNode');
  const hostnames = Array.from({ length: 25 }, (_, index) => `l${String(index).padStart(2, '0')}`);
  await nodes.createMany(hostnames.map((hostname) => ({ hostname, architecture: 'list' })));
  const where = { architecture: 'list' };
  const all: RecordOf<'ComputeNode'>[] = [];
  for await (const node of nodes.list({ where, sort: 'hostname', pageSize: 10 })) all.push(node);
  assert.deepEqual(
    all.map(({ hostname }) => hostname),
    hostnames,
  );
  const few = await nodes.list({ where, sort: ['-hostname'], fields: ['hostname'], limit: 12, pageSize: 5 }).toArray();
  assert.deepEqual(
    few.map(({ hostname }) => hostname),
    hostnames.toReversed().slice(0, 12),
  );
  assert.deepEqual(Object.keys(few[0] ?? {}), ['id', 'hostname']);
  assert.equal(await nodes.count({ where }), 25);
});

test('every operator of a filter means what it says', async () => {
  const components = client.kind('Component');
  await components.createMany(
    Array.from({ length: 8 }, (_, nid) => ({ ID: `x4c0s0b0n${nid}`, Type: 'Node' as const, Subtype: 'f', ...(nid > 0 ? { NID: nid } : {}) })),
  );
  const found = async (where: NonNullable<NonNullable<Parameters<typeof components.list>[0]>['where']>): Promise<number[]> => {
    const records = await components.list({ where: { Subtype: 'f', ...where }, sort: 'ID' }).toArray();
    return records.map(({ NID }) => NID ?? 0);
  };
  assert.deepEqual(await found({ NID: 3 }), [3]);
  assert.deepEqual(await found({ NID: [3, 5] }), [3, 5]);
  assert.deepEqual(await found({ NID: { not: [1, 2, 3, 4] } }), [0, 5, 6, 7]);
  assert.deepEqual(await found({ NID: { not: 7, gt: 5 } }), [6]);
  assert.deepEqual(await found({ NID: { gte: 6 } }), [6, 7]);
  assert.deepEqual(await found({ NID: { gt: 2, lte: 4 } }), [3, 4]);
  assert.deepEqual(await found({ NID: { lt: 2 } }), [1]);
  assert.deepEqual(await found({ NID: { missing: true } }), [0]);
  assert.equal((await found({ NID: { missing: false } })).length, 7);
});

test('a property inside another is asked for with a dot, and one of a list by a value', async () => {
  await client.kind('ComputeNode').create({ hostname: 'dotted', architecture: 'x', xname: 'x3005c0s0b0n0' });
  const [node] = await client
    .kind('ComputeNode')
    .list({ where: { 'bmc.xname': 'x3005c0s0b0', network_interfaces: { missing: true } } })
    .toArray();
  assert.equal(node?.hostname, 'dotted');
  await client.kind('NodeCollection').create({ name: 'c', type: 'ad-hoc', nodes: ['x3005c0s0b0n0', 'x3005c0s0b0n1'] });
  assert.equal(await client.kind('NodeCollection').count({ where: { nodes: 'x3005c0s0b0n1' } }), 1);
});

test('a misspelt filter is refused by the server, and one that would ask for everything is not sent', async () => {
  const nodes = client.kind<{ hostnam: string }>('ComputeNode');
  assert.equal(await codeOf(nodes.list({ where: { hostnam: 'x' } }).toArray()), 'invalid-parameter');
  for (const where of [
    { hostnam: [] },
    { hostnam: undefined },
    { hostnam: null },
    { hostnam: {} },
    { hostnam: { near: 1 } },
    { hostnam: '!x' },
    { hostnam: { not: [] } },
  ]) {
    assert.throws(() => nodes.list({ where: where as never }), TypeError);
  }
});

test('a kind of the site works with the type that the caller gives it, or with none', async () => {
  interface Rack {
    readonly name: string;
    readonly height_units: number;
    readonly revision: number;
  }
  const racks = client.kind<Rack>('Rack');
  await racks.create({ name: 'r1', height_units: 42 });
  const rack = await racks.get('r1');
  assert.equal(rack?.height_units, 42);
  const [untyped] = await client
    .kind('Rack')
    .list({ where: { height_units: { gt: 40 } } })
    .toArray();
  assert.equal(untyped?.['name'], 'r1');
});

test('names with a slash, a percent or an umlaut name one record; those that would name another path are refused', async () => {
  const collections = client.kind('NodeCollection');
  for (const name of ['a/b', '100 %', 'Prüfstand?', 'x#y']) {
    const made = await collections.create({ name, type: 'ad-hoc', nodes: [] });
    assert.deepEqual(await collections.get(name), made);
  }
  for (const name of ['', '.', '..']) assert.equal(await codeOf(collections.delete(name)), 'invalid-id');
});

test('snapshots are taken and listed', async () => {
  const taken = await client.snapshots.take({ note: 'from the client' });
  assert.equal(taken.note, 'from the client');
  assert.deepEqual((await client.snapshots.list())[0], taken);
});

test('what has no method of its own can be asked for', async () => {
  const { text } = await client.request({ method: 'GET', path: '/schemas' });
  assert.match(text, /"Rack"/);
  const { body } = await client.stream({ method: 'GET', path: '/inventory/Rack', accept: 'application/x-ndjson' });
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  assert.ok(bytes > 0);
});
