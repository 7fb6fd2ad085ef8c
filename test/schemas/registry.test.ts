import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Schema, SchemaProblem } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX, type Kinds, loadKinds } from '../../schemas/registry.ts';
import type { FaultDetail } from '../../src/faults.ts';

const kinds = await loadKinds();

function check(name: string, record: unknown, among: Kinds = kinds): readonly FaultDetail[] {
  const kind = among.find(name);
  assert(kind !== undefined, name);
  return among.check(kind, record);
}

function node(more: object = {}): object {
  return { hostname: 'nid000017', architecture: 'x86_64', ...more };
}

test('the built-in kinds are there in the order of their names, and embedded schemas are published but are no kinds', () => {
  assert.deepEqual(
    kinds.all.map(({ name }) => name),
    ['BMC', 'Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint'],
  );
  assert.deepEqual([...kinds.published.keys()], ['BMC', 'Component', 'ComputeNode', 'NetworkInterface', 'NodeCollection', 'RedfishEndpoint']);
});

test('a kind is found by its name in any case and by its alias', () => {
  for (const name of ['ComputeNode', 'computenode', 'COMPUTENODE', 'nodes', 'Nodes']) assert.equal(kinds.find(name)?.name, 'ComputeNode');
  assert.equal(kinds.find('bmc')?.name, 'BMC');
  for (const name of ['NetworkInterface', 'constructor', '__proto__', '']) assert.equal(kinds.find(name), undefined);
});

test('published schemas refer to nothing outside themselves', () => {
  for (const [name, schema] of kinds.published) {
    for (const [, reference] of JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)) {
      const definition = /^#\/\$defs\/(\w+)$/.exec(reference ?? '')?.[1] ?? '';
      assert(schema.$defs?.[definition] !== undefined, `${name}: ${reference}`);
    }
  }
});

const INTERFACE = { interface_name: 'eth0', mac_address: '00:00:5e:00:53:17' };
const ACCEPTED: readonly (readonly [string, object])[] = [
  ['ComputeNode', node()],
  ['ComputeNode', node({ id: 7, created_at: 'never', revision: 'x' })],
  ['ComputeNode', node({ xname: 'x3000c0s17b1n0', boot_mac: '00-00-5E-00-53-17', network_interfaces: [INTERFACE], bmc: { xname: 'x3000c0s17b1' } })],
  ['ComputeNode', node({ status: { extended_data: { a: [{ b: null }] }, power_state: { on: true, last_updated: '2026-11-22T02:10:00+01:00' } } })],
  ['ComputeNode', node({ hostname: '😀'.repeat(253) })],
  ['BMC', { username: 'operator', mac_address: '00:00:5e:00:53:b1' }],
  ['BMC', { username: 'operator', password: '*****', mac_address: '00:00:5e:00:53:b1' }],
  ['NodeCollection', { name: 'Partition 1', type: 'partition', nodes: [], cloud_init_data: { 'user-data': '#cloud-config' } }],
  ['Component', { ID: 'x3000c0s17b1n0', Type: 'Node', NID: Number.MAX_SAFE_INTEGER }],
  ['RedfishEndpoint', { ID: 'x3000c0s17b1', IPAddress: '2001:db8::b1' }],
];

for (const [name, record] of ACCEPTED) {
  test(`${name} ${JSON.stringify(record).slice(0, 70)} is accepted`, () => assert.deepEqual(check(name, record), []));
}

