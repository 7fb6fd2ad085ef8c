import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Client } from '../client/client.ts';
import { HoldfastError } from '../client/client.ts';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';
import { progressDisplay } from './import-progress.ts';
import { type OriginalTable, originalRecord, TABLES } from './original-records.ts';
import { printJson, say } from './output.ts';
import { newTally, type UploadItem, uploadInParts } from './upload.ts';

/**
 * Brings the snapshots of node-orchestrator in: the Parquet files that `EXPORT DATABASE` wrote. The SQL files beside them
 * are never run: they could hold anything.
 */
export async function importOriginal(client: Client, directory: string, chunkItems: number): Promise<void> {
  const folder = snapshotFolder(directory);
  say(`importing ${folder}`);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    temp_directory: '',
  });
  const connection = await instance.connect();
  const report: Record<string, unknown>[] = [];
  let failures = 0;
  try {
    for (const table of TABLES) {
      const file = tableFile(folder, table.name);
      if (file === undefined) {
        report.push({ table: table.name, kind: table.kind, present: false });
        continue;
      }
      const tally = newTally();
      const display = progressDisplay(undefined);
      let problem: string | undefined;
      try {
        await uploadInParts(client, rowsOf(connection, file, table), { kind: table.kind, upsert: true, chunkItems }, tally, () => display.show(tally));
      } catch (error) {
        if (error instanceof CliFailure || error instanceof HoldfastError) throw error;
        problem = `cannot read ${file}: ${messageOf(error)}`;
      }
      for (const example of tally.examples) say(`${table.name}, ${example}`);
      if (tally.refused > tally.examples.length) say(`${table.name}: and ${tally.refused - tally.examples.length} more`);
      if (problem !== undefined) say(problem);
      failures += tally.refused + (problem === undefined ? 0 : 1);
      const { created, updated, refused } = tally;
      report.push({ table: table.name, kind: table.kind, created, updated, refused, ...(problem === undefined ? {} : { problem }) });
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  printJson({ folder, tables: report });
  if (failures > 0) throw new CliFailure(EXIT.refused, 'not everything came in');
}

/** The folder itself when it holds the files, else the newest folder in it that was written to its end. */
function snapshotFolder(directory: string): string {
  if (hasTables(directory)) return directory;
  const candidates = entriesOf(directory)
    .map((name) => join(directory, name))
    .filter(hasTables)
    .sort()
    .reverse();
  // The export writes load.sql last.
  const complete = candidates.find((folder) => existsSync(join(folder, 'load.sql')));
  const chosen = complete ?? candidates[0];
  if (chosen === undefined)
    throw new CliFailure(EXIT.usage, `${directory} holds no snapshot of node-orchestrator (no ${TABLES.map(({ name }) => `${name}.parquet`).join(', ')})`);
  if (complete !== undefined && complete !== candidates[0]) say(`passing over ${candidates[0]}: it has no load.sql, so it was not written to its end`);
  return chosen;
}

function hasTables(folder: string): boolean {
  return TABLES.some(({ name }) => tableFile(folder, name) !== undefined);
}

/** DuckDB has named the files in different ways over time. */
function tableFile(folder: string, table: string): string | undefined {
  const pattern = new RegExp(`^(?:\\d+_)?(?:main_)?${table}\\.parquet$`);
  const name = entriesOf(folder).find((entry) => pattern.test(entry));
  return name === undefined ? undefined : join(folder, name);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTDIR') return [];
    throw new CliFailure(EXIT.usage, `cannot read ${folder}: ${messageOf(error)}`);
  }
}

async function* rowsOf(connection: DuckDBConnection, file: string, table: OriginalTable): AsyncGenerator<UploadItem> {
  const source = `read_parquet('${file.replaceAll("'", "''")}', hive_partitioning = false)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const hasData = described.getRows().some(([name]) => name === 'data');
  // The driver ends a stream that failed like one that is complete; only its transaction knows better.
  await connection.run('BEGIN TRANSACTION READ ONLY');
  // One text a row: the JSON as it was stored, or the columns as an object.
  const result = await connection.stream(hasData ? `SELECT CAST(data AS VARCHAR) FROM ${source}` : `SELECT CAST(to_json(t) AS VARCHAR) FROM ${source} t`);
  let row = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const value of chunk.getColumnValues(0)) {
      row += 1;
      yield { bytes: originalRecord(table, typeof value === 'string' ? value : ''), place: `row ${row}`, endByte: row };
    }
  }
  await connection.run('SELECT 1');
  await connection.run('COMMIT');
}
