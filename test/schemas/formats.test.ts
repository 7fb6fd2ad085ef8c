import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FORMATS, isDateTime, isMacAddress, NORMALISERS, normalDateTime, normalMac } from '../../schemas/formats.ts';
import { fc } from '../support/properties.ts';

function expectFormat(name: string, good: readonly string[], bad: readonly string[]): void {
  const check = FORMATS[name];
  assert(check !== undefined, name);
  for (const text of good) assert.equal(check(text), true, `${name} ${JSON.stringify(text)}`);
  for (const text of bad) assert.equal(check(text), false, `${name} ${JSON.stringify(text)}`);
}

test('each format takes what it should, and nothing near it', () => {
  expectFormat(
    'uuid',
    ['0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11', '0192F0C4-7B1E-7C3A-9D52-3F6A1B0C8E11', '00000000-0000-0000-0000-000000000000'],
    ['', '0192f0c4', '{0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11}', '0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11\n', 'g192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11'],
  );
  expectFormat(
    'ipv4',
    ['192.0.2.1', '0.0.0.0', '255.255.255.255'],
    ['', '192.0.2', '192.0.2.256', '192.0.2.01', '192.0.2.1/24', ' 192.0.2.1', '::1', '192.0.2.1\n'],
  );
  expectFormat(
    'ipv6',
    ['::', '::1', '2001:db8::17', '2001:DB8:0:0:0:0:0:17', '::ffff:192.0.2.1'],
    ['', '1', '192.0.2.1', 'fe80::1%eth0', '2001:db8::17::1', '[::1]', '2001:db8::/32'],
  );
  expectFormat(
    'mac-address',
    ['00:00:5e:00:53:17', '00-00-5E-00-53-17'],
    ['', '00:00:5e:00:53', '00005e005317', '0000.5e00.5317', '00:00:5e:00:53:1g', '00:00:5e:00:53:17:18', '00:00:5e:00:53:17\n'],
  );
  expectFormat('email', ['a@b', 'someone@example.org'], ['', 'a', 'a@', '@b', 'a b@c', 'a@b@c', `${'x'.repeat(65)}@b`]);
  expectFormat('uri', ['https://example.org/a?b#c', 'urn:x:y', 'mailto:a@b'], ['', 'example.org', '/path', '//host/path', 'http://']);
  expectFormat('xname-node', ['x3000c0s17b1n0'], ['x3000c0s17b1']);
  expectFormat('xname-bmc', ['x3000c0s17b1'], ['x3000c0s17b1n0']);
  expectFormat('xname', ['d0'], ['D0']);
});

test('date-times are those of RFC 3339 that exist and that a column can hold', () => {
  for (const text of [
    '2026-11-22T02:10:00Z',
    '2026-11-22t02:10:00z',
    '2024-02-29T00:00:00Z',
    '2000-02-29T23:59:59.999999999+14:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-11-22T02:10:00-00:00',
  ]) {
    assert.equal(isDateTime(text), true, text);
  }
  for (const text of [
    '',
    '2026-11-22',
    '2026-11-22T02:10Z',
    '2026-11-22 02:10:00Z',
    '2026-11-22T02:10:00',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T02:60:00Z',
    '2026-11-22T02:10:60Z',
    '2026-12-31T23:59:60Z',
    '2026-11-22T02:10:00.Z',
    '2026-11-22T02:10:00.1234567890Z',
    '2026-11-22T02:10:00+24:00',
    '2026-11-22T02:10:00+01:60',
    '2026-11-22T02:10:00+1:00',
    '+02026-11-22T02:10:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-11-22T02:10:00Z\n',
    '２026-11-22T02:10:00Z',
  ]) {
    assert.equal(isDateTime(text), false, JSON.stringify(text));
  }
});

test('a date-time becomes UTC with as many digits as are not zero, microseconds at most', () => {
  for (const [given, normal] of [
    ['2026-11-22T02:10:00+01:30', '2026-11-22T00:40:00Z'],
    ['2026-11-22T02:10:00.120-00:00', '2026-11-22T02:10:00.12Z'],
    ['2026-11-22t02:10:00.000z', '2026-11-22T02:10:00Z'],
    ['2026-11-22T02:10:00.1234567Z', '2026-11-22T02:10:00.123456Z'],
    ['2026-11-22T02:10:00.0000009Z', '2026-11-22T02:10:00Z'],
    ['2026-01-01T00:00:00.5+01:00', '2025-12-31T23:00:00.5Z'],
    ['0001-01-01T00:00:00-01:00', '0001-01-01T01:00:00Z'],
  ] as const) {
    assert.equal(normalDateTime(given), normal, given);
    assert.equal(normalDateTime(normal), normal);
  }
});

test('what is a date-time stays one in normal form, and names the same moment', () => {
  const parts = fc.record({
    ms: fc.integer({ min: Date.parse('0001-01-02T00:00:00Z'), max: Date.parse('9999-12-30T00:00:00Z') }),
    fraction: fc.integer({ min: 0, max: 999_999 }),
    zone: fc.constantFrom('Z', '+00:00', '-12:00', '+05:45', '+14:00', '-00:30'),
  });
  fc.assert(
    fc.property(parts, ({ ms, fraction, zone }) => {
      const text = `${new Date(ms).toISOString().slice(0, 19)}.${String(fraction).padStart(6, '0')}${zone}`;
      assert.equal(isDateTime(text), true, text);
      const normal = normalDateTime(text);
      assert.equal(isDateTime(normal), true, normal);
      assert.equal(normalDateTime(normal), normal);
      assert.equal(Date.parse(normal), Date.parse(text), text);
    }),
  );
});

test('MAC addresses are compared in lower case with colons', () => {
  assert.equal(normalMac('00-00-5E-00-53-17'), '00:00:5e:00:53:17');
  assert.equal(isMacAddress(normalMac('AA-bb:CC-dd:EE-ff')), true);
});

test('normal forms are accepted by their own formats and do not change again', () => {
  for (const [name, samples] of Object.entries({
    uuid: ['0192F0C4-7B1E-7C3A-9D52-3F6A1B0C8E11'],
    'mac-address': ['00-00-5E-00-53-17'],
    'date-time': ['2026-11-22T02:10:00.5+01:00'],
  })) {
    const normalise = NORMALISERS[name];
    assert(normalise !== undefined);
    for (const sample of samples) {
      assert.equal(FORMATS[name]?.(normalise(sample)), true);
      assert.equal(normalise(normalise(sample)), normalise(sample));
    }
  }
});
