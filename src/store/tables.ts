import type { Column, Kind, NamedColumn } from '../../schemas/kind.ts';

/** SQL that is derived from a kind: its table, the shape its JSON is read by, and the text it is written back as. */

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `hive_partitioning` would make a column of the folder's name. */
export function parquet(path: string): string {
  return `read_parquet(${literal(path)}, hive_partitioning = false)`;
}

export const ROW_NUMBER = 'file_row_number';

/** The same, with the number of each row as `ROW_NUMBER`. DuckDB refuses it for a file that has a column of that name. */
export function numberedParquet(path: string): string {
  return `read_parquet(${literal(path)}, hive_partitioning = false, ${ROW_NUMBER} = true)`;
}

function sqlType(column: Column): string {
  switch (column.type) {
    case 'string':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date-time':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'json':
      return 'JSON';
    case 'list':
      return `${sqlType(column.element)}[]`;
    case 'object':
      return `STRUCT(${columnList(column.columns)})`;
  }
}

function columnList(columns: readonly NamedColumn[]): string {
  return columns.map(({ name, column }) => `${quoted(name)} ${sqlType(column)}`).join(', ');
}

/** No index and no key: uniqueness is the key index's, and DuckDB's own has been corrupted by repeated upserts. */
export function createTable(kind: Kind, name: string = kind.name): string {
  return `CREATE TABLE ${quoted(name)} (${columnList(kind.columns)})`;
}

/** Longer text is not what lists are searched by, and packed it is a fraction. */
const SHORT_TEXT_LENGTH_MAX = 255;

/**
 * The same for the table that searches scan. DuckDB packs text in which values hardly repeat, and unpacks all of it for each
 * search, which takes a third of its time: short text stays as it is, but for what the key index answers.
 */
export function createScannedTable(kind: Kind): string {
  const definitions = kind.columns.map((named) => `${columnList([named])}${isScannedText(kind, named) ? ' USING COMPRESSION uncompressed' : ''}`);
  return `CREATE TABLE ${quoted(kind.name)} (${definitions.join(', ')})`;
}

function isScannedText({ key, uniques, schema }: Kind, { name, column }: NamedColumn): boolean {
  if (column.type !== 'string' || name === key || uniques.some(({ property }) => property === name)) return false;
  const { maxLength } = schema.properties?.[name] ?? {};
  return maxLength !== undefined && maxLength <= SHORT_TEXT_LENGTH_MAX;
}

/** The structure for `from_json`. */
function jsonShape(column: Column): string {
  if (column.type === 'list') return `[${jsonShape(column.element)}]`;
  if (column.type === 'object') return objectShape(column.columns);
  return JSON.stringify(sqlType(column));
}

function objectShape(columns: readonly NamedColumn[]): string {
  return `{${columns.map(({ name, column }) => `${JSON.stringify(name)}:${jsonShape(column)}`).join(',')}}`;
}

/** Inserts the records of a table of BLOBs, each some images with line feeds between. */
export function insertFromStage(kind: Kind, stage: string, table: string = kind.name): string {
  const lines = `SELECT unnest(string_split(decode(images), chr(10))) AS image FROM ${stage}`;
  return `INSERT INTO ${quoted(table)} SELECT unnest(from_json(image, ${literal(objectShape(kind.columns))})) FROM (${lines})`;
}

/**
 * The expression that writes a row as canonical JSON. Three things DuckDB spells otherwise than JavaScript, so that the
 * text has to go through JavaScript once: floating point, `\u` escapes, and free-form JSON.
 */
export function renderRow(kind: Kind): string {
  return renderObject(kind.columns, '', { next: 0 });
}

function renderObject(columns: readonly NamedColumn[], prefix: string, lambda: { next: number }): string {
  const members = columns.map(({ name, column }) => {
    const label = literal(`${JSON.stringify(name)}:`);
    return `${label} || ${renderValue(column, `${prefix}${quoted(name)}`, lambda)}`;
  });
  return `'{' || concat_ws(',', ${members.join(', ')}) || '}'`;
}

/** NULL for NULL: `concat_ws` leaves those out. */
function renderValue(column: Column, expression: string, lambda: { next: number }): string {
  switch (column.type) {
    case 'string':
      return `to_json(${expression})::VARCHAR`;
    case 'integer':
    case 'number':
    case 'boolean':
    case 'json':
      return `${expression}::VARCHAR`;
    case 'date-time':
      return `'"' || replace(make_timestamp(epoch_us(${expression}))::VARCHAR, ' ', 'T') || 'Z"'`;
    case 'object':
      return `CASE WHEN ${expression} IS NOT NULL THEN ${renderObject(column.columns, `${expression}.`, lambda)} END`;
    case 'list': {
      // A name that no property can have.
      const element = quoted(`$${lambda.next++}`);
      const inner = renderValue(column.element, element, lambda);
      const texts = `list_transform(${expression}, lambda ${element}: ${inner})`;
      return `CASE WHEN ${expression} IS NOT NULL THEN '[' || coalesce(array_to_string(${texts}, ','), '') || ']' END`;
    }
  }
}

/** Some free-form value is there, so that the rendered text has to go through JavaScript once. Never so for most kinds. */
export function hasFreeForm(kind: Kind): string {
  return anyOf(kind.columns.flatMap(({ name, column }) => freeFormIn(column, quoted(name), 0)));
}

function freeFormIn(column: Column, expression: string, depth: number): string[] {
  switch (column.type) {
    case 'json':
      return [`${expression} IS NOT NULL`];
    case 'object':
      return column.columns.flatMap(({ name, column: inner }) => freeFormIn(inner, `${expression}.${quoted(name)}`, depth));
    case 'list': {
      const element = quoted(`$${depth}`);
      const inside = freeFormIn(column.element, element, depth + 1);
      return inside.length === 0 ? [] : [`coalesce(len(list_filter(${expression}, lambda ${element}: ${anyOf(inside)})), 0) > 0`];
    }
    default:
      return [];
  }
}

function anyOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
}

/** The expression for a property path; through lists it is a list. */
export function pathExpression(path: readonly string[]): string {
  return path.map(quoted).join('.');
}
