import { strict as assert } from 'node:assert';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/package-root.ts';
import { ask, filesFor, open, ownerOf, type TlsFiles } from '../support/certificates.ts';
import { Connection } from '../support/connection.ts';
import { type FeedEvent, openSocket, sequencesOf } from '../support/feed-client.ts';
import { Scrape } from '../support/scrape.ts';
import { launch, ServerProcess, temporaryFolder } from '../support/server-process.ts';

/** Two front threads of a real server, one of which does not do what the other one does. */

const THREADS = ['--http-threads', '2'];
/** Enough that each of two threads has some. */
const CONNECTIONS = 16;
/** More than a thread may leave lying. */
const CHANGES = 24;
const CHANGE_BYTES = 900_000;

/** For NODE_OPTIONS: runs in the second front thread, before anything else. */
function sabotage(folder: string, code: string): Readonly<Record<string, string>> {
  const file = join(folder, 'sabotage.mjs');
  writeFileSync(file, `import { isMainThread, workerData } from 'node:worker_threads';\nif (!isMainThread && workerData?.sharing === 'further') {\n${code}\n}`);
  return { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` };
}

/** @param again is done every now and then until it is so: a server that is still starting does not listen to signals. */
async function until(isSo: () => boolean | Promise<boolean>, what: string, again: () => void = () => undefined): Promise<void> {
  for (let turn = 0; !(await isSo()); turn++) {
    assert.ok(turn < 2000, what);
    if (turn % 50 === 0) again();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface TlsServer {
  readonly port: number;
  readonly output: () => string;
  /** Has the files read again. */
  readonly hangUp: () => void;
}

async function startTls(context: TestContext, { tls }: TlsFiles, environment: Readonly<Record<string, string>> = {}): Promise<TlsServer> {
  const folder = temporaryFolder(context);
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, JSON.stringify({ server: { tls } }), { mode: 0o600 });
  const { child, exited, output } = launch(join(folder, 'data'), ['--config', config, ...THREADS], environment);
  context.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const portIn = (): number => Number(/"url":"https:[^"]+:(\d+)"/.exec(output())?.[1] ?? 0);
  await until(() => portIn() > 0, 'it listens');
  return { port: portIn(), output, hangUp: () => void child.kill('SIGHUP') };
}

/** Whose certificates new connections have. */
async function ownersOf(context: TestContext, server: TlsServer): Promise<string> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(context, server)));
  const owners = [...new Set(sockets.map(ownerOf))].sort();
  for (const socket of sockets) socket.destroy();
  return owners.join(' and ');
}

/** Until all new connections have this certificate. One that comes while a thread's listening socket is replaced may be reset. */
function untilAllHave(context: TestContext, server: TlsServer, owner: string): Promise<void> {
  return until(async () => (await ownersOf(context, server).catch(() => '')) === owner, `every thread has ${owner}`, server.hangUp);
}

test('after a SIGHUP new connections of every thread have the new certificate, and old ones live on', async (context) => {
  const files = filesFor(context, 'first', 'second');
  if (files === undefined) return;
  const server = await startTls(context, files);
  const before = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(context, server)));
  files.install('second');
  await untilAllHave(context, server, 'second');
  for (const socket of before) assert.deepEqual([ownerOf(socket), await ask(socket)], ['first', 'HTTP/1.1 200 OK']);
  files.write('no certificate');
  await until(() => server.output().includes('the certificate could not be read again'), 'it is refused', server.hangUp);
  assert.equal(await ownersOf(context, server), 'second');
  for (const socket of before) assert.equal(await ask(socket), 'HTTP/1.1 200 OK');
});

test('when one thread cannot use a new certificate, none does, and the next one is for all again', async (context) => {
  const files = filesFor(context, 'first', 'second', 'third');
  if (files === undefined) return;
  const folder = temporaryFolder(context);
  const library = pathToFileURL(join(packageRoot(), 'node_modules', 'uWebSockets.js', 'uws.js')).href;
  const refusing = join(folder, 'refusing');
  const environment = sabotage(
    folder,
    `const { existsSync } = await import('node:fs');
     const { default: library } = await import('${library}');
     const { SSLApp } = library;
     library.SSLApp = (options) => {
       if (existsSync(${JSON.stringify(refusing)})) throw new Error('sabotage: this certificate cannot be read here');
       return SSLApp(options);
     };`,
  );
  const server = await startTls(context, files, environment);
  assert.equal(await ownersOf(context, server), 'first');
  files.install('second');
  // However often it has to be asked for: a second try must not succeed.
  writeFileSync(refusing, '');
  await until(() => server.output().includes('sabotage: this certificate'), 'it is refused', server.hangUp);
  for (let look = 0; look < 5; look++) assert.equal(await ownersOf(context, server), 'first');
  files.install('third');
  rmSync(refusing);
  await untilAllHave(context, server, 'third');
});

test('while a thread stands still its subscribers wait, others do not, and afterwards everybody has everything', async (context) => {
  const folder = temporaryFolder(context);
  const [stand, standing, go] = ['stand', 'standing', 'go'].map((name) => join(folder, name)) as [string, string, string];
  const environment = sabotage(
    folder,
    `const { existsSync, writeFileSync } = await import('node:fs');
     const looking = setInterval(() => {
       if (!existsSync('${stand}')) return;
       clearInterval(looking);
       writeFileSync('${standing}', '');
       while (!existsSync('${go}')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
     }, 10);`,
  );
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: THREADS, environment });
  context.after(async () => void (await server.kill()));
  const made = await server.request('POST', '/inventory/NodeCollection', { name: 'watched', type: 'ad-hoc', nodes: [] });
  const feeds = await Promise.all(Array.from({ length: CONNECTIONS }, () => openSocket(server.url)));
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(server));
  await Promise.all(connections.map((connection) => connection.call('GET', '/health/live')));
  writeFileSync(stand, '');
  await until(() => existsSync(standing), 'one thread stands still');
  // Those of the other thread are answered.
  const asked = connections.map((connection) => connection.call('GET', '/health/live').then(() => connection));
  const writer = await Promise.race(asked);
  for (let change = 0; change < CHANGES; change++) {
    const document = { ...made.json, cloud_init_data: { filling: String(change).padEnd(CHANGE_BYTES, 'x') } };
    const written = await writer.call('PATCH', `/inventory/NodeCollection/${made.json.id}`, document);
    assert.equal(written.status, 200, written.text.slice(0, 500));
  }
  const hasAll = (events: readonly FeedEvent[]): boolean => sequencesOf(events).length === CHANGES;
  await until(() => feeds.some(({ events }) => hasAll(events)), 'those of the other thread are told');
  assert.ok(
    feeds.some(({ events }) => !hasAll(events)),
    'those of this one are not',
  );
  const figures = new Scrape((await writer.call('GET', '/metrics')).text);
  assert.ok((figures.value('holdfast_feed_fallbacks_total') ?? 0) > 0, 'what they missed is not kept for them in memory');
  writeFileSync(go, '');
  for (const feed of feeds) {
    const told = sequencesOf(await feed.until(hasAll));
    assert.deepEqual(
      told,
      told.map((_, index) => (told[0] ?? 0) + index),
    );
    feed.kill();
  }
  for (const connection of await Promise.all(asked)) connection.close();
});
