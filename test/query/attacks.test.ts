import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '../../src/http/scopes.ts';
import { ask, childrenOf, queryServer } from '../support/query-server.ts';
import { type ServerProcess, tokenFor } from '../support/server-process.ts';

/** SQL that is not meant well, against a real server. `codes`: what may be answered; `ok` is a result that gives nothing away. */

const CANARY = 'canary-7f3e9a-password';
const VARIABLE = 'canary-51c0de-variable';

type Attack = readonly [name: string, sql: string, codes: string];

const FORBIDDEN = 'forbidden-sql';
const REFUSED = 'forbidden-sql invalid-sql';

const STATEMENTS: readonly Attack[] = [
  ['inserts', "INSERT INTO ComputeNode (id) VALUES ('x')", FORBIDDEN],
  ['updates', "UPDATE ComputeNode SET hostname = 'x'", FORBIDDEN],
  ['deletes', 'DELETE FROM ComputeNode', FORBIDDEN],
  ['drops', 'DROP TABLE ComputeNode', FORBIDDEN],
  ['creates', 'CREATE TABLE x AS SELECT * FROM ComputeNode', FORBIDDEN],
  ['creates a macro', "CREATE MACRO f() AS TABLE SELECT * FROM read_text('/etc/passwd')", FORBIDDEN],
  ['writes through a WITH', 'WITH x AS (DELETE FROM ComputeNode RETURNING *) SELECT * FROM x', REFUSED],
  ['attaches', "ATTACH '/tmp/holdfast-attack.db' AS x", FORBIDDEN],
  ['copies out', "COPY ComputeNode TO '/tmp/holdfast-attack.parquet'", FORBIDDEN],
  ['copies in', "COPY ComputeNode FROM '/etc/passwd'", FORBIDDEN],
  ['exports', "EXPORT DATABASE '/tmp/holdfast-attack'", FORBIDDEN],
  ['imports', "IMPORT DATABASE '/tmp'", FORBIDDEN],
  ['installs', 'INSTALL httpfs', FORBIDDEN],
  ['loads', "LOAD '/tmp/x.duckdb_extension'", FORBIDDEN],
  ['sets an option', "SET memory_limit = '100GB'", FORBIDDEN],
  ['opens the doors', 'SET enable_external_access = true', FORBIDDEN],
  ['unlocks', 'RESET lock_configuration', FORBIDDEN],
  ['uses a pragma', 'PRAGMA database_list', FORBIDDEN],
  ['calls', 'CALL pragma_version()', FORBIDDEN],
  ['prepares', 'PREPARE p AS SELECT 1', FORBIDDEN],
  ['uses another schema', 'USE kept', FORBIDDEN],
  ['sets a variable', 'SET VARIABLE x = 1', FORBIDDEN],
  ['counts a sequence up', "SELECT nextval('x')", FORBIDDEN],
  ['explains and writes', "EXPLAIN ANALYZE INSERT INTO ComputeNode (id) VALUES ('x')", FORBIDDEN],
  ['begins', 'BEGIN TRANSACTION', FORBIDDEN],
  ['makes a secret', "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')", REFUSED],
  ['has two statements', 'SELECT 1; DROP TABLE ComputeNode', FORBIDDEN],
  ['hides a second one behind a comment', 'SELECT 1 /* ; */ ; -- \n DELETE FROM ComputeNode', FORBIDDEN],
  ['hides it in a comment that does not end', 'SELECT 1 /* ; DROP TABLE ComputeNode', REFUSED],
  ['pivots with statements', 'PIVOT ComputeNode ON architecture USING count(*)', FORBIDDEN],
  ['is a comment', '-- nothing', 'invalid-sql'],
  ['is empty', '', 'invalid-sql'],
  ['has parameters', 'SELECT $1', 'invalid-sql'],
];

