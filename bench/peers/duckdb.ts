import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { argumentOf, tell } from '../program.ts';

/** DuckDB by itself, in a process of its own: loads what it is told to, times it, and prints one line of JSON. */

export type DuckDBTask =
  /** NDJSON into a table, types found out by DuckDB. */
  | { readonly task: 'load-lines'; readonly path: string }
  /** Parquet files into typed tables. */
  | { readonly task: 'load-folder'; readonly folder: string }
  /** The same tables back to Parquet, into `target`, several times. */
  | { readonly task: 'copy'; readonly folder: string; readonly target: string; readonly runs: number }
  /** The same query several times. */
  | { readonly task: 'query'; readonly query: string; readonly runs: number }
  /** Two snapshots: the rows, of both, of records whose revision is not the same. */
  | { readonly task: 'join'; readonly older: string; readonly newer: string; readonly tables: readonly string[] }
  /** The query once for each list of values. */
  | { readonly task: 'search'; readonly folder: string; readonly query: string; readonly values: readonly (readonly string[])[] };

export interface DuckDBAnswer {
  /** One for each repeat. */
  readonly seconds: readonly number[];
}

export const DUCKDB_PROGRAM: URL = new URL(import.meta.url);

async function perform(task: DuckDBTask): Promise<DuckDBAnswer> {
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: '', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  switch (task.task) {
    case 'load-lines':
      return {
        seconds: [await timed(() => connection.run(`CREATE TABLE lines AS SELECT * FROM read_json(${literal(task.path)}, format = 'newline_delimited')`))],
      };
    case 'load-folder':
      return { seconds: [await timed(() => loadFolder(connection, task.folder))] };
    case 'copy': {
      const tables = await loadFolder(connection, task.folder);
      const seconds: number[] = [];
      for (let run = 0; run < task.runs; run++) {
        seconds.push(await timed(() => copyTables(connection, tables, task.target)));
        for (const table of tables) rmSync(join(task.target, `${table}.parquet`));
      }
      return { seconds };
    }
    case 'query': {
      const seconds: number[] = [];
      for (let run = 0; run < task.runs; run++) seconds.push(await timed(async () => (await connection.runAndReadAll(task.query)).getRows()));
      return { seconds };
    }
    case 'join':
      return { seconds: [await timed(() => joinFiles(connection, task.older, task.newer, task.tables))] };
    case 'search': {
      await loadFolder(connection, task.folder);
      const seconds: number[] = [];
      for (const values of task.values) seconds.push(await timed(async () => (await connection.runAndReadAll(task.query, [...values])).getRows()));
      return { seconds };
    }
  }
}

async function loadFolder(connection: DuckDBConnection, folder: string): Promise<readonly string[]> {
  const tables: string[] = [];
  for (const file of readdirSync(folder).sort()) {
    const path = join(folder, file);
    if (!file.endsWith('.parquet') || !statSync(path).isFile()) continue;
    const table = basename(file, '.parquet');
    await connection.run(`CREATE TABLE "${table}" AS SELECT * FROM read_parquet(${literal(path)}, hive_partitioning = false)`);
    tables.push(table);
  }
  return tables;
}

async function joinFiles(connection: DuckDBConnection, older: string, newer: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const [a, b] = [older, newer].map((folder) => `read_parquet(${literal(join(folder, `${table}.parquet`))}, hive_partitioning = false)`);
    const differing = 'a.revision IS DISTINCT FROM b.revision';
    (
      await connection.runAndReadAll(`SELECT to_json(a)::VARCHAR, to_json(b)::VARCHAR FROM ${a} AS a FULL JOIN ${b} AS b ON a.id = b.id WHERE ${differing}`)
    ).getRows();
  }
}

async function copyTables(connection: DuckDBConnection, tables: readonly string[], target: string): Promise<void> {
  for (const table of tables) {
    await connection.run(`COPY "${table}" TO ${literal(join(target, `${table}.parquet`))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const task = argumentOf(import.meta.url) as DuckDBTask | undefined;
if (task !== undefined) tell(await perform(task));
