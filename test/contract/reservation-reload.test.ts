import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DigestClient } from '../support/digest-client.ts';
import { type AgentGiven, ReservationServer } from '../support/reservation-server.ts';
import { ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { substrateFor } from '../support/substrate.ts';

/** What changes under a running server, and what its snapshots and files have of reservations. */

const RELOADED = /the endpoints were configured anew/g;
const REFUSED = /the endpoints stay as they are/g;

/** Sends SIGHUP, and waits until the server has said what came of it. */
async function reload(server: ServerProcess, said: RegExp = RELOADED): Promise<void> {
  const count = (): number => server.output().match(said)?.length ?? 0;
  const before = count();
  process.kill(server.pid, 'SIGHUP');
  for (const startedMs = Date.now(); count() === before; ) {
    assert.ok(Date.now() - startedMs < 10_000, server.output());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('endpoints are added, changed and taken out while calls go on, and none that holds reservations goes without a word', async (context) => {
  const substrate = await substrateFor(context);
  const folder = temporaryFolder(context);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'first', { mode: 0o600 });
  const slow = { name: 'slow-one', plugin: 'simulator', schedulePeriod: '1h', properties: { 'simulator.url': substrate.url } };
  const nulls = (...names: string[]): AgentGiven['endpoints'] => names.map((name) => ({ name, plugin: 'null', schedulePeriod: '1h' }));
  const configured = (...endpoints: AgentGiven['endpoints']): AgentGiven => ({ tick: '1m', passwordFile, endpoints });
  const site = new ReservationServer(context, folder, configured(slow, ...nulls('changed-one', 'gone-empty', 'gone-held')));
  const server = await site.start();
  const first = new DigestClient(server.url, 'first');
  const held: string = (await first.post('/join/gone-held')).json.resId.id;
  const kept: string = (await first.post('/join/changed-one')).json.resId.id;

  substrate.behave({ operations: { join: { delayMs: 700 } } });
  const underWay = first.post('/join/slow-one');
  await new Promise((resolve) => setTimeout(resolve, 100));
  writeFileSync(passwordFile, 'second');
  const changed = { name: 'changed-one', plugin: 'null', schedulePeriod: '2h', description: 'changed' };
  site.configure(configured(slow, changed, ...nulls('added-one')));
  await reload(server);
  assert.equal((await underWay).json.status, 0, 'a call under way is not touched');

  assert.equal((await first.get('/plugins')).status, 401, 'the old password is over');
  const second = new DigestClient(server.url, 'second');
  const { json } = await second.get('/plugins');
  assert.deepEqual(
    json.plugins.map(({ name, schedulePeriod, description }: Record<string, { length?: number }>) => [name, schedulePeriod?.length, description]),
    [
      ['slow-one', 1, null],
      ['changed-one', 2, 'changed'],
      ['added-one', 1, null],
    ],
  );
  const end = Date.parse((await server.request('POST', `/reservations/changed-one/${kept}/renew`, {})).json.until);
  assert.ok(end > Date.now() + 7_100_000, 'renewed with the new period');
  assert.equal((await second.post('/join/added-one')).json.status, 0);

  assert.match(server.output(), /the endpoint gone-held is not configured any more, but still holds 1 reservations/);
  assert.doesNotMatch(server.output(), /the endpoint gone-empty is not configured/);
  for (const name of ['gone-empty', 'gone-held']) assert.equal((await second.post(`/join/${name}`)).status, 404, name);
  assert.equal((await second.get(`/status/gone-held/${held}`)).json.status, 0);
  assert.equal((await server.request('POST', `/reservations/gone-held/${held}/renew`, {})).json.state, 'active');

  writeFileSync(site.config, 'agent: {tick: 1m, endpoints: [{name: no}]}');
  await reload(server, REFUSED);
  const breaking = join(folder, 'breaking.mjs');
  writeFileSync(breaking, 'throw new Error("not today")');
  site.configure(configured(slow, { ...changed, plugin: breaking }, ...nulls('added-one')));
  await reload(server);
  assert.match(server.output(), /changed-one: .*not today.*it stays as it was/);
  assert.equal((await second.get(`/status/changed-one/${kept}`)).json.status, 0);

  assert.equal((await second.post(`/leave/gone-held/${held}`)).json.status, 0, 'what is held can be left');
  site.configure(configured(slow, ...nulls('added-one')));
  await reload(server);
  assert.equal((await second.get(`/status/gone-held/${held}`)).status, 404);

  await site.kill();
  const again = await site.start();
  assert.match(again.output(), /1 reservations belong to the endpoint changed-one, which is not configured: nothing renews them/);
  const [unheld] = await site.reservations('?endpoint=changed-one&state=!closed');
  assert.deepEqual([unheld?.reservation_id, unheld?.state], [kept, 'active']);
  site.configure(configured(slow, changed));
  await reload(again);
  assert.equal((await new DigestClient(again.url, 'second').post(`/leave/changed-one/${kept}`)).json.status, 0);
});

test('a new certificate is taken on SIGHUP, and one that cannot be read leaves the old one; a key that others can read brings a warning', async (context) => {
  const folder = temporaryFolder(context);
  const tls = { keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') };
  const made = (name: string): boolean => {
    const words = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
    return spawnSync('openssl', ['req', ...words, '-subj', `/CN=${name}`, '-keyout', tls.keyFile, '-out', tls.certFile]).status === 0;
  };
  if (!made('first')) return context.skip('openssl does not run here');
  chmodSync(tls.keyFile, 0o644);
  const config = join(folder, 'holdfast.yaml');
  const directory = join(folder, 'data');
  writeFileSync(config, JSON.stringify({ server: { tls } }));
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  context.after(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const server = await ServerProcess.start({ directory, flags: ['--config', config] });
  context.after(async () => void (await server.kill()));
  const presented = async (): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return String(CN);
  };
  assert.equal(await presented(), 'first');
  assert.match(server.output(), /can read or write the TLS key/);
  made('second');
  await reload(server);
  assert.equal(await presented(), 'second');
  writeFileSync(tls.certFile, 'no certificate');
  await reload(server);
  assert.match(server.output(), /the certificate could not be read again; the old one stays/);
  assert.equal(await presented(), 'second');
});

const CANARY = 'canary-5d0c77';

test('secrets of reservations reach the plugin, from the journal and from a snapshot alone, and are nowhere else', async (context) => {
  const folder = temporaryFolder(context);
  const heard = join(folder, 'heard');
  const script = join(folder, 'script');
  writeFileSync(script, `#!/bin/sh\necho "$UNIT_PASSWORD $*" >> ${heard}\necho "OK; circuit-1"\n`);
  chmodSync(script, 0o700);
  const commands = Object.fromEntries(['join', 'leave', 'modify', 'renew', 'status'].map((operation) => [`exec.${operation}`, `${script} ${operation}`]));
  const endpoint = { name: 'exec-one', plugin: 'exec', schedulePeriod: '1h', properties: { ...commands, 'exec.wd': folder, 'switch.token': CANARY } };
  const site = new ReservationServer(context, folder, { tick: '1m', endpoints: [endpoint] }, ['--log-level', 'debug']);
  let server = await site.start();
  const outputs: (() => string)[] = [server.output];
  const answers: string[] = [];
  const joined = await site.post('/join/exec-one', { 'unit.password': CANARY, 'unit.name': 'plain' });
  assert.equal(joined.json.resId.id, 'circuit-1', joined.text);
  const renew = async (): Promise<void> => {
    const renewed = await site.post('/reservations/exec-one/circuit-1/renew');
    assert.equal(renewed.status, 200, renewed.text);
    answers.push(renewed.text);
    assert.equal(readFileSync(heard, 'utf8').trimEnd().split('\n').at(-1), `${CANARY} renew circuit-1`, 'the script hears the true secret');
    for (const path of [
      '/schedule',
      '/schedule/exec-one/circuit-1',
      '/plugins',
      '/reservations',
      '/reservations/exec-one/circuit-1',
      '/reservations/unknown',
      '/expired',
    ])
      answers.push((await server.request('GET', path)).text);
  };
  await renew();
  await site.kill();
  server = await site.start();
  outputs.push(server.output);
  await renew();
  const taken = await site.post('/snapshots');
  assert.deepEqual([taken.status, taken.json.rows.reservations], [201, 1], taken.text);
  await site.kill();

  const snapshot = join(site.directory, 'snapshots', `snapshot=${taken.json.name}`);
  const [row] = await parquetReadObjects({ file: await asyncBufferFromFile(join(snapshot, 'reservations.parquet')), compressors });
  assert.deepEqual([row?.['endpoint'], row?.['reservation_id'], row?.['state']], ['exec-one', 'circuit-1', 'active']);
  assert.deepEqual(row?.['join_properties'], { 'unit.password': '******', 'unit.name': 'plain' });
  rmSync(join(site.directory, 'journal'), { recursive: true });
  server = await site.start();
  outputs.push(server.output);
  await renew();
  assert.deepEqual(JSON.parse(answers.at(-1) ?? ''), { list: [] });

  await server.kill('SIGTERM');
  assert.ok(answers.some((text) => text.includes('"unit.password":"******"')));
  for (const text of [...answers, ...outputs.map((output) => output())]) assert.ok(!text.includes(CANARY), text);
  for (const file of readdirSync(site.directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(site.directory, file);
    if (statSync(path).isFile()) assert.equal(readFileSync(path).indexOf(CANARY), -1, file);
  }
});
