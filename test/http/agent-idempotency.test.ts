import { strict as assert } from 'node:assert';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReservationServer } from '../support/reservation-server.ts';
import { tokenFor } from '../support/server-process.ts';

test("an Idempotency-Key is its caller's own: another caller who sends the same gets nothing of the first one's reservation", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-idempotency-'));
  const server = new ReservationServer(context, folder, { tick: '1m', endpoints: [{ name: 'nulls', plugin: 'null', schedulePeriod: '1h' }] });
  await server.start();
  const joinAs = (sub: string): ReturnType<typeof server.post> =>
    server.post('/join/nulls', {}, { 'idempotency-key': 'order-17', authorization: `Bearer ${tokenFor(server.directory, ['reservations'], { sub })}` });
  const first = await joinAs('alice');
  assert.deepEqual([first.status, first.json.status], [200, 0]);
  const others = await joinAs('bob');
  assert.deepEqual([others.status, others.json.code], [422, 'idempotency-mismatch']);
  assert.doesNotMatch(others.text, /val1/);
  assert.equal((await joinAs('alice')).text, first.text);
  assert.equal((await server.reservations()).length, 1);
});
