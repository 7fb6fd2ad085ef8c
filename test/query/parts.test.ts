import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { done, fail } from '../../src/faults.ts';
import { castList, mergedColumns } from '../../src/query/inside/columns.ts';
import { Duck } from '../../src/query/inside/duck.ts';
import { judge, REFUSED_FUNCTIONS } from '../../src/query/inside/gate.ts';
import { bytesFrame, FrameReader, messageFrame } from '../../src/query/messages.ts';
import type { QueryAnswer } from '../../src/query/query-host.ts';
import { SavedQueries, type SavedQuery, SERIES_MAX, SERIES_OF_QUERY_MAX } from '../../src/query/saved-queries.ts';
import { Turns } from '../../src/query/turns.ts';

/** Functions with effects that nobody can do anything with: random numbers, and an error of one's own. */
const HARMLESS = ['error', 'gen_random_uuid', 'random', 'uuid', 'uuidv4', 'uuidv7'];

test('every function of this DuckDB that says it has effects is refused, or known to be harmless', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const effects = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE has_side_effects AND function_type = 'scalar'";
  const names = (await connection.runAndReadAll(effects)).getRows().map(([name]) => String(name));
  assert.ok(names.includes('nextval'));
  assert.deepEqual(
    names.filter((name) => !REFUSED_FUNCTIONS.has(name) && !HARMLESS.includes(name)),
    [],
  );
});

/** Those that only make rows of what they are given. */
const ALLOWED_IN_FROM = ['generate_series', 'json_each', 'json_tree', 'range', 'repeat', 'repeat_row', 'unnest'];

test('every table function of this DuckDB is refused, but for those that only make rows', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const all = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro', 'pragma') ORDER BY 1";
  const names = (await connection.runAndReadAll(all)).getRows().map(([name]) => String(name));
  for (const known of ['read_csv', 'read_blob', 'glob', 'enable_logging', 'duckdb_settings', 'parquet_metadata', 'query'])
    assert.ok(names.includes(known), known);
  const passed: string[] = [];
  for (const name of names) {
    for (const sql of [`SELECT * FROM "${name}"()`, `FROM ${name}('x')`, `SELECT (SELECT 1 FROM "${name}"('x') LIMIT 1)`]) {
      const judged = await judge(connection, sql, new Set());
      if (judged.ok) passed.push(name);
    }
  }
  assert.deepEqual(
    [...new Set(passed)].filter((name) => !ALLOWED_IN_FROM.includes(name)),
    [],
  );
});

test('a PIVOT is read with its values listed, and who lists none is told so', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const judged = (sql: string) => judge(connection, sql, new Set(['nodes']));
  const listed = "PIVOT nodes ON architecture IN ('arm64', 'x86_64') USING count(*)";
  for (const sql of [listed, `SELECT * FROM (${listed})`]) assert.ok((await judged(sql)).ok, sql);
  const refused = await judged('SELECT * FROM (PIVOT nodes ON architecture USING count(*))');
  assert.ok(!refused.ok && refused.fault.code === 'forbidden-sql');
  assert.match(refused.fault.detail, /PIVOT with its values listed, as in: ON architecture IN/);
  const written = await judged('DELETE FROM nodes');
  assert.ok(!written.ok && written.fault.detail === 'only SELECT is allowed here');
});

test('a DuckDB that is locked can open, write, load and set nothing', async (context) => {
  const duck = await Duck.open({ memoryBytes: 100_000_000, threads: 1 });
  await duck.lock();
  const connection = await duck.connect();
  context.after(() => connection.closeSync());
  const wanted = {
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
    allow_unsigned_extensions: 'false',
    allowed_directories: '[]',
    allowed_paths: '[]',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    enable_external_file_cache: 'false',
    lock_configuration: 'true',
    max_expression_depth: '250',
    temp_directory: '',
    threads: '1',
  };
  const names = Object.keys(wanted).map((name) => `'${name}'`);
  const found = await connection.runAndReadAll(`SELECT name, value FROM duckdb_settings() WHERE name IN (${names.join()}) ORDER BY name`);
  assert.deepEqual(Object.fromEntries(found.getRows() as [string, string][]), wanted);
  for (const sql of [
    "SET memory_limit = '1TB'",
    "SELECT * FROM read_text('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/holdfast-attack'",
    "ATTACH '/tmp/x.db' AS x",
  ])
    await assert.rejects(connection.run(sql), /locked|disabled|denied|Permission/i, sql);
});

