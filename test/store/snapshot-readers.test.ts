import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema, type SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Column, NamedColumn, Schema } from '../../schemas/kind.ts';
import { loadKinds } from '../../schemas/registry.ts';
import { RESERVATIONS } from '../../src/protocol/reservations.ts';
import { INTERNAL_KINDS } from '../../src/store/reservations/kind.ts';
import { type Fields, Rig, temporaryFolder, value, withRig } from './rig.ts';

/**
 * A reader of Parquet that shares nothing with what wrote the files finds every column of every kind, with a type that
 * says what it is, and every value that the API answers.
 */

const MAC = '00:00:5e:00:53';
const WIRED = {
  interface_name: 'eth0 "漢😀"',
  mac_address: `${MAC}:01`,
  ipv4_address: '192.0.2.1',
  ipv6_address: '2001:db8::1',
  description: "it's wired",
  serial: 's',
  model: 'm',
  manufacturer: 'f',
  firmware_version: '1.0',
  extended_data: { port: 7, deep: [{ a: null }], text: '\u0000\n' },
};
const BOOT = { kernel_url: 'http://boot.example.org/vmlinuz', kernel_command_line: 'quiet', image_url: 'http://boot.example.org/image' };

/** Some records of each kind: one with as much as it can have, one with as little. */
const RECORDS: Readonly<Record<string, readonly Fields[]>> = {
  BMC: [
    {
      xname: 'x1000c0s0b0',
      username: 'root',
      password: 'secret',
      mac_address: `${MAC}:b1`,
      ipv4_address: '192.0.2.2',
      ipv6_address: '2001:db8::2',
      description: '',
      location_string: 'row 1',
    },
    { username: 'root', password: 'secret', mac_address: `${MAC}:b2` },
  ],
  Component: [
    { ID: 'x1000c0s1b0n0', Type: 'Node', Role: 'Compute', Arch: 'X86', State: 'Ready', Flag: 'OK', Enabled: true, NID: Number.MAX_SAFE_INTEGER, Locked: false },
    { ID: 'x1000c0', Type: 'Chassis', Enabled: false, NID: 0 },
  ],
  ComputeNode: [
    {
      hostname: 'nid000001',
      architecture: 'x86_64',
      xname: 'x1000c0s0b0n0',
      boot_mac: `${MAC}:01`,
      boot_ipv4_address: '192.0.2.1',
      boot_ipv6_address: '2001:db8::1',
      network_interfaces: [WIRED, { interface_name: 'ib0', mac_address: `${MAC}:02` }],
      description: 'first',
      boot_data: BOOT,
      location_string: 'row 1',
      spec: {
        hostname: 'nid000001',
        bmc_endpoint: 'https://192.0.2.2',
        bmc_username: 'root',
        bmc_password: 'secret',
        network_interfaces: [WIRED],
        boot_configuration: BOOT,
      },
      status: {
        power_state: { on: true, last_updated: '2026-11-22T02:10:00.123456+01:00' },
        boot_configuration: { boot_data: BOOT, last_updated: '1969-12-31T23:59:59.999Z' },
        network_interfaces: [],
        extended_data: { n: 1.5, list: [1, 'two', null] },
      },
    },
    { hostname: 'nid000002', architecture: 'arm64', network_interfaces: [] },
  ],
  NodeCollection: [
    { name: 'p', type: 'partition', nodes: ['x1000c0s0b0n0', 'x1000c0s1b0n0'], cloud_init_data: { 'user-data': '#cloud-config\n' } },
    { name: 'empty', type: 'job', nodes: [] },
  ],
  RedfishEndpoint: [
    { ID: 'x1000c0s0b0', Type: 'NodeBMC', Hostname: 'bmc1', FQDN: 'bmc1.example.org', User: 'root', Password: 'secret' },
    { ID: 'x1000c0s1b0' },
  ],
  /** With a number that is no integer, which no built-in kind has, and a list of lists of things. */
  Sample: [
    { name: 'a', weight: -0.1, weights: [1, 2.5, 1e300], pairs: [{ at: '2026-11-22T02:10:00Z', on: [true, false] }] },
    { name: 'b', weight: 7 },
  ],
};

const SAMPLE: Schema = {
  type: 'object',
  'x-holdfast': { key: 'name' },
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string' },
    weight: { type: 'number' },
    weights: { type: 'array', items: { type: 'number' } },
    pairs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { at: { type: 'string', format: 'date-time' }, on: { type: 'array', items: { type: 'boolean' } } },
      },
    },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', readOnly: true },
  },
};

