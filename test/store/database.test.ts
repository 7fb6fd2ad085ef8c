import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
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

test('work of many statements on a connection that is being closed goes no further', async () => {
  const database = await openDatabase();
  const session = await database.open();
  let statements = 0;
  const running = session.alone(async (sql) => {
    for (;;) {
      await sql.run('SELECT count(*) FROM range(1000)');
      statements += 1;
      if (statements === 100) return;
    }
  });
  const ended = assert.rejects(running, /closed|[Ii]nterrupt/);
  await new Promise((resolve) => setImmediate(resolve));
  await session.close();
  await ended;
  database.close();
});

test('statements compute on one thread each while somebody wants that, and on as many as before when nobody does', async () => {
  const database = await openDatabase({ memoryBytes: 1e9, threads: 3 });
  const session = await database.open();
  const threads = (): Promise<number> => session.alone(async (sql) => Number((await sql.rows("SELECT current_setting('threads')"))[0]?.[0]));
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const first = database.onOneThreadEach(() => held);
  assert.equal(await database.onOneThreadEach(threads), 1);
  assert.equal(await threads(), 1);
  goOn();
  await first;
  assert.equal(await threads(), 3);
  await assert.rejects(
    database.onOneThreadEach(() => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await threads(), 3);
  await session.close();
  database.close();
});

test('the threads on which DuckDB computes give way to the others of the process', {
  skip: platform() !== 'linux' && 'only Linux has priorities of threads',
}, async () => {
  const database = await openDatabase({ memoryBytes: 1e9, threads: 3 });
  const session = await database.open();
  const before = niceOfThreads();
  await database.giveWay();
  const after = niceOfThreads();
  assert.equal(after.get(process.pid), before.get(process.pid), 'this one answers');
  const begun = [...after].filter(([thread]) => !before.has(thread)).map(([, nice]) => nice);
  assert.deepEqual(begun, [10, 10], 'those of DuckDB, beside the one that waits for the query');
  const slowed = [...after].filter(([thread, nice]) => before.get(thread) !== undefined && before.get(thread) !== nice);
  assert.ok(slowed.length >= 1, 'those of the pool');
  const [[threads] = []] = await session.alone((sql) => sql.rows("SELECT current_setting('threads')"));
  assert.equal(Number(threads), 3);
  await session.close();
  database.close();
});

function niceOfThreads(): ReadonlyMap<number, number> {
  const niceOf = (thread: string): number => Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[16]);
  return new Map(readdirSync('/proc/self/task').map((thread) => [Number(thread), niceOf(thread)]));
}
