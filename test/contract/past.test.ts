import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../../src/client/client.ts';
import { History } from '../../src/history/history.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { type Answer, holdfast, ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

const NODE = '/inventory/ComputeNode';
const XNAME = 'x1000c0s0b0n0';

/** For tests that do not mind each other's records. */
let server: ServerProcess;
before(async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'holdfast-past-')), 'data');
  server = await ServerProcess.start({ directory });
  server.token = tokenFor(directory, ['inventory:read', 'inventory:write', 'snapshots', 'secrets:read', 'reservations']);
});
after(async () => {
  await server.kill();
  rmSync(dirname(server.directory), { recursive: true, force: true });
});

test('records and lists are answered as they were, in the same forms and by the same grammar as now', async () => {
  const made = await server.request('POST', NODE, { hostname: 'one', architecture: 'X86', xname: XNAME });
  await server.request('POST', NODE, { hostname: 'other', architecture: 'X86' });
  const listed = await server.request('GET', NODE);
  await server.request('POST', '/snapshots');
  await server.request('PATCH', `${NODE}/${XNAME}`, { hostname: 'two', xname: null });
  await server.request('DELETE', `${NODE}/${made.json.id}`);

  const before = await server.request('GET', `${NODE}/${XNAME}?at=3`);
  assert.equal(before.text, made.text);
  assert.equal(before.headers.get('etag'), made.headers.get('etag'));
  assert.match(asOfOf(before), /^3; time=\S+; source=snapshot; snapshot=\S+; exact=true$/);
  assert.equal((await server.request('GET', `/ComputeNode/${made.json.id}?at=latest`, undefined, { 'if-none-match': '"2"' })).status, 304);
  assert.equal((await server.request('GET', `${NODE}/${made.json.id}?at=4`)).json.hostname, 'two');
  assert.match(asOfOf(await server.request('GET', `${NODE}/${made.json.id}?at=4`)), /^4; time=\S+; source=journal; snapshot=\S+; exact=true$/);
  for (const path of [`${NODE}/${XNAME}?at=4`, `${NODE}/${made.json.id}?at=now`, `${NODE}/${made.json.id}?at=1`]) {
    const { status, headers } = await server.request('GET', path);
    assert.deepEqual([status, headers.has('x-holdfast-as-of')], [404, true], path);
  }

  const then = await server.request('GET', `/ComputeNode?at=3&count=true`);
  assert.deepEqual(then.json, listed.json);
  assert.deepEqual([then.headers.get('x-total-count'), then.headers.get('x-holdfast-sequence')], ['2', '3']);
  const lines = await server.request('GET', `${NODE}?at=3&hostname=one&fields=hostname,bmc.xname`, undefined, { accept: 'application/x-ndjson' });
  assert.deepEqual(JSON.parse(lines.text), { id: made.json.id, hostname: 'one', bmc: { xname: 'x1000c0s0b0' } });
  assert.ok(lines.text.endsWith('}\n'));
  assert.equal((await server.request('GET', `${NODE}?at=1`)).text, '[]');
  assert.equal((await server.request('HEAD', `${NODE}?at=1`)).status, 200);
  assert.equal((await server.request('GET', `/BMC?at=${made.json.created_at}`)).json.length, 1);
  for (const path of [
    `${NODE}?at=3&nothing=1`,
    `${NODE}?at=3&at=4`,
    `${NODE}?at=soon`,
    `${NODE}?at=99`,
    `${NODE}/${XNAME}?at=3&at=4`,
    `${NODE}?at=2999-01-01T00:00:00Z`,
  ]) {
    const { status, json } = await server.request('GET', path);
    assert.deepEqual([status, json.code], [400, 'invalid-parameter'], path);
  }
  assert.equal((await server.request('GET', `${NODE}?at=2001-01-01T00:00:00Z`)).status, 404);
  assert.equal((await server.request('GET', `${NODE}?at=2001-01-01T00-00-00Z-000000000009`)).status, 404);
});

