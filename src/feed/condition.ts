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

/** Judges a record. */
export type Judge = (record: unknown) => boolean;

/** Whether a record fits all of the conditions; for one record. Who judges many has a judge made. */
export function fitsAll(conditions: readonly JudgedCondition[], record: unknown): boolean {
  return judgeOf(conditions)(record);
}

/** What one record costs then does not depend on how many values are asked for: everybody's filter sees every change. */
export function judgeOf(conditions: readonly JudgedCondition[]): Judge {
  const judges = conditions.map(judgeOfOne);
  return (record) => judges.every((judge) => judge(record));
}

/** The same with one condition for all values that a property must not have, and none twice. */
export function joined(conditions: readonly JudgedCondition[]): readonly JudgedCondition[] {
  const byName = new Map<string, JudgedCondition>();
  for (const condition of conditions) {
    const { operator, path, orPaths } = condition;
    const isJoinable = orPaths === undefined && (operator === 'not-equal' || operator === 'missing' || operator === 'present');
    const name = isJoinable ? `${operator} ${JSON.stringify(path)}` : `${byName.size}`;
    const known = byName.get(name);
    byName.set(name, known === undefined ? condition : { ...known, values: [...known.values, ...condition.values] });
  }
  return [...byName.values()];
}

function judgeOfOne(condition: JudgedCondition): Judge {
  const { operator, path, orPaths = [], column } = condition;
  const fits = testOf(condition);
  const paths = [path, ...orPaths];
  return (record) =>
    paths.some((each) => {
      const found: unknown[] = [];
      collect(record, each, column, found);
      if (operator === 'missing') return found.length === 0;
      if (operator === 'present') return found.length > 0;
      // Lists and objects are compared with nothing: only whether they are there can be asked.
      const has = found.some((value) => typeof value !== 'object' && fits(value as Value));
      return operator === 'not-equal' ? !has : has;
    });
}

/** Whether a value is one of those asked for, or of those excluded, or beyond one of the bounds. */
function testOf({ operator, values, column: declared }: JudgedCondition): (value: Value) => boolean {
  const column = elementOf(declared);
  if (operator === 'gt' || operator === 'gte' || operator === 'lt' || operator === 'lte') {
    const bounds = farthest(operator, column, values);
    return (value) => bounds.some((bound) => isBeyond(operator, order(column, value, bound)));
  }
  const wanted = new Set(values.map((value) => comparable(column, value)));
  return (value) => wanted.has(comparable(column, value));
}

/** Beyond one of several bounds is beyond the one that is easiest to pass. What is free-form has no order that is one. */
function farthest(operator: 'gt' | 'gte' | 'lt' | 'lte', column: Column, bounds: readonly Value[]): readonly Value[] {
  if (column.type === 'json' || bounds.length === 0) return bounds;
  const sign = operator === 'gt' || operator === 'gte' ? 1 : -1;
  return [bounds.reduce((best, bound) => (sign * order(column, bound, best) < 0 ? bound : best))];
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

/** Values that are the same here are equal: xnames without regard to leading zeros, members of free-form objects as text. */
function comparable(column: Column, value: Value): Value {
  if (column.type === 'string' && column.format?.startsWith('xname') === true) return normalXname(String(value));
  if (column.type === 'json') return String(value);
  return column.type === 'date-time' ? String(value).replace(/Z$/, '') : value;
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
