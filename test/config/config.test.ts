import { strict as assert } from 'node:assert';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConfigSources, loadConfig } from '../../src/config/config.ts';
import { StartFailure } from '../../src/faults.ts';

function sources(part: Partial<ConfigSources> = {}): ConfigSources {
  return { environment: {}, flags: [], workingDirectory: '/somewhere', ...part };
}

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-config-')), 'holdfast.yaml');
  writeFileSync(path, text);
  return path;
}

function mistakesOf(part: Partial<ConfigSources>): string {
  try {
    loadConfig(sources(part));
  } catch (error) {
    assert.ok(error instanceof StartFailure, String(error));
    return error.message;
  }
  return assert.fail('the configuration was accepted');
}

test('with nothing given, everything has its default', () => {
  const config = loadConfig(sources());
  assert.deepEqual(config.server, { host: '127.0.0.1', port: 8080, httpThreads: 1 });
  assert.equal(config.storage.directory, '/somewhere/holdfast-data');
  assert.deepEqual(config.snapshots.every, { type: 'interval', intervalMs: 300_000 });
  assert.deepEqual(config.snapshots.retain, { newest: 24, hourly: 0, daily: 0, weekly: 0 });
  assert.equal(config.snapshots.journalBytesMax, 2 ** 30);
  assert.deepEqual(config.auth, { reads: 'public', algorithm: 'HS256', leewaySeconds: 30 });
});

test('the environment goes before the file, and flags before both', () => {
  const file = fileOf('server: {port: 1, host: 0.0.0.0}\nlog: {level: warn}\n');
  const config = loadConfig(
    sources({ file, environment: { HOLDFAST_PORT: '2', HOLDFAST_LOG_LEVEL: 'error' }, flags: [{ name: '--port', path: ['server', 'port'], value: '3' }] }),
  );
  assert.equal(config.server.port, 3);
  assert.equal(config.server.host, '0.0.0.0');
  assert.equal(config.log.level, 'error');
});

test('HOLDFAST_CONFIG names the file, and an empty variable counts as not set', () => {
  const environment = { HOLDFAST_CONFIG: fileOf('server: {port: 7}\n'), HOLDFAST_PORT: '' };
  assert.equal(loadConfig(sources({ environment })).server.port, 7);
});

test('durations and sizes may be written with their units', () => {
  const file = fileOf('storage: {lagMs: 2s}\nauth: {leewaySeconds: 1m}\nlimits: {bodyBytes: 64KiB, requestTimeLimitMs: 1m30s}\n');
  const config = loadConfig(sources({ file }));
  assert.equal(config.storage.lagMs, 2000);
  assert.equal(config.auth.leewaySeconds, 60);
  assert.equal(config.limits.bodyBytes, 65_536);
  assert.equal(config.limits.requestTimeLimitMs, 90_000);
});

test('relative paths in the file start at its folder', () => {
  const file = fileOf('storage: {directory: ../data}\nserver: {tls: {keyFile: key.pem, certFile: /etc/cert.pem}}\n');
  const config = loadConfig(sources({ file }));
  assert.equal(config.storage.directory, join(file, '../../data'));
  assert.deepEqual(config.server.tls, { keyFile: join(file, '../key.pem'), certFile: '/etc/cert.pem' });
});

test('snapshots.every takes a cron expression of five or six fields', () => {
  for (const expression of ['*/10 * * * *', '30 */10 * * * *']) {
    assert.deepEqual(loadConfig(sources({ environment: { HOLDFAST_SNAPSHOT_EVERY: expression } })).snapshots.every, { type: 'cron', expression });
  }
  for (const wrong of ['61 * * * *', '* * * *', 'often', '0s', '30d', '5 minutes']) {
    assert.match(mistakesOf({ environment: { HOLDFAST_SNAPSHOT_EVERY: wrong } }), /HOLDFAST_SNAPSHOT_EVERY: snapshots\.every/, wrong);
  }
});

