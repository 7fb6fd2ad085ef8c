import { join } from 'node:path';
import { type Column, type Kind, kindOf, type NamedColumn } from '../../schemas/kind.ts';
import { messageOf } from '../faults.ts';
import { refuseDamage, WAY_OUT } from './data-refused.ts';
import type { Statements } from './database.ts';
import type { Files } from './files.ts';
import { folderOf, type Manifest, schemaOf, schemasOf } from './manifest.ts';
import type { KeptSnapshot } from './snapshot.ts';
import { createTable, insertFromStage, literal, parquet, quoted, ROW_NUMBER, renderRow } from './tables.ts';

/** A file of a snapshot whose rows are those of its table, and which can be read in its place. */
export interface TableFile {
  readonly kind: Kind;
  readonly path: string;
  readonly rows: number;
}

function hasColumn({ columns }: Kind, sqlName: string): boolean {
  return columns.some(({ name }) => name.toLowerCase() === sqlName);
}

/**
 * Looks at a snapshot's tables before anything is answered. A kind whose schema has changed goes through JSON, by names, and
 * the start is refused when something would get lost on the way. @returns those that can be taken as they lie
 */
export async function loadChanged(sql: Statements, kinds: readonly Kind[], files: Files, { folder, manifest }: KeptSnapshot): Promise<readonly TableFile[]> {
  const unchanged: TableFile[] = [];
  for (const [name, entry] of Object.entries(manifest.kinds)) {
    const kind = kinds.find((candidate) => candidate.name === name);
    if (kind === undefined) {
      if (entry.rows === 0) continue;
      refuseDamage(
        `the snapshot ${manifest.name} has ${entry.rows} records of kind ${name}, of which there is no schema now; start with the --schema-dir that has ${name}.json`,
      );
    }
    const written = kind.schemaHash === entry.schemaHash ? kind : kindOf(name, schemaOf(schemasOf(files, folder, manifest), name));
    const path = join(folder, entry.file);
    await refuseOtherCount(sql, manifest, name, path, entry.rows);
    if (written === kind && !hasColumn(kind, ROW_NUMBER)) unchanged.push({ kind, path, rows: entry.rows });
    else await loadKind(sql, kind, written, path, (table) => refuseLoss(sql, kind, written, table));
  }
  return unchanged;
}

/** By what stands at the end of the file, before any row is read: a small file can unfold to any number of rows. */
async function refuseOtherCount(sql: Statements, { name: snapshot }: Manifest, kind: string, path: string, rows: number): Promise<void> {
  const [[count] = []] = await sql.rows(`SELECT num_rows FROM parquet_file_metadata(${literal(path)})`);
  if (Number(count) === rows) return;
  refuseDamage(`the snapshot ${snapshot} has ${Number(count)} records of kind ${kind}, but its manifest says ${rows}. ${WAY_OUT}`, {
    type: 'snapshots',
    folders: [folderOf(snapshot)],
  });
}

/**
 * Loads one kind's file into its table, which is there and empty. By another schema it goes through JSON, by names: what
 * the kind does not have is left out.
 * @param written the kind as it was when the file was written
 * @param check looks at the rows as they were, before that
 */
export async function loadKind(
  sql: Statements,
  kind: Kind,
  written: Kind,
  path: string,
  check: (table: string) => Promise<void> = async () => undefined,
): Promise<void> {
  if (kind.schemaHash === written.schemaHash) {
    await sql.run(`INSERT INTO ${quoted(kind.name)} BY NAME SELECT * FROM ${parquet(path)}`);
    return;
  }
  const table = '_old';
  await sql.run(createTable(written, table));
  await sql.run(`INSERT INTO ${quoted(table)} BY NAME SELECT * FROM ${parquet(path)}`);
  await check(table);
  await sql.run(`CREATE TABLE _images (images BLOB)`);
  await sql.run(
    `INSERT INTO _images SELECT encode(string_agg(${renderRow(written)}, chr(10))) FROM ${quoted(table)} GROUP BY rowid // 4096 ORDER BY min(rowid)`,
  );
  try {
    await sql.run(insertFromStage(kind, '_images'));
  } catch (error) {
    refuseDamage(`records of kind ${kind.name} do not fit its changed schema: ${messageOf(error)}`);
  }
  await sql.run('DROP TABLE _images');
  await sql.run(`DROP TABLE ${quoted(table)}`);
}

async function refuseLoss(sql: Statements, kind: Kind, old: Kind, table: string): Promise<void> {
  for (const lost of lostColumns(old.columns, kind.columns, [])) {
    const expression = lost.path.map(quoted).join('.');
    const [[count] = []] = await sql.rows(`SELECT count(${expression}) FROM ${quoted(table)}`);
    if (Number(count) === 0) continue;
    refuseDamage(
      `the schema of ${kind.name} has changed: ${lost.path.join('.')} ${lost.reason}, but ${Number(count)} records have a value there. Start with a schema that keeps it, take the values out, and change the schema then.`,
    );
  }
}

interface LostColumn {
  readonly path: readonly string[];
  readonly reason: string;
}

function lostColumns(before: readonly NamedColumn[], after: readonly NamedColumn[], path: readonly string[]): readonly LostColumn[] {
  return before.flatMap(({ name, column }) => {
    const now = after.find((candidate) => candidate.name === name)?.column;
    const at = [...path, name];
    if (now === undefined) return [{ path: at, reason: 'is not in it any more' }];
    if (column.type === 'object' && now.type === 'object') return lostColumns(column.columns, now.columns, at);
    return canBecome(column, now) ? [] : [{ path: at, reason: `was ${column.type} and is ${now.type}` }];
  });
}

function canBecome(before: Column, after: Column): boolean {
  if (before.type === 'list' && after.type === 'list') {
    if (before.element.type === 'object' && after.element.type === 'object') return lostColumns(before.element.columns, after.element.columns, []).length === 0;
    return canBecome(before.element, after.element);
  }
  if (before.type === after.type) return true;
  return (before.type === 'integer' && after.type === 'number') || (before.type === 'date-time' && after.type === 'string');
}