test('pages of the past agree while records change, and a cursor belongs to its list', async () => {
  const path = '/inventory/Component';
  const components = Array.from({ length: 25 }, (_, number) => ({ ID: `x${1000 + number}c0s0b0n0`, Type: 'Node' }));
  await server.request('POST', path, components);
  const { json: whole } = await server.request('GET', `${path}?sort=ID`);
  const time = whole.at(-1).updated_at;
  const first = await server.request('GET', `${path}?at=${time}&sort=ID&limit=10`);
  const second = nextOf(first);
  for (const { ID } of whole) await server.request('PATCH', `${path}/${ID}`, { NID: 7 });
  const pages = [first.json, (await server.request('GET', second)).json, (await server.request('GET', nextOf(await server.request('GET', second)))).json];
  assert.deepEqual(pages.flat(), whole);
  // The cursor alone says of which change the list is.
  const after = new URL(second, server.url).searchParams.get('after') ?? '';
  assert.deepEqual((await server.request('GET', `${path}?at=now&sort=ID&limit=10&after=${after}`)).json, pages[1]);
  assert.equal((await server.request('GET', `${path}?sort=ID&limit=10&after=${after}`)).status, 400);
  const live = nextOf(await server.request('GET', `${path}?limit=1`));
  assert.equal((await server.request('GET', `${live}&at=now`)).status, 400);
});

test('a long list of the past comes in parts, whole and once', async () => {
  await bulk(4500, 'long');
  const { json: snapshot } = await server.request('POST', '/snapshots');
  const { json: changed } = await server.request('GET', `${NODE}?hostname=long-000000`);
  await server.request('DELETE', `${NODE}/${changed[0].id}`);
  const count = snapshot.rows.ComputeNode;
  const list = await server.request('GET', `${NODE}?at=${snapshot.name}&count=true`);
  assert.equal(new Set(list.json.map(({ id }: { id: string }) => id)).size, count);
  assert.equal(list.headers.get('x-total-count'), String(count));
  const lines = await server.request('GET', `${NODE}?at=now&fields=hostname`, undefined, { accept: 'application/x-ndjson' });
  assert.equal(lines.text.trimEnd().split('\n').length, count - 1);
  const page = await server.request('GET', `${NODE}?at=latest&limit=4300&sort=-hostname`);
  assert.equal(page.json.length, 4300);
  assert.equal((await server.request('GET', nextOf(page))).json.length, count - 4300);
});

test('reservations are shown as they were, by id and by operation', async (context) => {
  const agent = new ReservationServer(context, mkdtempSync(join(tmpdir(), 'holdfast-past-')), {
    tick: '10s',
    endpoints: [{ name: 'try-it', plugin: 'null', schedulePeriod: '1h' }],
  });
  const process = await agent.start();
  const { json: joined } = await process.request('POST', '/join/try-it', { 'unit.vlan': '7' });
  const id = joined.resId.id;
  const { json: active } = await process.request('GET', `/reservations/try-it/${id}`);
  await process.request('POST', '/snapshots');
  await process.request('POST', `/leave/try-it/${id}`, {});
  const now = await process.request('GET', `/reservations/try-it/${id}`);
  assert.equal(now.json.state, 'closed');
  const at = active.revision;
  const then = await process.request('GET', `/reservations/try-it/${id}?at=${at}`);
  assert.deepEqual(then.json, active);
  assert.equal(then.headers.get('etag'), `"${active.revision}"`);
  assert.deepEqual((await process.request('GET', `/reservations/try-it/${active.operation_id}?at=${at}`)).json, active);
  assert.deepEqual((await process.request('GET', `/reservations?at=${at}&state=active&property=unit.vlan:7`)).json, [active]);
  assert.deepEqual((await process.request('GET', `/reservations/unknown?at=${at}`)).json, []);
  assert.deepEqual((await process.request('GET', `/reservations/try-it/${id}?at=now`)).json, now.json);
  assert.equal((await process.request('GET', `/reservations/try-it/nothing?at=${at}`)).status, 404);
  assert.equal((await process.request('GET', `/reservations?at=${at}&held_as=try-it/${id}`)).status, 400);
});

