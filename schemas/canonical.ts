import { parseUuid } from '../src/ids.ts';
import { FORMATS, NORMALISERS } from './formats.ts';
import type { Column, Kind, NamedColumn } from './kind.ts';

/**
 * The canonical form of a record: properties in the schema's order, no nulls, no empty objects, one spelling for values
 * that have several. Bytes made from it are what is journaled, served and, rendered from typed columns, found again
 * after a restart; so the same record always has the same bytes.
 */

type Fields = Record<string, unknown>;

/** A canonical copy of a validated record; properties that are no public columns (secrets) are left out. */
export function canonical(kind: Kind, record: Readonly<Fields>): Fields {
  return canonicalObject(kind.columns, record);
}

/** A copy of one object in the order and form of its columns. */
export function canonicalObject(columns: readonly NamedColumn[], record: Readonly<Fields>): Fields {
  const copy: Fields = {};
  for (const { name, column } of columns) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    const kept = canonicalValue(column, value);
    if (kept !== undefined) copy[name] = kept;
  }
  return copy;
}

function canonicalValue(column: Column, value: unknown): unknown {
  switch (column.type) {
    case 'string': {
      const normalise = column.format === undefined ? undefined : NORMALISERS[column.format];
      return normalise === undefined ? value : normalise(value as string);
    }
    case 'date-time':
      return NORMALISERS['date-time']?.(value as string);
    case 'object': {
      const copy = canonicalObject(column.columns, value as Fields);
      for (const _ in copy) return copy;
      return undefined;
    }
    case 'list':
      return (value as readonly unknown[]).map((element) => canonicalElement(column.element, element));
    case 'json':
      return isEmptyObject(value) ? undefined : value;
    case 'number':
    case 'integer':
      // JSON.stringify writes -0 as 0, and so must every other form of the record.
      return value === 0 ? 0 : value;
    case 'boolean':
      return value;
  }
}

/** Whether clients may spell a key that they choose in several ways. */
export function keyHasSpellings({ key, keyIsServerSet, columns }: Pick<Kind, 'key' | 'keyIsServerSet' | 'columns'>): boolean {
  return !keyIsServerSet && NORMALISERS[formatOf(columns, key) ?? ''] !== undefined;
}

function formatOf(columns: readonly NamedColumn[], property: string): string | undefined {
  const column = columns.find(({ name }) => name === property)?.column;
  return column?.type === 'string' ? column.format : column?.type;
}

/** A text of a property in the spelling in which records have it; what is no value of that property stays as it is. */
export function storedText(kind: Kind, property: string, text: string): string {
  const format = formatOf(kind.columns, property);
  if (format === undefined) return text;
  const normalise = NORMALISERS[format];
  return normalise !== undefined && FORMATS[format]?.(text) === true ? normalise(text) : text;
}

/** What a name is as a key, whichever way it is spelt. */
export function keyNamed(kind: Kind, name: string): string {
  return kind.keyIsServerSet ? (parseUuid(name) ?? name) : storedText(kind, kind.key, name);
}

/** Inside a list nothing may vanish: positions would shift. */
function canonicalElement(column: Column, element: unknown): unknown {
  if (column.type === 'object') return canonicalObject(column.columns, element as Fields);
  return canonicalValue(column, element) ?? element;
}

function isEmptyObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const _ in value) return false;
  return true;
}

/**
 * Takes members that are null out of a client's record, at every level that a schema describes: `"bmc": null` means the
 * same as no `bmc` (node-orchestrator's own sample data writes it so). Free-form objects are left as they are.
 */
export function withoutNulls(kind: Kind, record: Fields): Fields {
  dropNulls(kind.columns, record);
  return record;
}

function dropNulls(columns: readonly NamedColumn[], record: Fields): void {
  for (const name in record) {
    const value = record[name];
    if (typeof value !== 'object') continue;
    if (value === null) delete record[name];
    else dropNullsInside(columnNamed(columns, name), value);
  }
}

function dropNullsInside(column: Column | undefined, value: object): void {
  if (column?.type === 'object' && !Array.isArray(value)) dropNulls(column.columns, value as Fields);
  if (column?.type !== 'list' || column.element.type !== 'object' || !Array.isArray(value)) return;
  for (const element of value) {
    if (typeof element === 'object' && element !== null && !Array.isArray(element)) dropNulls(column.element.columns, element as Fields);
  }
}

function columnNamed(columns: readonly NamedColumn[], name: string): Column | undefined {
  for (const named of columns) if (named.name === name) return named.column;
  return undefined;
}

/**
 * What a client's record says, made in place: nulls mean absent, and what only the server sets is ignored rather than
 * refused, so that what was read can be sent back. `keepKey`: an upsert may say which record it means.
 */
export function asDraft(kind: Kind, record: Fields, keepKey = false): Fields {
  dropNulls(kind.columns, record);
  for (const property of kind.serverSet) {
    // Deleted, it would turn the record into a form of which every later step is slower.
    if (record[property] !== undefined && !(keepKey && property === kind.key)) record[property] = undefined;
  }
  return record;
}
