import { createRequire } from 'node:module';
import type * as duckDb from '@duckdb/node-api';
import { messageOf } from '../faults.ts';
import { DatabaseThreads } from './database-threads.ts';

/**
 * The working set's DuckDB: in memory, without indexes, without the network, without files of its own. The only file in
 * the owner that imports DuckDB. A connection has one user at a time: two that share one would mix their transactions.
 */

// Not by `import`, which reads all of a CommonJS package once more for the names of its exports: that took longer than to load it.
const { DuckDBBlobValue, DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api') as typeof duckDb;

/** Statements of one connection, one after the other. */
export class Session {
  readonly #connection: duckDb.DuckDBConnection;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(connection: duckDb.DuckDBConnection) {
    this.#connection = connection;
  }

  /** Gives `work` the connection for itself, after those who asked before. */
  alone<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => {
      if (this.#isClosed) throw new Error('the connection has been closed');
      return work(new Statements(this.#connection, () => this.#isClosed));
    });
    // The next one starts whether this one fails or not; its failure is its caller's to see.
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * Stops what runs on it and waits until it has: a native query outlives its thread, and its end must find it there. What
   * waits is not begun: also on a closed connection a statement has a native part.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection.interrupt();
    // A statement that waits for a thread of Node's pool has not begun, and does not hear an interruption.
    const again = setInterval(() => this.#connection.interrupt(), INTERRUPT_MS);
    await this.#turn;
    clearInterval(again);
    this.#connection.closeSync();
  }
}

const INTERRUPT_MS = 20;

export type SqlValue = string | number | boolean | bigint | null;

export class Statements {
  readonly #connection: duckDb.DuckDBConnection;
  readonly #isClosing: () => boolean;

  constructor(connection: duckDb.DuckDBConnection, isClosing: () => boolean) {
    this.#connection = connection;
    this.#isClosing = isClosing;
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<void> {
    this.#refuseClosing();
    await this.#result(sql, parameters);
  }

  /** In as few ways through Node's pool of threads as there are: each takes a tenth of a millisecond. */
  async #result(sql: string, parameters: readonly SqlValue[]): Promise<duckDb.DuckDBMaterializedResult> {
    if (parameters.length === 0) return await this.#connection.run(sql);
    const prepared = await this.#connection.prepare(sql);
    try {
      prepared.bind(parameters as duckDb.DuckDBValue[]);
      return await prepared.run();
    } finally {
      prepared.destroySync();
    }
  }

  /** Work of many statements ends with the one that was interrupted, or that was done just then. */
  #refuseClosing(): void {
    if (this.#isClosing()) throw new Error('the connection has been closed');
  }

  /** All rows; 64-bit integers come as `bigint`, BLOBs as their own type. */
  async rows(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly (readonly unknown[])[]> {
    this.#refuseClosing();
    const result = await this.#result(sql, parameters);
    const rows: (readonly unknown[])[] = [];
    for (let index = 0; index < result.chunkCount; index++) for (const row of result.getChunk(index).getRows()) rows.push(row);
    return rows;
  }

  /**
   * The rows of a query as they come, a chunk at a time, in a transaction of its own: the driver ends a stream that failed
   * like one that is complete, and only the transaction knows better. @throws what the query failed with
   */
  async *chunks(sql: string, parameters: readonly SqlValue[] = []): AsyncGenerator<readonly (readonly unknown[])[]> {
    await this.run('BEGIN TRANSACTION READ ONLY');
    try {
      const result = await this.#connection.stream(sql, parameters as duckDb.DuckDBValue[]);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        yield chunk.getRows();
      }
      await this.#refuseAborted(sql, parameters);
    } finally {
      await this.run('ROLLBACK');
    }
  }

  async #refuseAborted(sql: string, parameters: readonly SqlValue[]): Promise<void> {
    try {
      await this.run('SELECT 1');
    } catch (aborted) {
      // Whoever waits for a whole result is told why it failed.
      await this.run('ROLLBACK');
      await this.run('BEGIN TRANSACTION READ ONLY');
      await this.run(sql, parameters);
      throw aborted;
    }
  }

  /** Appends rows of one BLOB each, with a turn of the event loop after each: the owner has writes to answer. @returns how many */
  async appendBlobs(table: string, blobs: Iterable<Uint8Array>): Promise<number> {
    const appender = await this.#connection.createAppender(table);
    let rows = 0;
    for (const blob of blobs) {
      appender.appendBlob(blob);
      appender.endRow();
      // In the end it would be all of them at once.
      appender.flushSync();
      rows += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    appender.closeSync();
    return rows;
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN TRANSACTION');
    try {
      const value = await work();
      await this.run('COMMIT');
      return value;
    } catch (error) {
      // The first error is the one to tell; ROLLBACK fails when the transaction has ended by itself.
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

export interface Database {
  open(): Promise<Session>;
  /** From here on its threads give way to all others of the process. */
  giveWay(): Promise<void>;
  /** While `work` runs, statements compute on one thread each: those of several connections beside each other, and none in vain. */
  onOneThreadEach<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export interface DatabaseLimits {
  /** What does not fit fails with an "Out of Memory Error". */
  readonly memoryBytes: number;
  readonly threads: number;
}

/** @param limits what it may take of the machine; without them, whatever DuckDB thinks right. */
export async function openDatabase(limits?: DatabaseLimits): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...(limits === undefined ? {} : { memory_limit: `${Math.trunc(limits.memoryBytes)}B`, threads: String(limits.threads) }),
    // A query that does not fit would otherwise spill clear text into a folder and leave it there.
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    // A rewritten file of the same name must not be answered from a cache.
    enable_external_file_cache: 'false',
    preserve_insertion_order: 'true',
    // Without them, memory that a load or an apply has freed is not given back to the system until the next one.
    allocator_background_threads: 'true',
  });
  const settings = await instance.connect();
  const [[threads] = []] = (await settings.runAndReadAll("SELECT current_setting('threads')")).getRows();
  const ownThreads = new DatabaseThreads(Number(threads), async (count) => void (await settings.run(`SET threads = ${count}`)));
  return {
    async open() {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return new Session(connection);
    },
    giveWay: () => ownThreads.giveWay(),
    onOneThreadEach: (work) => ownThreads.alone(work),
    close() {
      settings.closeSync();
      instance.closeSync();
    },
  };
}

/** The bytes of a BLOB value of a row. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof DuckDBBlobValue) return value.bytes;
  throw new TypeError('the value is no BLOB');
}

/** DuckDB's words, or its binding's, for a parameter that cannot become the type of its column. */
export function isRefusedValue(error: unknown): boolean {
  return /^(Conversion|Out of Range|Invalid Input) Error|out of int64 range/.test(messageOf(error));
}

/** After a FATAL error every statement on the instance fails. */
export function isInvalidated(error: unknown): boolean {
  return /database has been invalidated|^FATAL/.test(messageOf(error));
}

/** What was asked for does not fit into the memory that the database may take. */
export function isOutOfMemory(error: unknown): boolean {
  return /^Out of Memory Error/.test(messageOf(error));
}
