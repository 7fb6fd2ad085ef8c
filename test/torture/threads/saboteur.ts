import { existsSync, readFileSync, renameSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';
import { DuckDBConnection } from '@duckdb/node-api';

/**
 * Loaded into every thread of a server by `node --import`: when a file `owner`, `history` or `journal` appears in the folder
 * of SABOTAGE, that thread does to itself what the file says. The server knows nothing of it.
 */

const LOOK_MS = 10;

const ACTS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('sabotage: thrown in a timer');
  },
  reject: () => void Promise.reject(new Error('sabotage: rejected')),
  heap: () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1000).fill(kept.length));
  },
  hang: () => {
    const untilMs = Date.now() + 1500;
    while (Date.now() < untilMs);
  },
  segfault: () => void process.kill(process.pid, 'SIGSEGV'),
  'duckdb is out of memory': () => refuse(/^INSERT|^UPDATE _position/, 'Out of Memory Error: could not allocate block of size 256.0 KiB'),
  'duckdb is invalidated': () => refuse(/./, 'FATAL Error: Failed: database has been invalidated because of a previous fatal error'),
};

/** From now on DuckDB refuses these statements. */
function refuse(statements: RegExp, message: string): void {
  const { prototype } = DuckDBConnection;
  for (const name of ['run', 'runAndReadAll', 'stream'] as const) {
    const original = prototype[name] as (sql: string, ...rest: unknown[]) => Promise<unknown>;
    const refusing = (self: unknown, sql: string, rest: unknown[]): Promise<unknown> =>
      statements.test(sql.trimStart()) ? Promise.reject(new Error(message)) : original.call(self, sql, ...rest);
    Object.defineProperty(prototype, name, {
      value(this: unknown, sql: string, ...rest: unknown[]) {
        return refusing(this, sql, rest);
      },
    });
  }
}

/** What a thread was given tells which one it is. */
function role(): string {
  const given = JSON.stringify(workerData ?? '');
  return given.includes('storeKey') ? 'owner' : given.includes('memoryBytes') ? 'history' : given.includes('directory') ? 'journal' : 'other';
}

const folder = process.env['SABOTAGE'];
if (!isMainThread && folder !== undefined) {
  const order = `${folder}/${role()}`;
  setInterval(() => {
    if (!existsSync(order)) return;
    const act = readFileSync(order, 'utf8');
    renameSync(order, `${order}.done`);
    ACTS[act]?.();
  }, LOOK_MS).unref();
}
