import type { Column } from '../../schemas/kind.ts';
import { normalXname } from '../../schemas/xname.ts';
import type { Condition } from '../protocol/commands.ts';

/**
 * Whether a record fits the conditions of a list, judged on its JSON: the same that src/store/find.ts asks DuckDB.
 * Invariant: a record fits here when and only when a list with these conditions has it.
 */

/** A condition with what its property is, so that it can be judged without the schema. */
export interface JudgedCondition extends Condition {
  /** As the schema declares the property itself, whatever lists it stands in. */
  readonly column: Column;
}

type Value = string | number | boolean;

export function fitsAll(conditions: readonly JudgedCondition[], record: unknown): boolean {
  return conditions.every((condition) => {
    if (fits(condition, condition.path, record)) return true;
    return condition.orPaths?.some((path) => fits(condition, path, record)) ?? false;
  });
}

function fits(condition: JudgedCondition, path: readonly string[], record: unknown): boolean {
  const found: unknown[] = [];
  collect(record, path, condition.column, found);
  const { operator } = condition;
  const column = elementOf(condition.column);
  if (operator === 'missing') return found.length === 0;
  if (operator === 'present') return found.length > 0;
  // Lists and objects are compared with nothing: only whether they are there can be asked.
  const values = found.filter((value): value is Value => typeof value !== 'object');
  const isEqual = equalityOf(column);
  if (operator === 'equal') return values.some((value) => condition.values.some((wanted) => isEqual(value, wanted)));
  if (operator === 'not-equal') return !values.some((value) => condition.values.some((wanted) => isEqual(value, wanted)));
  return values.some((value) => condition.values.some((bound) => isBeyond(operator, order(column, value, bound))));
}

/** All values at a path, of all elements of the lists on the way; what is free-form is one value, whatever is in it. */
function collect(value: unknown, path: readonly string[], column: Column, found: unknown[]): void {
  if (value === undefined || value === null) return;
  const [name, ...rest] = path;
  if (name === undefined) {
    if (column.type !== 'list') found.push(value);
    else for (const element of value as readonly unknown[]) collect(element, path, column.element, found);
  } else if (Array.isArray(value)) {
    for (const element of value) collect(element, path, column, found);
  } else if (typeof value === 'object' && Object.hasOwn(value, name)) {
    collect((value as Record<string, unknown>)[name], rest, column, found);
  }
}

function elementOf(column: Column): Column {
  return column.type === 'list' ? elementOf(column.element) : column;
}

/** xnames are equal without regard to leading zeros; members of free-form objects are compared as text. */
function equalityOf(column: Column): (value: Value, wanted: Value) => boolean {
  if (column.type === 'string' && column.format?.startsWith('xname') === true) {
    return (value, wanted) => normalXname(String(value)) === normalXname(String(wanted));
  }
  if (column.type === 'json') return (value, wanted) => String(value) === String(wanted);
  if (column.type === 'date-time') return (value, wanted) => order(column, value, wanted) === 0;
  return (value, wanted) => value === wanted;
}

function isBeyond(operator: 'gt' | 'gte' | 'lt' | 'lte', difference: number): boolean {
  switch (operator) {
    case 'gt':
      return difference > 0;
    case 'gte':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'lte':
      return difference <= 0;
  }
}

function order(column: Column, a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (column.type === 'date-time') return compareTimes(String(a), String(b));
  // As DuckDB does, by bytes of UTF-8 and not by units of UTF-16.
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

/** Canonical times, in UTC: the same up to the seconds, then a fraction of any length. */
function compareTimes(a: string, b: string): number {
  const left = a.replace(/Z$/, '');
  const right = b.replace(/Z$/, '');
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
