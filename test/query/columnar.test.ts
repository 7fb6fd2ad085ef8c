import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { packageRoot } from '../../src/package-root.ts';
import { queryServer } from '../support/query-server.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';

/** Results as Arrow and Parquet, from a real server, read back by other libraries than those that wrote them where there are any. */

const ARROW = 'application/vnd.apache.arrow.stream';
const PARQUET = 'application/vnd.apache.parquet';

/** One row of values, one of NULLs, one of the ends of ranges. */
const TYPES = `
  SELECT 9007199254740993::BIGINT AS big, 18446744073709551615::UBIGINT AS ubig, -99999999999999999999999999999999999999::HUGEINT AS huge,
    1.50::DECIMAL(5, 2) AS price, -12345678901234567890.1234::DECIMAL(30, 4) AS wide, (-7)::TINYINT AS tiny, 4294967295::UINTEGER AS uint,
    0.5::FLOAT AS half, 'NaN'::DOUBLE AS nan, TIMESTAMPTZ '2026-11-22 10:00:00.25+02' AS time, TIMESTAMP '1969-12-31 23:59:59.999999' AS plain,
    DATE '2026-11-22' AS day, 'grüße' AS text, 'x'::BLOB AS bytes, true AS yes, [1, NULL, 3]::INTEGER[] AS list, [['a'], [], NULL] AS lists,
    {'a': 1, 'b': [{'c': 'x'}]} AS object, MAP {'k': 2} AS map, '{"x": [1, 2]}'::JSON AS free, INTERVAL 3 DAY AS span,
    UUID '00000000-0000-0000-0000-000000000001' AS id, 340282366920938463463374607431768211455::UHUGEINT AS uhuge, 1 AS yes
  UNION ALL SELECT ${Array.from({ length: 24 }, () => 'NULL').join(', ')}
  UNION ALL SELECT -1, 0::UBIGINT, 1, -0.01, 0, 127::TINYINT, 0::UINTEGER, -0.0::FLOAT, 0.0, TIMESTAMPTZ '0001-01-01 00:00:00Z', TIMESTAMP '9999-12-31 23:59:59', DATE '0001-01-01',
    '', ''::BLOB, false, [], [], {'a': NULL, 'b': NULL}, MAP {}, 'null', INTERVAL 0 DAY, NULL, 0::UHUGEINT, 2`;
const NAMES = 'big ubig huge price wide tiny uint half nan time plain day text bytes yes list lists object map free span id uhuge yes:1'.split(' ');

