import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProgram } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/config.ts';
import { CONFIG_SCHEMA, type ConfigSchema } from '../../src/config/config-schema.ts';
import { parseDurationMs, parseSizeBytes } from '../../src/config/units.ts';
import { FAULT_TEXTS } from '../../src/fault-texts.ts';
import { FAULTS } from '../../src/faults.ts';
import { SCOPE_TEXTS } from '../../src/http/openapi/info.ts';
import { SCOPES } from '../../src/http/scopes.ts';
import { packageRoot } from '../../src/package-root.ts';
import { codeIn, readPage, tableOf } from './markdown.ts';

const README = readPage('README.md');
const OPERATIONS = readPage('docs/operations.md');
const API = readPage('docs/api.md');

test('the README lists the fault codes of the source, with their statuses', () => {
  const documented = Object.fromEntries(tableOf(README, 'Code').map((row) => [codeIn(row['Code'])[0], Number(row['Status'])]));
  assert.deepEqual(documented, Object.fromEntries(Object.entries(FAULTS).map(([code, { status }]) => [code, status])));
});

test('the README says of each fault code what its page says', () => {
  const documented = Object.fromEntries(tableOf(README, 'Code').map((row) => [codeIn(row['Code'])[0], row['What it means']]));
  assert.deepEqual(documented, Object.fromEntries(Object.entries(FAULT_TEXTS).map(([code, { meaning }]) => [code, meaning])));
});

test('Operations lists the elements of the configuration, with their defaults, limits and words', () => {
  const rows = new Map(tableOf(OPERATIONS, 'Element').map((row) => [codeIn(row['Element'])[0] ?? '', row]));
  const elements = elementsOf(CONFIG_SCHEMA, []);
  assert.deepEqual([...rows.keys()].filter((name) => name !== 'snapshots.retain').sort(), elements.map(([name]) => name).sort());
  for (const [name, schema] of elements) {
    const row = rows.get(name);
    const shown = codeIn(row?.['Default'])[0];
    assert.deepEqual(shown === undefined ? undefined : inUnitOf(schema, shown), schema.default, `the default of ${name}`);
    const values = row?.['Values'] ?? '';
    if (schema.enum !== undefined) assert.deepEqual(codeIn(values), schema.enum, name);
    if (schema.minimum !== undefined) {
      const [from, to] = values.split(' to ');
      assert.deepEqual([inUnitOf(schema, from ?? ''), inUnitOf(schema, to ?? '')], [schema.minimum, schema.maximum], name);
    }
  }
});

test('the example configuration has every element with its default', () => {
  const file = join(packageRoot(), 'deploy', 'holdfast.example.yaml');
  const sources = { environment: {}, flags: [], workingDirectory: packageRoot() };
  assert.deepEqual(loadConfig({ ...sources, file }), loadConfig(sources));
  const text = readFileSync(file, 'utf8');
  for (const [name] of elementsOf(CONFIG_SCHEMA, [])) assert.match(text, new RegExp(`^ *#? *${name.split('.').at(-1)}:`, 'm'), name);
});

test('the API page tells limits as they are in the source', () => {
  for (const row of tableOf(API, 'Limit')) {
    const [name, file] = codeIn(row['Name in the source']);
    assert.ok(name !== undefined && file !== undefined, row['Limit']);
    const source = readFileSync(join(packageRoot(), file), 'utf8');
    const value = new RegExp(`\\b${name}(?:: number)?(?: = |: )([\\d_ *]+)[;,]`).exec(source)?.[1] ?? new RegExp(`\\b${name}: ([\\d_ *]+) }`).exec(source)?.[1];
    assert.ok(value !== undefined, `${name} in ${file}`);
    const product = value.split('*').reduce((so, factor) => so * Number(factor.replaceAll('_', '')), 1);
    assert.equal(amountOf(row['Value'] ?? ''), product, row['Limit']);
  }
});

