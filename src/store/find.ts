import { strict as assert } from 'node:assert';
import { type Column, columnAt, type Kind, type NamedColumn } from '../../schemas/kind.ts';
import { normalXname } from '../../schemas/xname.ts';
import type { Condition, Find } from '../protocol/commands.ts';
import type { SqlValue } from './database.ts';
import { quoted } from './tables.ts';

/** SQL for a list: conditions, order and cursor as prepared statements with parameters, never as pasted text. */

export interface FindSql {
  /** Rows of sort values and, last, the key. */
  readonly rows: string;
  readonly rowParameters: readonly SqlValue[];
  readonly count: string;
  readonly countParameters: readonly SqlValue[];
}

type CursorValue = string | number | boolean | null;

/**
 * @param first an expression that each row begins with, before the sort values.
 * @throws nothing a caller can cause: conditions and paths were checked against the kind before they came here.
 */
export function findSql(kind: Kind, find: Find, first?: string): FindSql {
  const parameters = new Parameters();
  const conditions = find.conditions.map((condition) => conditionSql(kind, condition, parameters));
  const countParameters = [...parameters.values];
  const table = quoted(kind.name);
  const count = `SELECT count(*) FROM ${table}${where(conditions)}`;
  const order = [...find.sort, { path: [kind.key], descending: false }].map(({ path, descending }) => {
    const target = columnAt(kind, path);
    assert(target !== undefined && !target.throughList, 'a list is sorted by columns that are no lists');
    return { expression: path.map(quoted).join('.'), descending, column: target.column };
  });
  if (find.after !== undefined) conditions.push(afterSql(order, find.after, parameters));
  const selected = order.map(({ expression, column }) => (column.type === 'date-time' ? `${expression}::VARCHAR` : expression));
  const sorted = find.sort.length > 0 || find.limit !== undefined || find.after !== undefined;
  const orderBy = sorted ? ` ORDER BY ${order.map(({ expression, descending }) => `${expression}${descending ? ' DESC' : ''} NULLS LAST`).join(', ')}` : '';
  const limit = find.limit === undefined ? '' : ` LIMIT ${Math.trunc(find.limit) + 1}`;
  return {
    rows: `SELECT ${(first === undefined ? selected : [first, ...selected]).join(', ')} FROM ${table}${where(conditions)}${orderBy}${limit}`,
    rowParameters: parameters.values,
    count,
    countParameters,
  };
}

class Parameters {
  readonly values: SqlValue[] = [];