test('the history of a record has every version, also when it is gone, and as patches', async () => {
  const { json: made } = await server.request('POST', NODE, { hostname: 'a', architecture: 'X86' });
  for (const hostname of ['b', 'c']) await server.request('PATCH', `${NODE}/${made.id}`, { hostname });
  await server.request('DELETE', `${NODE}/${made.id}`);
  const { json } = await server.request('GET', `/ComputeNode/${made.id}/history`);
  assert.deepEqual(
    json.map(({ sequence, type, source, record }: Version) => [sequence - made.revision, type, source, record?.['hostname']]),
    [
      [3, 'deleted', 'journal', 'c'],
      [2, 'updated', 'journal', 'c'],
      [1, 'updated', 'journal', 'b'],
      [0, 'created', 'journal', 'a'],
    ],
  );
  const patches = await server.request('GET', `${NODE}/${made.id}/history?patch=true&limit=2`);
  assert.equal(patches.json[1].patch.hostname, 'c');
  const rest = await server.request('GET', nextOf(patches));
  assert.deepEqual(Object.keys(rest.json[0].patch), ['hostname', 'updated_at', 'revision']);
  assert.equal(rest.json[1].record.hostname, 'a');
  assert.equal(rest.headers.has('link'), false);
  for (const query of ['limit=0', 'limit=1001', 'after=x', 'patch=1', 'from=1']) {
    assert.equal((await server.request('GET', `${NODE}/${made.id}/history?${query}`)).status, 400, query);
  }
  assert.equal((await server.request('GET', `${NODE}/01a20197-adc2-7320-abef-8e34df7a86ae/history`)).status, 404);
  const byName = await server.request('GET', `${NODE}/x7000c0s0b0n0/history`);
  assert.deepEqual([byName.status, /was deleted is known by its id only/.test(byName.json.detail)], [404, true], byName.text);
});

test('a snapshot is a resource: its files are fetched whole or in parts, never the private one', async () => {
  const taken = await server.request('POST', '/snapshots');
  assert.equal(taken.headers.get('location'), `/snapshots/${taken.json.name}`);
  const { json: snapshot } = await server.request('GET', `/snapshots/${taken.json.name}`);
  const { files, ...description } = snapshot;
  assert.deepEqual(description, taken.json);
  for (const name of ['latest', 'now', String(taken.json.sequence), new Date().toISOString()]) {
    assert.equal((await server.request('GET', `/snapshots/${name}`)).json.name, taken.json.name, name);
  }
  assert.equal((await server.request('GET', '/snapshots/0')).status, 404);
  assert.equal((await server.request('GET', '/snapshots/..%2Fkeys')).status, 400);
  const folder = join(server.directory, 'snapshots', `snapshot=${taken.json.name}`);
  const names = files.map(({ name }: { name: string }) => name);
  assert.deepEqual([...names, '_SUCCESS', '_private'].sort(), readdirSync(folder).sort());
  for (const { name, bytes, sha256 } of files) {
    const response = await fetch(`${server.url}/snapshots/latest/files/${name}`, { headers: { authorization: `Bearer ${server.token}` } });
    const body = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([response.status, body.length, createHash('sha256').update(body).digest('hex')], [200, bytes, sha256], name);
    assert.equal(response.headers.get('content-length'), String(bytes));
    assert.equal(response.headers.get('etag'), `"${sha256}"`);
    assert.equal(response.headers.get('content-disposition'), `attachment; filename="${name}"`);
  }
  for (const name of ['_private', '_SUCCESS', '..%2F..%2Fkeys%2Fstore-key', 'nothing.parquet', '%2Fetc%2Fpasswd']) {
    assert.equal((await server.request('GET', `/snapshots/latest/files/${name}`)).status, 404, name);
  }
  const schema = '/snapshots/latest/files/schema.sql';
  const whole = readFileSync(join(folder, 'schema.sql'), 'utf8');
  const etag = (await server.request('HEAD', schema)).headers.get('etag') ?? '';
  assert.equal((await server.request('HEAD', schema)).headers.get('content-length'), String(whole.length));
  assert.equal((await server.request('GET', schema, undefined, { 'if-none-match': etag })).status, 304);
  const part = await server.request('GET', schema, undefined, { range: 'bytes=10-19', 'if-range': etag });
  assert.deepEqual([part.status, part.text, part.headers.get('content-range')], [206, whole.slice(10, 20), `bytes 10-19/${whole.length}`]);
  assert.equal((await server.request('GET', schema, undefined, { range: 'bytes=-5' })).text, whole.slice(-5));
  for (const range of ['bytes=5-2', 'bytes=99999999-', 'lines=1-2', 'bytes=0-1,3-4'])
    assert.equal((await server.request('GET', schema, undefined, { range })).text, whole, range);
  assert.equal((await server.request('GET', schema, undefined, { range: 'bytes=0-1', 'if-range': '"x"' })).status, 200);
});

