import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { readPage } from '../docs/markdown.ts';
import { ServerProcess, temporaryFolder, tokenFor } from '../support/server-process.ts';

/** ORCA's side with ORCA's libraries: NodeAgent2's Java client, and the Ant tasks in the handler of docs/orca.md. */

/** Where Debian puts the libraries of ant, libhttpclient-java and libjson-simple-java. */
const JARS = ['ant', 'ant-launcher', 'httpclient', 'httpcore', 'commons-logging', 'commons-codec', 'json-simple'].map((name) => `/usr/share/java/${name}.jar`);
const SOURCES = join(packageRoot(), 'test', 'clients', 'orca');
const PACKAGE = 'orca/handlers/nodeagent2';
const JAVA_LIMIT_MS = 60_000;
const missing = whatIsMissing();
const skip = missing === undefined ? false : `ORCA's side needs Java (Debian: default-jdk-headless ant libhttpclient-java libjson-simple-java): ${missing}`;

test("ORCA's side works unchanged", { skip }, async (context) => {
  const { server, client, wrongPassword, ant } = await orca(context);

  await context.test("NodeAgent2's Java client joins, asks, changes and leaves; each body goes over the wire twice", async () => {
    const [joined] = await client(['join', 'Null-One', 'circuit.name=Übertragung 17 – Nord', 'circuit.vlan=17']);
    assert.deepEqual([joined?.status, joined?.message, joined?.requests], [0, null, 2]);
    assert.match(joined?.id ?? '', /^[0-9a-z]{10}$/);
    assert.deepEqual(joined?.properties, { key1: 'val1', key2: 'val2', key3: 'string35' });
    const id = joined?.id ?? '';

    const { json } = await server.request('GET', `/schedule/Null-One/${id}`);
    assert.deepEqual(json.list[0].joinProperties, { 'circuit.name': 'Übertragung 17 – Nord', 'circuit.vlan': '17' }, 'the Latin-1 body was read as such');

    const [modified, status, left] = await client(['modify', 'Null-One', id, 'circuit.vlan=18'], ['status', 'Null-One', id], ['leave', 'Null-One', id]);
    assert.deepEqual([modified?.status, modified?.id, modified?.properties], [0, id, { key12: 'val12', key22: 'val22', key32: 'String67' }]);
    assert.deepEqual([status?.status, status?.id, status?.properties], [0, id, { ...joined?.properties, ...modified?.properties }]);
    assert.deepEqual([left?.status, left?.id, left?.properties], [0, id, { key11: 'val11', key21: 'val21', key31: 'stgring46' }]);
    assert.deepEqual((await server.request('GET', '/schedule')).json, { list: [] });
  });

  await context.test('every failure has a status and a message where the Java client looks for them', async () => {
    const [threw, ...unknown] = await client(
      ['join', 'Exec-Failing'],
      ['join', 'Nobody-There'],
      ['leave', 'Null-One', 'never.joined'],
      ['modify', 'Null-One', 'never.joined'],
      ['status', 'Null-One', 'never.joined'],
    );
    assert.deepEqual([threw?.status, threw?.id], [255, null]);
    assert.match(threw?.message ?? '', /^join error: .*no capacity/);
    assert.equal(unknown.length, 4);
    const [unauthorized] = await wrongPassword(['join', 'Null-One']);
    for (const [status, refused] of [[401, unauthorized] as const, ...unknown.map((one) => [404, one] as const)]) {
      assert.deepEqual([refused?.status, refused?.id, refused?.properties], [status, null, null]);
      assert.notEqual(refused?.message ?? '', '');
    }
  });

  await context.test('the Ant handler of the page joins, changes and leaves; what a task hears is in the properties that it names', async () => {
    const joined = await ant('join', { 'circuit.vlan': '17', 'na2.other': 'is not sent' });
    assert.deepEqual([joined['shirako.target.code'], joined['shirako.target.code.message']], ['0', undefined]);
    const id = joined['shirako.save.unit.circuit.reservation'] ?? '';
    assert.match(id, /^[0-9a-z]{10}$/);
    assert.equal(joined['circuit.return.key3'], 'string35');
    const { json } = await server.request('GET', `/schedule/Null-One/${id}`);
    assert.deepEqual(json.list[0].joinProperties, { 'circuit.vlan': '17' });

    const modified = await ant('modify', { 'unit.circuit.reservation': id, 'modify.1.vlan': '18' });
    assert.deepEqual([modified['shirako.target.code'], modified['circuit.return.key32'], modified['circuit.reservation']], ['0', 'String67', id]);
    const left = await ant('leave', { 'unit.circuit.reservation': id });
    assert.deepEqual([left['shirako.target.code'], left['circuit.return.key31']], ['0', 'stgring46']);

    const again = await ant('leave', { 'unit.circuit.reservation': id });
    assert.deepEqual([again['shirako.target.code'], again['circuit.reservation']], ['404', 'Not available']);
    assert.match(again['shirako.target.code.message'] ?? '', new RegExp(id));
  });

  await context.test('a join that the plugin refuses saves no reservation id; a server that is not there fails the build', async () => {
    const failed = await ant('join', { 'na2.plugin': 'Exec-Failing' });
    assert.deepEqual([failed['shirako.target.code'], failed['shirako.save.unit.circuit.reservation']], ['255', undefined]);
    await server.kill();
    await assert.rejects(ant('join', {}), /Unable to POST JOIN to Null-One/);
  });
});

