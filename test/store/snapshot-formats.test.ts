import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type Fields, NODE, Rig, temporaryFolder, withRig } from './rig.ts';

/** What others can do with a snapshot: DuckDB without Holdfast, and a reader of Parquet that is not DuckDB. */

async function withDuckDb<T>(work: (rows: (sql: string) => Promise<readonly Record<string, unknown>[]>) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const INTERFACES = [
  { interface_name: 'eth0', mac_address: '00:00:5e:00:53:01', extended_data: { port: 7, deep: [{ a: null }] } },
  { interface_name: 'ib0 "漢😀"', mac_address: '00:00:5e:00:53:02' },
];
const FULL: Fields = {
  ...NODE,
  xname: 'x1000c0s0b0n0',
  network_interfaces: INTERFACES,
  boot_data: { kernel_url: 'http://boot.example.org/vmlinuz' },
  status: { power_state: { on: true, last_updated: '2026-11-22T02:10:00.123456+01:00' }, extended_data: { n: 1.5, s: "it's" } },
};

async function filled(): Promise<Rig> {
  const rig = await Rig.open(temporaryFolder());
  await rig.created('ComputeNode', FULL);
  await rig.created('ComputeNode', { ...NODE, hostname: 'nid000002', network_interfaces: [] });
  await rig.created('Component', { ID: 'x1c0', Type: 'Node', NID: Number.MAX_SAFE_INTEGER, Enabled: true });
  await rig.created('NodeCollection', {
    name: 'p',
    type: 'partition',
    nodes: ['x1000c0s0b0n0', 'x1000c0s0b0n1'],
    cloud_init_data: { 'user-data': '#cloud-config\n' },
  });
  await rig.snapshot();
  return rig;
}

test('a snapshot that was moved somewhere else is imported by a bare DuckDB', async () => {
  await withRig(filled(), async (rig) => {
    const elsewhere = join(temporaryFolder(), "somebody's folder");
    mkdirSync(elsewhere);
    const moved = join(elsewhere, 'copy');
    renameSync(join(rig.snapshotDirectory, rig.snapshots()[0] ?? '?'), moved);
    await withDuckDb(async (rows) => {
      await rows(`IMPORT DATABASE '${moved.replaceAll("'", "''")}'`);
      const counts = await rows(
        'SELECT (SELECT count(*) FROM "ComputeNode") AS nodes, (SELECT count(*) FROM "BMC") AS bmcs, (SELECT count(*) FROM "Component") AS components',
      );
      assert.deepEqual(counts, [{ nodes: '2', bmcs: '1', components: '1' }]);
      const [row] = await rows(
        `SELECT hostname, len(network_interfaces) AS count, network_interfaces[2].interface_name AS name, bmc.xname AS bmc, status.power_state."on" AS power FROM "ComputeNode" WHERE xname = 'x1000c0s0b0n0'`,
      );
      assert.deepEqual(row, { hostname: 'nid000001', count: '2', name: 'ib0 "漢😀"', bmc: 'x1000c0s0b0', power: true });
    });
  });
});

test('all snapshots together are one table with a column that says which', async () => {
  await withRig(filled(), async (rig) => {
    rig.clock.ms += 60_000;
    await rig.created('ComputeNode', { ...NODE, hostname: 'nid000003' });
    await rig.snapshot();
    await withDuckDb(async (rows) => {
      const read = `read_parquet('${rig.snapshotDirectory}/*/ComputeNode.parquet', hive_partitioning = true)`;
      assert.deepEqual(await rows(`SELECT snapshot, count(*) AS nodes FROM ${read} GROUP BY ALL ORDER BY ALL`), [
        { snapshot: '2026-11-22T02-10-00Z-000000000005', nodes: '2' },
        { snapshot: '2026-11-22T02-11-00Z-000000000006', nodes: '3' },
      ]);
      const [metadata] = await rows(
        `SELECT decode(value) AS sequence FROM parquet_kv_metadata('${rig.snapshotDirectory}/*/BMC.parquet') WHERE decode(key) = 'holdfast_sequence' ORDER BY ALL`,
      );
      assert.equal(metadata?.['sequence'], '5');
    });
  });
});

test('another reader of Parquet finds the same values, and types that mean something', async () => {
  await withRig(filled(), async (rig) => {
    const folder = join(rig.snapshotDirectory, rig.snapshots()[0] ?? '?');
    const file = await asyncBufferFromFile(join(folder, 'ComputeNode.parquet'));
    const metadata = await parquetMetadataAsync(file);
    const logical = new Map(metadata.schema.map(({ name, logical_type, converted_type, type }) => [name, logical_type?.type ?? converted_type ?? type]));
    assert.equal(logical.get('created_at'), 'TIMESTAMP');
    assert.equal(logical.get('revision'), 'INT_64');
    assert.equal(logical.get('on'), 'BOOLEAN');
    assert.equal(Number(metadata.num_rows), 2);
    const rows = await parquetReadObjects({ file, metadata, compressors });
    const image = await rig.record('ComputeNode', 'x1000c0s0b0n0');
    const node = rows.find(({ id }) => id === image['id']);
    const other = rows.find(({ id }) => id !== image['id']);
    assert(node !== undefined && other !== undefined);
    assert.equal((node['created_at'] as Date).toISOString(), '2026-11-22T02:10:00.000Z');
    assert.equal(Number(node['revision']), image['revision']);
    assert.deepEqual(
      (node['network_interfaces'] as readonly Fields[]).map(({ interface_name, mac_address }) => [interface_name, mac_address]),
      INTERFACES.map(({ interface_name, mac_address }) => [interface_name, mac_address]),
    );
    assert.deepEqual(jsonOf((node['network_interfaces'] as readonly Fields[])[0]?.['extended_data']), INTERFACES[0]?.extended_data);
    const status = node['status'] as { power_state: { on: boolean; last_updated: Date }; extended_data: unknown };
    assert.equal(status.power_state.on, true);
    assert.equal(status.power_state.last_updated.toISOString().slice(0, 23), '2026-11-22T01:10:00.123');
    assert.deepEqual(jsonOf(status.extended_data), { n: 1.5, s: "it's" });
    assert.equal((node['bmc'] as Fields)['xname'], 'x1000c0s0b0');
    assert.deepEqual([other['hostname'], other['network_interfaces'], other['xname'] ?? null], ['nid000002', [], null]);
    const collections = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'NodeCollection.parquet')), compressors });
    assert.deepEqual(collections[0]?.['nodes'], ['x1000c0s0b0n0', 'x1000c0s0b0n1']);
    const components = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'Component.parquet')), compressors });
    assert.deepEqual([components[0]?.['NID'], components[0]?.['Enabled']], [BigInt(Number.MAX_SAFE_INTEGER), true]);
  });
});

