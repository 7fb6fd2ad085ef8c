import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AgentConfig } from '../../src/agent/endpoint-config.ts';
import { agentYaml } from '../../src/cli/import-na2-agent.ts';
import { springYaml } from '../../src/cli/import-na2-spring.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { packageRoot } from '../../src/package-root.ts';
import { fc } from '../support/properties.ts';
import { holdfast, type Received, type StubAnswer, temporary, withStub } from './running.ts';

const AGENT_FILES = join(packageRoot(), 'test', 'config', 'agent-files');

/** A folder with the sample files, as a site that moves has them. */
function siteFolder(context: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-na2-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['agent.xml', 'site-plugin.mjs', 'site-plugin.txt', 'na2-spring.yml', 'na2-spring.properties']) {
    copyFileSync(join(AGENT_FILES, name), join(folder, name));
    chmodSync(join(folder, name), 0o600);
  }
  return folder;
}

function loaded(folder: string, yaml: string): Config {
  writeFileSync(join(folder, 'holdfast.yaml'), yaml);
  return loadConfig({ environment: {}, flags: [], workingDirectory: '/', file: join(folder, 'holdfast.yaml') });
}

function fromXml(folder: string): AgentConfig {
  return loadConfig({ environment: { HOLDFAST_AGENT_CONFIG: join(folder, 'agent.xml') }, flags: [], workingDirectory: '/' }).agent;
}

test('the YAML that is printed for an XML file makes the same agent as the XML file itself', async (context) => {
  const folder = siteFolder(context);
  const ran = await holdfast(['import-na2', 'agent.xml', '--password-file', 'agent-password'], { directory: folder });
  assert.equal(ran.code, 0, ran.stderr);
  const { agent } = loaded(folder, ran.stdout);
  assert.equal(agent.digest.password, 'pass & word');
  assert.deepEqual({ ...agent, file: '' }, { ...fromXml(folder), file: '' });
  assert.match(ran.stderr, /line 12: .*orca\.nodeagent2\.null_agent\.Main is the plugin null that is built in here/);
});

test('the password is never printed: it goes to a new file of its owner, or the YAML says where it belongs', async (context) => {
  const folder = siteFolder(context);
  const plain = await holdfast(['import-na2', 'agent.xml'], { directory: folder });
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(plain.stdout, /# {3}holdfast import-na2 \S*agent\.xml --password-file agent-password\n.*HOLDFAST_AGENT_PASSWORD/);
  assert.equal(loaded(folder, plain.stdout).agent.digest.password, undefined);
  // The line is to be taken in as it stands.
  writeFileSync(join(folder, 'agent-password'), 'x\n');
  assert.equal(loaded(folder, plain.stdout.replace('#passwordFile', 'passwordFile')).agent.digest.password, 'x');
  const refused = await holdfast(['import-na2', 'agent.xml', '--password-file', 'agent-password'], { directory: folder });
  assert.deepEqual([refused.code, refused.stdout], [2, '']);
  assert.match(refused.stderr, /agent-password exists already/);
  const written = await holdfast(['import-na2', 'agent.xml', '--password-file', 'new-password'], { directory: folder });
  assert.equal(readFileSync(join(folder, 'new-password'), 'utf8'), 'pass & word\n');
  assert.equal(statSync(join(folder, 'new-password')).mode & 0o777, 0o600);
  for (const { stdout, stderr } of [plain, refused, written]) assert.doesNotMatch(stdout + stderr, /pass & word/);
});

test('plugins that are still missing are told, and all other mistakes refuse the file', async (context) => {
  const folder = siteFolder(context);
  const xml = readFileSync(join(folder, 'agent.xml'), 'utf8');
  writeFileSync(join(folder, 'agent.xml'), xml.replace('./site-plugin.mjs', '/opt/oscars.jar').replace('makeSite', 'orca.oscars.Main'));
  const moved = await holdfast(['import-na2', 'agent.xml'], { directory: folder });
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /# STILL MISSING: \/opt\/oscars\.jar is Java, and plugins are JavaScript here.*\n +plugin: \/opt\/oscars\.jar/);
  assert.match(moved.stderr, /line 35: \/opt\/oscars\.jar is Java/);
  writeFileSync(join(folder, 'agent.xml'), xml.replace('execplug', 'exec plug').replace('length="3" unit="minute"', 'length="3" unit="moment"'));
  const refused = await holdfast(['import-na2', 'agent.xml'], { directory: folder });
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /has 2 mistakes:\n.*line 13: plugins\/plugin\[1\]\/schedulePeriod: "moment" is none of.*\n.*"exec plug" must match/);
});

