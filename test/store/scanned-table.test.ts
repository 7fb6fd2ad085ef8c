import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createScannedTable } from '../../src/store/tables.ts';

test('what searches scan is not packed: short text, but for keys and unique values, which the key index finds', async (context) => {
  const kind = (await loadKinds()).find('ComputeNode');
  assert.ok(kind !== undefined);
  const database = await openDatabase();
  const session = await database.open();
  context.after(async () => {
    await session.close();
    database.close();
  });
  const packed = await session.alone(async (sql) => {
    await sql.run(createScannedTable(kind));
    const names = ['id', 'hostname', 'xname', 'architecture', 'description'];
    await sql.run(`INSERT INTO "ComputeNode" (${names.join(', ')}) SELECT ${names.map((name) => `'${name}' || range`).join(', ')} FROM range(50000)`);
    await sql.run('CHECKPOINT');
    const rows = await sql.rows(`SELECT column_name, bool_and(compression <> 'Uncompressed') FROM pragma_storage_info('ComputeNode')
      WHERE segment_type = 'VARCHAR' AND column_name IN (${names.map((name) => `'${name}'`).join(', ')}) GROUP BY ALL ORDER BY ALL`);
    return Object.fromEntries(rows.map(([name, isPacked]) => [name, isPacked]));
  });
  assert.deepEqual(packed, { architecture: false, description: true, hostname: false, id: true, xname: true });
});