/** JSON columns are text to Parquet, which a reader may parse or not. */
function jsonOf(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

const CANARY = 'canary-in-the-coal-mine';

test('no password is anywhere in the data folder in clear, nor in any answer or log line', async () => {
  await withRig(Rig.open(temporaryFolder()), async (rig) => {
    const bmc = { username: 'u', password: `${CANARY} bmc`, mac_address: '00:00:5e:00:53:b1', xname: 'x1000c0s0b0' };
    await rig.created('BMC', bmc, { idempotency: { key: 'k', requestHash: 'h' } });
    await rig.create('BMC', bmc);
    await rig.created('ComputeNode', { ...NODE, xname: 'x1000c0s1b0n0', spec: { bmc_password: `${CANARY} spec` } });
    await rig.created('ComputeNode', { ...NODE, bmc: { ...bmc, password: `${CANARY} nested` } });
    await rig.created('RedfishEndpoint', { ID: 'x1000c0', Password: `${CANARY} endpoint` });
    await rig.snapshot();
    await rig.patch('BMC', 'x1000c0s0b0', { password: `${CANARY} patched` });
    await rig.patch('RedfishEndpoint', 'x1000c0', { Password: null });
    rig.clock.ms += 1000;
    await rig.snapshot();
    assert.equal((await rig.query('secrets.read', { kind: 'BMC', name: 'x1000c0s0b0' }))?.['password'], `${CANARY} patched`);
    rig.replies.pop();
    let files = 0;
    for (const name of readdirSync(rig.directory, { recursive: true, encoding: 'utf8' })) {
      const path = join(rig.directory, name);
      if (statSync(path).isDirectory()) continue;
      files += 1;
      assert.equal(readFileSync(path).includes('canary'), false, name);
    }
    assert(files > 15, `${files} files`);
    // Compressed columns could hide it from a search of bytes.
    await withDuckDb(async (rows) => {
      for (const kind of ['BMC', 'ComputeNode', 'RedfishEndpoint']) {
        const text = JSON.stringify(await rows(`SELECT * FROM read_parquet('${rig.snapshotDirectory}/*/${kind}.parquet')`));
        assert.doesNotMatch(text, /canary|[Pp]assword"/, kind);
      }
    });
    for (const reply of rig.replies) {
      assert.equal(Buffer.from(reply.answers ?? []).includes('canary'), false);
      assert.doesNotMatch(JSON.stringify([reply.result ?? null, reply.log, reply.status]), /canary/);
    }
    for (const image of rig.images().values()) assert.doesNotMatch(image, /canary/);
    rig.store.show({ postMessage: ({ memory }) => assert.equal(Buffer.from(memory).includes('canary'), false, 'shared memory') });
  });
});
