import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { patched } from '../../src/store/patch.ts';
import { type Fields, fault, value } from './rig.ts';

function merged(record: Fields, document: unknown): Fields {
  return value(patched(structuredClone(record), { type: 'merge', document }));
}

/** RFC 7396, appendix A, for what a record can be. */
const EXAMPLES: readonly (readonly [Fields, unknown, Fields])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [record, document, expected] of EXAMPLES) {
  test(`${JSON.stringify(record)} merged with ${JSON.stringify(document)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(merged(record, document), expected);
  });
}

test('a merge patch that names __proto__ changes nothing but its record', () => {
  for (const text of ['{"__proto__":{"polluted":1}}', '{"a":{"__proto__":{"polluted":1}}}', '{"constructor":{"prototype":{"polluted":1}}}']) {
    patched({ a: {} }, { type: 'merge', document: JSON.parse(text) });
    const { polluted } = {} as Fields;
    delete (Object.prototype as Fields)['polluted'];
    assert.equal(polluted, undefined, text);
  }
});

test('a JSON patch may replace the whole record, and is undone whole when one operation fails', () => {
  assert.deepEqual(value(patched({ a: 1 }, { type: 'json', document: [{ op: 'replace', path: '', value: { b: 2 } }] })), { b: 2 });
  fault(patched({ a: 1 }, { type: 'json', document: [{ op: 'replace', path: '', value: [] }] }), 'invalid-request');
  fault(patched({ a: 1 }, { type: 'json', document: [{ op: 'move', from: '/b', path: '/c' }] }), 'patch-failed');
  const refused = fault(patched({ a: 1 }, { type: 'json', document: [{ op: 'remove', path: '/b' }] }), 'patch-failed');
  assert.doesNotMatch(refused.detail, /record\//);
});

test('a JSON patch that copies a record into itself again and again ends at the size of a record', () => {
  const document = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '', path: `/c${index}` }));
  fault(patched({ text: 'x'.repeat(1000) }, { type: 'json', document }), 'too-large');
});

test('a JSON patch has a limit of operations', () => {
  const document = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }));
  fault(patched({ a: 1 }, { type: 'json', document }), 'invalid-request');
});

test('a test that fails tells neither the value that is there nor the one that was sent: either may be a password', () => {
  const result = patched({ password: 'kept' }, { type: 'json', document: [{ op: 'test', path: '/password', value: 'guessed' }] });
  const { detail } = fault(result, 'patch-failed');
  assert.doesNotMatch(detail, /kept|guessed/);
});

test('a path that leads through a text, a number, a list or nothing fails the patch, and not the store', () => {
  const record = { name: 'n', count: 1, list: [1], flag: true, more: { deep: 'text' } };
  const places = [
    '/name/x',
    '/count/x',
    '/flag/x',
    '/list/x',
    '/list/x/y',
    '/list/9/y',
    '/more/deep/x',
    '/more/deep/0',
    '/nothing/x',
    '/name/length',
    '/list/length',
    '/__proto__/x',
    '/constructor/prototype/x',
  ];
  for (const path of places) {
    for (const op of ['add', 'replace', 'remove', 'test', 'move', 'copy']) {
      for (const from of ['/name', '/name/x', '/list/-', '/count/x', '']) {
        const result = patched(structuredClone(record), { type: 'json', document: [{ op, path, from, value: 1 }] });
        if (!result.ok) assert.equal(result.fault.code, 'patch-failed', `${op} ${from} ${path}`);
      }
    }
  }
  for (const value of ['changed', 7, null, [], true]) {
    const document = [
      { op: 'replace', path: '', value },
      { op: 'add', path: '/name', value: 1 },
    ];
    assert.ok(!patched(structuredClone(record), { type: 'json', document }).ok, JSON.stringify(value));
  }
  assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
});

test('a patch that nests a record ever deeper is refused, and not the end of the store', () => {
  const document: object[] = [{ op: 'add', path: '/a', value: {} }];
  for (let level = 0; level < 4990; level++) {
    const [inner, outer] = level % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    document.push({ op: 'add', path: `/${outer}`, value: {} }, { op: 'move', from: `/${inner}`, path: `/${outer}/${inner}` });
  }
  document.push({ op: 'copy', from: '', path: '/c' }, { op: 'copy', from: '/c', path: '/c/c' });
  const result = patched({}, { type: 'json', document });
  if (!result.ok) assert.match(result.fault.code, /^(too-large|patch-failed)$/);
});
