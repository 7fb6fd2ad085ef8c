import { createRequire } from 'node:module';
import pc from 'picocolors';

const COLUMNS_MAX = 7;
const CELL_LENGTH_MAX = 40;
/** What people look for first; other plain values follow in the record's order. */
const PREFERRED = ['ID', 'xname', 'name', 'hostname', 'type', 'Type', 'mac_address', 'boot_mac', 'State', 'architecture'];
const LAST = ['created_at', 'updated_at', 'revision', 'id', 'UID'];

/** Records as a table, with `columns` or those that fit best. */
export function printTable(records: readonly unknown[], columns?: readonly string[], noun = 'record'): void {
  const rows = records.filter((record): record is Record<string, unknown> => typeof record === 'object' && record !== null);
  if (rows.length === 0) {
    process.stdout.write('nothing found\n');
    return;
  }
  const names = columns ?? chosenColumns(rows);
  const Table = createRequire(import.meta.url)('cli-table3') as typeof import('cli-table3');
  const table = new Table({ head: names.map((name) => pc.bold(name)), style: { head: [], border: ['gray'], compact: true } });
  for (const row of rows) table.push(names.map((name) => cell(valueAt(row, name))));
  process.stdout.write(`${table.toString()}\n${rows.length} ${noun}${rows.length === 1 ? '' : 's'}\n`);
}

function chosenColumns(rows: readonly Record<string, unknown>[]): string[] {
  const present = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) if (typeof value !== 'object') present.add(name);
  }
  const middle = [...present].filter((name) => !PREFERRED.includes(name) && !LAST.includes(name));
  return [...PREFERRED, ...middle, ...LAST].filter((name) => present.has(name)).slice(0, COLUMNS_MAX);
}

function valueAt(row: Record<string, unknown>, name: string): unknown {
  if (name in row) return row[name];
  return name
    .split('.')
    .reduce<unknown>((value, part) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined), row);
}

/** One value in a few characters. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // What stands in a record must not steer the terminal.
  const plain = text.replace(/\p{Cc}/gu, ' ');
  return plain.length > CELL_LENGTH_MAX ? `${plain.slice(0, CELL_LENGTH_MAX - 1)}…` : plain;
}