test('columns of several schemas become columns that take the values of all', async () => {
  const merged = mergedColumns([
    [
      { name: 'a', column: { type: 'integer' } },
      { name: 'b', column: { type: 'date-time' } },
      { name: 'c', column: { type: 'list', element: { type: 'integer' } } },
      { name: 'd', column: { type: 'object', columns: [{ name: 'x', column: { type: 'string' } }] } },
      { name: 'e', column: { type: 'boolean' } },
    ],
    [
      { name: 'a', column: { type: 'number' } },
      { name: 'b', column: { type: 'string' } },
      { name: 'c', column: { type: 'list', element: { type: 'number' } } },
      { name: 'd', column: { type: 'json' } },
      { name: 'f', column: { type: 'integer' } },
    ],
  ]);
  assert.deepEqual(
    merged.map(({ name, column }) => [name, column.type]),
    [
      ['a', 'number'],
      ['b', 'string'],
      ['c', 'list'],
      ['d', 'json'],
      ['e', 'boolean'],
      ['f', 'integer'],
    ],
  );
  const own = [
    { name: 'a', column: { type: 'integer' } },
    { name: 'b', column: { type: 'date-time' } },
    { name: 'c', column: { type: 'list', element: { type: 'integer' } } },
    { name: 'd', column: { type: 'object', columns: [{ name: 'x', column: { type: 'string' } }] } },
    { name: 'e', column: { type: 'boolean' } },
  ] as const;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("CREATE TABLE t AS SELECT 1::BIGINT AS a, TIMESTAMPTZ '2026-11-22 10:00:00.5Z' AS b, [1::BIGINT] AS c, {'x': 'y'} AS d, true AS e");
  const rows = (await connection.runAndReadAll(`SELECT ${castList(own, merged, 't')} FROM t`)).getRowObjectsJson();
  assert.deepEqual(rows, [{ a: 1, b: '2026-11-22T10:00:00.5Z', c: [1], d: '{"x":"y"}', e: true, f: null }]);
});

test('frames arrive whole however they are cut, and one that is none ends the reading', () => {
  const frames: unknown[] = [];
  let flaws = 0;
  const reader = new FrameReader(
    (frame) => frames.push(Buffer.isBuffer(frame) ? frame.toString() : frame),
    () => {
      flaws += 1;
    },
  );
  const sent = Buffer.concat([messageFrame({ type: 'ready' }), bytesFrame(Buffer.from('rows')), bytesFrame(Buffer.alloc(0))]);
  for (const byte of sent) reader.push(Buffer.of(byte));
  assert.deepEqual(frames, [{ type: 'ready' }, 'rows', '']);
  reader.push(Buffer.from([1, 0xff, 0xff, 0xff, 0xff]));
  reader.push(sent);
  assert.deepEqual([flaws, frames.length], [1, 3]);
});

test('turns are given in order, to so many at once, and not to those who have left', async () => {
  const turns = new Turns(1, 2, 60_000);
  const never = new AbortController().signal;
  const leaving = new AbortController();
  const first = await turns.take(never);
  assert.ok(first.ok);
  const second = turns.take(leaving.signal);
  const third = turns.take(never);
  const refused = await turns.take(never);
  assert.ok(!refused.ok && refused.fault.code === 'overloaded');
  leaving.abort();
  const left = await second;
  assert.ok(!left.ok && left.fault.detail === 'the query is not wanted any more');
  first.value();
  first.value();
  const mine = await third;
  assert.ok(mine.ok && turns.free === 0, 'given back twice counts once');
  const waiter = turns.take(never);
  mine.value();
  const hasty = turns.take(leaving.signal);
  const other = turns.take(never);
  assert.equal(turns.free, 0, 'a turn goes from hand to hand');
  const handed = await waiter;
  assert.ok(handed.ok && !(await hasty).ok);
  handed.value();
  const last = await other;
  assert.ok(last.ok);
  last.value();
  assert.equal(turns.free, 1);
  const late = new Turns(0, 1, 5);
  assert.ok(!(await late.take(never)).ok, 'nobody waits for ever');
});