  /** The placeholder for a value, cast to the column's type. */
  add(column: Column, value: SqlValue): string {
    this.values.push(value);
    const placeholder = `$${this.values.length}`;
    switch (column.type) {
      case 'date-time':
        return `${placeholder}::TIMESTAMPTZ`;
      case 'integer':
        return `${placeholder}::BIGINT`;
      case 'number':
        return `${placeholder}::DOUBLE`;
      case 'boolean':
        return `${placeholder}::BOOLEAN`;
      default:
        return `${placeholder}::VARCHAR`;
    }
  }
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

const COMPARISON = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

function conditionSql(kind: Kind, condition: Condition, parameters: Parameters): string {
  if (condition.orPaths === undefined) return placeSql(kind, condition, condition.path, parameters);
  const places = [condition.path, ...condition.orPaths].map((path) => placeSql(kind, condition, path, parameters));
  return `(${places.join(' OR ')})`;
}

/** What the condition says of one place. */
function placeSql(kind: Kind, condition: Condition, path: readonly string[], parameters: Parameters): string {
  const target = columnAt(kind, path);
  if (target === undefined) return comparisonSql(MEMBER, memberExpression(kind, path, parameters), condition, parameters);
  if (target.throughList) return listConditionSql(kind, condition, target.column, parameters);
  return comparisonSql(target.column, comparable(target.column, path.map(quoted).join('.'), condition.operator), condition, parameters);
}

/** Members of free-form objects are compared as text. */
const MEMBER: Column = { type: 'string' };

/** The text of a member of a free-form object, named by a JSON pointer, which any name fits into. */
function memberExpression(kind: Kind, path: readonly string[], parameters: Parameters): string {
  const holder = path.slice(0, -1);
  const target = columnAt(kind, holder);
  assert(target?.column.type === 'json' && !target.throughList, 'conditions name columns of the kind, or members of a free-form one');
  const name = path.at(-1) ?? '';
  const pointer = parameters.add(MEMBER, `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `json_extract_string(${holder.map(quoted).join('.')}, ${pointer})`;
}

function comparisonSql(column: Column, expression: string, condition: Condition, parameters: Parameters): string {
  const values = () => condition.values.map((value) => parameters.add(column, comparableValue(column, value, condition.operator)));
  switch (condition.operator) {
    case 'missing':
      return `${expression} IS NULL`;
    case 'present':
      return `${expression} IS NOT NULL`;
    case 'equal':
      // Of several values DuckDB would make comparisons with each, for every row of a compressed column.
      return condition.values.length > 1 ? `list_contains([${values().join(', ')}], ${expression})` : `${expression} IN (${values().join(', ')})`;
    case 'not-equal':
      return `(${expression} IS NULL OR ${expression} NOT IN (${values().join(', ')}))`;
    default: {
      const operator = COMPARISON[condition.operator];
      return `(${values()
        .map((value) => `${expression} ${operator} ${value}`)
        .join(' OR ')})`;
    }
  }
}

/** xnames are equal without regard to leading zeros, wherever they stand. */
function isXnameComparison(column: Column, operator: Condition['operator']): boolean {
  return column.type === 'string' && column.format?.startsWith('xname') === true && (operator === 'equal' || operator === 'not-equal');
}

function comparable(column: Column, expression: string, operator: Condition['operator']): string {
  return isXnameComparison(column, operator) ? xnameWithoutZeros(expression) : expression;
}

export function xnameWithoutZeros(expression: string): string {
  return `regexp_replace(${expression}, '([a-z])0+([0-9])', '\\1\\2', 'g')`;
}

function comparableValue(column: Column, value: string | number | boolean, operator: Condition['operator']): string | number | boolean {
  return isXnameComparison(column, operator) ? normalXname(String(value)) : value;
}

/** On a list, a condition holds when it holds for some element; `not-equal` and `missing` when for none. */
function listConditionSql(kind: Kind, condition: Condition, column: Column, parameters: Parameters): string {
  const plain = listExpression(kind.columns, condition.path);
  const isXname = isXnameComparison(column, condition.operator);
  const elements = isXname ? `list_transform(${plain}, lambda "$element": ${comparable(column, '"$element"', condition.operator)})` : plain;
  const present = `coalesce(len(list_filter(${elements}, lambda "$element": "$element" IS NOT NULL)), 0) > 0`;
  const values = () => condition.values.map((value) => parameters.add(column, comparableValue(column, value, condition.operator))).join(', ');
  switch (condition.operator) {
    case 'missing':
      return `NOT (${present})`;
    case 'present':
      return present;
    case 'equal':
      return `coalesce(list_has_any(${elements}, [${values()}]), false)`;
    case 'not-equal':
      return `NOT coalesce(list_has_any(${elements}, [${values()}]), false)`;
    default: {
      const extreme = condition.operator.startsWith('g') ? 'list_max' : 'list_min';
      const operator = COMPARISON[condition.operator];
      const comparisons = condition.values.map((value) => `${extreme}(${elements}) ${operator} ${parameters.add(column, value)}`);
      return `coalesce(${comparisons.join(' OR ')}, false)`;
    }
  }
}

/** A flat list of the values at the path. */
function listExpression(columns: readonly NamedColumn[], path: readonly string[]): string {
  let expression = '';
  let current: readonly NamedColumn[] = columns;
  let lists = 0;
  for (const [depth, name] of path.entries()) {
    let column = current.find((candidate) => candidate.name === name)?.column;
    assert(column !== undefined, 'the path was checked');
    const member = `${quoted(name)}`;
    if (depth === 0) expression = member;
    else expression = lists === 0 ? `${expression}.${member}` : `list_transform(${expression}, lambda "$element": "$element".${member})`;
    while (column.type === 'list') {
      if (lists > 0) expression = `flatten(${expression})`;
      lists += 1;
      column = column.element;
    }
    current = column.type === 'object' ? column.columns : [];
  }
  return expression;
}

/** Everything behind the cursor, in an order where nulls come last. */
function afterSql(
  order: readonly { readonly expression: string; readonly descending: boolean; readonly column: Column }[],
  after: readonly CursorValue[],
  parameters: Parameters,
): string {
  const alternatives: string[] = [];
  for (let depth = 0; depth < order.length; depth++) {
    const terms: string[] = [];
    for (const [position, { expression, column }] of order.slice(0, depth).entries()) {
      const value = after[position] ?? null;
      terms.push(value === null ? `${expression} IS NULL` : `${expression} = ${parameters.add(column, value)}`);
    }
    const last = order[depth];
    assert(last !== undefined, 'depth is a position in the order');
    const value = after[depth] ?? null;
    // Nothing comes behind a null but other nulls, which the next column tells apart.
    if (value === null) continue;
    const placeholder = parameters.add(last.column, value);
    terms.push(`(${last.expression} ${last.descending ? '<' : '>'} ${placeholder} OR ${last.expression} IS NULL)`);
    alternatives.push(`(${terms.join(' AND ')})`);
  }
  return alternatives.length === 0 ? 'false' : `(${alternatives.join(' OR ')})`;
}

/** A sort value as a cursor carries it. */
export function cursorValue(value: unknown): CursorValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return String(value);
}
