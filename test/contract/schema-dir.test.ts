import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failingStart, holdfast, ServerProcess, temporaryFolder } from '../support/server-process.ts';

const RACK = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Rack',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'height_units'],
  'x-holdfast': { key: 'id', naturalKeys: ['name'] },
  properties: {
    id: { type: 'string', format: 'uuid', readOnly: true },
    name: { type: 'string', minLength: 1, maxLength: 100, 'x-holdfast-unique': 'exact' },
    height_units: { type: 'integer', minimum: 1, maximum: 60 },
    weight_kg: { type: 'number', minimum: 0, maximum: 100000 },
    row: { type: 'string', maxLength: 100 },
    access_code: { type: 'string', maxLength: 100, writeOnly: true, 'x-holdfast-secret': 'access_code_set' },
    access_code_set: { type: 'boolean', readOnly: true },
    labels: { type: 'object', additionalProperties: true },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    updated_at: { type: 'string', format: 'date-time', readOnly: true },
    revision: { type: 'integer', minimum: 0, maximum: 9007199254740991, readOnly: true },
  },
};

test('a seventh kind is one file: its records are created, found, snapshot and restored like any other', async (context) => {
  const folder = temporaryFolder(context);
  const schemas = join(folder, 'schemas');
  // The folder has the built-in kinds too, as `holdfast schemas` writes them.
  assert.equal((await holdfast(['schemas', '--dir', schemas])).code, 0);
  writeFileSync(join(schemas, 'Rack.json'), JSON.stringify(RACK));
  const directory = join(folder, 'data');
  const flags = ['--schema-dir', schemas];
  let server = await ServerProcess.start({ directory, flags });
  const rack = { name: 'r1', height_units: 42, weight_kg: 1.5e-7, row: 'A', access_code: '0000', labels: { b: 1e21, a: [null, 'x'] } };
  const created = await server.request('POST', '/inventory/Rack', rack);
  assert.equal(created.status, 201, created.text);
  assert.equal(created.json.access_code_set, true);
  assert.equal(created.json.access_code, undefined);
  assert.equal((await server.request('POST', '/inventory/Rack', { name: 'r2', height_units: 10, weight_kg: 5 })).status, 201);
  assert.equal((await server.request('POST', '/inventory/Rack', { name: 'r1', height_units: 1 })).status, 409);
  assert.equal((await server.request('POST', '/rack', { name: 'r3', height_units: 99 })).status, 400);
  for (const [query, names] of [
    ['height_units.gte=42', ['r1']],
    ['weight_kg.lt=1', ['r1']],
    ['missing=row', ['r2']],
    ['name=!r1', ['r2']],
  ] as const) {
    const { json } = await server.request('GET', `/inventory/Rack?${query}`);
    assert.deepEqual(
      json.map((found: { name: string }) => found.name),
      names,
      query,
    );
  }
  assert.equal((await server.request('GET', '/schemas/Rack.json')).json.title, 'Rack');
  const snapshot = await server.request('POST', '/snapshots');
  assert.equal(snapshot.json.rows.Rack, 2);
  await server.kill();

  const without = await failingStart(directory);
  assert.equal(without.code, 65);
  assert.match(without.output, /2 records of kind Rack.*--schema-dir/);

  server = await ServerProcess.start({ directory, flags });
  context.after(async () => void (await server.kill()));
  assert.equal((await server.request('GET', '/inventory/Rack/r1')).text, created.text);
  assert.equal((await server.request('GET', '/inventory/Rack/r1/secrets')).json.access_code, '0000');
});

test('a record whose clients choose its key gets none that no path can name', async (context) => {
  const folder = temporaryFolder(context);
  const { revision, created_at, updated_at } = RACK.properties;
  const properties = { label: { type: 'string' }, created_at, updated_at, revision };
  const kind = { ...RACK, title: 'Spare', required: ['label'], 'x-holdfast': { key: 'label', naturalKeys: [] }, properties };
  writeFileSync(join(folder, 'Spare.json'), JSON.stringify(kind));
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--schema-dir', folder] });
  context.after(async () => void (await server.kill()));
  for (const label of ['', '.', '..', 'a\nb', '\u0085', 'x'.repeat(1025)]) {
    const refused = await server.request('POST', '/inventory/Spare', { label });
    assert.deepEqual([refused.status, refused.json.code, refused.json.errors?.[0]?.pointer], [400, 'invalid', '/label'], refused.text);
    const bulk = await server.request('POST', '/inventory/Spare/bulk?upsert=true', JSON.stringify({ label }), { 'content-type': 'application/x-ndjson' });
    assert.equal(bulk.json.code, 'invalid', bulk.text);
  }
  for (const label of ['...', 'a b', '%', 'a/b?c#d', '__proto__', 'é\u{1f50c}', 'x'.repeat(1024)]) {
    assert.equal((await server.request('POST', '/inventory/Spare', { label })).status, 201, label);
    const path = `/inventory/Spare/${encodeURIComponent(label)}`;
    assert.equal((await server.request('GET', path)).json.label, label);
    assert.equal((await server.request('DELETE', path)).status, 204, label);
  }
});

test('a schema that cannot become a kind stops the start with a sentence for each mistake', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'Broken.json'), '{"type": "object", "properties": {"a": {"type": "strin"}}}');
  writeFileSync(join(folder, 'Snapshots.json'), JSON.stringify(RACK));
  writeFileSync(join(folder, 'NotJson.json'), '{');
  const { code, output } = await failingStart(join(folder, 'data'), ['--schema-dir', folder]);
  assert.equal(code, 1);
  for (const name of ['Broken', 'Snapshots', 'NotJson']) assert.match(output, new RegExp(name));
  assert.doesNotMatch(output, /at .*\.js:\d+/, 'no stack');
});
