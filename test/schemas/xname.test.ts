import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { bmcXnameOf, isBmcXname, isNodeXname, isXname, normalXname } from '../../schemas/xname.ts';
import { fc } from '../support/properties.ts';

const NODES = ['x000c0s0b0n0', 'x3000c0s17b1n0', 'x99999c255s255b255n255', 'x00100c000s000b000n000', 'x1000c001s1b1n1'];
const NO_NODES = [
  '',
  'x3000c0s17b1',
  'x30c0s0b0n0',
  'x100000c0s0b0n0',
  'x3000c256s0b0n0',
  'x3000c0s256b0n0',
  'x3000c0s0b256n0',
  'x3000c0s0b0n256',
  'x3000c0000s0b0n0',
  'X3000c0s0b0n0',
  ' x3000c0s0b0n0',
  'x3000c0s0b0n0\n',
  'x3000c0s0b0n',
  'x3000c0s0b0n0n0',
  'x-300c0s0b0n0',
  'x３000c0s0b0n0',
];

test('names of nodes are told from other texts', () => {
  for (const name of NODES) assert.equal(isNodeXname(name), true, name);
  for (const name of NO_NODES) assert.equal(isNodeXname(name), false, JSON.stringify(name));
});

test('names of BMCs are those of their nodes without the last part', () => {
  for (const name of NODES) {
    assert.equal(isBmcXname(bmcXnameOf(name)), true, name);
    assert.equal(isBmcXname(name), false, name);
  }
  assert.equal(bmcXnameOf('x01000c00s01b0n003'), 'x01000c00s01b0', 'leading zeros are kept');
});

test('names of other components are letters and numbers in turn', () => {
  for (const name of ['d0', 'x1000c0r3', 'x3000m0p0', 's0', ...NODES]) assert.equal(isXname(name), true, name);
  for (const name of ['', 'x', '1', 'x1c', 'X1', 'x1-c0', 'x1 c0', 'x1234567890', 'x1\n']) assert.equal(isXname(name), false, JSON.stringify(name));
});

test('leading zeros do not make another name, and single zeros stay', () => {
  for (const [given, normal] of [
    ['x01000c00s001b0n000', 'x1000c0s1b0n0'],
    ['x00000c0', 'x0c0'],
    ['d0', 'd0'],
    ['x10c100', 'x10c100'],
    ['', ''],
    ['no xname 007', 'no xname 007'],
  ] as const) {
    assert.equal(normalXname(given), normal);
  }
});

test('the normal form is one, and zeros in front do not change it', () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 2 })), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(numbers, (parts) => {
      const letters = ['x', 'c', 's', 'b', 'n'];
      const plain = parts.map(([number], index) => `${letters[index]}${number}`).join('');
      const padded = parts.map(([number, zeros], index) => `${letters[index]}${'0'.repeat(zeros)}${number}`).join('');
      assert.equal(normalXname(padded), plain);
      assert.equal(normalXname(plain), plain);
    }),
  );
});
