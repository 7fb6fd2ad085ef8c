import { DuckDBBlobValue, type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { messageOf } from '../faults.ts';

/**
 * The working set's DuckDB: in memory, without indexes, without the network, without files of its own. The only file in
 * the owner that imports DuckDB. A connection has one user at a time: two that share one would mix their transactions.
 */

/** Statements of one connection, one after the other. */
export class Session {
  readonly #connection: DuckDBConnection;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Gives `work` the connection for itself, after those who asked before. */
  alone<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => {
      if (this.#isClosed) throw new Error('the connection has been closed');
      return work(new Statements(this.#connection));
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
    await this.#turn;
    this.#connection.closeSync();
  }
}

const BLOBS_BETWEEN_PAUSES = 4;

export type SqlValue = string | number | boolean | bigint | null;

export class Statements {
  readonly #connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<void> {
    await this.#connection.run(sql, parameters as DuckDBValue[]);
  }

  /** All rows; 64-bit integers come as `bigint`, BLOBs as their own type. */
  async rows(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly (readonly unknown[])[]> {
    const reader = await this.#connection.runAndReadAll(sql, parameters as DuckDBValue[]);
    return reader.getRows();
  }

  /**
   * The rows of a query as they come, a chunk at a time, in a transaction of its own: the driver ends a stream that failed
   * like one that is complete, and only the transaction knows better. @throws what the query failed with
   */
  async *chunks(sql: string, parameters: readonly SqlValue[] = []): AsyncGenerator<readonly (readonly unknown[])[]> {
    await this.run('BEGIN TRANSACTION READ ONLY');
    try {
      const result = await this.#connection.stream(sql, parameters as DuckDBValue[]);
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

  /** Appends rows of one BLOB each, with a turn of the event loop now and then: the owner has writes to answer. */
  async appendBlobs(table: string, blobs: Iterable<Uint8Array>): Promise<void> {
    const appender = await this.#connection.createAppender(table);
    let untilPause = BLOBS_BETWEEN_PAUSES;
    for (const blob of blobs) {
      appender.appendBlob(blob);
      appender.endRow();
      untilPause -= 1;
      if (untilPause > 0) continue;
      untilPause = BLOBS_BETWEEN_PAUSES;
      await new Promise((resolve) => setImmediate(resolve));
    }
    appender.closeSync();
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
  return {
    async open() {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return new Session(connection);
    },
    close: () => instance.closeSync(),
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
