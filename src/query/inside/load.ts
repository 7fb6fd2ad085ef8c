import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kind, NamedColumn } from '../../../schemas/kind.ts';
import { messageOf } from '../../faults.ts';
import type { Manifest } from '../../store/manifest.ts';
import { createTable, literal, parquet, quoted } from '../../store/tables.ts';
import type { Content } from '../messages.ts';
import { castList, mergedColumns } from './columns.ts';
import { checkRows, exportedTables, type Source, type SourceTable, snapshotTables } from './source.ts';

/**
 * Makes the tables that users see, in memory: once the process is closed it can open no file any more, and a snapshot that
 * is deleted meanwhile is missed by nobody.
 */

export interface Loaded {
  /** Names that SQL may use. */
  readonly tables: readonly string[];
  readonly leftOut: readonly string[];
  /** Of the snapshot, when it is one. */
  readonly time: string | undefined;
}

/** The table of all snapshots that every history has. No kind is called so, because a route is. */
const SNAPSHOTS = 'snapshots';
/** The schema of what users see only through views. */
const KEPT = 'kept';

/**
 * A run is the snapshots from one to another that have the same version. As long as all runs that occur are this many
 * snapshots together, each is written out, so that a view finds them by equality, which takes half as long as by range.
 */
const RUN_SNAPSHOTS_MAX = 100_000;
/** In the number of a run, that of its first snapshot stands before that of its last. */
const RUN_BASE = 1_000_000;
/** Files that one statement reads, and has open all at once; the process may have 512. */
const FILES_OF_STATEMENT_MAX = 64;

/** @throws what is wrong with the files */
export async function loadContent(connection: DuckDBConnection, content: Content, runSnapshotsMax: number = RUN_SNAPSHOTS_MAX): Promise<Loaded> {
  switch (content.type) {
    case 'export':
      return loadOne(connection, exportedTables(content.folder, content.tables));
    case 'snapshot':
      return loadOne(connection, snapshotTables(content.folder));
    case 'history':
      return loadHistory(connection, content.folders, runSnapshotsMax);
  }
}

async function loadOne(connection: DuckDBConnection, { tables, manifest }: Source): Promise<Loaded> {
  for (const table of tables) {
    await checkRows(connection, table);
    await connection.run(createTable(table.kind));
    await connection.run(
      `INSERT INTO ${quoted(table.kind.name)} SELECT ${table.kind.columns.map(({ name }) => quoted(name)).join(', ')} FROM ${parquet(table.path)}`,
    );
  }
  return { tables: tables.map(({ kind }) => kind.name), leftOut: [], time: manifest?.time };
}

interface Moment {
  readonly manifest: Manifest;
  readonly tables: readonly SourceTable[];
}

/**
 * Most records are the same in most snapshots, so each version of a record is kept once, with the first and the last
 * snapshot that has it; a view gives it out for each of them. A revision is used once in an epoch of a store, so it names
 * the version, and a version that is gone does not come back, so that there is one first and one last. Snapshots are
 * numbered for that: an epoch after the other, each in the order of its changes. Their times are in no such order, because
 * a clock may have been set, and a folder may have snapshots of another store between ours.
 */
async function loadHistory(connection: DuckDBConnection, folders: readonly string[], runSnapshotsMax: number): Promise<Loaded> {
  const leftOut: string[] = [];
  const moments: Moment[] = [];
  for (const folder of folders) {
    try {
      const { manifest, tables } = snapshotTables(folder);
      if (manifest !== undefined) moments.push({ manifest, tables });
    } catch (error) {
      leftOut.push(`${folder.split('/').at(-1) ?? folder}: ${messageOf(error)}`);
    }
  }
  moments.sort(({ manifest: a }, { manifest: b }) => compareTexts(a.storeId, b.storeId) || a.epoch - b.epoch || a.sequence - b.sequence);
  await connection.run(`CREATE SCHEMA ${KEPT}`);
  await connection.run(`CREATE TABLE ${KEPT}.snapshots (n INTEGER, snapshot VARCHAR, snapshot_time TIMESTAMPTZ, sequence BIGINT)`);
  for (const [n, { manifest }] of moments.entries())
    await connection.run(`INSERT INTO ${KEPT}.snapshots VALUES (${n}, ${literal(manifest.name)}, ${literal(manifest.time)}, ${manifest.sequence})`);
  await connection.run(`CREATE VIEW ${SNAPSHOTS} AS SELECT snapshot, snapshot_time, sequence FROM ${KEPT}.snapshots ORDER BY snapshot_time, n`);
  const names = [...new Set(moments.flatMap(({ tables }) => tables.map(({ kind }) => kind.name)))];
  for (const name of names) {
    await loadVersions(connection, name, moments, runSnapshotsMax);
    // Rows as they were loaded take five times the memory.
    await connection.run('CHECKPOINT');
  }
  return { tables: [SNAPSHOTS, ...names], leftOut, time: undefined };
}

