import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DigestClient } from '../support/digest-client.ts';
import { openSocket, openStream } from '../support/feed-client.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { promtool, Scrape, WITHOUT_PROMTOOL } from '../support/scrape.ts';
import { temporaryFolder, tokenFor } from '../support/server-process.ts';
import { substrateFor } from '../support/substrate.ts';

/** What a real server says after a known sequence of requests, joins, renewals and snapshots. */

const CANARY = 'canary-5f1c';
const NODE = { hostname: `${CANARY}-host`, architecture: 'x86_64', xname: 'x3000c0s17b1n0', boot_mac: '00:00:5e:00:53:17' };

const endings: (() => void | Promise<void>)[] = [];
const context = { after: (end: () => void | Promise<void>) => void endings.unshift(end) };
let server: ReservationServer;
let scrape: Scrape;
/** Keys and ids that no label may have. */
const named: string[] = [];

before(async () => {
  const substrate = await substrateFor(context);
  const folder = temporaryFolder(context);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${CANARY}-password`, { mode: 0o600 });
  server = new ReservationServer(context, folder, {
    tick: '2s',
    passwordFile,
    endpoints: [
      { name: 'nulls', plugin: 'null', schedulePeriod: '4s', threads: 1 },
      { name: 'switch', plugin: 'simulator', schedulePeriod: '1h', threads: 2, properties: { 'simulator.url': substrate.url } },
    ],
  });
  const process = await server.start();
  process.token = tokenFor(server.directory, ['inventory:read', 'inventory:write', 'reservations', 'snapshots']);

  const created = await process.request('POST', '/inventory/ComputeNode', NODE);
  assert.equal(created.status, 201, created.text);
  named.push(created.json.id, created.json.bmc.id, NODE.xname, NODE.boot_mac);
  for (let count = 0; count < 32; count++) await process.request('GET', `/inventory/ComputeNode/${created.json.id}`);
  await process.request('GET', `/inventory/ComputeNode/${NODE.xname.replace('x', '%78')}`);
  for (let count = 0; count < 3; count++) await process.request('GET', `/inventory/ComputeNode?hostname=${NODE.hostname}`);
  await process.request('GET', `/${CANARY}/${CANARY}`);
  await process.request('POST', '/inventory/ComputeNode', NODE, { authorization: `Bearer ${CANARY}` });
  await new DigestClient(process.url, 'wrong').get('/plugins');

  const joins = [1, 2, 3].map(async () => (await server.post('/join/switch', { 'switch.password': CANARY, 'unit.name': CANARY })).json.resId.id);
  const ids = await Promise.all(joins);
  named.push(...ids);
  await server.post(`/leave/switch/${ids[0]}`);
  await process.request('GET', `/status/switch/${ids[1]}`);
  substrate.behave({ operations: { join: { failNext: 1 }, modify: { failNext: 1, failStatus: 17 } } });
  await server.post('/join/switch');
  await server.post(`/modify/switch/${ids[1]}`);
  named.push((await server.post('/join/nulls')).json.resId.id);
  assert.equal((await process.request('POST', '/snapshots')).status, 201);
  scrape = await until(async () => {
    const found = await Scrape.of(process);
    return (found.value('holdfast_plugin_calls_total', { endpoint: 'nulls', operation: 'renew', outcome: 'done' }) ?? 0) > 0 ? found : undefined;
  });
});
after(async () => {
  for (const end of endings) await end();
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const startedMs = performance.now(); ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() - startedMs > 15_000) throw new Error(`it did not come about:\n${server.process.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function expect(name: string, expected: Readonly<Record<string, number | undefined>>, label: string, others: Readonly<Record<string, string>> = {}): void {
  const found = Object.fromEntries(Object.keys(expected).map((value) => [value, scrape.value(name, { ...others, [label]: value })]));
  assert.deepEqual(found, expected, `${name} by ${label}`);
}

test('promtool has nothing to say against it', { skip: WITHOUT_PROMTOOL }, () => {
  assert.equal(promtool(['check', 'metrics'], scrape.text), '');
});

test('it is Prometheus text for everybody, and no query is known to it', async () => {
  const { process } = server;
  const { status, headers } = await fetch(`${process.url}/metrics`);
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal((await fetch(`${process.url}/metrics?name=up`)).status, 400);
  assert.equal((await fetch(`${process.url}/metrics`, { method: 'HEAD' })).status, 200);
});

test('requests are told by route and status', () => {
  const requests = 'holdfast_http_requests_total';
  expect(requests, { 201: 1, 401: 1 }, 'status', { method: 'POST', route: '/inventory/{Kind}' });
  expect(requests, { 200: 33 }, 'status', { method: 'GET', route: '/inventory/{Kind}/{name}' });
  expect(requests, { 200: 3 }, 'status', { method: 'GET', route: '/inventory/{Kind}' });
  expect(requests, { 200: 5, 500: undefined }, 'status', { method: 'POST', route: '/join/{endpoint}' });
  expect(requests, { 404: 1 }, 'status', { method: 'any', route: 'none' });
  const timed = scrape.value('holdfast_http_request_duration_seconds_count', { route: '/inventory/{Kind}/{name}' });
  assert.equal(timed, 33, 'two of the 32 that are answered from memory stand for sixteen each, and one whose name has to be decoded is timed');
  expect('holdfast_http_request_duration_seconds_count', { '/inventory/{Kind}': 3 }, 'route', { method: 'GET' });
  expect('holdfast_http_refused_credentials_total', { token: 1, scope: 0, password: 1, limited: 0 }, 'reason');
});

test('records, journal and snapshot are told as they are', async () => {
  const { json: health } = await server.process.request('GET', '/health');
  expect('holdfast_records', { ComputeNode: 1, BMC: 1, Component: 0, reservations: 5 }, 'kind');
  const frames = scrape.value('holdfast_journal_frames_total') ?? 0;
  const sequence = scrape.value('holdfast_journal_sequence') ?? 0;
  assert.ok(frames > 10 && sequence > frames && sequence <= health.sequence, `${frames} frames, change ${sequence} of ${health.sequence}`);
  assert.equal(scrape.value('holdfast_journal_sync_duration_seconds_count'), frames);
  assert.ok((scrape.value('holdfast_journal_bytes_total') ?? 0) > (scrape.value('holdfast_journal_pending_bytes') ?? 0));
  assert.ok((scrape.value('holdfast_record_log_live_bytes') ?? 0) > 1000);
  const { json } = await server.process.request('GET', '/snapshots');
  const [taken] = json;
  assert.deepEqual(
    ['holdfast_snapshots_total', 'holdfast_snapshot_failures_total', 'holdfast_snapshot_last_sequence', 'holdfast_snapshot_last_bytes'].map((name) =>
      scrape.value(name),
    ),
    [1, 0, taken.sequence, taken.bytes],
  );
  assert.equal(scrape.value('holdfast_snapshot_last_success_timestamp_seconds'), Date.parse(taken.time) / 1000);
  assert.equal(scrape.value('holdfast_snapshot_interval_seconds'), 300);
  assert.deepEqual([scrape.value('holdfast_ready'), scrape.value('holdfast_owner_restarts_total')], [1, 0]);
});

test('reservations, plugin calls and renewals are told by endpoint', () => {
  expect('holdfast_reservations', { active: 2, closed: 2, unknown: 0, 'renew-failed': 0 }, 'state', { endpoint: 'switch' });
  expect('holdfast_reservations', { closed: 0, unknown: 0 }, 'state', { endpoint: 'nulls' });
  const calls = 'holdfast_plugin_calls_total';
  expect(calls, { done: 3, threw: 1, failed: undefined }, 'outcome', { endpoint: 'switch', operation: 'join' });
  expect(calls, { failed: 1 }, 'outcome', { endpoint: 'switch', operation: 'modify' });
  expect(calls, { done: 1 }, 'outcome', { endpoint: 'switch', operation: 'leave' });
  expect('holdfast_plugin_call_duration_seconds_count', { join: 4, status: 1, leave: 1, modify: 1 }, 'operation', { endpoint: 'switch' });
  expect('holdfast_plugin_threads_ready', { switch: 2, nulls: 1 }, 'endpoint');
  expect('holdfast_endpoint_configured', { switch: 1, nulls: 1 }, 'endpoint');
  const renewed = scrape.value(calls, { endpoint: 'nulls', operation: 'renew', outcome: 'done' });
  assert.equal(scrape.value('holdfast_renewal_lateness_seconds_count', { endpoint: 'nulls' }), renewed);
  expect('holdfast_renewals_after_end_total', { switch: 0, nulls: 0 }, 'endpoint');
});

test('subscribers of the feed are told by transport, and a stream that ends is neither an abort nor slow', async () => {
  const { process } = server;
  const stream = await openStream(process.url, 'kinds=Component');
  const socket = await openSocket(process.url, 'kinds=Component&since=999999');
  await socket.until((events) => events.some(({ type }) => type === 'holdfast.feed.reset'));
  await process.request('PUT', '/inventory/Component/x1c0?upsert=true', { ID: 'x1c0', Type: 'Node' });
  for (const subscriber of [stream, socket]) await subscriber.until((events) => events.some(({ type }) => type === 'holdfast.Component.created'));
  const during = await Scrape.of(process);
  for (const transport of ['sse', 'websocket']) assert.equal(during.value('holdfast_feed_clients', { transport }), 1, transport);
  assert.deepEqual(
    ['events', 'resets', 'drops', 'fallbacks'].map((word) => during.value(`holdfast_feed_${word}_total`)),
    [2, 1, 0, 0],
  );
  stream.kill();
  socket.kill();
  const ended = await until(async () => {
    const after = await Scrape.of(process);
    return after.value('holdfast_feed_clients') === 0 ? after : undefined;
  });
  const feed = { method: 'GET', route: '/feed' };
  assert.deepEqual(
    ['101', '200', 'aborted'].map((status) => ended.value('holdfast_http_requests_total', { ...feed, status })),
    [1, 1, undefined],
  );
  assert.equal(ended.value('holdfast_http_request_duration_seconds_count', feed), 1, 'the stream is not timed');
});

test('the process is told, by the names that every dashboard knows', async () => {
  const found = await Scrape.of(server.process);
  const rss = found.value('process_resident_memory_bytes') ?? 0;
  assert.ok(rss > 50e6 && rss < 5e9, String(rss));
  assert.ok(Math.abs((found.value('process_start_time_seconds') ?? 0) - Date.now() / 1000) < 120);
  assert.ok((found.value('process_cpu_seconds_total') ?? 0) > 0.1);
  assert.ok((found.value('process_open_fds') ?? 0) > 10 && (found.value('process_max_fds') ?? 0) > 100);
  const available = found.value('holdfast_disk_available_bytes') ?? 0;
  assert.ok(available > 0 && available <= (found.value('holdfast_disk_size_bytes') ?? 0));
  assert.ok((found.value('holdfast_event_loop_lag_max_seconds') ?? -1) >= (found.value('holdfast_event_loop_lag_p50_seconds') ?? 0));
  assert.equal(found.value('holdfast_build', { node: process.version }), 1);
});

test('no label and no text has a secret, a key, or anything that a caller wrote', () => {
  for (const secret of [CANARY, ...named]) assert.ok(!scrape.text.includes(secret), secret);
  const labels = new Set(scrape.samples.flatMap((sample) => Object.keys(sample.labels)));
  const known = [
    'endpoint',
    'kind',
    'le',
    'method',
    'node',
    'operation',
    'outcome',
    'part',
    'phase',
    'priority',
    'reason',
    'route',
    'state',
    'status',
    'transport',
  ];
  assert.deepEqual([...labels].sort(), [...known, 'version']);
});

test('a snapshot that fails is counted; a restart tells what it replayed, still knows the newest snapshot, and may ask for a token', async () => {
  const snapshots = join(server.directory, 'snapshots');
  renameSync(snapshots, `${snapshots}-away`);
  writeFileSync(snapshots, 'no folder');
  assert.equal((await server.process.request('POST', '/snapshots')).status, 500);
  assert.equal((await Scrape.of(server.process)).value('holdfast_snapshot_failures_total'), 1);
  rmSync(snapshots);
  renameSync(`${snapshots}-away`, snapshots);

  await server.kill();
  server.configure({ tick: '2s', endpoints: [{ name: 'nulls', plugin: 'null', schedulePeriod: '4s' }] }, { metrics: { access: 'token' } });
  const again = await server.start();
  const bare = await fetch(`${again.url}/metrics`);
  assert.deepEqual([bare.status, ((await bare.json()) as { code: string }).code], [401, 'unauthorized']);
  assert.equal((await again.request('GET', '/metrics')).status, 403, 'its token is for reservations');
  again.token = tokenFor(server.directory, ['inventory:read']);
  const answer = await again.request('GET', '/metrics');
  assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store']);
  const found = new Scrape(answer.text);
  const last = scrape.value('holdfast_snapshot_last_sequence') ?? 0;
  assert.equal(found.value('holdfast_snapshot_last_sequence'), last);
  assert.ok((found.value('holdfast_recovery_replayed_changes') ?? 0) > 0);
  for (const phase of ['load', 'replay', 'index']) assert.ok((found.value('holdfast_recovery_seconds', { phase }) ?? 0) > 0, phase);
  assert.equal(found.value('holdfast_endpoint_configured', { endpoint: 'switch' }), 0, 'its reservations are left');
  assert.equal(found.value('holdfast_reservations', { endpoint: 'switch', state: 'active' }), 2);
});