test('whatever properties and descriptions say, the printed YAML says it too', (context) => {
  const folder = siteFolder(context);
  const file = join(folder, 'agent.xml');
  // XML has no other characters, and takes line ends for one kind of them.
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom(...'\'"#:-?{}[]&*!|>%@`, \t\n\\~0=<y'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
  });
  const sayable = text.filter((each) => [...each].every((character) => character >= ' ' || character === '\t' || character === '\n'));
  const properties = fc.dictionary(
    sayable.filter((name) => name !== ''),
    sayable,
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(properties, sayable, (entries, description) => {
      const inside = Object.entries(entries).map(([name, value]) => `<property name="${xmlText(name)}" value="${xmlText(value)}"/>`);
      writeFileSync(
        file,
        `<agentConfig><tick length="1" unit="minute"/><plugins><plugin name="abcde"><jar>./site-plugin.mjs</jar><mainClass>makeSite</mainClass><schedulePeriod length="3" unit="minute"/><properties>${inside.join('')}</properties><description>${xmlText(description)}</description></plugin></plugins></agentConfig>`,
      );
      const direct = fromXml(folder);
      assert.deepEqual({ ...direct.endpoints[0]?.properties }, entries);
      assert.equal(direct.endpoints[0]?.description, description);
      assert.deepEqual({ ...loaded(folder, agentYaml(file, undefined)).agent, file: '' }, { ...direct, file: '' });
    }),
    { numRuns: 200 },
  );
});