test('a result comes as an Arrow stream and as a Parquet file, with its types', async (context) => {
  const server = await queryServer(context);
  const arrow = await fetched(server, TYPES, ARROW);
  const parquet = await fetched(server, TYPES, PARQUET);

  await context.test('Arrow', () => {
    const table = tableFromIPC(arrow);
    assert.deepEqual(
      table.schema.fields.map(({ name, type, nullable }) => `${name} ${nullable ? type : 'required'}`),
      [
        ...['big Int64', 'ubig Uint64', 'huge Decimal[38e0]', 'price Decimal[5e+2]', 'wide Decimal[30e+4]', 'tiny Int8', 'uint Uint32', 'half Float32'],
        ...['nan Float64', 'time Timestamp<MICROSECOND, UTC>', 'plain Timestamp<MICROSECOND>', 'day Date32<DAY>', 'text Utf8', 'bytes Binary', 'yes Bool'],
        ...['list List<Int32>', 'lists List<List<Utf8>>', 'object Struct<{a:Int32, b:List<Struct<{c:Utf8}>>}>', 'map Map<{key:Utf8, value:Int32}>'],
        ...['free Utf8', 'span Utf8', 'id Utf8', 'uhuge Utf8', 'yes:1 Int32'],
      ],
    );
    const [values, nulls, ends] = table.toArray().map((row) => row.toJSON());
    assert.equal(values?.['big'], 9007199254740993n);
    assert.equal(values?.['ubig'], 18446744073709551615n);
    assert.deepEqual([values?.['half'], values?.['tiny'], values?.['uint'], values?.['text'], values?.['yes']], [0.5, -7, 4294967295, 'grüße', true]);
    assert.ok(Number.isNaN(values?.['nan']));
    assert.equal(values?.['time'], Date.parse('2026-11-22T08:00:00.250Z'));
    assert.equal(String(values?.['price']), '150', 'without its point, as the library gives it');
    assert.deepEqual(JSON.parse(JSON.stringify([values?.['list'], values?.['lists'], values?.['object'], values?.['map']])), [
      [1, null, 3],
      [['a'], [], null],
      { a: 1, b: [{ c: 'x' }] },
      { k: 2 },
    ]);
    assert.deepEqual([values?.['free'], values?.['span'], values?.['uhuge']], ['{"x": [1, 2]}', '3 days', '340282366920938463463374607431768211455']);
    assert.deepEqual(
      Object.values(nulls ?? {}),
      NAMES.map(() => null),
    );
    assert.deepEqual([ends?.['text'], ends?.['yes'], ends?.['tiny'], ends?.['big']], ['', false, 127, -1n]);
    assert.deepEqual(JSON.parse(JSON.stringify(ends?.['object'])), { a: null, b: null });
  });

  await context.test('Parquet', async () => {
    const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer;
    const metadata = await parquetMetadataAsync(file);
    const [values, nulls, ends] = (await parquetReadObjects({ file, metadata })) as Record<string, unknown>[];
    assert.deepEqual(Object.keys(values ?? {}), NAMES);
    assert.equal(values?.['big'], 9007199254740993n);
    assert.equal(values?.['ubig'], 18446744073709551615n);
    assert.deepEqual(
      [values?.['half'], values?.['tiny'], values?.['uint'], values?.['price'], values?.['text'], values?.['yes']],
      [0.5, -7, 4294967295, 1.5, 'grüße', true],
    );
    assert.deepEqual([values?.['time'], values?.['day']], [new Date('2026-11-22T08:00:00.250Z'), new Date('2026-11-22T00:00:00Z')]);
    assert.deepEqual([values?.['list'], values?.['lists'], values?.['object']], [[1, null, 3], [['a'], [], undefined], { a: 1, b: [{ c: 'x' }] }]);
    assert.deepEqual([values?.['free'], values?.['span']], ['{"x": [1, 2]}', '3 days']);
    assert.deepEqual(
      Object.values(nulls ?? {}).map((value) => value ?? null),
      NAMES.map(() => null),
    );
    assert.deepEqual([ends?.['text'], ends?.['yes'], ends?.['list']], ['', false, []]);
  });

  const hasPyarrow = spawnSync('python3', ['-c', 'import pyarrow.parquet']).status === 0;
  await context.test('pyarrow reads the same out of both', { skip: hasPyarrow ? false : 'python3 has no pyarrow here' }, () => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, 'a'), arrow);
    writeFileSync(join(folder, 'p'), parquet);
    const script = `
import pyarrow as pa, pyarrow.parquet as pq
a = pa.ipc.open_stream(open('a', 'rb')).read_all()
p = pq.read_table('p')
a.validate(full=True)
p.validate(full=True)
for name in a.schema.names:
    assert str(a[name].to_pylist()) == str(p[name].to_pylist()), name
print(a['huge'][0], a['wide'][0], a['price'][2], a['uhuge'][0], a['plain'][0], p['time'].type, a['map'][0])`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });
    assert.equal(
      stdout.trim(),
      "-99999999999999999999999999999999999999 -12345678901234567890.1234 -0.01 340282366920938463463374607431768211455 1969-12-31 23:59:59.999999 timestamp[us, tz=UTC] [('k', 2)]",
      stderr,
    );
  });

  await context.test('results without rows have their columns all the same', async () => {
    const sql = "SELECT 1 AS a, {'b': [1]} AS c WHERE false";
    assert.deepEqual(tableFromIPC(await fetched(server, sql, ARROW)).schema.names, ['a', 'c']);
    const bytes = await fetched(server, sql, PARQUET);
    const { num_rows, schema } = await parquetMetadataAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer);
    assert.deepEqual([Number(num_rows), schema.map(({ name }) => name)], [0, ['schema', 'a', 'c', 'b', 'list', 'element']]);
  });
});