test('snapshots.retain is a number or has rules', () => {
  assert.equal(loadConfig(sources({ environment: { HOLDFAST_RETAIN: '5' } })).snapshots.retain.newest, 5);
  const { retain } = loadConfig(sources({ file: fileOf('snapshots: {retain: {daily: 7}}\n') })).snapshots;
  assert.deepEqual(retain, { newest: 24, hourly: 0, daily: 7, weekly: 0 });
});

test('all mistakes are told at once, each with its place', () => {
  const file = fileOf('server:\n  prot: 80\n  port: "x"\nauth:\n  leewaySeconds: 500\nstorage:\n  journalSync: never\n');
  const message = mistakesOf({ file, environment: { HOLDFAST_LOG_LEVEL: 'loud' }, flags: [{ name: '--port', path: ['server', 'port'], value: '70000' }] });
  for (const expected of [
    `${file}, line 2: server.prot: unknown; did you mean port?`,
    `${file}, line 3: server.port: "x" is no whole number`,
    `${file}, line 5: auth.leewaySeconds: must be <= 120`,
    `${file}, line 7: storage.journalSync: must be one of always, interval`,
    'HOLDFAST_LOG_LEVEL: log.level: must be one of debug, info, warn, error',
    '--port: server.port: must be <= 65535',
  ]) {
    assert.ok(message.includes(expected), `${expected}\nis missing in\n${message}`);
  }
});

test('a YAML mistake is told with its line', () => {
  const file = fileOf('server:\n  port: 1\n  port: 2\n');
  assert.match(mistakesOf({ file }), /holdfast\.yaml, line 3: Map keys must be unique/);
});

test('a file that is no map of sections, or cannot be read, is refused', () => {
  assert.match(mistakesOf({ file: fileOf('- a\n') }), /must hold sections/);
  assert.match(mistakesOf({ file: '/nowhere/holdfast.yaml' }), /cannot read the configuration file \/nowhere\/holdfast\.yaml: ENOENT/);
});

test('an empty file, and a section without elements, change nothing', () => {
  assert.equal(loadConfig(sources({ file: fileOf('') })).server.port, 8080);
  assert.equal(loadConfig(sources({ file: fileOf('server:\n#  port: 1\n') })).server.port, 8080);
});

test('trusted proxies are addresses and networks, and nothing that only looks like one', () => {
  const right = ['192.0.2.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '2001:db8::7/128'];
  assert.deepEqual(loadConfig(sources({ file: fileOf(`server: {trustedProxies: ${JSON.stringify(right)}}\n`) })).server.trustedProxies, right);
  for (const wrong of ['', 'proxy.example', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0', '::/129', '10.0.0.0/0x8', 'fe80::1%eth0']) {
    const message = mistakesOf({ file: fileOf(`server: {trustedProxies: [${JSON.stringify(wrong)}]}\n`) });
    assert.match(message, /line 1: server\.trustedProxies.*is neither an address nor a network like 10\.0\.0\.0\/8/, wrong);
  }
});

test('a secret in the file is refused, with where it belongs', () => {
  assert.match(mistakesOf({ file: fileOf('auth: {secret: abc}\n') }), /secretFile, or the environment variable HOLDFAST_JWT_SECRET/);
});

test('what is only wrong in combination is told, too', () => {
  assert.match(mistakesOf({ file: fileOf('auth: {algorithm: RS256}\n') }), /RS256 needs jwksFile or jwksUrl/);
  assert.match(mistakesOf({ file: fileOf('auth: {jwksFile: a}\n') }), /HS256 has a secret and no key set/);
  assert.match(mistakesOf({ file: fileOf('auth: {algorithm: RS256, jwksUrl: "ftp://x"}\n') }), /must be a URL/);
  assert.match(mistakesOf({ file: fileOf('server: {tls: {keyFile: a}}\n') }), /server\.tls\.certFile: is missing/);
});

test('nobody can change a configuration once it is made', () => {
  const config = loadConfig(sources()) as { server: { port: number } };
  assert.throws(() => {
    config.server.port = 1;
  }, TypeError);
});