test('the Spring file becomes server, TLS and the XML file; the rest is named with the reason', async (context) => {
  const folder = siteFolder(context);
  const ran = await holdfast(['import-na2', 'na2-spring.yml'], { directory: folder });
  assert.equal(ran.code, 0, ran.stderr);
  const { server, agent } = loaded(folder, ran.stdout);
  assert.deepEqual(server, {
    host: '0.0.0.0',
    port: 8443,
    httpThreads: 1,
    tls: { keyFile: join(folder, 'tls/key.pem'), certFile: join(folder, 'tls/certificate.pem') },
  });
  assert.equal(agent.file, join(folder, 'agent.xml'));
  assert.match(ran.stdout, /# - logging\.config: log4j's files/);
  assert.match(ran.stdout, /# - spring\.datasource\.url, spring\.datasource\.username: .*holdfast import-na2 --schedule/);
  assert.match(ran.stdout, /# - server\.ssl\.trust-store, server\.ssl\.trust-store-password: certificates of clients are not asked for/);
  assert.doesNotMatch(ran.stdout + ran.stderr, /store-password"|other-password|: store-password\n/);
});

test('the Spring file may be properties, with the names that Spring takes for the same', async (context) => {
  const folder = siteFolder(context);
  const ran = await holdfast(['import-na2', 'na2-spring.properties'], { directory: folder });
  const { server, agent } = loaded(folder, ran.stdout);
  assert.deepEqual(server, { host: '127.0.0.1', port: 8080, httpThreads: 1 });
  assert.equal(agent.endpoints.length, 3);
  assert.match(ran.stdout, /# - server\.ssl\.key-store: server\.ssl\.enabled is false/);
  const settings = [
    '! a remark',
    'server.port : 90\\',
    '   01',
    'na2.config=agent\\u002exml',
    'server.ssl.KEY_STORE = my store.p12',
    `server.address=\${HOST}`,
  ].join('\n');
  for (const name of ['application.properties', 'application']) {
    const printed = springYaml(name, settings);
    assert.equal(loaded(folder, printed).server.port, 9001);
    assert.equal(loaded(folder, printed).agent.endpoints.length, 3);
    assert.match(printed, /# {3}openssl pkcs12 -in 'my store\.p12' -passin env:STORE_PASSWORD -nocerts -nodes -out tls\/key\.pem/);
    assert.match(printed, /# - server\.address: "\$\{HOST\}" has a placeholder/);
  }
});

test('parts of a Spring file for a profile are passed over and named', (context) => {
  const printed = springYaml('x.yml', 'server: {port: 1}\nna2: {config: agent.xml}\n---\nspring: {profiles: test}\nserver: {port: 2}\n');
  assert.equal(loaded(siteFolder(context), printed).server.port, 1);
  assert.match(printed, /# - the part for the profile test: /);
});

test('the printed lines turn a Java key store into the PEM files that server.tls names', (context) => {
  if (spawnSync('keytool', ['-help']).error !== undefined || spawnSync('openssl', ['version']).status !== 0) {
    context.skip('there is no keytool or no openssl here');
    return;
  }
  for (const type of ['JKS', 'PKCS12']) {
    const folder = siteFolder(context);
    const isJks = type === 'JKS';
    const keytool = `-genkeypair -keystore keystore.jks -storetype ${type} -alias selfsigned -keyalg EC -dname CN=na2 -storepass store-password`;
    assert.equal(spawnSync('keytool', [...keytool.split(' '), ...(isJks ? ['-keypass', 'other-password'] : [])], { cwd: folder }).status, 0);
    const spring = readFileSync(join(folder, 'na2-spring.yml'), 'utf8').replace('key-alias', `key-store-type: ${type}\n    key-alias`);
    const printed = springYaml('na2-spring.yml', spring);
    const commands = [...printed.matchAll(/^ {2}# {3}(?!\()(.*)$/gm)].map(([, command]) => command).join('\n');
    const ran = spawnSync('bash', ['-ec', commands], { cwd: folder, input: 'store-password\nother-password\n', encoding: 'utf8' });
    assert.equal(ran.status, 0, `${commands}\n${ran.stderr}`);
    const { tls } = loaded(folder, printed).server;
    const certificate = new X509Certificate(readFileSync(tls?.certFile ?? ''));
    assert.equal(certificate.subject, 'CN=na2');
    assert.ok(certificate.checkPrivateKey(createPrivateKey(readFileSync(tls?.keyFile ?? ''))));
    assert.equal(statSync(tls?.keyFile ?? '').mode & 0o077, 0);
    assert.ok(!existsSync(join(folder, 'tls', 'keystore.p12')));
  }
});

test('the schedule of a running NodeAgent2 goes to the server, and each entry is told', async () => {
  const list = [entryOf('null-plugin', 'a.b'), entryOf('null-plugin', 'c'), entryOf('unknown', 'd')];
  await withStub(importing, async (url, received) => {
    const ran = await holdfast(['import-na2', '--schedule', '-', '--url', url, '--jwt', 't'], { input: JSON.stringify({ list }) });
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, '{"taken":2,"refused":1}\n');
    assert.deepEqual(ran.stderr.split('\n').slice(0, 4), [
      'taken    null-plugin/a.b (operation op-a.b)',
      'taken    null-plugin/c (operation op-c)',
      'refused  unknown/d: The resource does not exist (404); endpoint unknown',
      'holdfast: 1 of 3 reservations were refused',
    ]);
    assert.deepEqual(
      received.map(({ method, url: path, headers, body }) => [method, path, headers.authorization, headers['content-type'], JSON.parse(body)]),
      [['POST', '/reservations/import', 'Bearer t', 'application/json', { list }]],
    );
  });
});

test('the whole schedule goes in one request, from a file, and nothing refused is exit code 0', async () => {
  const directory = temporary();
  const list = Array.from({ length: 5000 }, (_, index) => entryOf('null-plugin', `r${index}`));
  writeFileSync(join(directory, 'schedule.json'), JSON.stringify({ list }, null, 2));
  await withStub(importing, async (url, received) => {
    const ran = await holdfast(['import-na2', '--schedule', 'schedule.json', '--url', url], { directory });
    assert.deepEqual([ran.code, ran.stdout], [0, '{"taken":5000,"refused":0}\n']);
    assert.equal(received.length, 1);
    assert.deepEqual(JSON.parse(received[0]?.body ?? ''), { list });
  });
});

test('a take-over that the server refuses as a whole is told in its words', async () => {
  const answer = (): StubAnswer => ({ status: 403, body: '{"title":"The token does not allow this","status":403}' });
  await withStub(answer, async (url) => {
    const ran = await holdfast(['import-na2', '--schedule', '-', '--url', url], { input: '{"list":[]}' });
    assert.deepEqual(ran, { code: 1, stdout: '', stderr: 'holdfast: The token does not allow this (403)\n' });
  });
});

test('what is no schedule is refused before anything is sent, and so is wrong usage', async (context) => {
  const folder = siteFolder(context);
  await withStub(importing, async (url, received) => {
    for (const text of ['{}', '[]', '{"list":{}}', 'x', '']) {
      const ran = await holdfast(['import-na2', '--schedule', '-', '--url', url], { input: text });
      assert.equal(ran.code, 2, text);
    }
    assert.equal(received.length, 0);
  });
  for (const words of [[], ['agent.xml', '--schedule', '-'], ['gone.xml'], ['na2-spring.yml', '--password-file', 'p'], ['site-plugin.txt']])
    assert.equal((await holdfast(['import-na2', ...words], { directory: folder })).code, 2, words.join(' '));
});

function entryOf(name: string, reservationId: string): object {
  return { status: 0, errorMsg: null, name, reservationId, deadline: 1_800_000_000_000, joinProperties: { a: 'b' }, schedProperties: {} };
}

/** Takes what is for the endpoint null-plugin, as the server's own route answers. */
function importing({ body }: Received): StubAnswer {
  const { list } = JSON.parse(body) as { list: readonly { name: string; reservationId: string }[] };
  const items = list.map(({ name, reservationId }, index) => ({
    index,
    endpoint: name,
    reservation_id: reservationId,
    ...(name === 'null-plugin'
      ? { status: 201, operation_id: `op-${reservationId}` }
      : { type: 'about:blank', title: 'The resource does not exist', status: 404, code: 'not-found', detail: `endpoint ${name}` }),
  }));
  const taken = items.filter(({ status }) => status === 201).length;
  return { body: JSON.stringify({ taken, refused: items.length - taken, items }) };
}

function xmlText(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\u0085': '&#133;' };
  return text.replaceAll(/[&<>"\t\n\u0085]/g, (character) => named[character] ?? character);
}
