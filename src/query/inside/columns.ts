import type { Column, NamedColumn } from '../../../schemas/kind.ts';
import { quoted } from '../../store/tables.ts';

/**
 * Columns of one kind under several schemas. What is a column in any of them is one here; where the types differ it has one
 * that takes all of their values: a number for integers and numbers, JSON for nested things, else text.
 */
export function mergedColumns(schemas: readonly (readonly NamedColumn[])[]): readonly NamedColumn[] {
  const merged = new Map<string, NamedColumn>();
  for (const columns of schemas) {
    for (const { name, column } of columns) {
      const before = merged.get(name);
      merged.set(name, { name, column: before === undefined ? column : mergedColumn(before.column, column) });
    }
  }
  return [...merged.values()];
}

function mergedColumn(one: Column, other: Column): Column {
  if (one.type === 'object' && other.type === 'object') return { type: 'object', columns: mergedColumns([one.columns, other.columns]) };
  if (one.type === 'list' && other.type === 'list') return { type: 'list', element: mergedColumn(one.element, other.element) };
  if (one.type === other.type) return one;
  const types = new Set([one.type, other.type]);
  if (types.has('integer') && types.has('number')) return { type: 'number' };
  return isNested(one) && isNested(other) ? { type: 'json' } : { type: 'string' };
}

function isNested({ type }: Column): boolean {
  return type === 'object' || type === 'list' || type === 'json';
}

/** The select list that makes rows of `columns` of rows that have `own`. */
export function castList(own: readonly NamedColumn[], columns: readonly NamedColumn[], table: string): string {
  return columns.map(({ name, column }) => `${castOf(own, name, column, `${table}.${quoted(name)}`, { next: 0 })} AS ${quoted(name)}`).join(', ');
}

function castOf(own: readonly NamedColumn[], name: string, to: Column, expression: string, lambda: { next: number }): string {
  const from = own.find((candidate) => candidate.name === name)?.column;
  return from === undefined ? 'NULL' : cast(from, to, expression, lambda);
}

function cast(from: Column, to: Column, expression: string, lambda: { next: number }): string {
  if (JSON.stringify(from) === JSON.stringify(to)) return expression;
  if (from.type === 'object' && to.type === 'object') {
    const members = to.columns.map(({ name, column }) => `${quoted(name)} := ${castOf(from.columns, name, column, `${expression}.${quoted(name)}`, lambda)}`);
    return `CASE WHEN ${expression} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
  }
  if (from.type === 'list' && to.type === 'list') {
    // A name that no property can have.
    const element = quoted(`$${lambda.next++}`);
    return `list_transform(${expression}, lambda ${element}: ${cast(from.element, to.element, element, lambda)})`;
  }
  if (to.type === from.type) return expression;
  if (to.type === 'number') return `CAST(${expression} AS DOUBLE)`;
  if (to.type === 'json') return `to_json(${expression})`;
  if (isNested(from)) return `CAST(to_json(${expression}) AS VARCHAR)`;
  if (from.type === 'date-time') return `replace(make_timestamp(epoch_us(${expression}))::VARCHAR, ' ', 'T') || 'Z'`;
  return `CAST(${expression} AS VARCHAR)`;
}