/** One kind in one snapshot. */
interface Part {
  readonly n: number;
  readonly epoch: string;
  readonly table: SourceTable;
}

async function loadVersions(connection: DuckDBConnection, name: string, moments: readonly Moment[], runSnapshotsMax: number): Promise<void> {
  const parts = moments.flatMap(({ manifest: { storeId, epoch }, tables }, n): Part[] => {
    const table = tables.find(({ kind }) => kind.name === name);
    return table === undefined ? [] : [{ n, epoch: `${storeId}/${epoch}`, table }];
  });
  const columns = mergedColumns(parts.map(({ table }) => table.kind.columns));
  const versions = `${KEPT}.${quoted(`of ${name}`)}`;
  await connection.run(createTable(versionsKind(parts, columns), `of ${name}`).replace(quoted(`of ${name}`), versions));
  await connection.run(`ALTER TABLE ${versions} ADD COLUMN "$run" BIGINT`);
  for (const { table } of parts) await checkRows(connection, table);
  const filled = parts.filter(({ table }) => table.rows > 0);
  await loadSpans(connection, filled);
  for (const { n, table } of filled) {
    const { kind, path } = table;
    await connection.run(
      `INSERT INTO ${versions} BY NAME SELECT ${castList(kind.columns, columns, 't')}, v.run AS "$run"
       FROM ${parquet(path)} t JOIN (SELECT * FROM ${KEPT}.spans WHERE first = ${n}) v ON t.revision = v.r`,
    );
  }
  const runs = await loadRuns(connection, name, runSnapshotsMax);
  await connection.run(`DROP TABLE ${KEPT}.spans`);
  await connection.run(`CREATE VIEW ${quoted(name)} AS SELECT s.snapshot, s.snapshot_time, v.* EXCLUDE ("$run") FROM ${versions} v JOIN ${runs}`);
}

/** Makes a row of each version: the revision, its epoch, and the numbers of the first and the last snapshot that have it. */
async function loadSpans(connection: DuckDBConnection, parts: readonly Part[]): Promise<void> {
  const spans = `${KEPT}.spans`;
  await connection.run(`CREATE TABLE ${spans} (r BIGINT, e INTEGER, first INTEGER, last INTEGER, run BIGINT)`);
  const epochs = [...new Set(parts.map(({ epoch }) => epoch))];
  for (let start = 0; start < parts.length; start += FILES_OF_STATEMENT_MAX) {
    const rows = parts
      .slice(start, start + FILES_OF_STATEMENT_MAX)
      .map(({ n, epoch, table }) => `SELECT revision, ${epochs.indexOf(epoch)}, ${n}, ${n} FROM ${parquet(table.path)}`);
    const all = [`SELECT r, e, first, last FROM ${spans}`, ...rows].join(' UNION ALL ');
    await connection.run(
      `CREATE OR REPLACE TABLE ${spans} AS SELECT r, e, min(first) AS first, max(last) AS last,
         min(first)::BIGINT * ${RUN_BASE} + max(last) AS run FROM (${all}) GROUP BY r, e`,
    );
  }
}

/** @returns what the versions, as `v`, are joined with to have the snapshots, as `s`, that they are in. */
async function loadRuns(connection: DuckDBConnection, name: string, snapshotsMax: number): Promise<string> {
  const occurring = `(SELECT DISTINCT run, first, last FROM ${KEPT}.spans)`;
  const counted = await connection.runAndReadAll(`SELECT coalesce(sum(last - first + 1), 0)::DOUBLE FROM ${occurring}`);
  if (Number(counted.getRows()[0]?.[0]) > snapshotsMax) return `${KEPT}.snapshots s ON s.n BETWEEN v."$run" // ${RUN_BASE} AND v."$run" % ${RUN_BASE}`;
  const runs = `${KEPT}.${quoted(`runs of ${name}`)}`;
  await connection.run(
    `CREATE TABLE ${runs} AS SELECT o.run, s.snapshot, s.snapshot_time FROM ${occurring} o JOIN ${KEPT}.snapshots s ON s.n BETWEEN o.first AND o.last`,
  );
  return `${runs} s ON s.run = v."$run"`;
}

function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** A kind that has all columns, for its table. */
function versionsKind(parts: readonly Part[], columns: readonly NamedColumn[]): Kind {
  const [part] = parts;
  if (part === undefined) throw new Error('a kind of a history is in a snapshot');
  return { ...part.table.kind, columns };
}
