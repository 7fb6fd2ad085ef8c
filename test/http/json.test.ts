import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/faults.ts';
import { JSON_DEPTH_MAX, parseJson } from '../../src/http/json.ts';
import { fc } from '../support/properties.ts';

function parsed(text: string): unknown {
  const result = parseJson(Buffer.from(text));
  assert(result.ok, result.ok ? '' : result.fault.detail);
  return result.value;
}

function refused(body: string | Buffer): Fault {
  const result = parseJson(typeof body === 'string' ? Buffer.from(body) : body);
  assert(!result.ok, 'the body should be refused');
  return result.fault;
}

function pointerOf(fault: Fault): string | undefined {
  return fault.errors?.[0]?.pointer;
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

test('whatever JSON.stringify writes is read back the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('__proto__'));
      assert.deepEqual(parsed(text), JSON.parse(text));
    }),
    { numRuns: 1_000 },
  );
});

test('a duplicate member is found wherever it stands, and its place is told', () => {
  const name = fc.string({ maxLength: 6, unit: 'binary' }).filter((text) => text !== '__proto__');
  fc.assert(
    fc.property(name, fc.jsonValue({ maxDepth: 3 }), fc.array(fc.oneof(name, fc.nat(5)), { maxLength: 10 }), (twice, value, path) => {
      const quoted = JSON.stringify(twice);
      let text = `{"é":[1,{}],${quoted}:${JSON.stringify(value)}, ${quoted} :null}`;
      let pointer = `/${twice.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (twice === 'é') pointer = '/é';
      fc.pre(!text.includes('__proto__'));
      for (const step of path) {
        if (typeof step === 'string') text = `{${JSON.stringify(step)}:${text}}`;
        else text = `[${'0,'.repeat(step)}${text}]`;
        pointer = `/${typeof step === 'string' ? step.replaceAll('~', '~0').replaceAll('/', '~1') : step}${pointer}`;
      }
      const fault = refused(text);
      assert.equal(fault.code, 'malformed-json');
      assert.equal(pointerOf(fault), pointer);
    }),
    { numRuns: 1_000 },
  );
});

test('names that differ only in how they are escaped are duplicates', () => {
  assert.equal(pointerOf(refused('{"a":{"xname":1,"\\u0078name":2}}')), '/a/xname');
});

test('the same name in different objects is no duplicate', () => {
  assert.deepEqual(parsed('[{"a":1},{"a":{"a":2}}]'), [{ a: 1 }, { a: { a: 2 } }]);
});

test('colons, quotes and brackets inside strings are only text', () => {
  assert.deepEqual(parsed('{"a:b":"{[\\"c\\":]}\\\\","d":":"}'), { 'a:b': '{["c":]}\\', d: ':' });
});

test(`nesting is accepted up to ${JSON_DEPTH_MAX} levels and not one deeper`, () => {
  assert.equal(parseJson(Buffer.from(nested(JSON_DEPTH_MAX))).ok, true);
  assert.equal(refused(nested(JSON_DEPTH_MAX + 1)).detail, 'nested deeper than 64');
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  assert.equal(parseJson(Buffer.from(objects(JSON_DEPTH_MAX))).ok, true);
  assert.equal(refused(objects(JSON_DEPTH_MAX + 1)).detail, 'nested deeper than 64');
});

test('ten million brackets are refused without being parsed', () => {
  assert.equal(refused(Buffer.alloc(10_000_000, '[')).detail, 'nested deeper than 64');
});

test('a member named __proto__ is refused at any level, also when its name is escaped', () => {
  assert.equal(pointerOf(refused('{"a":[{"__proto__":{"polluted":true}}]}')), '/a/0/__proto__');
  assert.equal(pointerOf(refused('{"__pr\\u006fto__":1}')), '/__proto__');
});

test('half a surrogate pair is refused in values and in names, a whole pair is not', () => {
  assert.equal(pointerOf(refused('{"a":["x","\\ud800"]}')), '/a/1');
  assert.equal(pointerOf(refused('{"a\\udc00":1}')), '/a\uFFFD');
  assert.deepEqual(parsed('["\\ud83d\\ude00", "😀"]'), ['😀', '😀']);
});

test('a number beyond the double is refused, also as the whole text and without exponent', () => {
  assert.equal(pointerOf(refused('{"a":{"b":1e400}}')), '/a/b');
  assert.equal(pointerOf(refused('[-1e999]')), '/0');
  assert.equal(pointerOf(refused(`[[${'9'.repeat(400)}]]`)), '/0/0');
  assert.equal(pointerOf(refused('1e400')), '');
  assert.deepEqual(parsed('[1e308, 5e-400]'), [1e308, 0]);
});

test('bytes that are not UTF-8, or begin with a byte order mark, are an encoding fault', () => {
  assert.equal(refused(Buffer.from('{"name":"Zürich"}', 'latin1')).code, 'invalid-encoding');
  assert.equal(refused(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])).code, 'invalid-encoding');
  assert.equal(refused('\uFEFF{}').code, 'invalid-encoding');
  assert.deepEqual(parsed('{"name":"Zürich"}'), { name: 'Zürich' });
});

const BROKEN: readonly (readonly [string, string])[] = [
  ['', 'the text is empty'],
  [' \n ', 'the text is empty'],
  ['{', 'line 1, column 2: expected a member name in double quotes, but the text ends'],
  ['{"a":1,}', 'line 1, column 8: expected a member name in double quotes'],
  ['{"a" 1}', 'line 1, column 6: expected ":"'],
  ['{"a":}', 'line 1, column 6: expected a value'],
  ['{"a":1 "b":2}', 'line 1, column 8: expected "," or "}"'],
  ['[1 2]', 'line 1, column 4: expected "," or "]"'],
  ['[1,]', 'line 1, column 4: expected a value'],
  ['{"a":1}\n{"a":1}', 'line 2, column 1: expected the end of the text'],
  ['[01]', 'line 1, column 3: expected "," or "]"'],
  ['[1.]', 'line 1, column 3: expected "," or "]"'],
  ['[NaN]', 'line 1, column 2: expected a value'],
  ['["a]', 'line 1, column 5: expected the end of a string, but the text ends'],
  ['["a\nb"]', 'line 1, column 4: expected no control character inside a string (write it as an escape)'],
  ['["\\x"]', 'line 1, column 4: expected one of "\\/bfnrtu after a backslash'],
  ['["\\u12"]', 'line 1, column 4: expected four hexadecimal digits after \\u'],
  ["{'a':1}", 'line 1, column 2: expected a member name in double quotes'],
  ['[}', 'line 1, column 2: expected a value'],
];

for (const [text, detail] of BROKEN) {
  test(`${JSON.stringify(text)} is refused with the place of the mistake`, () => {
    assert.deepEqual(refused(text), { code: 'malformed-json', detail });
  });
}

test('no answer repeats a value of the body', () => {
  for (const body of [
    '{"password":"hunter2",}',
    '{"password":"hunter2" "b"}',
    '{"password":hunter2}',
    '{"a":"hunter2\\ud800"}',
    '{"b":"hunter2","b":"hunter2"}',
  ]) {
    assert.equal(JSON.stringify(refused(body)).includes('hunter2'), false, body);
  }
});

test('a text that was damaged at random is refused or read as JSON.parse reads it, and never crashes', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(255), (text, at, byte) => {
      const bytes = Buffer.from(text);
      bytes[at % bytes.length] = byte;
      const result = parseJson(bytes);
      if (result.ok) assert.deepEqual(result.value, JSON.parse(bytes.toString()));
      else assert(['malformed-json', 'invalid-encoding'].includes(result.fault.code));
    }),
    { numRuns: 2_000 },
  );
});

test('a member name of a megabyte does not make an answer of a megabyte', () => {
  const name = 'n'.repeat(1_000_000);
  assert(JSON.stringify(refused(`{"${name}":1,"${name}":2}`)).length < 2_000);
});
