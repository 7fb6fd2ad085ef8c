import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { SCOPES } from '../../src/http/scopes.ts';
import { HIDDEN_PROPERTIES } from '../../src/protocol/reservations.ts';
import { ask } from '../support/query-server.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { temporaryFolder, tokenFor } from '../support/server-process.ts';

/** Reservations in SQL: what everybody is shown of them, and nothing else. */

const CANARY = 'canary-c3d1-password';
const KEY = 'canary-77aa-idempotency-key';
const MOMENTS = ['now', 'latest', 'all'];
const FORMS = ['application/json', 'text/csv', 'application/vnd.apache.arrow.stream', 'application/vnd.apache.parquet'];

test('SQL shows reservations without secrets and without what only the server needs, at every moment and in every form', async (context) => {
  const agent = { tick: '2s', endpoints: [{ name: 'nulls', plugin: 'null', schedulePeriod: '1h', threads: 1, properties: { 'null.password': CANARY } }] };
  const reservations = new ReservationServer(context, temporaryFolder(context), agent);
  reservations.configure(agent, { query: { children: 1 } });
  const server = await reservations.start();
  server.token = tokenFor(server.directory, SCOPES);
  const joined = await reservations.post('/join/nulls', { 'user.password': CANARY, note: 'seen' }, { 'idempotency-key': KEY });
  assert.equal(joined.json.status, 0, joined.text);
  const again = await reservations.post('/join/nulls', { 'user.password': CANARY, note: 'seen' }, { 'idempotency-key': KEY });
  assert.equal(again.json.resId.id, joined.json.resId.id, 'the key is remembered');
  assert.equal((await server.request('POST', '/snapshots')).status, 201);

  for (const at of MOMENTS) {
    const described = await ask(server, 'SELECT column_name FROM (DESCRIBE reservations)', at);
    const columns = described.json.map((row: Record<string, unknown>) => String(row['column_name']));
    assert.ok(columns.includes('reservation_id'), described.text);
    assert.deepEqual(
      columns.filter((name: string) => HIDDEN_PROPERTIES.has(name) || name === 'private'),
      [],
    );
    for (const name of [...HIDDEN_PROPERTIES, 'private']) {
      assert.equal((await ask(server, `SELECT ${name} FROM reservations`, at)).json.code, 'invalid-sql', name);
      assert.equal((await ask(server, `SELECT r.${name} FROM reservations r`, at)).json.code, 'invalid-sql', name);
    }
    for (const accept of FORMS) {
      const everything = await ask(server, 'SELECT *, to_json(r) AS json, r::VARCHAR AS text FROM reservations r', at, accept);
      assert.equal(everything.status, 200, everything.text);
      assert.ok(everything.text.includes('seen') || accept.endsWith('parquet'), 'the reservation is there');
      for (const secret of [CANARY, KEY]) assert.ok(!everything.text.includes(secret), `${at}, ${accept}`);
    }
  }
  assert.equal((await ask(server, 'SELECT * FROM kept."of reservations"', 'all')).json.code, 'forbidden-sql');

  await context.test('and neither do the files that SQL is asked over, nor those of a snapshot', async () => {
    const folders = ['query', 'snapshots'].flatMap((name) => readdirSync(join(server.directory, name)).map((entry) => join(server.directory, name, entry)));
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    assert.ok(files.some((file) => file.endsWith('reservations.parquet')));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const file of files) {
      // What is compressed has to be read to be searched.
      const rows = file.endsWith('.parquet') ? await connection.runAndReadAll(`SELECT t::VARCHAR FROM read_parquet('${file}') t`) : undefined;
      const text = rows === undefined ? readFileSync(file, 'latin1') : JSON.stringify(rows.getRows());
      for (const secret of [CANARY, KEY]) assert.ok(!text.includes(secret), file);
    }
  });
});
