import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type ConfigSchema, ENDPOINT_SCHEMA } from '../../src/config/config-schema.ts';
import { parseDurationMs, parseSizeBytes } from '../../src/config/units.ts';
import { packageRoot } from '../../src/package-root.ts';
import { codeIn, readPage, tableOf } from '../docs/markdown.ts';
import { folderWith, load } from './agent-rig.ts';

const ROWS = tableOf(readPage('docs/operations.md'), 'Element of an endpoint');

test('Operations lists the elements of an endpoint, with their defaults, limits and words', () => {
  const elements = elementsOf(ENDPOINT_SCHEMA, '');
  assert.deepEqual(
    ROWS.map((row) => codeIn(row['Element of an endpoint'])[0]),
    elements.map(([name]) => name),
  );
  for (const [index, [name, schema]] of elements.entries()) {
    const { Default: shown = '', Values: values = '' } = ROWS[index] ?? {};
    const [code] = codeIn(shown);
    const isEmpty = schema.default === undefined || Object.keys(Object(schema.default)).length === 0;
    assert.deepEqual(code === undefined ? undefined : amountIn(schema, code), isEmpty && typeof schema.default !== 'number' ? undefined : schema.default, name);
    if (schema.enum !== undefined) assert.deepEqual(codeIn(values), schema.enum, name);
    if (schema.minimum !== undefined)
      assert.deepEqual(
        values.split(' to ').map((value) => amountIn(schema, value)),
        [schema.minimum, schema.maximum],
        name,
      );
  }
});

test('the endpoint in the example configuration can be taken in as it stands, and shows every element with its default', (context) => {
  const lines = readFileSync(join(packageRoot(), 'deploy', 'holdfast.example.yaml'), 'utf8').split('\n');
  const from = lines.indexOf('  #endpoints:');
  const block = lines.slice(from, lines.indexOf('', from)).map((line) => line.replace('  #', '  '));
  const yaml = `agent:\n${block.join('\n')}\n`;
  const folder = folderWith(context, { 'holdfast.yaml': yaml, 'site-switch.conf': '' });
  mkdirSync(join(folder, 'plugins'));
  writeFileSync(join(folder, 'plugins', 'site-switch.js'), '');
  const [endpoint] = load(folder, { file: 'holdfast.yaml' }).config.agent.endpoints;
  assert.equal(endpoint?.name, 'site-switch');
  const [shown] = (parse(yaml) as { agent: { endpoints: Record<string, unknown>[] } }).agent.endpoints;
  for (const [name, schema] of elementsOf(ENDPOINT_SCHEMA, '')) {
    const value = name.split('.').reduce<unknown>((inside, part) => (inside as Record<string, unknown> | undefined)?.[part], shown);
    if (name === 'user') assert.match(yaml, /^ *#user: /m);
    else assert.notEqual(value, undefined, name);
    if (typeof schema.default === 'number' || typeof schema.default === 'string') assert.deepEqual(amountIn(schema, String(value)), schema.default, name);
  }
});

function elementsOf(schema: ConfigSchema, name: string): readonly (readonly [string, ConfigSchema])[] {
  if (schema.properties === undefined) return [[name, schema]];
  return Object.entries(schema.properties).flatMap(([part, child]) => elementsOf(child, name === '' ? part : `${name}.${part}`));
}

function amountIn(schema: ConfigSchema, text: string): unknown {
  if (schema.type !== 'integer') return text;
  return /^\d+$/.test(text) ? Number(text) : (parseDurationMs(text) ?? parseSizeBytes(text));
}