test('who may look after snapshots only does not see the reservations in them', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', NODE, { hostname: 'a', architecture: 'X86' });
  await server.request('POST', '/snapshots');
  server.token = tokenFor(server.directory, ['snapshots']);
  const file = '/snapshots/latest/files/reservations.parquet';
  assert.equal((await server.request('GET', '/snapshots/latest/files/ComputeNode.parquet')).status, 200);
  const refused = await server.request('GET', file);
  assert.deepEqual([refused.status, refused.json.detail], [403, 'the token lacks the scope reservations']);
  const into = temporaryFolder(context);
  const { stdout, stderr, code } = await holdfast(['snapshot', 'download', 'latest', '--into', into, '--url', server.url, '--jwt', server.token]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /reservations\.parquet: left out, the token may not read it/);
  assert.ok(!readdirSync(JSON.parse(stdout).folder).includes('reservations.parquet'));
  server.token = tokenFor(server.directory, ['snapshots', 'reservations']);
  assert.equal((await server.request('GET', file)).status, 200);
});

test('a snapshot that is deleted while a slow client fetches it arrives whole', async () => {
  // More than the kernel takes of an answer that nobody reads.
  await bulk(4000, 'large', () => randomBytes(3000).toString('base64'));
  const { json: first } = await server.request('POST', '/snapshots');
  const { json } = await server.request('GET', `/snapshots/${first.name}`);
  const { sha256, bytes } = json.files.find(({ name }: { name: string }) => name === 'ComputeNode.parquet');
  const slow = slowFetch(`/snapshots/${first.name}/files/ComputeNode.parquet`);
  await slow.begun;
  for (let count = 0; count < 2; count++) {
    await server.request('POST', NODE, { hostname: 'more', architecture: 'X86' });
    await server.request('POST', '/snapshots');
  }
  assert.equal((await server.request('DELETE', `/snapshots/${first.name}`)).status, 204);
  assert.equal(existsSync(join(server.directory, 'snapshots', `snapshot=${first.name}`)), false);
  assert.equal((await server.request('GET', `/snapshots/${first.name}`)).status, 404);
  const body = await slow.rest();
  assert.deepEqual([body.length, createHash('sha256').update(body).digest('hex')], [bytes, sha256]);
});

test('the last sound snapshot, and what the journal needs, is not deleted', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\n');
  const own = await serverFor(context, ['--config', config]);
  const names: string[] = [];
  for (let count = 0; count < 4; count++) {
    await own.request('POST', NODE, { hostname: 'n', architecture: 'X86' });
    names.push((await own.request('POST', '/snapshots')).json.name);
  }
  const remove = async (name: string | undefined): Promise<readonly [number, string]> => {
    const { status, json } = await own.request('DELETE', `/snapshots/${name}`);
    return [status, json?.detail ?? ''];
  };
  // The journal begins behind the third: without the fourth or the third, the second would have to stand in, and cannot.
  for (const name of [names[3], names[2]]) {
    const [status, detail] = await remove(name);
    assert.equal(status, 409);
    assert.match(detail, /the journal begins with change/);
  }
  assert.deepEqual(await remove(names[0]), [204, '']);
  assert.deepEqual(await remove(names[1]), [204, '']);
  assert.deepEqual(await remove(names[0]), [404, `there is no snapshot ${names[0]}`]);
  assert.equal((await remove('latest'))[0], 400);
  flip(join(own.directory, 'snapshots', `snapshot=${names[2]}`, 'ComputeNode.parquet'));
  const [status, detail] = await remove(names[3]);
  assert.equal(status, 409);
  assert.match(detail, /is the last sound snapshot/);
  // A stop right behind a question finds the history thread at work.
  assert.equal((await own.request('GET', `${NODE}?at=latest`)).json.length, 4);
  assert.deepEqual(await own.kill('SIGTERM'), { code: 0, signal: null });
});

