import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { ask, filesFor, open, ownerOf } from '../support/certificates.ts';
import { type Rig, startRig } from './front-rig.ts';

const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

test('requests over TLS are answered, from version 1.2 on', async (context) => {
  const files = filesFor(context, 'first');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  assert.match(rig.front.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await open(context, rig.front, { minVersion: version, maxVersion: version });
    assert.deepEqual([socket.getProtocol(), ownerOf(socket), await ask(socket)], [version, 'first', 'HTTP/1.1 200 OK']);
  }
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    // Without the lower security level it would be this client that refuses.
    const old = open(context, rig.front, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' });
    await assert.rejects(old, { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, version);
  }
  const plain = await rig.raw([REQUEST]);
  assert.deepEqual(plain, { text: '', isClosed: true }, 'plain HTTP gets no answer');
});

test('over TLS, a connection beyond the limit is closed without a word, and counted no more', async (context) => {
  const files = filesFor(context, 'first');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls, limits: { connectionsMax: 2 } });
  const held = [await open(context, rig.front), await open(context, rig.front)];
  for (let count = 0; count < 10; count++) await assert.rejects(open(context, rig.front));
  assert.deepEqual([await ask(held[0] as TLSSocket), rig.front.connections], ['HTTP/1.1 200 OK', 2]);
  for (const socket of held) socket.destroy();
  while (rig.front.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(await open(context, rig.front)), 'HTTP/1.1 200 OK');
});

test('a new certificate is for new connections, and open ones go on', async (context) => {
  const files = filesFor(context, 'first', 'second');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  const before = await open(context, rig.front);
  assert.equal(await ask(before), 'HTTP/1.1 200 OK');
  files.install('second');
  const { port } = rig.front;
  assert.deepEqual(await rig.front.reloadTls(), { ok: true, value: undefined });
  assert.equal(rig.front.port, port);
  const after = await open(context, rig.front);
  assert.deepEqual([ownerOf(before), ownerOf(after)], ['first', 'second']);
  assert.deepEqual([await ask(before), await ask(after)], ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
  await assert.rejects(startRig(context, { tls: files.tls, port }), /is in use or not allowed/, 'the port is still ours alone');
});

test('files that do not fit together are a fault, and the old certificate stays', async (context) => {
  const files = filesFor(context, 'first', 'second');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  const open1 = await open(context, rig.front);
  const breaks: readonly (() => void)[] = [
    () => files.write('no certificate'),
    () => files.write(''),
    () => rmSync(files.tls.certFile),
    () => {
      files.install('second');
      copyFileSync(files.tls.keyFile, files.tls.certFile);
    },
  ];
  for (const damage of breaks) {
    damage();
    const reloaded = await rig.front.reloadTls();
    assert.ok(!reloaded.ok && reloaded.fault.detail.includes(files.tls.certFile), JSON.stringify(reloaded));
    assert.equal(ownerOf(await open(context, rig.front)), 'first');
    await assert.rejects(startRig(context, { tls: files.tls }), /TLS does not start/, 'a start says so too');
    assert.equal(await ask(open1), 'HTTP/1.1 200 OK');
  }
  files.install('second');
  assert.equal((await rig.front.reloadTls()).ok, true);
  assert.equal(ownerOf(await open(context, rig.front)), 'second');
});

test('connections made while certificates change are answered', async (context) => {
  const files = filesFor(context, 'first', 'second');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  const owners: string[] = [];
  for (let round = 0; round < 3; round++) {
    files.install(round % 2 === 0 ? 'second' : 'first');
    // The system has connected all of them, and none has been accepted yet, when the files are read.
    const opening = Array.from({ length: 20 }, () => open(context, rig.front));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const reloading = [rig.front.reloadTls(), rig.front.reloadTls()];
    for (const socket of await Promise.all(opening)) {
      owners.push(ownerOf(socket));
      assert.equal(await ask(socket), 'HTTP/1.1 200 OK');
      socket.destroy();
    }
    for (const { ok } of await Promise.all(reloading)) assert.ok(ok);
  }
  assert.equal(owners.length, 60);
});

test('a stop covers all certificates, and so does a close', async (context) => {
  const files = filesFor(context, 'first', 'second');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  const before = await open(context, rig.front);
  files.install('second');
  await rig.front.reloadTls();
  const after = await open(context, rig.front);
  const reloading = rig.front.reloadTls();
  rig.front.stopAccepting();
  const reloaded = await reloading;
  assert.equal(!reloaded.ok && reloaded.fault.code, 'stopping');
  await assert.rejects(open(context, rig.front), { code: 'ECONNREFUSED' });
  assert.deepEqual([await ask(before), await ask(after)], ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'], 'health is told to the end');
  const closed = Promise.all([before, after].map((socket) => once(socket, 'close')));
  rig.front.close();
  await closed;
});

test('certificates that are changed again and again do not pile up: connections with the oldest are cut', async (context) => {
  const files = filesFor(context, 'first');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls });
  const sockets: TLSSocket[] = [];
  for (let round = 0; round < 4; round++) {
    sockets.push(await open(context, rig.front));
    if (round < 3) await rig.front.reloadTls();
  }
  const [oldest, ...others] = sockets;
  assert.ok(oldest !== undefined);
  assert.equal(await ask(oldest), 'HTTP/1.1 200 OK');
  const closed = once(oldest, 'close');
  await rig.front.reloadTls();
  await closed;
  for (const socket of others) assert.equal(await ask(socket), 'HTTP/1.1 200 OK');
});

test('without TLS there is nothing to read again', async (context) => {
  const rig: Rig = await startRig(context);
  assert.deepEqual(await rig.front.reloadTls(), { ok: true, value: undefined });
  assert.equal((await rig.ask('GET', '/health/live')).status, 200);
});

test('a certificate that is to be read again when the threads have ended is refused, and nobody waits for it', async (context) => {
  const files = filesFor(context, 'first');
  if (files === undefined) return;
  const rig = await startRig(context, { tls: files.tls, httpThreads: 2 });
  assert.equal((await rig.front.reloadTls()).ok, true);
  await rig.front.close();
  const late = await rig.front.reloadTls();
  assert.equal(late.ok ? undefined : late.fault.detail, 'the thread has ended');
});
