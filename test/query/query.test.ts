import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadContent } from '../../src/query/inside/load.ts';
import { ask, childrenOf, queryServer } from '../support/query-server.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';

test('a query sees every write that was answered before it, and says which change it ends with', async (context) => {
  const server = await queryServer(context);
  for (let count = 1; count <= 3; count++) {
    await server.request('POST', '/inventory/ComputeNode', { hostname: `n${count}`, architecture: 'x86_64' });
    const { json, headers } = await ask(server, 'SELECT count(*) AS n, max(revision) AS last FROM ComputeNode');
    assert.deepEqual(json, [{ n: count, last: count }]);
    assert.equal(headers.get('x-holdfast-sequence'), String(count));
    assert.match(headers.get('x-holdfast-as-of') ?? '', new RegExp(`^${count}; time=\\d{4}-.*Z; source=live; exact=true$`));
    assert.equal(headers.get('cache-control'), 'no-store');
  }
  assert.equal(readdirSync(join(server.directory, 'query')).length, 1, 'only the newest export is kept');
  const [first] = childrenOf(server);
  await ask(server, 'SELECT 1');
  assert.deepEqual(childrenOf(server), [first], 'the same process answers while nothing changes');
});

test('values are written as JSON, NDJSON and CSV without losing anything', async (context) => {
  const server = await queryServer(context);
  const sql = `SELECT 9007199254740991::BIGINT AS safe, 9007199254740993::BIGINT AS big, 0.5::DOUBLE AS half, 'NaN'::DOUBLE AS nan, 1.50::DECIMAL(5,2) AS price,
    TIMESTAMPTZ '2026-11-22 10:00:00.25+02' AS time, DATE '2026-11-22' AS day, INTERVAL 3 DAY AS span, 'a"b,c' AS text, '' AS empty, NULL AS nothing,
    {'a': 1, 'b': NULL} AS object, [1, NULL] AS list, MAP {'k': 2} AS map, '{"x": [1,\n2]}'::JSON AS free, 'x'::BLOB AS bytes, true AS yes, 1 AS yes`;
  const expected = {
    safe: 9007199254740991,
    big: '9007199254740993',
    half: 0.5,
    nan: 'NaN',
    price: '1.50',
    time: '2026-11-22T08:00:00.25Z',
    day: '2026-11-22',
    span: '3 days',
    text: 'a"b,c',
    empty: '',
    nothing: null,
    object: { a: 1 },
    list: [1, null],
    map: { k: 2 },
    free: { x: [1, 2] },
    bytes: 'eA==',
    yes: true,
    'yes:1': 1,
  };
  assert.deepEqual((await ask(server, sql)).json, [expected]);
  const lines = await ask(server, `${sql} UNION ALL ${sql}`, undefined, 'application/x-ndjson');
  assert.equal(lines.headers.get('content-type'), 'application/x-ndjson');
  assert.deepEqual(
    lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [expected, expected],
  );
  const csv = await ask(server, "SELECT 'a\"b,c' AS text, '' AS empty, NULL AS nothing, [1, 2] AS list, 2 AS \"n,m\"", undefined, 'text/csv');
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv; charset=utf-8/);
  assert.equal(csv.text, 'text,empty,nothing,list,"n,m"\r\n"a""b,c","",,"[1,2]",2\r\n');
  assert.deepEqual((await ask(server, 'SELECT 1 WHERE false')).json, []);
  assert.equal((await ask(server, 'SELECT 1 AS a WHERE false', undefined, 'text/csv')).text, 'a\r\n');
  assert.equal((await ask(server, 'SELECT 1', undefined, 'application/xml')).json.code, 'not-acceptable');
  assert.equal((await server.request('POST', '/query', { sql: 'SELECT 1', limit: 5 })).json.errors[0].pointer, '/limit');
  assert.equal((await server.request('POST', '/query', { sql: ['SELECT 1'] })).json.code, 'invalid');
});