test('the command line and the client ask about the past', async (context) => {
  const environment = { HOLDFAST_URL: server.url, HOLDFAST_JWT: server.token };
  const { json: made } = await server.request('POST', NODE, { hostname: 'a', architecture: 'X86', xname: XNAME });
  const at = made.revision;
  const { json: snapshot } = await server.request('POST', '/snapshots');
  await server.request('PATCH', `${NODE}/${XNAME}`, { hostname: 'b' });
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await holdfast(words, { environment });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.deepEqual(JSON.parse(await run('get', 'ComputeNode', XNAME, '--at', 'latest')), made);
  assert.deepEqual(JSON.parse(await run('list', 'ComputeNode', '--at', String(at), '--filter', `xname=${XNAME}`)), [made]);
  assert.deepEqual(JSON.parse(await run('history', 'ComputeNode', XNAME, '--patch'))[0].patch.hostname, 'b');
  const into = temporaryFolder(context);
  const { folder } = JSON.parse(await run('snapshot', 'download', 'latest', '--into', into));
  assert.deepEqual(
    readFileSync(join(folder, 'ComputeNode.parquet')),
    readFileSync(join(server.directory, 'snapshots', `snapshot=${snapshot.name}`, 'ComputeNode.parquet')),
  );
  assert.ok(!readdirSync(folder).some((name) => name === '_private' || name.endsWith('.part')));
  const sound = readFileSync(join(folder, 'BMC.parquet'));
  writeFileSync(join(folder, 'BMC.parquet'), sound.subarray(0, 300));
  await run('snapshot', 'download', 'latest', '--into', into);
  assert.deepEqual(readFileSync(join(folder, 'BMC.parquet')), sound, 'what was damaged is fetched again');
  const { code, stderr } = await holdfast(['snapshot', 'delete', '2001-01-01T00-00-00Z-000000000009'], { environment });
  assert.deepEqual([code, /there is no snapshot/.test(stderr)], [1, true]);

  await using client = new Client({ url: server.url, token: server.token });
  const nodes = client.kind('ComputeNode');
  assert.equal((await nodes.get(XNAME, { at }))?.hostname, 'a');
  assert.equal(await nodes.get(XNAME, { at: at - 1 }), undefined);
  const list = nodes.list({ at: new Date(), where: { xname: XNAME } });
  assert.equal((await list.toArray())[0]?.hostname, 'b');
  assert.deepEqual([list.asOf?.sequence, list.asOf?.exact, list.asOf?.source], [at + 1, true, 'journal']);
  assert.equal(await nodes.count({ at: 1, where: { xname: XNAME } }), 0);
  assert.deepEqual(
    (await nodes.history(XNAME, { limit: 2 }).toArray()).map(({ record }) => record?.hostname),
    ['b', 'a'],
  );
  assert.equal((await client.snapshots.get('latest'))?.name, snapshot.name);
  assert.equal(await client.snapshots.get('0'), undefined);
  assert.equal(await client.snapshots.delete('2001-01-01T00-00-00Z-000000000009'), false);
});

test('a history thread that cannot start fails its questions, and nothing else', async (context) => {
  const directory = temporaryFolder(context);
  const schemaDirectory = temporaryFolder(context);
  writeFileSync(join(schemaDirectory, 'Broken.json'), '{');
  const present = { sequence: 0, storeId: '', timeMs: Date.now() };
  const history = new History({ directory, schemaDirectory, memoryBytes: 1 << 26, present: () => present, log: () => undefined });
  const asked = await history.ask('past.versions', { kind: 'BMC', key: 'x', limit: 1, patch: false });
  assert.equal(asked.ok ? '' : asked.fault.code, 'internal');
  await history.close();
  const late = await history.ask('past.versions', { kind: 'BMC', key: 'x', limit: 1, patch: false });
  assert.equal(late.ok ? '' : late.fault.code, 'stopping');
});

interface Version {
  readonly sequence: number;
  readonly type: string;
  readonly source: string;
  readonly record?: Readonly<Record<string, unknown>>;
}

function asOfOf({ headers }: Answer): string {
  return headers.get('x-holdfast-as-of') ?? '';
}

function nextOf({ headers }: Answer): string {
  const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  assert.ok(next !== undefined, 'there is a next page');
  return next;
}

async function bulk(count: number, name: string, description?: () => string): Promise<void> {
  const lines = Array.from({ length: count }, (_, number) => {
    const hostname = `${name}-${String(number).padStart(6, '0')}`;
    return JSON.stringify({ hostname, architecture: 'X86', ...(description === undefined ? {} : { description: description() }) });
  });
  const { status, text } = await server.request('POST', `${NODE}/bulk`, lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(status, 200, text);
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(path, bytes);
}

/** A client that stops reading after the first bytes, until it is told to go on. */
function slowFetch(path: string): { begun: Promise<void>; rest(): Promise<Buffer> } {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  const begun = new Promise<void>((resolve) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      chunks.push(chunk);
      resolve();
    });
  });
  return {
    begun,
    async rest() {
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        const length = Number(/content-length: (\d+)/i.exec(all.toString('latin1', 0, 2000))?.[1]);
        if (all.length >= all.indexOf('\r\n\r\n') + 4 + length) socket.end();
      });
      socket.resume();
      await new Promise((resolve) => socket.on('close', resolve));
      const all = Buffer.concat(chunks);
      return all.subarray(all.indexOf('\r\n\r\n') + 4);
    },
  };
}
