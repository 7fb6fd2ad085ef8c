import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../../src/client/client.ts';
import { openStream, sequencesOf } from '../support/feed-client.ts';
import { type Answer, holdfast, ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

const NODE = '/inventory/ComputeNode';
type Fields = Record<string, unknown>;

/** For tests that do not mind what is in the inventory besides. */
let server: ServerProcess;
before(async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'holdfast-restore-')), 'data');
  server = await ServerProcess.start({ directory });
});
after(async () => {
  await server.kill();
  rmSync(dirname(server.directory), { recursive: true, force: true });
});

async function created(at: ServerProcess, path: string, record: Fields): Promise<Fields & { id: string; revision: number }> {
  const answer = await at.request('POST', path, record);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function patched(at: ServerProcess, path: string, document: Fields): Promise<void> {
  const { status, text } = await at.request('PATCH', path, document);
  assert.equal(status, 200, text);
}

async function snapshot(at: ServerProcess): Promise<string> {
  const { status, json, text } = await at.request('POST', '/snapshots');
  assert.equal(status, 201, text);
  return json.name;
}

function restore(at: ServerProcess, name: string, body?: Fields): Promise<Answer> {
  return at.request('POST', `/snapshots/${name}/restore`, body);
}

/** All records of a kind without what no restore brings back. */
async function records(at: ServerProcess, path = NODE): Promise<readonly Fields[]> {
  const { json } = await at.request('GET', path);
  return (json as Fields[]).map(({ revision: _revision, updated_at: _updated, ...rest }) => rest).sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
}

test('a dry run says what would change and changes nothing; confirmed with its sequence, it is done', async (context) => {
  const own = await serverFor(context);
  const changed = await created(own, NODE, { hostname: 'changed', architecture: 'X86' });
  const deleted = await created(own, NODE, { hostname: 'deleted', architecture: 'X86', xname: 'x1000c0s0b0n0' });
  const then = [await records(own), await records(own, '/inventory/BMC')];
  const name = await snapshot(own);
  await patched(own, `${NODE}/${changed.id}`, { hostname: 'other', description: 'new' });
  await own.request('DELETE', `${NODE}/${deleted.id}`);
  await own.request('DELETE', '/inventory/BMC/x1000c0s0b0');
  const made = await created(own, NODE, { hostname: 'made', architecture: 'X86' });
  const feed = await openStream(own.url);
  context.after(() => feed.kill());
  const now = await records(own);

  const dry = await restore(own, name);
  assert.equal(dry.status, 200, dry.text);
  assert.deepEqual(dry.json.total, { created: 2, updated: 1, deleted: 1 });
  assert.deepEqual(dry.json.counts, { BMC: { created: 1, updated: 0, deleted: 0 }, ComputeNode: { created: 1, updated: 1, deleted: 1 } });
  assert.deepEqual([dry.json.dry_run, dry.json.as_of.snapshot, dry.json.as_of.sequence, dry.json.sequence], [true, name, 3, made.revision]);
  assert.deepEqual([dry.json.broken, dry.json.broken_count, dry.json.safety_snapshot], [[], 0, undefined]);
  const told = new Map<string, { patch?: unknown; record?: { hostname: string } }>(
    dry.json.changes.map((change: Fields) => [`${change['type']} ${change['key']}`, change]),
  );
  assert.deepEqual(told.get(`updated ${changed.id}`)?.patch, [
    { op: 'remove', path: '/description' },
    { op: 'replace', path: '/hostname', value: 'changed' },
  ]);
  assert.equal(told.get(`created ${deleted.id}`)?.record?.hostname, 'deleted');
  assert.equal(told.get(`deleted ${made.id}`)?.record?.hostname, 'made');
  assert.equal((await restore(own, name, { limit: 1 })).json.changes.length, 1);
  assert.deepEqual(await records(own), now);
  assert.equal((await own.request('GET', '/snapshots')).json.length, 1);

  const done = await restore(own, name, { confirm: true, sequence: dry.json.sequence, note: 'oops' });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual([done.json.dry_run, done.json.total, done.json.sequence], [false, dry.json.total, made.revision + 4]);
  assert.deepEqual([await records(own), await records(own, '/inventory/BMC')], then);
  const { json: safety } = await own.request('GET', `/snapshots/${done.json.safety_snapshot}`);
  assert.deepEqual([safety.reason, safety.note, safety.sequence], ['restore', 'oops', made.revision]);
  await feed.until((events) => events.some(({ type }) => type === 'holdfast.inventory.restored') && sequencesOf(events).length === 4);
  assert.deepEqual(
    sequencesOf(feed.events),
    [1, 2, 3, 4].map((step) => made.revision + step),
    'every sequence comes once',
  );
  const signals = feed.events.filter(({ type }) => type === 'holdfast.inventory.restored');
  assert.equal(signals.length, 1);
  assert.deepEqual(signals[0]?.data, {
    as_of: done.json.as_of,
    sequence: done.json.sequence,
    total: done.json.total,
    counts: done.json.counts,
    safety_snapshot: safety.name,
    note: 'oops',
  });

  const again = await restore(own, name, { confirm: true });
  assert.deepEqual([again.status, again.json.total, again.json.safety_snapshot], [200, { created: 0, updated: 0, deleted: 0 }, undefined]);
  assert.equal((await own.request('GET', '/snapshots')).json.length, 2);
  assert.equal((await restore(own, name, { confirm: true, sequence: dry.json.sequence })).status, 409, 'the restore itself has moved the inventory');
  // And back to before the restore, which is a moment like any other.
  assert.equal((await restore(own, String(made.revision), { confirm: true })).status, 200);
  assert.deepEqual(await records(own), now);
  const { code } = await own.kill('SIGTERM');
  assert.equal(code, 0);
  const next = await ServerProcess.start({ directory: own.directory });
  context.after(async () => void (await next.kill()));
  assert.deepEqual(await records(next), now);
});

test('it goes back to a time and to a single change, also before the first snapshot', async (context) => {
  const own = await serverFor(context);
  const first = await created(own, NODE, { hostname: 'one', architecture: 'X86' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await patched(own, `${NODE}/${first.id}`, { hostname: 'two' });
  const third = await created(own, NODE, { hostname: 'three', architecture: 'X86' });
  const byTime = await restore(own, encodeURIComponent(String(first['updated_at'])), { confirm: true });
  assert.deepEqual([byTime.status, byTime.json.total], [200, { created: 0, updated: 1, deleted: 1 }], byTime.text);
  assert.deepEqual(
    (await records(own)).map(({ hostname }) => hostname),
    ['one'],
  );
  assert.equal((await restore(own, '2', { confirm: true })).status, 200);
  assert.deepEqual(
    (await records(own)).map(({ hostname }) => hostname),
    ['two'],
  );
  assert.equal((await restore(own, String(third.revision), { confirm: true })).json.total.created, 1);
  assert.equal((await restore(own, '0', { confirm: true })).json.total.deleted, 2, 'change 0 is before the first');
  for (const [name, status] of [
    ['soon', 400],
    ['999', 400],
    ['2001-01-01T00:00:00Z', 404],
    ['2001-01-01T00-00-00Z-000000000009', 404],
  ] as const) {
    assert.equal((await restore(own, name)).status, status, name);
  }
});

test('a moment that is not kept exactly is refused, with its neighbours that are', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\n');
  const own = await serverFor(context, ['--config', config]);
  const names: string[] = [];
  for (let count = 0; count < 4; count++) {
    for (const part of ['a', 'b']) await created(own, NODE, { hostname: `${part}${count}`, architecture: 'X86' });
    names.push(await snapshot(own));
  }
  const { status, json } = await restore(own, '3');
  assert.equal(status, 404);
  assert.match(json.detail, new RegExp(`${names[0]} \\(change 2\\).*${names[1]} \\(change 4\\)`));
  assert.equal((await restore(own, '4', { confirm: true })).json.total.deleted, 4);
});

test('nothing but what it says is taken, with the scopes for it', async () => {
  await created(server, NODE, { hostname: 'n', architecture: 'X86' });
  await snapshot(server);
  for (const [body, pointer] of [
    [{ confirm: 'yes' }, '/confirm'],
    [{ sequence: -1 }, '/sequence'],
    [{ nonsense: 1 }, '/nonsense'],
    [{ kinds: [] }, '/kinds'],
    [{ kinds: ['ComputeNode', 'Rack'] }, '/kinds/1'],
    [{ filter: 'hostname=a' }, '/filter'],
    [{ kinds: ['ComputeNode'], filter: 'colour=red' }, '/filter'],
    [{ kinds: ['ComputeNode'], filter: 'limit=3' }, '/filter'],
    [{ properties: ['hostname'] }, '/properties'],
    [{ kinds: ['ComputeNode'], properties: ['hostname', 'revision'] }, '/properties/1'],
    [{ kinds: ['BMC'], properties: ['password'] }, '/properties/0'],
    [{ kinds: ['ComputeNode'], properties: ['network_interfaces.description'] }, '/properties/0'],
    [{ limit: 1001 }, '/limit'],
    [{ note: 'x'.repeat(1001) }, '/note'],
    [[], ''],
  ] as const) {
    const { status, json } = await restore(server, 'latest', body as unknown as Fields);
    assert.deepEqual([status, json.code, json.errors?.[0]?.pointer], [400, 'invalid-parameter', pointer], JSON.stringify(body));
  }
  assert.equal((await restore(server, 'latest', { sequence: 999_999 })).json.code, 'invalid-parameter');
  const all = server.token;
  for (const scopes of [['snapshots'], ['inventory:write']]) {
    const { status, headers } = await server.request(
      'POST',
      '/snapshots/latest/restore',
      {},
      { authorization: `Bearer ${tokenFor(server.directory, scopes)}` },
    );
    assert.equal(status, 403);
    assert.match(headers.get('www-authenticate') ?? '', /insufficient_scope/);
  }
  assert.equal(server.token, all);
});

test('the inventory may move between plan and commit, unless the sequence of a dry run is given', async (context) => {
  const own = await serverFor(context);
  const lines = Array.from({ length: 3000 }, (_, count) => JSON.stringify({ hostname: `n${count}`, architecture: 'X86' }));
  const bulk = await own.request('POST', `${NODE}/bulk`, lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  assert.equal(bulk.status, 200, bulk.text);
  const then = await records(own);
  const name = await snapshot(own);
  for (const { id } of then.slice(0, 500)) await patched(own, `${NODE}/${String(id)}`, { hostname: 'changed' });
  const dry = await restore(own, name);
  assert.equal(dry.json.total.updated, 500);

  // Writers that never pause: each write is wholly before the restore, which undoes it, or wholly behind it.
  let isOver = false;
  const made: { readonly id: string; readonly revision: number }[] = [];
  const last = new Map<string, number>();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let count = 0; !isOver; count++) {
      const { id } = then[1000 + writer * 500 + (count % 500)] as { id: string };
      const { json } = await own.request('PATCH', `${NODE}/${id}`, { hostname: `w${writer}-${count}` });
      last.set(id, json.revision);
      made.push(await created(own, NODE, { hostname: 'made', architecture: 'X86' }));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const done = await restore(own, name, { confirm: true });
  assert.equal(done.status, 200, done.text);
  const late = await restore(own, name, { confirm: true, sequence: done.json.sequence });
  assert.equal(late.status, 409, late.text);
  assert.match(late.json.detail, /the inventory has changed since/);
  isOver = true;
  await Promise.all(writers);
  const first = done.json.sequence - done.json.total.updated - done.json.total.deleted - done.json.total.created;
  const now = new Map((await own.request('GET', NODE)).json.map((record: Fields) => [record['id'], record]));
  for (const { id, revision } of made) assert.equal(now.has(id), revision > done.json.sequence, `${revision} and ${done.json.sequence}`);
  for (const { id, hostname } of then) {
    const record = now.get(id) as { hostname: string; revision: number };
    if ((last.get(String(id)) ?? 0) <= first) assert.equal(record.hostname, hostname);
    else assert.equal(record.revision, last.get(String(id)));
  }
  assert.deepEqual(
    [...last.values()].filter((revision) => revision > first && revision <= done.json.sequence),
    [],
    'nothing came in between',
  );
});

test('one restore at a time: the second is told so at once', async (context) => {
  const own = await serverFor(context);
  const node = await created(own, NODE, { hostname: 'then', architecture: 'X86' });
  const name = await snapshot(own);
  await patched(own, `${NODE}/${node.id}`, { hostname: 'now' });
  const answers = await Promise.all([restore(own, name, { confirm: true }), restore(own, name, { confirm: true }), restore(own, name)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
  assert.match(answers.find(({ status }) => status === 409)?.json.detail, /another restore/);
  assert.equal((await records(own))[0]?.['hostname'], 'then');
  assert.equal((await restore(own, name)).status, 200);
});

test('rules are asked about the outcome: values may change hands, and what would break is listed, then refused', async (context) => {
  const own = await serverFor(context);
  const a = await created(own, NODE, { hostname: 'a', architecture: 'X86', boot_mac: '02:00:00:00:00:0a', xname: 'x1000c0s0b0n0' });
  const b = await created(own, NODE, { hostname: 'b', architecture: 'X86', boot_mac: '02:00:00:00:00:0b' });
  await created(own, '/inventory/NodeCollection', { name: 'p1', type: 'partition', nodes: ['x1000c0s0b0n0'] });
  const then = [await records(own), await records(own, '/inventory/NodeCollection')];
  const name = await snapshot(own);
  await patched(own, `${NODE}/${a.id}`, { boot_mac: '02:00:00:00:00:0c' });
  await patched(own, `${NODE}/${b.id}`, { boot_mac: '02:00:00:00:00:0a' });
  await patched(own, `${NODE}/${a.id}`, { boot_mac: '02:00:00:00:00:0b' });
  await own.request('DELETE', '/inventory/NodeCollection/p1');
  const other = await created(own, '/inventory/NodeCollection', { name: 'p2', type: 'partition', nodes: ['x1000c0s0b0n0'] });
  const c = await created(own, NODE, { hostname: 'c', architecture: 'X86', boot_mac: '02:00:00:00:00:0d', xname: 'x1000c0s1b0n0' });
  await patched(own, `${NODE}/${b.id}`, { boot_mac: null });
  await patched(own, `${NODE}/${c.id}`, { boot_mac: '02:00:00:00:00:0a' });

  // Without the kind of what stands in the way, and without the node that holds the value.
  const partly = { kinds: ['ComputeNode'], filter: 'hostname=a&hostname=b' };
  const dry = await restore(own, name, partly);
  assert.equal(dry.status, 200, dry.text);
  assert.deepEqual(dry.json.broken, [{ pointer: `/ComputeNode/${a.id}/boot_mac`, detail: `ComputeNode ${c.id} has 02:00:00:00:00:0a already` }]);
  const refused = await restore(own, name, { ...partly, confirm: true });
  assert.deepEqual([refused.status, refused.json.code, refused.json.errors], [409, 'conflict', dry.json.broken]);
  const collections = await restore(own, name, { kinds: ['NodeCollection', 'BMC'] });
  const [{ detail }] = collections.json.broken;
  assert.match(detail, /belongs to ComputeNode [^;]*; let that go back as well/, 'a BMC that is taken away from its node');
  assert.equal((await own.request('GET', '/snapshots')).json.length, 1, 'no safety snapshot for what is not done');

  const done = await restore(own, name, { confirm: true });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual([await records(own), await records(own, '/inventory/NodeCollection')], then);
  assert.equal((await own.request('GET', `/inventory/NodeCollection/${other.id}`)).status, 404);
  assert.equal((await own.request('GET', `${NODE}/02:00:00:00:00:0b`)).json.id, b.id);
});

test('a part goes back: one kind, what fits a filter then or now, or some properties', async (context) => {
  const own = await serverFor(context);
  const make = (hostname: string, architecture: string): Promise<{ id: string }> => created(own, NODE, { hostname, architecture, description: 'then' });
  const moved = await make('moved', 'arm64');
  const came = await make('came', 'x86_64');
  const stayed = await make('stayed', 'arm64');
  const others = await make('others', 'x86_64');
  const gone = await make('gone', 'arm64');
  await created(own, '/inventory/Component', { ID: 'x1c0s0b0n0', Type: 'Node', Role: 'Compute' });
  const name = await snapshot(own);
  await patched(own, `${NODE}/${moved.id}`, { architecture: 'x86_64' });
  await patched(own, `${NODE}/${came.id}`, { architecture: 'arm64' });
  for (const { id } of [stayed, others]) await patched(own, `${NODE}/${id}`, { hostname: 'now', description: 'now' });
  await own.request('DELETE', `${NODE}/${gone.id}`);
  const made = await make('made', 'arm64');
  await patched(own, '/inventory/Component/x1c0s0b0n0', { Role: 'Service' });

  const fitting = await restore(own, name, { kinds: ['ComputeNode'], filter: 'architecture=arm64' });
  assert.deepEqual(new Set(fitting.json.changes.map(({ key }: { key: string }) => key)), new Set([moved.id, came.id, stayed.id, gone.id, made.id]));
  const properties = await restore(own, name, { confirm: true, kinds: ['ComputeNode'], properties: ['hostname'] });
  assert.deepEqual(properties.json.total, { created: 0, updated: 2, deleted: 0 });
  const { json: mixed } = await own.request('GET', `${NODE}/${others.id}`);
  assert.deepEqual([mixed.hostname, mixed.description], ['others', 'now']);
  const kind = await restore(own, name, { confirm: true, kinds: ['component'] });
  assert.deepEqual(kind.json.counts, { Component: { created: 0, updated: 1, deleted: 0 } });
  assert.equal((await own.request('GET', `${NODE}/${made.id}`)).status, 200);
  const filtered = await restore(own, name, { confirm: true, kinds: ['ComputeNode'], filter: 'architecture=arm64' });
  assert.deepEqual(filtered.json.total, { created: 1, updated: 3, deleted: 1 });
  assert.equal((await own.request('GET', `${NODE}/${others.id}`)).json.description, 'now');
});

test('secrets of today stay, and what comes back has the one that it had then, from snapshot or journal', async (context) => {
  const own = await serverFor(context);
  const bmc = (last: string): Fields => ({ username: 'root', password: 'first one', mac_address: `02:00:00:00:00:${last}` });
  const kept = await created(own, '/inventory/BMC', bmc('01'));
  const deleted = await created(own, '/inventory/BMC', bmc('02'));
  const changed = await created(own, '/inventory/BMC', bmc('03'));
  const cleared = await created(own, '/inventory/ComputeNode', { hostname: 'n', architecture: 'X86', spec: { bmc_username: 'u', bmc_password: 'first one' } });
  await snapshot(own);
  await patched(own, `/inventory/BMC/${changed.id}`, { password: 'third one' });
  await patched(own, `/inventory/ComputeNode/${cleared.id}`, { spec: { bmc_password: null } });
  const { sequence } = (await own.request('GET', '/health')).json;
  await patched(own, `/inventory/BMC/${kept.id}`, { username: 'admin', password: 'second one' });
  for (const path of [`BMC/${deleted.id}`, `BMC/${changed.id}`, `ComputeNode/${cleared.id}`]) {
    assert.equal((await own.request('DELETE', `/inventory/${path}`)).status, 204);
  }
  const { json } = await restore(own, String(sequence), { confirm: true });
  assert.deepEqual([json.total.created, json.lost_secrets, json.lost_secrets_count], [3, [], 0]);
  const secretsOf = async (path: string): Promise<unknown> => (await own.request('GET', `/inventory/${path}/secrets`)).json;
  assert.deepEqual(await secretsOf(`BMC/${kept.id}`), { password: 'second one' });
  assert.deepEqual(await secretsOf(`BMC/${deleted.id}`), { password: 'first one' });
  assert.deepEqual(await secretsOf(`BMC/${changed.id}`), { password: 'third one' });
  assert.deepEqual(await secretsOf(`ComputeNode/${cleared.id}`), {});
  assert.doesNotMatch(own.output(), /first one|second one|third one/);
  await own.kill('SIGKILL');
  const again = await ServerProcess.start({ directory: own.directory });
  context.after(async () => void (await again.kill()));
  assert.deepEqual((await again.request('GET', `/inventory/BMC/${deleted.id}/secrets`)).json, { password: 'first one' });
  const { json: back } = await again.request('GET', `/inventory/BMC/${kept.id}`);
  assert.deepEqual([back.username, back.password_set], ['root', true]);
});

test('records are judged by the schemas of today', async (context) => {
  const folder = temporaryFolder(context);
  const rack = (properties: Fields): Fields => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rack',
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    'x-holdfast': { key: 'id', naturalKeys: ['name'] },
    properties: {
      id: { type: 'string', format: 'uuid', readOnly: true },
      name: { type: 'string', minLength: 1, maxLength: 100, 'x-holdfast-unique': 'exact' },
      ...properties,
      created_at: { type: 'string', format: 'date-time', readOnly: true },
      updated_at: { type: 'string', format: 'date-time', readOnly: true },
      revision: { type: 'integer', minimum: 0, maximum: 9007199254740991, readOnly: true },
    },
  });
  const schemas = join(folder, 'schemas');
  assert.equal((await holdfast(['schemas', '--dir', schemas])).code, 0);
  const write = (properties: Fields): void => writeFileSync(join(schemas, 'Rack.json'), JSON.stringify(rack(properties)));
  const start = async (): Promise<ServerProcess> => {
    const started = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--schema-dir', schemas] });
    context.after(async () => void (await started.kill()));
    return started;
  };
  write({ row: { type: 'string' }, height: { type: 'integer' }, units: { type: 'integer' } });
  let own = await start();
  const fits = await created(own, '/inventory/Rack', { name: 'fits', units: 2 });
  const removed = await created(own, '/inventory/Rack', { name: 'removed', row: 'A' });
  const retyped = await created(own, '/inventory/Rack', { name: 'retyped', height: 42 });
  const name = await snapshot(own);
  for (const { id } of [removed, retyped, fits]) await patched(own, `/inventory/Rack/${id}`, { row: null, height: null, units: null });
  await own.kill('SIGTERM');
  write({ height: { type: 'string' }, units: { type: 'number' }, colour: { type: 'string' } });
  own = await start();
  for (const { id } of [removed, retyped, fits]) await patched(own, `/inventory/Rack/${id}`, { colour: 'red' });
  const dry = await restore(own, name);
  assert.equal(dry.status, 200, dry.text);
  assert.deepEqual(
    new Set(dry.json.broken.map(({ pointer }: { pointer: string }) => pointer)),
    new Set([`/Rack/${removed.id}/row`, `/Rack/${retyped.id}/height`]),
  );
  assert.equal((await restore(own, name, { confirm: true })).status, 409);
  const some = await restore(own, name, { confirm: true, kinds: ['Rack'], filter: 'name=fits' });
  assert.equal(some.status, 200, some.text);
  const { json } = await own.request('GET', `/inventory/Rack/${fits.id}`);
  assert.deepEqual([json.units, json.colour], [2, undefined]);
});

test('the snapshot that it goes back to may be pruned by the one that is taken for safety', async (context) => {
  const config = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(config, 'storage:\n  journalKeepBytes: 0\n');
  const own = await serverFor(context, ['--config', config, '--retain', '2']);
  const node = await created(own, NODE, { hostname: 'then', architecture: 'X86' });
  const name = await snapshot(own);
  await patched(own, `${NODE}/${node.id}`, { hostname: 'now' });
  await snapshot(own);
  await patched(own, `${NODE}/${node.id}`, { hostname: 'later' });
  const done = await restore(own, name, { confirm: true });
  assert.equal(done.status, 200, done.text);
  assert.equal((await own.request('GET', `/snapshots/${name}`)).status, 404);
  assert.equal((await records(own))[0]?.['hostname'], 'then');
});

test('the client and the command line go back too, and the command line with the sequence that it showed', async (context) => {
  const own = await serverFor(context);
  const environment = { HOLDFAST_URL: own.url, HOLDFAST_JWT: own.token };
  const node = await created(own, NODE, { hostname: 'then', architecture: 'X86' });
  const other = await created(own, NODE, { hostname: 'other', architecture: 'X86' });
  const name = await snapshot(own);
  await patched(own, `${NODE}/${node.id}`, { hostname: 'now' });
  const client = new Client({ url: own.url, token: own.token });
  context.after(() => client.close());
  const plan = await client.snapshots.restore(name);
  assert.deepEqual([plan.dry_run, plan.total.updated], [true, 1]);
  const done = await client.snapshots.restore(name, { confirm: true, sequence: plan.sequence });
  assert.deepEqual([done.dry_run, done.total.updated], [false, 1]);
  await patched(own, `${NODE}/${node.id}`, { hostname: 'again' });
  const filtered = await client.snapshots.restore(new Date(String(node['created_at'])), {
    kinds: ['ComputeNode'],
    where: { hostname: 'again' },
    properties: ['hostname'],
  });
  assert.deepEqual(filtered.total, { created: 0, updated: 1, deleted: 0 });

  const shown = await holdfast(['restore', name], { environment });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /ComputeNode +0 +1 +0/);
  assert.match(shown.stdout, /\/hostname/);
  assert.match(shown.stdout, new RegExp(`--confirm --sequence ${plan.sequence + 2}`));
  assert.equal((await own.request('GET', `${NODE}/${node.id}`)).json.hostname, 'again');
  const stale = await holdfast(['restore', name, '--confirm', '--sequence', String(plan.sequence)], { environment });
  assert.equal(stale.code, 1);
  assert.match(stale.stderr, /the inventory has changed since/);
  await patched(own, `${NODE}/${other.id}`, { hostname: 'more' });
  const partly = await holdfast(['restore', '--to', name, '--kind', 'ComputeNode', '--filter', 'hostname=again', '--property', 'hostname', '--confirm'], {
    environment,
  });
  assert.equal(partly.code, 0, partly.stderr);
  assert.match(partly.stdout, /what was there before is in the snapshot/);
  assert.deepEqual(
    (await records(own)).map(({ hostname }) => hostname),
    ['then', 'more'],
  );
  const json = await holdfast(['restore', name, '--json'], { environment });
  assert.equal(JSON.parse(json.stdout).total.updated, 1);
  for (const args of [['restore'], ['restore', name, '--to', name], ['restore', name, '--filter', 'hostname=a']]) {
    assert.notEqual((await holdfast(args, { environment })).code, 0, args.join(' '));
  }
});
