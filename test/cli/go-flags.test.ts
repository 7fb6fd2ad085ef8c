import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { translateGoFlags } from '../../src/cli/go-flags.ts';

test('the flags of the original become ours', () => {
  const { arguments: words, remarks } = translateGoFlags([
    'serve',
    '-dir',
    'd',
    '-snapshot-freq=60s',
    '-restore',
    '-snapshot-dir',
    '-init-tables=true',
    '--port',
    '1',
  ]);
  assert.deepEqual(words, ['serve', '--data-dir', 'd', '--snapshot-every', '60s', '--restore', '--port', '1']);
  assert.equal(remarks.length, 2);
});

test('restore takes a value after =, and two dashes are one to Go', () => {
  assert.deepEqual(translateGoFlags(['serve', '-restore=false', '--snapshot-freq', '1m', '--dir=d']).arguments, [
    'serve',
    '--restore=false',
    '--snapshot-every',
    '1m',
    '--data-dir',
    'd',
  ]);
});

test('our own options, and those of other commands, stay as they are', () => {
  for (const words of [
    ['schemas', '--dir', 'x'],
    ['serve', '--restore=false', '--no-restore'],
    ['get', 'BMC', '-dir'],
  ])
    assert.deepEqual(translateGoFlags(words).arguments, words);
  assert.deepEqual(translateGoFlags(['schemas', '-dir', 'x']).arguments, ['schemas', '--dir', 'x']);
});