const FILES: readonly Attack[] = [
  ['reads a file as text', "SELECT * FROM read_text('/etc/passwd')", FORBIDDEN],
  ['reads a file as bytes', "SELECT * FROM read_blob('/etc/passwd')", FORBIDDEN],
  ['reads a file as CSV', "SELECT * FROM read_csv('/etc/passwd', header = false)", FORBIDDEN],
  ['reads a file as JSON', "SELECT * FROM read_json('/etc/passwd')", FORBIDDEN],
  ['reads a file by its name', "SELECT * FROM '/etc/passwd'", FORBIDDEN],
  ['reads a Parquet file by its name', "SELECT * FROM 'snapshots/*/BMC.parquet'", FORBIDDEN],
  ['reads the key', "SELECT * FROM read_text('{data}/keys/store-key')", FORBIDDEN],
  ['reads the private part', "SELECT * FROM read_blob('{data}/snapshots/*/_private')", FORBIDDEN],
  ['reads the journal', "SELECT * FROM read_blob('{data}/journal/*')", FORBIDDEN],
  ['reads its own memory', "SELECT * FROM read_blob('/proc/self/mem')", FORBIDDEN],
  ['reads the environment of the server', "SELECT * FROM read_text('/proc/{pid}/environ')", FORBIDDEN],
  ['lists a folder', "SELECT * FROM glob('/etc/*')", FORBIDDEN],
  ['sniffs', "FROM sniff_csv('/etc/passwd')", FORBIDDEN],
  ['reads over the network', "SELECT * FROM read_csv('http://127.0.0.1:1/x')", FORBIDDEN],
  ['reads in a subquery', "SELECT (SELECT content FROM read_text('/etc/passwd'))", FORBIDDEN],
  ['reads in a lambda', "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('/etc/passwd')))", REFUSED],
  ['reads in a WITH that is not used', "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT 1", FORBIDDEN],
  ['reads in a join', "SELECT * FROM ComputeNode, LATERAL (SELECT * FROM read_text('/etc/passwd'))", FORBIDDEN],
  ['reads in ORDER BY', "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))", FORBIDDEN],
  ['describes a file', "DESCRIBE SELECT * FROM read_csv('/etc/passwd')", FORBIDDEN],
  ['summarizes a file', "SUMMARIZE '/etc/passwd'", REFUSED],
  ['writes the name in capitals', "SELECT * FROM READ_TEXT('/etc/passwd')", FORBIDDEN],
  ['quotes the name', 'SELECT * FROM "read_text"(\'/etc/passwd\')', FORBIDDEN],
  ['names the schema', "SELECT * FROM system.main.read_text('/etc/passwd')", REFUSED],
  ['breaks the name with a comment', "SELECT * FROM read_text/**/('/etc/passwd')", FORBIDDEN],
  ['uses full-width letters', "SELECT * FROM ｒｅａｄ＿ｔｅｘｔ('/etc/passwd')", REFUSED],
  ['uses an invisible letter', "SELECT * FROM read\u200b_text('/etc/passwd')", REFUSED],
  ['uses a no-break space', "SELECT\u00a0*\u00a0FROM\u00a0read_text('/etc/passwd')", REFUSED],
  ['runs SQL in a text', "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')", FORBIDDEN],
  ['names a table in a text', "SELECT * FROM query_table('/etc/passwd')", FORBIDDEN],
  ['runs a serialised tree', "SELECT * FROM json_execute_serialized_sql('{}')", FORBIDDEN],
];