const REFUSED: readonly (readonly [string, unknown, Readonly<Record<string, string>>])[] = [
  ['ComputeNode', 7, { '': 'must be an object' }],
  ['ComputeNode', null, { '': 'must be an object' }],
  ['ComputeNode', {}, { '/hostname': 'is required', '/architecture': 'is required' }],
  ['ComputeNode', node({ hostname: '' }), { '/hostname': 'must not be empty' }],
  ['ComputeNode', node({ hostname: 'h'.repeat(254) }), { '/hostname': 'must have at most 253 characters' }],
  ['ComputeNode', node({ hostname: '😀'.repeat(254) }), { '/hostname': 'must have at most 253 characters' }],
  ['ComputeNode', node({ host_name: 'a' }), { '/host_name': 'is not a property of ComputeNode' }],
  ['ComputeNode', node({ 'a/b~c': 1 }), { '/a~1b~0c': 'is not a property of ComputeNode' }],
  ['ComputeNode', node({ spec: { hostnam: 'a' } }), { '/spec/hostnam': 'is not a property of spec' }],
  [
    'ComputeNode',
    node({ network_interfaces: [INTERFACE, { ...INTERFACE, mac: 1 }] }),
    { '/network_interfaces/1/mac': 'is not a property of NetworkInterface' },
  ],
  [
    'ComputeNode',
    node({ network_interfaces: [{}] }),
    { '/network_interfaces/0/interface_name': 'is required', '/network_interfaces/0/mac_address': 'is required' },
  ],
  ['ComputeNode', node({ network_interfaces: {} }), { '/network_interfaces': 'must be an array' }],
  ['ComputeNode', node({ network_interfaces: Array(257).fill(INTERFACE) }), { '/network_interfaces': 'must have at most 256 items' }],
  ['ComputeNode', node({ xname: 'x3000c0s17b1' }), { '/xname': 'is not the xname of a node like x3000c0s17b1n0' }],
  ['ComputeNode', node({ xname: 'x3000c0s256b1n0' }), { '/xname': 'is not the xname of a node like x3000c0s17b1n0' }],
  ['ComputeNode', node({ boot_mac: '00:00:5e:00:53' }), { '/boot_mac': 'is not a MAC address like 00:00:5e:00:53:17' }],
  ['ComputeNode', node({ boot_ipv4_address: '192.0.2.256' }), { '/boot_ipv4_address': 'is not an IPv4 address' }],
  ['ComputeNode', node({ boot_ipv6_address: 'fe80::1%eth0' }), { '/boot_ipv6_address': 'is not an IPv6 address without a zone' }],
  ['ComputeNode', node({ bmc: {} }), { '/bmc': 'needs one of id, xname, mac_address' }],
  ['ComputeNode', node({ bmc: { id: 'urn:uuid:0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11' } }), { '/bmc/id': 'is not a UUID' }],
  ['ComputeNode', node({ bmc: { xname: 'x3000c0s17b1', password: '******' } }), { '/bmc/password': MASKED() }],
  ['ComputeNode', node({ spec: { bmc_password: '******' } }), { '/spec/bmc_password': MASKED() }],
  [
    'ComputeNode',
    node({ status: { power_state: { on: 'yes', last_updated: '2026-02-30T00:00:00Z' } } }),
    {
      '/status/power_state/on': 'must be true or false',
      '/status/power_state/last_updated': 'is not a date and time like 2026-11-22T02:10:00Z (RFC 3339)',
    },
  ],
  ['ComputeNode', node({ status: { extended_data: [] } }), { '/status/extended_data': 'must be an object' }],
  ['BMC', { username: 'operator', password: '******', mac_address: '00:00:5e:00:53:b1' }, { '/password': MASKED() }],
  [
    'BMC',
    { username: 'operator', password: 'hunter2'.repeat(200), mac_address: 'hunter2' },
    {
      '/password': 'must have at most 1024 characters',
      '/mac_address': 'is not a MAC address like 00:00:5e:00:53:17',
    },
  ],
  [
    'NodeCollection',
    { name: 'a\nb', type: 'hunter2', nodes: ['x1'] },
    {
      '/name': 'must match the pattern ^[^\\u0000-\\u001f\\u007f]+$',
      '/type': 'must be one of ad-hoc, tenant, job, partition',
      '/nodes/0': 'is not the xname of a node like x3000c0s17b1n0',
    },
  ],
  ['NodeCollection', { name: 'a', type: 'job', nodes: [], cloud_init_data: { a: 1 } }, { '/cloud_init_data/a': 'must be a string' }],
  ['Component', { ID: 'Node 7', Type: 'Node', NID: 1.5 }, { '/ID': 'is not an xname like x3000c0s17b1n0', '/NID': 'must be an integer' }],
  ['Component', { ID: 'x1', Type: 'Node', NID: 2 ** 53 }, { '/NID': 'must be at most 9007199254740991' }],
  ['Component', { ID: 'x1', Type: 'Node', NID: -1 }, { '/NID': 'must be at least 0' }],
  ['RedfishEndpoint', { ID: 'x3000c0s17b1', IPAddress: 'here' }, { '/IPAddress': 'is not an IPv4 address or an IPv6 address without a zone' }],
  ['RedfishEndpoint', { ID: 'x3000c0s17b1', Password: '******' }, { '/Password': MASKED() }],
];

function MASKED(): string {
  return 'is the mask that hides a secret, not a secret: leave it out to keep the one that is stored';
}

for (const [name, record, expected] of REFUSED) {
  test(`${name} ${JSON.stringify(record).slice(0, 90)} is refused in words`, () => {
    const found = check(name, record);
    assert.deepEqual(Object.fromEntries(found.map(({ pointer, detail }) => [pointer, detail])), expected);
    assert.equal(found.length, Object.keys(expected).length);
    assert.equal(JSON.stringify(found).includes('hunter2'), false, 'values are not repeated');
  });
}

