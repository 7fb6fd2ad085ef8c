import pc from 'picocolors';
import type { DiffChange } from '../client/client.ts';
import { isTerminal } from './output.ts';
import { cell } from './table.ts';

/** What has changed in a record, for people at a terminal. */

export type Fields = Readonly<Record<string, unknown>>;

/** They change with every change. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['updated_at', 'revision']);
const NAMES = ['ID', 'xname', 'name', 'hostname'];

/** A line for the record, and one for each property that has changed. */
export function changeLines({ kind, key, type, before = {}, after = {} }: DiffChange<Fields>): readonly string[] {
  const paint = painter();
  const { sign, color } = { created: { sign: '+', color: paint.green }, changed: { sign: '~', color: paint.yellow }, deleted: { sign: '-', color: paint.red } }[
    type
  ];
  const record = type === 'deleted' ? before : after;
  const first = color([sign, cell(kind), cell(key), ...namesIn(record, key)].join(' '));
  return type === 'changed' ? [first, ...propertyLines(before, after)] : [first];
}

/** By which people know a record, beside its key. */
export function namesIn(record: Fields, key: string): readonly string[] {
  return NAMES.flatMap((name) => (typeof record[name] === 'string' && record[name] !== key ? [cell(record[name])] : []));
}

/** A line for each property that is not the same. */
export function propertyLines(before: Fields, after: Fields): readonly string[] {
  const paint = painter();
  return changesOf(before, after, '').map(({ path, old, now }) => `    ${cell(path)}: ${paint.red(shown(old))} → ${paint.green(shown(now))}`);
}

export function shown(value: unknown): string {
  return value === undefined ? '(none)' : cell(typeof value === 'string' ? JSON.stringify(value) : value);
}

interface PropertyChange {
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

function changesOf(before: Fields, after: Fields, path: string): readonly PropertyChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): readonly PropertyChange[] => {
    if (path === '' && BOOKKEEPING.has(name)) return [];
    const [old, now] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    if (isObject(old) && isObject(now)) return changesOf(old, now, `${path}${name}.`);
    return [{ path: `${path}${name}`, old, now }];
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Also where CI would have them, no colours leave the terminal. */
export function painter(): ReturnType<typeof pc.createColors> {
  return pc.createColors(isTerminal() && pc.isColorSupported);
}