const SELVES: readonly Attack[] = [
  ['asks for a variable', "SELECT getenv('HOLDFAST_CANARY')", REFUSED],
  ['asks for settings', 'SELECT * FROM duckdb_settings()', FORBIDDEN],
  ['asks for settings by a view', 'SELECT * FROM duckdb_settings', FORBIDDEN],
  ['asks for settings by a view, with a WITH of its name', 'SELECT * FROM (WITH duckdb_settings AS (SELECT 1) SELECT 1), duckdb_settings', FORBIDDEN],
  ['asks for one setting', "SELECT current_setting('home_directory')", FORBIDDEN],
  ['asks for secrets', 'SELECT * FROM duckdb_secrets()', FORBIDDEN],
  ['asks for logs', 'SELECT * FROM duckdb_logs', FORBIDDEN],
  ['asks for databases', 'SHOW DATABASES', FORBIDDEN],
  ['asks the catalog', 'SELECT * FROM pg_catalog.pg_class', FORBIDDEN],
  ['asks for a table that is not there', 'SELECT * FROM secrets', 'invalid-sql'],
  ['asks sqlite_master', 'SELECT * FROM sqlite_master', FORBIDDEN],
  ['turns logging on, which would break every connection', "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/holdfast-attack')", FORBIDDEN],
  ['writes a log', "SELECT write_log('x')", FORBIDDEN],
  ['sleeps', 'SELECT sleep_ms(100000)', FORBIDDEN],
  ['sleeps as PostgreSQL does', 'SELECT pg_sleep(100)', FORBIDDEN],
  ['breaks what the gate reads', 'SELECT 1e400', 'invalid-sql'],
  ['sleeps in a lambda', 'SELECT list_transform([1], lambda x: sleep_ms(100000))', FORBIDDEN],
  ['checkpoints', 'SELECT * FROM force_checkpoint()', FORBIDDEN],
  ['asks who else is there', 'SELECT current_query()', FORBIDDEN],
  ['asks for a table of the history', 'SELECT * FROM kept."of BMC"', FORBIDDEN],
  ['looks for secrets in every column', `SELECT COLUMNS(*)::VARCHAR FROM BMC WHERE BMC::VARCHAR LIKE '%canary%'`, 'ok'],
  ['looks for secrets in the reservations', 'SELECT to_json(reservations) FROM reservations', 'ok'],
  ['reads everything', 'SELECT to_json(b), to_json(n) FROM BMC b FULL JOIN ComputeNode n ON true', 'ok'],
];