test('a query that fails at its ninety thousandth row says why, and never looks like a short result', async (context) => {
  const server = await queryServer(context);
  for (const accept of ['application/json', 'application/vnd.apache.arrow.stream']) {
    // More than DuckDB makes ahead of whoever reads.
    const late = "SELECT CAST(CASE WHEN range = 90000 THEN 'many' ELSE '1' END AS INTEGER) AS n, repeat('x', 600) AS x FROM range(90001)";
    const { status, json } = await ask(server, late, undefined, accept);
    assert.deepEqual([status, json?.code], [400, 'invalid-sql'], accept);
    assert.match(json.detail, /Could not convert string 'many' to INT32/);
  }
});

test('a snapshot is found by its name, by a time, by a sequence; all of them are one table, also when their schemas differ', async (context) => {
  const folder = temporaryFolder(context);
  const directory = join(folder, 'data');
  const kinds = join(folder, 'kinds');
  mkdirSync(kinds);
  const flags = ['--schema-dir', kinds];
  writeFileSync(join(kinds, 'Rack.json'), rackSchema({ height: { type: 'integer' }, gone: { type: 'string' }, place: place({ row: { type: 'string' } }) }));
  const first = await queryServer(context, { directory, flags });
  await first.request('POST', '/inventory/Rack', { name: 'r1', height: 42, place: { row: 'A' } });
  const one = (await first.request('POST', '/snapshots')).json;
  await first.kill('SIGTERM');

  writeFileSync(
    join(kinds, 'Rack.json'),
    rackSchema({ height: { type: 'number' }, added: { type: 'string' }, place: place({ row: { type: 'string' }, column: { type: 'integer' } }) }),
  );
  const server = await queryServer(context, { directory, flags });
  await server.request('POST', '/inventory/Rack', { name: 'r2', height: 20.5, added: 'x', place: { row: 'B', column: 7 } });
  const two = (await server.request('POST', '/snapshots')).json;
  const namesAt = async (at: string): Promise<unknown> => {
    const { json, headers } = await ask(server, 'SELECT list(name ORDER BY name) AS names FROM Rack', at);
    return [json[0]?.names ?? json.code, /snapshot=([^;]+); exact=(\w+)/.exec(headers.get('x-holdfast-as-of') ?? '')?.slice(1)];
  };
  assert.deepEqual(await namesAt(one.name), [['r1'], [one.name, 'true']]);
  assert.deepEqual(await namesAt('latest'), [
    ['r1', 'r2'],
    [two.name, 'true'],
  ]);
  assert.deepEqual(await namesAt('earliest'), [['r1'], [one.name, 'true']]);
  assert.deepEqual(await namesAt('1'), [['r1'], [one.name, 'true']]);
  assert.deepEqual(await namesAt('999'), ['invalid-parameter', undefined]);
  assert.deepEqual(await namesAt('2100-01-01T00:00:00+01:00'), ['invalid-parameter', undefined]);
  assert.equal((await ask(server, 'SELECT 1', '2001-01-01T00:00:00Z')).json.code, 'not-found');
  assert.equal((await ask(server, 'SELECT 1', '2026-01-01T00-00-00Z-000000000099')).json.code, 'not-found');
  assert.equal((await ask(server, 'SELECT 1', '../../etc')).json.code, 'invalid-parameter');

  const history = await ask(server, 'SELECT snapshot, name, height, added, gone, place, typeof(height) AS type FROM Rack ORDER BY snapshot, name', 'all');
  const r1 = { name: 'r1', height: 42, added: null, gone: null, place: { row: 'A' }, type: 'DOUBLE' };
  assert.deepEqual(history.json, [
    { snapshot: one.name, ...r1 },
    { snapshot: two.name, ...r1 },
    { snapshot: two.name, name: 'r2', height: 20.5, added: 'x', gone: null, place: { row: 'B', column: 7 }, type: 'DOUBLE' },
  ]);
  const snapshots = await ask(server, 'SELECT * FROM snapshots ORDER BY sequence', 'all');
  assert.deepEqual(
    snapshots.json.map(({ snapshot, snapshot_time, sequence }: Record<string, unknown>) => [snapshot, Date.parse(String(snapshot_time)), sequence]),
    [one, two].map(({ name, time, sequence }) => [name, Date.parse(time), sequence]),
  );

  // With very many snapshots the views are others, and say the same.
  const folders = [one, two].map(({ name }) => join(directory, 'snapshots', `snapshot=${name}`));
  for (const runSnapshotsMax of [0, 100]) {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await loadContent(connection, { type: 'history', folders }, runSnapshotsMax);
    const pairs = (await connection.runAndReadAll('SELECT snapshot, name FROM Rack ORDER BY ALL')).getRows();
    assert.deepEqual(pairs, [
      [one.name, 'r1'],
      [two.name, 'r1'],
      [two.name, 'r2'],
    ]);
  }

  const file = join(directory, 'snapshots', `snapshot=${one.name}`, 'Rack.parquet');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await server.request('POST', '/snapshots', { note: 'so that the history is loaded again' });
  await server.request('POST', '/inventory/Rack', { name: 'r3', height: 1 });
  const three = (await server.request('POST', '/snapshots')).json;
  const left = await ask(server, 'SELECT DISTINCT snapshot FROM Rack ORDER BY 1', 'all');
  assert.ok(
    left.json.some(({ snapshot }: Record<string, unknown>) => snapshot === three.name),
    left.text,
  );
  assert.ok(!left.json.some(({ snapshot }: Record<string, unknown>) => snapshot === one.name), 'a damaged snapshot is left out');
  assert.match(server.output(), /Rack\.parquet does not match its checksum/);
  assert.equal((await ask(server, 'SELECT 1', one.name)).json.code, 'query-failed');
});

