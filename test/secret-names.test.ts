import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { isSecretName, MASK, maskSecrets } from '../src/secret-names.ts';

const SECRET = [
  'password',
  'PASSWORD',
  'Password1',
  'passwd',
  'passphrase',
  'pass',
  'pw',
  'pwd',
  'secret',
  'secrets',
  'token',
  'tokens',
  'credential',
  'credentials',
  'key',
  'keys',
  'KEY',
  'oscars.password',
  'user_pw',
  'user-pass',
  'userPass',
  'userPW',
  'OAuthToken',
  'dbpassword',
  'passwordFile',
  'passwordhash',
  'authtoken',
  'clientsecret',
  'client_secret_2',
  'apiKey',
  'APIKey',
  'api_key',
  'api key',
  'apikey',
  'apikey1',
  'api.key1',
  'privateKey',
  'private.key',
  'privatekey',
  'ssh-key',
  'sshkeys',
  'ssh.key1',
  'key1.password',
  'key1.key',
  'exec.env.SECRET',
  'vm.0.rootPassword.hash',
  'пароль.token',
  'dbpass',
  'userpwd',
  'pwdhash',
  'adminpw',
  'psk',
  'wifipsk',
  'wpa2.PSK',
  'passcode',
  'userpasscode1',
  'community',
  'snmp.community',
  'rocommunity',
  'snmpRoCommunity2',
  'wifikey',
  'licensekey',
  'licenseKeys',
  'mykey1',
  'tokenid',
  'secretvalue',
  'mysecretkeyfile',
  'bgp.password',
  'bgp.snmp.community',
  'passkey',
  'community.name',
  'db-creds',
];

const OPEN = [
  '',
  'key1',
  'key2',
  'key3',
  'key11',
  'key33',
  'KEY1',
  'monkey',
  'keyboard',
  'hotkey',
  'hotkeys',
  'turkey',
  'donkey',
  'hockey.team',
  'jockey',
  'whiskey',
  'keynote',
  'passport',
  'bypass',
  'compass',
  'trespass',
  'lowpass',
  'passes',
  'passage',
  'secretary',
  'secretaries',
  'tokenizer',
  'tokenised',
  'public.key',
  'publicKey',
  'ssh_public_key',
  'pub-key',
  'publickey',
  'pubkey',
  'sshpubkeys',
  'bgp.community',
  'bgpCommunity',
  'communities',
  'accesskeyid',
  'pwn',
  'description',
  'bandwidth',
  'vlan.tag',
  'new.reservationid',
  'exec.join',
  'exec.wd',
  '__proto__',
  '1234',
  '...',
];

test('a name says secret by its words, wherever they stand and however they are joined', () => {
  for (const name of SECRET) assert.equal(isSecretName(name), true, name);
});

test('words that only look like those, and keys that are only numbered, are shown', () => {
  for (const name of OPEN) assert.equal(isSecretName(name), false, name);
});

test('masking keeps the names, their order and every other value', () => {
  const properties = JSON.parse('{"key1":"val1","api.password":"hunter2","__proto__":"p","token":""}');
  const masked = maskSecrets(properties);
  assert.equal(JSON.stringify(masked), `{"key1":"val1","api.password":"${MASK}","__proto__":"p","token":"${MASK}"}`);
  assert.equal(properties['api.password'], 'hunter2', 'the properties themselves stay as they are');
});

test('a very long name is judged in no time', () => {
  const before = process.cpuUsage();
  for (const part of ['a', 'A', 'aA', '.', 'key', '1', 'passwor', 'secretar', 'tokeni', 'keyspub', 'pass.']) isSecretName(part.repeat(100_000));
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 2_000_000);
});