test('what every object inherits is no property of a record', () => {
  const record: unknown = JSON.parse('{"hostname":"a","architecture":"b","constructor":1,"toString":2,"__proto__":3}');
  assert.deepEqual(
    check('ComputeNode', record).map(({ pointer }) => pointer),
    ['/constructor', '/toString', '/__proto__'],
  );
});

test('problems are counted up to a limit, and a huge record is not searched for all of them', () => {
  const nodes = Array.from({ length: 1_000 }, () => 'x');
  assert.equal(check('NodeCollection', { name: 'a', type: 'job', nodes }).length, FAULT_DETAILS_MAX);
  assert.equal(check('ComputeNode', node({ network_interfaces: Array(2_000_000).fill({}) })).length, 1);
});

test('free-form parts nest as deep as a body may, and no deeper', () => {
  const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  // The record, `status` and `extended_data` itself are three levels.
  assert.deepEqual(check('ComputeNode', node({ status: { extended_data: deep(62) } })), []);
  assert.deepEqual(check('ComputeNode', node({ status: { extended_data: deep(63) } })), [
    { pointer: '/status/extended_data', detail: 'is nested deeper than 64' },
  ]);
  const interfaces = [INTERFACE, { ...INTERFACE, extended_data: deep(62) }];
  assert.deepEqual(check('ComputeNode', node({ network_interfaces: interfaces })), [
    { pointer: '/network_interfaces/1/extended_data', detail: 'is nested deeper than 64' },
  ]);
});

const BOOKKEEPING = {
  created_at: { type: 'string', format: 'date-time', readOnly: true },
  updated_at: { type: 'string', format: 'date-time', readOnly: true },
  revision: { type: 'integer', readOnly: true },
};

function rack(properties: object = {}, more: object = {}): object {
  return {
    type: 'object',
    additionalProperties: false,
    properties: { id: { type: 'string', format: 'uuid', readOnly: true }, ...BOOKKEEPING, ...properties },
    ...more,
  };
}