test('a query goes on while its snapshot is pruned, and the history is whole whatever is pruned while it is loaded', async (context) => {
  const server = await queryServer(context, { flags: ['--retain', '2'] });
  const change = (name: string) => server.request('POST', '/inventory/ComputeNode', { hostname: name, architecture: 'x86_64' });
  await change('n0');
  const { name } = (await server.request('POST', '/snapshots')).json;
  const slow = slowly(server, "SELECT repeat('x', 1000) AS x FROM range(20000)", name);
  await slow.begun;
  const histories: Promise<unknown>[] = [];
  for (let count = 1; count <= 6; count++) {
    await change(`n${count}`);
    await server.request('POST', '/snapshots');
    if (count === 3) slow.read();
    if (count >= 3) histories.push(ask(server, 'SELECT count(DISTINCT snapshot) AS n FROM ComputeNode', 'all').then(({ json }) => json));
  }
  assert.ok(!readdirSync(join(server.directory, 'snapshots')).some((folder) => folder.includes(name)), 'the snapshot is gone');
  assert.ok((await slow.bytes) > 20_000_000);
  for (const history of await Promise.all(histories)) assert.deepEqual(history, [{ n: 2 }]);
  assert.equal((await ask(server, 'SELECT 1', name)).json.code, 'not-found');
});

