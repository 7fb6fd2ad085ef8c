import { createRequire } from 'node:module';
import type * as duckDb from '@duckdb/node-api';

/**
 * DuckDB in the process of users' SQL. It is opened, filled by our own statements, and closed for good: what runs afterwards
 * can reach no file, set no option, and change no table.
 */

// As in the owner: `import` would read the whole package twice.
const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api') as typeof duckDb;

export interface DuckSettings {
  readonly memoryBytes: number;
  readonly threads: number;
}

/** Deeper expressions are refused before they can use up the stack. */
const EXPRESSION_DEPTH_MAX = 250;

export class Duck {
  readonly #instance: duckDb.DuckDBInstance;

  private constructor(instance: duckDb.DuckDBInstance) {
    this.#instance = instance;
  }

  static async open({ memoryBytes, threads }: DuckSettings): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', {
      // A query that does not fit ends with an error instead of a file with other people's records in it.
      temp_directory: '',
      memory_limit: `${memoryBytes}B`,
      threads: String(threads),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      allow_persistent_secrets: 'false',
      enable_external_file_cache: 'false',
      // To keep the order, loading would need twice the memory.
      preserve_insertion_order: 'false',
    });
    return new Duck(instance);
  }

  connect(): Promise<duckDb.DuckDBConnection> {
    return this.#instance.connect();
  }

  /** After this nothing of what was set can be set again, and no file be opened. */
  async lock(): Promise<void> {
    const connection = await this.connect();
    await connection.run('SET preserve_insertion_order = true');
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    await connection.run(`SET GLOBAL max_expression_depth = ${EXPRESSION_DEPTH_MAX}`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    connection.closeSync();
  }
}