interface Heard {
  readonly status: number;
  readonly message: string | null;
  readonly id: string | null;
  readonly properties: Readonly<Record<string, string>> | null;
  readonly requests: number;
}

/** Operation, endpoint, reservation id but for a join, properties. */
type Words = readonly string[];

interface Orca {
  readonly server: ServerProcess;
  /** Makes calls, one after another. @returns what was heard of each. */
  client(...calls: readonly Words[]): Promise<readonly Heard[]>;
  wrongPassword(...calls: readonly Words[]): Promise<readonly Heard[]>;
  /** Runs a target of the handler. @returns the project's properties after it. */
  ant(target: string, properties: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
}

async function orca(context: TestContext): Promise<Orca> {
  const folder = temporaryFolder(context);
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--agent-config', agentConfig(folder)] });
  context.after(async () => void (await server.kill()));
  server.token = tokenFor(server.directory, ['reservations']);
  const classPath = [compiled(context), ...JARS].join(':');
  const client = async (password: string, calls: readonly Words[]): Promise<readonly Heard[]> => {
    const words = calls.flatMap((call, index) => (index === 0 ? call : ['--', ...call]));
    const lines = await java(classPath, [`${PACKAGE}/Na2Client`.replaceAll('/', '.'), server.url, password, ...words]);
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Heard);
  };
  return {
    server,
    client: (...calls) => client('pass', calls),
    wrongPassword: (...calls) => client('wrong', calls),
    ant: (target, properties) => antRun(folder, classPath, target, { 'na2.url': server.url, 'na2.password': 'pass', 'na2.plugin': 'Null-One', ...properties }),
  };
}

async function antRun(
  folder: string,
  classPath: string,
  target: string,
  properties: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const handler = readPage('docs/orca.md').blocks.find(({ language }) => language === 'xml');
  assert.ok(handler !== undefined, 'the page has a handler');
  writeFileSync(join(folder, 'handler.xml'), handler.text);
  // What ORCA's own build has before it comes to a handler: the class path, and somebody who looks at the properties.
  writeFileSync(
    join(folder, 'build.xml'),
    `<project name="orca" default="tell"><path id="run.classpath"><pathelement path="${classPath}" /></path><import file="handler.xml" />
    <target name="tell"><echoproperties destfile="${folder}/told.properties" /></target></project>`,
  );
  const given = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  await java(classPath, ['org.apache.tools.ant.Main', '-q', '-f', join(folder, 'build.xml'), ...given, target, 'tell']);
  const told = readFileSync(join(folder, 'told.properties'), 'latin1');
  return Object.fromEntries([...told.matchAll(/^([^#=\s]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value.replaceAll(/\\(.)/g, '$1')]));
}

/** @returns standard output; rejects with both outputs when the program fails. */
function java(classPath: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: JAVA_LIMIT_MS, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } };
    execFile('java', ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath, ...words], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}

/** The folder of the compiled clients, with the two files by which `<taskdef>` finds the tasks. */
function compiled(context: TestContext): string {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, PACKAGE), { recursive: true });
  const files = readdirSync(SOURCES);
  for (const file of files.filter((name) => !name.endsWith('.java'))) cpSync(join(SOURCES, file), join(folder, PACKAGE, file));
  const sources = files.filter((name) => name.endsWith('.java')).map((name) => join(SOURCES, name));
  execFileSync('javac', ['-nowarn', '-encoding', 'UTF-8', '-cp', JARS.join(':'), '-d', folder, ...sources], { stdio: ['ignore', 'ignore', 'pipe'] });
  return folder;
}

/** An XML file as NodeAgent2's users have it, with jars that are not on this machine. */
function agentConfig(folder: string): string {
  const script = join(folder, 'no-capacity');
  writeFileSync(script, '#!/bin/sh\necho "ERROR no capacity; none"\n');
  chmodSync(script, 0o700);
  const execProperties = ['join', 'leave', 'modify', 'renew', 'status'].map((name) => `<property name="exec.${name}" value="${script}" />`).join('');
  const path = join(folder, 'agent.xml');
  writeFileSync(
    path,
    `<?xml version="1.0" encoding="UTF-8"?>
<agentConfig xmlns="http://geni-orca.renci.org/xml/node-agent2/AgentConfig" password="pass">
  <tick length="10"><second/></tick>
  <plugins>
    <plugin name="Null-One">
      <jar>/opt/na2/null-agent-jar-with-dependencies.jar</jar>
      <mainClass>orca.nodeagent2.null_agent.Main</mainClass>
      <schedulePeriod length="1"><hour/></schedulePeriod>
      <properties><property name="pr" value="val" /></properties>
    </plugin>
    <plugin name="Exec-Failing">
      <jar>/opt/na2/exec-jar-with-dependencies.jar</jar>
      <mainClass>org.renci.nodeagent2.exec.Main</mainClass>
      <schedulePeriod length="1"><hour/></schedulePeriod>
      <properties>${execProperties}<property name="exec.wd" value="${dirname(script)}" /></properties>
    </plugin>
  </plugins>
</agentConfig>
`,
  );
  chmodSync(path, 0o600);
  return path;
}

function whatIsMissing(): string | undefined {
  const absent = JARS.find((jar) => !existsSync(jar));
  if (absent !== undefined) return `there is no ${absent}`;
  for (const program of ['java', 'javac']) {
    try {
      execFileSync(program, ['-version'], { stdio: 'ignore' });
    } catch {
      return `there is no ${program}`;
    }
  }
  return undefined;
}