test('a client that does not read costs the server little; one that goes away ends its query', async (context) => {
  const server = await queryServer(context, { settings: ['timeLimit: 30s'] });
  await ask(server, 'SELECT 1');
  const before = memoryOf(server.pid);
  const slow = slowly(server, "SELECT repeat('x', 1000) AS x FROM range(60000)");
  await slow.begun;
  assert.ok(memoryOf(server.pid) - before < 40, 'the result waits in the other process');
  slow.read();
  assert.ok((await slow.bytes) > 60_000_000);

  const abort = new AbortController();
  const [busy] = childrenOf(server);
  assert.ok(busy !== undefined);
  const ticks = cpuTicksOf(busy);
  const endless = fetch(`${server.url}/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql: 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b' }),
    signal: abort.signal,
  }).catch(() => undefined);
  await until(() => cpuTicksOf(busy) > ticks + 20, 'the query runs');
  abort.abort();
  await endless;
  await until(() => !childrenOf(server).includes(busy), 'its process is gone');
  const startedMs = performance.now();
  assert.deepEqual((await ask(server, 'SELECT 1 AS one')).json, [{ one: 1 }]);
  assert.ok(performance.now() - startedMs < 10_000, 'the next one does not wait for it');
});

test('more queries than can wait are refused, reads go on meanwhile, and what is late is told so', async (context) => {
  const server = await queryServer(context, { settings: ['timeLimit: 3s', 'bytesMax: 1KiB'], others: ['limits:', '  queriesPerCaller: 80'] });
  await ask(server, 'SELECT 1');
  const [busy] = childrenOf(server);
  assert.ok(busy !== undefined);
  const ticks = cpuTicksOf(busy);
  let isLate = false;
  const late = ask(server, 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b').finally(() => {
    isLate = true;
  });
  // Requests that are sent at once may come in any order.
  await until(() => cpuTicksOf(busy) > ticks + 5, 'the query runs');
  const others = Array.from({ length: 18 }, () => ask(server, 'SELECT 1'));
  assert.equal((await server.request('GET', '/inventory/ComputeNode')).status, 200);
  assert.equal(isLate, false, 'the read waits for no query');
  const { code, detail } = (await late).json;
  assert.deepEqual([code, detail], ['timeout', 'the query was ended after 3000 ms (query.timeLimit)']);
  const statuses = (await Promise.all(others)).map(({ status }) => status).sort();
  assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 503).length], [16, 2]);
  const large = await ask(server, "SELECT repeat('x', 2000) AS x");
  assert.deepEqual([large.json.code, large.json.detail], ['result-too-large', 'the result has more than 1024 bytes (query.bytesMax)']);
});

function rackSchema(properties: object): string {
  const own = { id: { type: 'string', format: 'uuid', readOnly: true }, name: { type: 'string', 'x-holdfast-unique': 'exact' } };
  const time = { type: 'string', format: 'date-time', readOnly: true };
  const kept = { created_at: time, updated_at: time, revision: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, readOnly: true } };
  return JSON.stringify({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rack',
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    'x-holdfast': { key: 'id', naturalKeys: ['name'] },
    properties: { ...own, ...bounded(properties), ...kept },
  });
}

/** Numbers and texts need limits in a kind. */
function bounded(properties: object): object {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      schema.type === 'string' ? { ...schema, maxLength: 100 } : schema.type === 'object' ? schema : { ...schema, minimum: 0, maximum: 1000 },
    ]),
  );
}

function place(properties: object): object {
  return { type: 'object', additionalProperties: false, properties: bounded(properties) };
}

/** Asks, and reads nothing until it is told to. `bytes`: of the whole answer. */
function slowly(server: ServerProcess, sql: string, at = 'now'): { begun: Promise<void>; read(): void; bytes: Promise<number> } {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const body = JSON.stringify({ sql, at });
  socket.write(
    `POST /query HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  let total = 0;
  let tail = '';
  const begun = new Promise<void>((resolve) => {
    socket.once('data', (chunk) => {
      socket.pause();
      total += chunk.length;
      resolve();
    });
  });
  const bytes = new Promise<number>((resolve, reject) => {
    const settle = (): void => (tail.endsWith('0\r\n\r\n') ? resolve(total) : reject(new Error('the answer is cut off')));
    socket.on('close', settle);
    void begun.then(() =>
      socket.on('data', (chunk) => {
        total += chunk.length;
        tail = (tail + chunk.subarray(-8).toString('latin1')).slice(-8);
        if (tail.endsWith('0\r\n\r\n')) socket.end();
      }),
    );
    void begun.then(() => socket.pause());
  });
  return { begun, read: () => void socket.resume(), bytes };
}

/** MiB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function cpuTicksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]);
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const startedMs = performance.now(); !condition(); ) {
    if (performance.now() - startedMs > 10_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