test('the API page names the scopes of the source', () => {
  assert.deepEqual(
    tableOf(API, 'Scope').flatMap((row) => codeIn(row['Scope'])),
    SCOPES,
  );
  assert.deepEqual(Object.fromEntries(tableOf(API, 'Scope').map((row) => [codeIn(row['Scope'])[0], row['Allows']])), SCOPE_TEXTS);
});

test('the README lists the commands, and the flags of serve with their variables', () => {
  const { commands } = createProgram([]);
  assert.deepEqual(
    tableOf(README, 'Command').map((row) => codeIn(row['Command'])[0]),
    tableOrder(commands.map((command) => command.name())),
  );
  const serve = commands.find((command) => command.name() === 'serve');
  const flags = (serve?.options ?? []).map(({ long, description }) => [long ?? '', /\((HOLDFAST_\w+)/.exec(description)?.[1]] as const);
  const documented = new Map(tableOf(README, 'Flag').flatMap((row) => codeIn(row['Flag']).map((flag) => [flag, codeIn(row['Variable'])[0]] as const)));
  assert.deepEqual([...documented.keys()].sort(), flags.map(([flag]) => flag).sort());
  for (const [flag, variable] of flags) if (variable !== undefined) assert.equal(documented.get(flag), variable);
});

test('the README names every environment variable that the source reads', () => {
  const read = new Set<string>();
  for (const file of readdirSync(join(packageRoot(), 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [name] of readFileSync(join(packageRoot(), 'src', file), 'utf8').matchAll(/\bHOLDFAST_\w+/g)) read.add(name);
  }
  const documented = [...tableOf(README, 'Flag'), ...tableOf(README, 'Variable')].flatMap((row) => codeIn(row['Variable']));
  assert.deepEqual(documented.sort(), [...read].sort());
});

test('the README gives a reason for every package that the code imports, and for no other', () => {
  const manifest = JSON.parse(readPage('package.json').text) as { dependencies: Record<string, string> };
  const imported = new Set<string>();
  for (const folder of ['src', 'schemas', 'workers']) {
    for (const file of readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(packageRoot(), folder, file), 'utf8');
      for (const name of Object.keys(manifest.dependencies)) if (text.includes(`'${name}'`) || text.includes(`'${name}/`)) imported.add(name);
    }
  }
  assert.deepEqual(
    tableOf(README, 'Package')
      .flatMap((row) => codeIn(row['Package']))
      .sort(),
    [...imported].sort(),
  );
});

function elementsOf(schema: ConfigSchema, path: readonly string[]): readonly (readonly [string, ConfigSchema])[] {
  if (schema.properties === undefined) return [[path.join('.'), schema]];
  return Object.entries(schema.properties).flatMap(([name, child]) => elementsOf(child, [...path, name]));
}

function inUnitOf(schema: ConfigSchema, text: string): unknown {
  const plain = text.trim();
  if (schema.type === 'boolean') return plain === 'true';
  if (schema.type !== 'integer') return plain;
  if (/^\d+$/.test(plain)) return Number(plain);
  const ms = parseDurationMs(plain);
  if (schema['x-unit'] === 'seconds' && ms !== undefined) return ms / 1000;
  return ms ?? parseSizeBytes(plain);
}

/** `16 MiB`, `30 s`, `8192 bytes`, `1000 characters`, `64`. */
function amountOf(text: string): number | undefined {
  const plain = text.replaceAll(' ', '');
  const number = /^(\d+)(?:bytes|characters)?$/.exec(plain)?.[1];
  return number === undefined ? (parseDurationMs(plain) ?? parseSizeBytes(plain)) : Number(number);
}

/** The README orders commands by use, so only their names are compared. */
function tableOrder(names: readonly string[]): readonly string[] {
  const listed = tableOf(README, 'Command').map((row) => codeIn(row['Command'])[0] ?? '');
  return [...names].sort((a, b) => listed.indexOf(a) - listed.indexOf(b));
}
