import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../../schemas/bundle.ts';
import { type Schema, SchemaProblem } from '../../schemas/kind.ts';

function filesOf(files: Readonly<Record<string, object>>): ReadonlyMap<string, Schema> {
  return new Map(Object.entries(files) as [string, Schema][]);
}

test('references to neighbours become definitions, through as many files as it takes', () => {
  const files = filesOf({
    Rack: { $id: 'Rack.json', type: 'object', properties: { ports: { type: 'array', items: { $ref: 'Port.json' } } } },
    Port: { $schema: 'x', $id: 'Port.json', 'x-holdfast': { embedded: true }, type: 'object', properties: { cable: { $ref: './Cable.json', title: 'Cable' } } },
    Cable: { type: 'object', properties: { plug: { $ref: '#/$defs/Plug' } }, $defs: { Plug: { type: 'string' } } },
  });
  assert.deepEqual(bundle('Rack', files), {
    $id: 'Rack.json',
    type: 'object',
    properties: { ports: { type: 'array', items: { $ref: '#/$defs/Port' } } },
    $defs: {
      Port: { type: 'object', properties: { cable: { $ref: '#/$defs/Cable', title: 'Cable' } } },
      Cable: { type: 'object', properties: { plug: { $ref: '#/$defs/Plug' } } },
      Plug: { type: 'string' },
    },
  });
});

test('schemas that refer to each other in a circle can be bundled', () => {
  const files = filesOf({ A: { properties: { b: { $ref: 'B.json' } } }, B: { properties: { a: { $ref: 'A.json' } } } });
  assert.deepEqual(Object.keys(bundle('A', files).$defs ?? {}), ['B', 'A']);
});

test('a reference to nothing is a problem that names the place and the reference', () => {
  for (const $ref of ['Cable.json', 'https://example.org/Port.json', '../Port.json', 'Port.json#/properties/a']) {
    const files = filesOf({ Rack: { properties: { port: { $ref } } }, Port: {} });
    assert.throws(() => bundle('Rack', files), new SchemaProblem('Rack.properties.port', `"$ref": "${$ref}" leads to no known schema`));
  }
});

test('two different definitions of one name are a problem', () => {
  const files = filesOf({ Rack: { properties: { port: { $ref: 'Port.json' } }, $defs: { Port: { type: 'string' } } }, Port: { type: 'object' } });
  assert.throws(() => bundle('Rack', files), /Rack: "\$defs" would have two different definitions named "Port"/);
});

test('what merely looks like a reference, in an example, is left alone', () => {
  const files = filesOf({ Rack: { properties: { a: { examples: [{ $ref: 'Nowhere.json' }] } } } });
  assert.deepEqual(bundle('Rack', files), files.get('Rack'));
});