test('hyparquet finds every value of every kind, reservations included, and types that mean something', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Sample.json'), JSON.stringify(SAMPLE));
  const kinds = await loadKinds(folder);
  await withRig(Rig.open(temporaryFolder(), { kinds }), async (rig) => {
    for (const kind of kinds.all) for (const record of RECORDS[kind.name] ?? assert.fail(`no records of ${kind.name}`)) await rig.created(kind.name, record);
    await reserve(rig);
    const { name } = await rig.snapshot();
    for (const kind of [...kinds.all, ...INTERNAL_KINDS]) {
      const file = await asyncBufferFromFile(join(rig.snapshotDirectory, `snapshot=${name}`, `${kind.name}.parquet`));
      const metadata = await parquetMetadataAsync(file);
      checkTypes(kind.columns, parquetSchema(metadata).children, kind.name);
      const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false });
      const images = [...rig.view.locationsOf(kind.name)].map((location) => JSON.parse(rig.view.imageAt(location).bytes.toString()) as Fields);
      assert(images.length >= (kind.name === RESERVATIONS ? 1 : 2), kind.name);
      assert.equal(rows.length, images.length);
      for (const image of images) {
        const row = rows.find((candidate) => candidate[kind.key] === image[kind.key]);
        assert.deepEqual(asAnswered({ type: 'object', columns: kind.columns }, row), instants({ type: 'object', columns: kind.columns }, image), kind.name);
      }
    }
  });
});

async function reserve(rig: Rig): Promise<void> {
  const key = 'a0000000-0000-4000-8000-000000000001';
  value(await rig.send('reservation.step', { key, step: 'join.begin', operationId: key, endpoint: 'e', caller: 'admin', joinProperties: { vlan: '7' } }));
  const untilMs = rig.clock.ms + 60_000;
  const done = { key, step: 'join.done', operationId: key, reservationId: 'r1', properties: { circuit: 'c1' }, untilMs, renewDeadlineMs: untilMs - 1 } as const;
  value(await rig.send('reservation.step', done));
}

/** The annotated types that a reader needs to make sense of a column without knowing Holdfast. */
const TYPES: Readonly<Record<Exclude<Column['type'], 'object' | 'list'>, string>> = {
  string: 'UTF8',
  integer: 'INT_64',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  'date-time': 'TIMESTAMP UTC MICROS',
  json: 'JSON',
};

function checkTypes(columns: readonly NamedColumn[], found: readonly SchemaTree[], place: string): void {
  assert.deepEqual(
    found.map(({ element }) => element.name),
    columns.map(({ name }) => name),
    place,
  );
  for (const [index, { name, column }] of columns.entries()) checkType(column, found[index] as SchemaTree, `${place}.${name}`);
}

function checkType(column: Column, { element, children }: SchemaTree, place: string): void {
  if (column.type === 'object') {
    checkTypes(column.columns, children, place);
    return;
  }
  if (column.type === 'list') {
    assert.equal(element.converted_type, 'LIST', place);
    checkType(column.element, children[0]?.children[0] as SchemaTree, `${place}[]`);
    return;
  }
  const { logical_type: logical, converted_type: converted, type } = element;
  const zone = logical?.type === 'TIMESTAMP' ? `TIMESTAMP ${logical.isAdjustedToUTC ? 'UTC' : 'local'} ${logical.unit}` : undefined;
  assert.equal(zone ?? converted ?? logical?.type ?? type, TYPES[column.type], place);
}

/** A value as the reader gives it, in the form that the API answers: absent instead of null, numbers, times as instants. */
function asAnswered(column: Column, read: unknown): unknown {
  if (read === null || read === undefined) return undefined;
  switch (column.type) {
    case 'string':
    case 'boolean':
    case 'number':
      return read;
    case 'integer':
      return Number(read);
    case 'date-time':
      return (read as Date).getTime();
    case 'json':
      return typeof read === 'string' ? JSON.parse(read) : read;
    case 'list':
      return (read as readonly unknown[]).map((item) => asAnswered(column.element, item));
    case 'object':
      return present(column.columns, (name, inner) => asAnswered(inner, (read as Fields)[name]));
  }
}

/** The API's own answer with its times as instants, to the millisecond as a `Date` has it. */
function instants(column: Column, answered: unknown): unknown {
  if (answered === undefined) return undefined;
  if (column.type === 'date-time') return Date.parse(String(answered));
  if (column.type === 'list') return (answered as readonly unknown[]).map((item) => instants(column.element, item));
  if (column.type === 'object') return present(column.columns, (name, inner) => instants(inner, (answered as Fields)[name]));
  return answered;
}

function present(columns: readonly NamedColumn[], fieldOf: (name: string, column: Column) => unknown): Fields {
  const fields = columns.map(({ name, column }): [string, unknown] => [name, fieldOf(name, column)]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}