const GREED: readonly Attack[] = [
  ['loops for ever', 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t', 'query-resources'],
  ['computes for ever', 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b', ''],
  ['makes a billion rows', 'SELECT * FROM range(1000000000)', 'result-too-large'],
  ['makes one huge value', "SELECT repeat('x', 2000000000)", 'query-resources'],
  ['makes one large value', "SELECT repeat('x', 20000000)", 'result-too-large'],
  ['takes all memory', 'SELECT list(i::VARCHAR) FROM range(100000000) t(i)', 'query-resources'],
  ['sorts what does not fit', 'SELECT * FROM range(100000000) t(i) ORDER BY hash(i) LIMIT 1 OFFSET 90000000', 'query-resources'],
  ['joins everything', 'SELECT * FROM range(100000) a, range(100000) b', 'result-too-large'],
  ['nests deeply', `SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`, 'ok invalid-sql query-failed query-resources'],
  ['nests functions', `SELECT ${'abs('.repeat(3000)}1${')'.repeat(3000)}`, 'invalid-sql query-failed'],
  ['has a deep JSON', `SELECT json_structure('${'['.repeat(40000)}${']'.repeat(40000)}')`, 'ok invalid-sql query-failed query-resources'],
  ['backtracks', "SELECT regexp_matches(repeat('a', 100000), '(a+)+$')", 'ok invalid-sql'],
];

test('SQL that writes, reads files, looks into the process or wants too much gets nothing and breaks nothing', async (context) => {
  const server = await queryServer(context, {
    settings: ['timeLimit: 1s', 'rowsMax: 10000', 'bytesMax: 1MiB', 'memory: 128MiB'],
    environment: { HOLDFAST_CANARY: VARIABLE },
  });
  await seed(server);
  const secrets = [
    CANARY,
    VARIABLE,
    ...readdirSync(join(server.directory, 'keys')).map((name) => readFileSync(join(server.directory, 'keys', name), 'utf8').trim()),
  ];
  const before = (await ask(server, INVENTORY)).text;
  // How far a greedy query gets before its time is over is the machine's affair.
  const attacks: readonly Attack[] = [...STATEMENTS, ...FILES, ...SELVES, ...GREED.map(([name, sql, codes]) => [name, sql, `${codes} timeout`] as const)];
  assert.ok(attacks.length >= 40, `${attacks.length} attacks`);
  const surprises: string[] = [];
  for (const [name, sql, codes] of attacks) {
    const { status, json, text } = await ask(server, sql.replaceAll('{data}', server.directory).replaceAll('{pid}', String(server.pid)));
    const code = status === 200 ? 'ok' : String(json?.code);
    if (!codes.split(' ').includes(code)) surprises.push(`a query that ${name}: ${status} ${text.slice(0, 300)}`);
    for (const secret of [...secrets, 'root:x:']) assert.ok(!text.includes(secret), `a query that ${name} got a secret`);
  }
  assert.deepEqual(surprises, []);
  assert.equal((await ask(server, INVENTORY)).text, before, 'the records are what they were');
  assert.deepEqual(
    readdirSync('/tmp').filter((name) => name.startsWith('holdfast-attack')),
    [],
  );
  for (const secret of secrets) assert.ok(!server.output().includes(secret), 'the log has a secret');
  assert.equal((await server.request('GET', '/health')).status, 200);
});

test('the process of SQL', async (context) => {
  const server = await queryServer(context, { settings: ['rowsMax: 10'], environment: { HOLDFAST_CANARY: VARIABLE } });
  await ask(server, 'SELECT 1');
  const [first] = childrenOf(server);
  assert.ok(first !== undefined);

  await context.test('has an empty environment, and can open nothing once it has its tables', () => {
    assert.equal(readFileSync(`/proc/${first}/environ`, 'utf8').replaceAll('\0', ''), 'TZ=UTC');
    const limits = readFileSync(`/proc/${first}/limits`, 'utf8');
    const zero = ['open files', 'processes', 'file size', 'core file size'].map((what) => new RegExp(`Max ${what} +0 +0 `));
    for (const line of [...zero, /Max data size +\d+ /, /Max cpu time +\d+ /]) assert.match(limits, line);
    assert.match(readFileSync(`/proc/${first}/status`, 'utf8'), /NoNewPrivs:\s+1/);
    assert.equal(readFileSync(`/proc/${first}/oom_score_adj`, 'utf8').trim(), '1000');
  });

  await context.test('stays when a query is refused because of its words, and ends when one has run and failed', async () => {
    for (const sql of ['SELEC 1', 'SELECT nothing FROM BMC', 'SELECT * FROM nowhere', 'DROP TABLE BMC']) await ask(server, sql);
    assert.deepEqual(childrenOf(server), [first]);
    assert.equal((await ask(server, 'SELECT * FROM range(11)')).json.code, 'result-too-large');
    assert.equal((await ask(server, "SELECT repeat('x', 2000000000)")).json.code, 'query-resources');
    assert.equal((await ask(server, "SELECT CAST(x AS INTEGER) FROM (VALUES ('1'), ('y')) t(x)")).json.code, 'invalid-sql');
    assert.deepEqual((await ask(server, 'SELECT 1 AS one')).json, [{ one: 1 }]);
    assert.ok(!childrenOf(server).includes(first), 'another process answers');
  });

  await context.test('is reached with the scope query, and with nothing else', async () => {
    const { token } = server;
    server.token = '';
    assert.equal((await ask(server, 'SELECT 1')).status, 401);
    for (const scopes of [undefined, SCOPES.filter((scope) => scope !== 'query')]) {
      server.token = tokenFor(server.directory, scopes);
      assert.equal((await ask(server, 'SELECT 1')).json.code, 'forbidden');
    }
    server.token = tokenFor(server.directory, ['query']);
    assert.equal((await ask(server, 'SELECT 1')).status, 200);
    server.token = token;
  });

  await context.test('dies with the server, however that ends', async () => {
    const [pid] = childrenOf(server);
    await server.kill('SIGKILL');
    for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(!existsSync(`/proc/${pid}`));
  });
});

test('SQL that is switched off is not there, and starts no process', async (context) => {
  const server = await queryServer(context, { settings: ['enabled: false'] });
  assert.equal((await ask(server, 'SELECT 1')).status, 404);
  assert.deepEqual(childrenOf(server), []);
});

const INVENTORY = 'SELECT (SELECT list(b ORDER BY b.id) FROM BMC b) AS bmcs, (SELECT list(n ORDER BY n.id) FROM ComputeNode n) AS nodes';

async function seed(server: ServerProcess): Promise<void> {
  const bmc = { username: 'root', password: CANARY, mac_address: '02:00:00:00:00:01', xname: 'x1000c0s0b0' };
  for (const [kind, record] of [
    ['BMC', bmc],
    ['ComputeNode', { hostname: 'n1', architecture: 'x86_64', xname: 'x1000c0s0b0n0' }],
  ] as const) {
    const { status, text } = await server.request('POST', `/inventory/${kind}`, record);
    assert.equal(status, 201, text);
  }
}