/** A folder with these files, gone after the test. */
function folder(context: TestContext, files: Readonly<Record<string, unknown>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-kinds-'));
  context.after(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

async function problemsOf(context: TestContext, files: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const directory = folder(context, files);
  try {
    await loadKinds(directory);
  } catch (error) {
    assert(error instanceof SchemaProblem, String(error));
    assert(error.message.startsWith(`${directory}: `), error.message);
    return error.message.split('\n').slice(1);
  }
  return [];
}

test("a site's file is one more kind, with everything that built-in kinds have", async (context) => {
  const directory = folder(context, {
    'Rack.json': rack(
      {
        name: { type: 'string', 'x-holdfast-unique': 'exact' },
        door: { $ref: 'Door.json' },
        ports: { type: 'array', items: { $ref: 'NetworkInterface.json' } },
        units: { type: 'integer' },
        code: { type: 'string', writeOnly: true, 'x-holdfast-secret': 'code_set' },
        code_set: { type: 'boolean', readOnly: true },
      },
      { required: ['name', 'code'], 'x-holdfast': { naturalKeys: ['name'], aliases: ['racks'], parameters: { noDoor: 'missing=door.side' } } },
    ),
    'Door.json': {
      'x-holdfast': { embedded: true },
      type: 'object',
      additionalProperties: false,
      properties: { side: { enum: ['left', 'right'], type: 'string' } },
    },
    'notes.txt': 'not a schema',
  });
  const extended = await loadKinds(directory);
  assert.equal(extended.find('RACKS')?.name, 'Rack');
  assert.equal(extended.find('Door'), undefined);
  assert.equal(extended.find('bmc')?.name, 'BMC');
  assert.deepEqual(Object.keys((extended.published.get('Rack') as Schema).$defs ?? {}), ['Door', 'NetworkInterface']);
  assert(extended.published.has('Door'));
  assert.deepEqual(check('Rack', { name: 'r1', door: { side: 'left' }, ports: [INTERFACE] }, extended), []);
  assert.deepEqual(check('Rack', { door: { side: 'up' }, code: '******', units: 2 ** 53 }, extended), [
    { pointer: '/name', detail: 'is required' },
    { pointer: '/door/side', detail: 'must be one of left, right' },
    { pointer: '/units', detail: 'must be at most 9007199254740991' },
    { pointer: '/code', detail: MASKED() },
  ]);
  assert.deepEqual(check('BMC', {}, extended), check('BMC', {}));
});

test('a folder that cannot be read is a problem that names it', async () => {
  await assert.rejects(loadKinds('/nonexistent/kinds'), /^SchemaProblem: \/nonexistent\/kinds: the folder of schemas cannot be read: ENOENT/);
});

const PROBLEMS: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
  ['a file that is not JSON', { 'Rack.json': '{' }, /^Rack\.json: is not JSON/],
  ['a file that is no object', { 'Rack.json': [] }, /^Rack\.json: is not a JSON object$/],
  ['a file that is no schema', { 'Rack.json': rack({ name: { type: 'strng' } }) }, /^Rack\.json#\/properties\/name\/type: must be one of array, boolean/],
  ['a pattern that is no regular expression', { 'Rack.json': rack({ name: { type: 'string', pattern: '(' } }) }, /^Rack: Invalid regular expression/],
  ['a schema in another dialect', { 'Rack.json': rack({}, { $schema: 'http://json-schema.org/draft-07/schema#' }) }, /^Rack\.json: "\$schema" must be "https/],
  ['a name that a built-in kind has', { 'bmc.json': rack() }, /^bmc\.json: the name "bmc" is taken by the built-in schema BMC$/],
  ['a name that a built-in alias has', { 'Nodes.json': rack() }, /^Nodes\.json: .* is taken by an alias of the built-in kind ComputeNode$/],
  ['the name of an embedded schema', { 'NetworkInterface.json': rack() }, /is taken by the built-in schema NetworkInterface$/],
  ['a name that is a route', { 'Snapshots.json': rack() }, /^Snapshots\.json: the name "Snapshots" is taken by the route \/snapshots$/],
  [
    'an alias that is a route',
    { 'Rack.json': rack({}, { 'x-holdfast': { aliases: ['Query'] } }) },
    /^Rack\.json: the alias "Query" is taken by the route \/query$/,
  ],
  ['a name that is no name', { 'my rack.json': rack() }, /^my rack: a kind is named with letters/],
  [
    'a reference to nothing',
    { 'Rack.json': rack({ door: { $ref: 'Door.json' } }) },
    /^Rack\.properties\.door: "\$ref": "Door\.json" leads to no known schema$/,
  ],
  ['a missing key', { 'Rack.json': rack({}, { 'x-holdfast': { key: 'name' } }) }, /^Rack: the key property "name" must be/],
  [
    'a natural key that is not unique',
    { 'Rack.json': rack({ name: { type: 'string' } }, { 'x-holdfast': { naturalKeys: ['name'] } }) },
    /^Rack\.name: a natural key must be unique/,
  ],
  [
    'an unknown normal form',
    { 'Rack.json': rack({ name: { type: 'string', 'x-holdfast-unique': 'loose' } }) },
    /^Rack: .*x-holdfast-unique.*#\/properties\/name/,
  ],
  ['a misspelt annotation', { 'Rack.json': rack({ name: { type: 'string', 'x-holdfast-uniqe': 'exact' } }) }, /^Rack: .*unknown keyword.*x-holdfast-uniqe/],
  ['a misspelt member of x-holdfast', { 'Rack.json': rack({}, { 'x-holdfast': { alias: ['r'] } }) }, /^Rack: keyword "x-holdfast" value is invalid/],
  ['a secret without its flag', { 'Rack.json': rack({ code: { type: 'string', 'x-holdfast-secret': 'code_set' } }) }, /^Rack\.code: its flag "code_set"/],
  [
    'a parameter that stands for nothing',
    { 'Rack.json': rack({}, { 'x-holdfast': { parameters: { a: 'missing=b.c' } } }) },
    /^Rack: the parameter "a" stands for "missing=b\.c"/,
  ],
  ['an unknown format', { 'Rack.json': rack({ name: { type: 'string', format: 'hostname' } }) }, /^Rack\.properties\.name: unknown format "hostname"/],
  ['an open record', { 'Rack.json': rack({}, { additionalProperties: true }) }, /^Rack: needs "additionalProperties": false/],
  [
    'a property named __proto__',
    { 'Rack.json': JSON.stringify(rack({ name: {} })).replace('"name"', '"__proto__"') },
    /^Rack: a property cannot be named __proto__$/,
  ],
];

for (const [what, files, expected] of PROBLEMS) {
  test(`${what} is refused at start`, async (context) => {
    const problems = await problemsOf(context, files);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', expected);
  });
}

test('all problems of all files are told at once', async (context) => {
  const problems = await problemsOf(context, {
    'Aisle.json': '{',
    'Metrics.json': rack(),
    'Rack.json': rack({ door: { $ref: 'Door.json' } }),
    'Row.json': rack({}, { 'x-holdfast': { aliases: ['r'] } }),
    'Room.json': rack({}, { 'x-holdfast': { aliases: ['R'] } }),
  });
  assert.deepEqual(
    problems.map((problem) => problem.split(':')[0]),
    ['Aisle.json', 'Metrics.json', 'Rack.properties.door', 'Row.json'],
  );
});
