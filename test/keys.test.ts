import { strict as assert } from 'node:assert';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartFailure } from '../src/faults.ts';
import { loadKeys } from '../src/keys.ts';
import type { Log } from '../src/log.ts';

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
}

function warningsTo(warnings: string[]): Log {
  return {
    isLevelEnabled: () => true,
    debug: () => undefined,
    info: () => undefined,
    warn: (_, message) => void warnings.push(message),
    error: () => undefined,
  };
}
const QUIET = warningsTo([]);

test('a first start makes both keys, readable by the owner only, and the next start reads them', () => {
  const directory = temporary();
  const first = loadKeys(directory, {}, QUIET);
  assert.equal(first.tokenSecrets[0].length, 64, 'the hexadecimal text of 32 bytes is the secret');
  assert.equal(first.storeKeys[0].length, 32);
  assert.equal(first.tokenSecretIsGenerated, true);
  assert.equal(statSync(join(directory, 'keys')).mode & 0o777, 0o700);
  for (const name of ['token-secret', 'store-key']) assert.equal(statSync(join(directory, 'keys', name)).mode & 0o777, 0o600);
  const second = loadKeys(directory, {}, QUIET);
  assert.deepEqual([second.tokenSecrets, second.storeKeys], [first.tokenSecrets, first.storeKeys]);
});

test('keys from the environment go before files', () => {
  const directory = temporary();
  const storeKey = Buffer.alloc(32, 7);
  const keys = loadKeys(directory, { HOLDFAST_JWT_SECRET: 'a secret that is long enough for it', HOLDFAST_STORE_KEY: storeKey.toString('base64') }, QUIET);
  assert.deepEqual(keys.storeKeys, [storeKey]);
  assert.equal(Buffer.from(keys.tokenSecrets[0]).toString(), 'a secret that is long enough for it');
  assert.equal(keys.tokenSecretIsGenerated, false);
});

test('a secret file is read without its line end', () => {
  const directory = temporary();
  const file = join(directory, 'secret');
  writeFileSync(file, 'a secret that is long enough for it\n', { mode: 0o600 });
  assert.equal(Buffer.from(loadKeys(directory, {}, QUIET, { secretFile: file }).tokenSecrets[0]).toString(), 'a secret that is long enough for it');
  assert.throws(() => loadKeys(directory, {}, QUIET, { secretFile: join(directory, 'none') }), StartFailure);
});

test('a key file that others can read brings a warning', () => {
  const directory = temporary();
  loadKeys(directory, {}, QUIET);
  chmodSync(join(directory, 'keys', 'store-key'), 0o640);
  const warnings: string[] = [];
  loadKeys(directory, {}, warningsTo(warnings));
  assert.match(warnings.join(), /others on this machine can read/);
});

test('no new store key is made beside records that an old one encrypted', () => {
  const directory = temporary();
  loadKeys(directory, {}, QUIET);
  mkdirSync(join(directory, 'journal'));
  writeFileSync(join(directory, 'journal', '1'), '');
  rmSync(join(directory, 'keys'), { recursive: true });
  assert.throws(() => loadKeys(directory, {}, QUIET), { name: 'StartFailure', message: /the store key is missing.*journal/ });
  loadKeys(directory, { HOLDFAST_STORE_KEY: Buffer.alloc(32, 1).toString('base64') }, QUIET);
});

test('a store key that is no 32 bytes of base64 is refused', () => {
  const directory = temporary();
  for (const wrong of ['abc', Buffer.alloc(16).toString('base64'), `${Buffer.alloc(32).toString('base64')}!`]) {
    assert.throws(() => loadKeys(directory, { HOLDFAST_STORE_KEY: wrong }, QUIET), StartFailure, wrong);
  }
});
