import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';

const FAILS_LATE = `SELECT CASE WHEN i = $1 THEN error('too late') ELSE 'fine' END FROM range(500000) AS t(i)`;

test('a query that fails after its first rows is not taken for one with few rows', async () => {
  const database = await openDatabase();
  const session = await database.open();
  const count = (failing: number): Promise<number> =>
    session.alone(async (sql) => {
      let rows = 0;
      for await (const chunk of sql.chunks(FAILS_LATE, [failing])) rows += chunk.length;
      return rows;
    });
  assert.equal(await count(-1), 500_000);
  await assert.rejects(count(499_000), /too late/);
  // The connection is good for the next one, and after one whose reader has had enough.
  await session.alone(async (sql) => {
    for await (const chunk of sql.chunks(FAILS_LATE, [-1])) if (chunk.length > 0) break;
  });
  assert.equal(await count(-1), 500_000);
  await session.close();
  database.close();
});

test('what waits for a connection that is being closed is not begun', async () => {
  const database = await openDatabase();
  const session = await database.open();
  const begun: string[] = [];
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const running = session.alone(async () => {
    begun.push('first');
    await held;
  });
  const waiting = session.alone(async () => void begun.push('second'));
  await new Promise((resolve) => setImmediate(resolve));
  const closed = session.close();
  const late = session.alone(async () => void begun.push('third'));
  goOn();
  const ends = await Promise.allSettled([running, waiting, late, closed]);
  database.close();
  assert.deepEqual(begun, ['first']);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
});
