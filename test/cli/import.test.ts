import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { holdfast, type Received, type StubAnswer, temporary, withStub } from './running.ts';

/** Answers a bulk as the server does: a line for each item; `refuse` names hostnames that it does not like. */
function bulk(refuse: readonly string[] = []): (received: Received) => StubAnswer {
  return ({ body }) => {
    const lines = body.split('\n').filter((line) => line !== '');
    const verdicts = lines.map((line, index) => {
      const { hostname } = JSON.parse(line) as { hostname?: string };
      return refuse.includes(hostname ?? '')
        ? { index, status: 409, title: 'Another record stands in the way', detail: `${hostname} is taken` }
        : { index, status: 201, id: 'x' };
    });
    return { body: verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join('') };
  };
}

function fileOf(text: string): { directory: string; file: string } {
  const directory = temporary();
  const file = join(directory, 'nodes.json');
  writeFileSync(file, text);
  return { directory, file };
}

const nodes = (count: number): string[] => Array.from({ length: count }, (_, index) => JSON.stringify({ hostname: `n${index}`, architecture: 'x' }));

test('an array, NDJSON and one object are imported in parts', async () => {
  for (const [text, count] of [
    [
      JSON.stringify(
        nodes(25).map((line) => JSON.parse(line) as unknown),
        null,
        2,
      ),
      25,
    ],
    [nodes(25).join('\n'), 25],
    ['{\n "hostname": "n",\n "architecture": "x"\n}\n', 1],
  ] as const) {
    const { file } = fileOf(text);
    await withStub(bulk(), async (url, received) => {
      const ran = await holdfast(['import', 'ComputeNode', file, '--upsert', '--chunk', '10', '--url', url]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(JSON.parse(ran.stdout), { kind: 'ComputeNode', created: count, updated: 0, refused: 0 });
      assert.equal(received.length, Math.ceil(count / 10));
      assert.equal(received[0]?.url, '/inventory/ComputeNode/bulk?mode=partial&upsert=true');
      assert.equal(existsSync(`${file}.holdfast-progress`), false);
    });
  }
});

test('what is refused, or is no JSON, is told with its line and makes exit code 1', async () => {
  const lines = nodes(5);
  lines[2] = '{"hostname": oops}';
  const { file } = fileOf(lines.join('\n'));
  await withStub(bulk(['n4']), async (url) => {
    const ran = await holdfast(['import', 'ComputeNode', file, '--url', url]);
    assert.equal(ran.code, 1);
    assert.deepEqual(JSON.parse(ran.stdout), { kind: 'ComputeNode', created: 3, updated: 0, refused: 2 });
    assert.match(ran.stderr, /^line 3: /m);
    assert.match(ran.stderr, /^line 5: n4 is taken$/m);
  });
});

test('an import that was interrupted goes on after the last acknowledged part', async () => {
  const { file } = fileOf(nodes(30).join('\n'));
  let answers = 0;
  await withStub(
    (received) => (++answers === 3 ? { status: 500, body: '{"title":"A defect in the server"}' } : bulk()(received)),
    async (url, received) => {
      const broken = await holdfast(['import', 'ComputeNode', file, '--chunk', '10', '--url', url]);
      assert.equal(broken.code, 1);
      assert.match(broken.stderr, /20 records are in; go on with --resume/);
      assert.equal((JSON.parse(readFileSync(`${file}.holdfast-progress`, 'utf8')) as { items: number }).items, 20);
      const resumed = await holdfast(['import', 'ComputeNode', file, '--chunk', '10', '--resume', '--url', url]);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.deepEqual(JSON.parse(resumed.stdout), { kind: 'ComputeNode', created: 30, updated: 0, refused: 0 });
      assert.match(received.at(-1)?.body ?? '', /^{"hostname":"n20"/);
      assert.equal(existsSync(`${file}.holdfast-progress`), false);
    },
  );
});

test('a note about another file, or none, is no place to go on from', async () => {
  const { file } = fileOf(nodes(3).join('\n'));
  assert.equal((await holdfast(['import', 'ComputeNode', file, '--resume'])).code, 2);
  writeFileSync(
    `${file}.holdfast-progress`,
    JSON.stringify({ kind: 'BMC', upsert: false, bytes: 1, modifiedMs: 1, items: 1, created: 1, updated: 0, refused: 0 }),
  );
  assert.match((await holdfast(['import', 'ComputeNode', file, '--resume'])).stderr, /is about another import \(kind differs\)/);
});

test('items that the server will take later are sent again', async () => {
  const { file } = fileOf(nodes(2).join('\n'));
  let answers = 0;
  const later = { body: `${JSON.stringify({ index: 0, status: 201 })}\n${JSON.stringify({ index: 1, status: 503, code: 'recovering' })}\n` };
  await withStub(
    (received) => {
      answers += 1;
      if (answers === 1) return { status: 503, headers: { 'retry-after': '0' } };
      return answers === 2 ? later : bulk()(received);
    },
    async (url, received) => {
      const ran = await holdfast(['import', 'ComputeNode', file, '--url', url]);
      assert.deepEqual(JSON.parse(ran.stdout), { kind: 'ComputeNode', created: 2, updated: 0, refused: 0 });
      assert.equal(received.length, 3);
      assert.match(received[2]?.body ?? '', /^{"hostname":"n1"[^\n]*\n$/);
    },
  );
});

test('an atomic import is one request, also from standard input', async () => {
  await withStub(
    () => ({ body: '{"created":3,"updated":1,"total":4}' }),
    async (url, received) => {
      const ran = await holdfast(['import', 'ComputeNode', '-', '--mode', 'atomic', '--url', url], { input: `[${nodes(4).join(',\n')}]` });
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(JSON.parse(ran.stdout), { kind: 'ComputeNode', created: 3, updated: 1, refused: 0 });
      assert.equal(received.length, 1);
      assert.equal(received[0]?.url, '/inventory/ComputeNode/bulk?mode=atomic');
      assert.equal(received[0]?.body, `${nodes(4).join('\n')}\n`);
    },
  );
});

test('with --schema-dir nothing of a file is sent when anything in it is wrong', async () => {
  const { directory, file } = fileOf([...nodes(2), '{"hostname":"n3"}'].join('\n'));
  await holdfast(['schemas', '--dir', 'out'], { directory });
  await withStub(bulk(), async (url, received) => {
    const ran = await holdfast(['import', 'ComputeNode', file, '--schema-dir', 'out', '--url', url], { directory });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^line 3: \/architecture/m);
    assert.equal(received.length, 0);
  });
});

async function writeOriginal(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`
    CREATE TABLE compute_nodes (id UUID, added TIMESTAMP, xname TEXT, boot_mac TEXT, data JSON);
    INSERT INTO compute_nodes VALUES (uuid(), now()::TIMESTAMP, 'x0c0s0b0n0', '', '{"id":"00000000-0000-0000-0000-000000000000","hostname":"n0","architecture":"x86","xname":{"Value":"x0c0s0b0n0"},"boot_mac":"","bmc":null}');
    CREATE TABLE bmcs (id UUID, xname TEXT, data JSON);
    INSERT INTO bmcs VALUES (uuid(), 'x0c0s0b0', '{"xname":"x0c0s0b0","username":"root","password":"p","mac_address":"00:11:22:33:44:55"}');
    CREATE TABLE components (uid UUID, id TEXT, type TEXT, sub_role TEXT, sw_status TEXT, nid INTEGER, enabled BOOLEAN);
    INSERT INTO components VALUES ('0195d2a0-0000-7000-8000-000000000000', 'x0c0s0b0n0', 'Node', 'Worker', '', 7, true);
    CREATE TABLE redfish_endpoints (id TEXT, name TEXT, uri TEXT, username TEXT, password TEXT);
    INSERT INTO redfish_endpoints VALUES ('x0c0s0b0', 'b0', 'https://b0', 'root', 'p');`);
  await connection.run(`EXPORT DATABASE '${folder}' (FORMAT PARQUET)`);
  connection.closeSync();
  instance.closeSync();
}

test('the newest whole snapshot of node-orchestrator is imported, table by table', async () => {
  const directory = temporary();
  await writeOriginal(join(directory, '2024-07-01T10-00-00'));
  mkdirSync(join(directory, '2024-07-02T10-00-00'));
  writeFileSync(join(directory, '2024-07-02T10-00-00', 'bmcs.parquet'), 'torn');
  await withStub(bulk(['n0']), async (url, received) => {
    const ran = await holdfast(['import', '--from-node-orchestrator', directory, '--url', url]);
    assert.equal(ran.code, 1, ran.stderr);
    assert.deepEqual(
      received.map(({ url: path, body }) => [path, JSON.parse(body)]),
      [
        ['/inventory/BMC/bulk?mode=partial&upsert=true', { xname: 'x0c0s0b0', username: 'root', password: 'p', mac_address: '00:11:22:33:44:55' }],
        ['/inventory/ComputeNode/bulk?mode=partial&upsert=true', { hostname: 'n0', architecture: 'x86', xname: 'x0c0s0b0n0' }],
        [
          '/inventory/Component/bulk?mode=partial&upsert=true',
          { UID: '0195d2a0-0000-7000-8000-000000000000', ID: 'x0c0s0b0n0', Type: 'Node', SubRole: 'Worker', NID: 7, Enabled: true },
        ],
        ['/inventory/RedfishEndpoint/bulk?mode=partial&upsert=true', { ID: 'x0c0s0b0', Name: 'b0', URI: 'https://b0', User: 'root', Password: 'p' }],
      ],
    );
    assert.match(ran.stderr, /passing over .*2024-07-02T10-00-00/);
    assert.match(ran.stderr, /compute_nodes, row 1: n0 is taken/);
    const { tables } = JSON.parse(ran.stdout) as { tables: readonly { table: string; created?: number; refused?: number; present?: false }[] };
    assert.deepEqual(
      tables.map(({ table, created, refused, present }) => [table, created, refused, present]),
      [
        ['bmcs', 1, 0, undefined],
        ['compute_nodes', 0, 1, undefined],
        ['collections', undefined, undefined, false],
        ['components', 1, 0, undefined],
        ['redfish_endpoints', 1, 0, undefined],
      ],
    );
  });
});

test('a folder without such a snapshot is wrong usage', async () => {
  assert.equal((await holdfast(['import', '--from-node-orchestrator', temporary()])).code, 2);
});