test('a saved query is asked when it is due; its last good values stay when it fails', async () => {
  let nowMs = 0;
  let lines = '{"kind":"a","value":1}\n{"kind":"b","value":"2"}\n';
  let asked = 0;
  const warnings: string[] = [];
  const saved = new SavedQueries({
    queries: [savedQuery({ everyMs: 60_000, labels: ['kind'] })],
    clock: { nowMs: () => 1000 + nowMs, monotonicMs: () => nowMs },
    async ask() {
      asked += 1;
      return lines === '' ? fail('timeout', 'too late') : done(answerOf(lines));
    },
    warn: (name, reason) => void warnings.push(`${name}: ${reason}`),
  });
  assert.deepEqual(saved.values()[0]?.samples, []);
  await saved.look();
  await saved.look();
  assert.equal(asked, 1);
  const good = [
    { labels: ['a'], value: 1 },
    { labels: ['b'], value: 2 },
  ];
  assert.deepEqual(saved.values(), [
    { name: 'nodes', description: 'Nodes.', labelNames: ['kind'], everyMs: 60_000, samples: good, takenMs: 1000, failures: 0 },
  ]);
  for (const bad of ['', '{"kind":"a"}\n', '{"value":1}\n', '{"kind":"a","value":1}\n{"kind":"a","value":2}\n', '{"kind":"a","value":"many"}\n']) {
    lines = bad;
    nowMs += 60_000;
    await saved.look();
  }
  assert.deepEqual([saved.values()[0]?.samples, saved.values()[0]?.takenMs, saved.values()[0]?.failures], [good, 1000, 5]);
  assert.deepEqual(warnings, [
    'nodes: too late',
    'nodes: a saved query needs a column "value" with a number in every row',
    'nodes: the result has no column kind',
    'nodes: two rows have the same labels: a',
    'nodes: a saved query needs a column "value" with a number in every row',
  ]);
});

test('saved queries are asked one after the other, however long one takes, and one that breaks down stops none', async () => {
  const waiting: (() => void)[] = [];
  let asked = 0;
  const warnings: string[] = [];
  const saved = new SavedQueries({
    queries: [savedQuery({ name: 'a' }), savedQuery({ name: 'b' })],
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    async ask() {
      asked += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (asked === 1) throw new Error('the wire broke');
      return done(answerOf('{"value":1}\n'));
    },
    warn: (name, reason) => void warnings.push(`${name}: ${reason}`),
  });
  const first = saved.look();
  await saved.look();
  assert.equal(asked, 1, 'the next look finds that one goes on');
  waiting.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked, 2);
  waiting.shift()?.();
  await first;
  assert.deepEqual([warnings, saved.values().map(({ samples }) => samples.length)], [['a: the wire broke'], [0, 1]]);
});

test('saved queries have no more series than Prometheus should be given, together', async () => {
  const warnings: string[] = [];
  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `{"kind":{"n":${index}},"value":1}\n`).join('');
  const saved = new SavedQueries({
    queries: Array.from({ length: 12 }, (_, index) => savedQuery({ name: `q${index}`, labels: ['kind'] })),
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    async ask({ rowsMax }) {
      assert.equal(rowsMax, SERIES_OF_QUERY_MAX);
      return done(answerOf(lines(900)));
    },
    warn: (name, reason) => void warnings.push(`${name}: ${reason}`),
  });
  await saved.look();
  const counts = saved.values().map(({ samples }) => samples.length);
  assert.deepEqual(counts, [...Array.from({ length: 11 }, () => 900), 0]);
  assert.deepEqual(warnings, [`q11: it has 900 rows, and the others 9900: together they may have ${SERIES_MAX}`]);
  assert.deepEqual(saved.values()[0]?.samples[7], { labels: ['{"n":7}'], value: 1 });
});

function savedQuery(parts: Partial<SavedQuery>): SavedQuery {
  return { name: 'nodes', description: 'Nodes.', sql: 'SELECT 1 AS value', at: 'now', everyMs: 1000, labels: [], ...parts };
}

function answerOf(text: string): QueryAnswer {
  const parts = [Buffer.from(text), undefined];
  return { asOf: undefined, next: async () => done(parts.shift()), cancel: () => undefined };
}