test('many rows come in batches and row groups, none lost and none twice', async (context) => {
  const server = await queryServer(context);
  const count = 70_000;
  const sql = `SELECT range AS n, CASE WHEN range % 3 = 0 THEN NULL ELSE md5(range::VARCHAR) END AS text, [range, NULL] AS list FROM range(${count}) WHERE range % 7 > 0`;
  const table = tableFromIPC(await fetched(server, sql, ARROW));
  const bytes = await fetched(server, sql, PARQUET);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  assert.ok(table.batches.length > 10);
  const expected = Array.from({ length: count }, (_, index) => index).filter((n) => n % 7 > 0);
  assert.deepEqual([table.numRows, rows.length], [expected.length, expected.length]);
  const column = table.getChild('n');
  const texts = table.getChild('text');
  for (const [index, n] of expected.entries()) {
    const row = rows[index];
    const isSame = column?.get(index) === BigInt(n) && row?.['n'] === BigInt(n) && (texts?.get(index) ?? null) === (row?.['text'] ?? null);
    assert.ok(isSame && ((row?.['text'] ?? null) === null) === (n % 3 === 0), `row ${index}`);
  }
});

test('limits hold for what a result decodes to, and one that fails late never looks complete', async (context) => {
  // More than is held back before an answer begins takes its time, and a busy machine's much more; that is no limit here.
  const server = await queryServer(context, { settings: ['rowsMax: 250000', 'bytesMax: 128MiB', 'timeLimit: 5m'] });
  for (const accept of [ARROW, PARQUET]) {
    assert.equal(await codeOf(server, 'SELECT * FROM range(250001)', accept), 'result-too-large');
    assert.equal(await codeOf(server, 'SELECT (-170141183460469231731687303715884105727)::HUGEINT AS h', accept), 'invalid-sql');
    assert.equal(await codeOf(server, 'SELECT row(1, 2) AS r', accept), 'invalid-sql');
  }
  // A few KiB of Parquet.
  assert.equal(await codeOf(server, "SELECT repeat('x', 10000) AS x FROM range(20000)", PARQUET), 'result-too-large');
  const late = `SELECT CASE WHEN range = 200000 THEN error('late') ELSE repeat(chr(97 + (range % 26)::INTEGER), 600) END AS x FROM range(200001)`;
  const { status, headers, body } = await answered(server, late, ARROW);
  assert.deepEqual([status, headers.get('content-length')], [200, null]);
  await assert.rejects(async () => {
    for await (const _ of body ?? []);
  });
  const whole = tableFromIPC(await fetched(server, late.replace('= 200000', '= -1'), ARROW));
  assert.equal(whole.numRows, 200_001);
});

test('the command writes a file that is there only when it is complete', async (context) => {
  const server = await queryServer(context, { settings: ['rowsMax: 10'] });
  const folder = temporaryFolder(context);
  const entry = join(packageRoot(), 'dist/src/cli/holdfast.js');
  const environment = { PATH: process.env['PATH'] ?? '', HOLDFAST_URL: server.url, HOLDFAST_JWT: server.token };
  const run = (...words: string[]) => spawnSync(process.execPath, [entry, 'query', ...words], { env: environment });
  const file = join(folder, 'result.parquet');
  const good = run('--format', 'parquet', '--output', file, 'SELECT * FROM range(3)');
  assert.deepEqual([good.status, String(good.stdout)], [0, ''], String(good.stderr));
  assert.equal(readFileSync(file).subarray(0, 4).toString(), 'PAR1');
  const arrow = run('--format', 'arrow', 'SELECT * FROM range(3)');
  assert.equal(tableFromIPC(arrow.stdout).numRows, 3);
  const bad = run('--format', 'parquet', '--output', join(folder, 'none'), 'SELECT * FROM range(11)');
  assert.equal(bad.status, 1);
  assert.match(String(bad.stderr), /more than 10 rows \(query\.rowsMax\)/);
  const table = run('--format', 'table', '--output', join(folder, 'none'), 'SELECT 1');
  assert.equal(table.status, 2);
  assert.deepEqual(readdirSync(folder), ['result.parquet']);
  assert.ok(!existsSync(join(folder, 'none.part')));
});

function answered(server: ServerProcess, sql: string, accept: string): Promise<Response> {
  return fetch(`${server.url}/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', accept },
    body: JSON.stringify({ sql }),
  });
}

async function fetched(server: ServerProcess, sql: string, accept: string): Promise<Buffer> {
  const answer = await answered(server, sql, accept);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, bytes.toString());
  assert.equal(answer.headers.get('content-type'), accept);
  return bytes;
}

async function codeOf(server: ServerProcess, sql: string, accept: string): Promise<string> {
  const answer = await answered(server, sql, accept);
  return answer.status === 200 ? 'ok' : String(((await answer.json()) as Record<string, unknown>)['code']);
}
