import { createHash } from 'node:crypto';
import { normalMac } from './formats.ts';
import { normalXname } from './xname.ts';

/**
 * A kind of record, derived from one JSON Schema: what its columns are, how records are named, which values are unique,
 * which are secret. Everything that differs from kind to kind comes from here.
 */

/** The part of JSON Schema (draft 2020-12) that decides columns and names; validators read the rest. */
export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly enum?: readonly unknown[];
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly 'x-holdfast'?: KindAnnotation;
  readonly 'x-holdfast-unique'?: NormalForm;
  readonly 'x-holdfast-secret'?: string;
}

interface KindAnnotation {
  readonly embedded?: boolean;
  readonly key?: string;
  readonly naturalKeys?: readonly string[];
  readonly aliases?: readonly string[];
  /** Old query parameter → `property.path` or `missing=property.path`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How values of a unique property are compared. */
export type NormalForm = 'xname' | 'mac' | 'exact';

export type Column =
  | { readonly type: 'string'; readonly format?: string }
  | { readonly type: 'integer' }
  | { readonly type: 'number' }
  | { readonly type: 'boolean' }
  | { readonly type: 'date-time' }
  /** A free-form object or array: kept as JSON text. */
  | { readonly type: 'json' }
  | { readonly type: 'object'; readonly columns: readonly NamedColumn[] }
  | { readonly type: 'list'; readonly element: Column };

export interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

export interface Unique {
  readonly property: string;
  readonly normalForm: NormalForm;
  /** Among those of its kind. */
  readonly position: number;
}

export interface Secret {
  /** Where clients write it, e.g. `['spec', 'bmc_password']`. */
  readonly path: readonly string[];
  /** The same with dots. */
  readonly place: string;
  /** The boolean next to it that says whether it is set. */
  readonly flag: string;
  readonly required: boolean;
}

export interface Kind {
  readonly name: string;
  /** Self-contained: references to other files are bundled into `$defs`. */
  readonly schema: Schema;
  /** SHA-256 of the schema's JSON: snapshots say by which schema they were written. */
  readonly schemaHash: string;
  readonly key: string;
  /** The server makes the key; else clients choose it. */
  readonly keyIsServerSet: boolean;
  readonly naturalKeys: readonly string[];
  readonly aliases: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Public columns in canonical order; secrets are not among them. */
  readonly columns: readonly NamedColumn[];
  readonly uniques: readonly Unique[];
  readonly secrets: readonly Secret[];
  /** Top-level properties that only the server sets. */
  readonly serverSet: readonly string[];
  /** Some value is rendered by DuckDB in another form than by JavaScript (floating point, free-form JSON). */
  readonly needsReparse: boolean;
}

/** The limit of what a schema may ask for: each nesting level becomes a STRUCT or LIST in SQL. */
const COLUMN_DEPTH_MAX = 12;
/** Set by the server on every record. */
const BOOKKEEPING = ['created_at', 'updated_at', 'revision'] as const;
const KIND_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const PROPERTY_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/** A schema that cannot become a kind; `message` names the place and says why. */
export class SchemaProblem extends Error {
  constructor(place: string, reason: string) {
    super(`${place}: ${reason}`);
    this.name = 'SchemaProblem';
  }
}

export const NORMAL_FORMS: Readonly<Record<NormalForm, (text: string) => string>> = {
  xname: normalXname,
  mac: normalMac,
  exact: (text) => text,
};

/**
 * Derives the kind `name` from its self-contained schema.
 * @throws SchemaProblem when the schema asks for what a kind cannot have.
 */
export function kindOf(name: string, schema: Schema): Kind {
  if (!KIND_NAME.test(name)) throw new SchemaProblem(name, 'a kind is named with letters, digits and _, at most 63');
  if (schema.type !== 'object' || schema.properties === undefined) {
    throw new SchemaProblem(name, 'a kind is a schema of "type": "object" with "properties"');
  }
  const annotation = schema['x-holdfast'] ?? {};
  const key = annotation.key ?? 'id';
  const keySchema = schema.properties[key];
  if (keySchema === undefined || resolve(schema, keySchema, name).type !== 'string') {
    throw new SchemaProblem(name, `the key property "${key}" must be among "properties", with "type": "string"`);
  }
  for (const property of BOOKKEEPING) {
    const type = schema.properties[property]?.type;
    if (type !== (property === 'revision' ? 'integer' : 'string')) {
      throw new SchemaProblem(name, `"${property}" must be declared (${property === 'revision' ? 'integer' : 'string, date-time'}, readOnly)`);
    }
  }
  const secrets: Secret[] = [];
  const columns = columnsOf(schema, schema, [], secrets, name);
  const uniques: Unique[] = [];
  for (const [property, value] of Object.entries(schema.properties)) {
    const normalForm = resolve(schema, value, name)['x-holdfast-unique'];
    if (normalForm === undefined) continue;
    if (!(normalForm in NORMAL_FORMS)) throw new SchemaProblem(`${name}.${property}`, `unknown normal form "${normalForm}"`);
    uniques.push({ property, normalForm, position: uniques.length });
  }
  const naturalKeys = annotation.naturalKeys ?? [];
  for (const property of naturalKeys) {
    if (!uniques.some((unique) => unique.property === property)) {
      throw new SchemaProblem(`${name}.${property}`, 'a natural key must be unique ("x-holdfast-unique")');
    }
  }
  const serverSet = Object.entries(schema.properties)
    .filter(([, value]) => value.readOnly === true)
    .map(([property]) => property);
  return {
    name,
    schema,
    schemaHash: createHash('sha256').update(JSON.stringify(schema)).digest('hex'),
    key,
    keyIsServerSet: serverSet.includes(key),
    naturalKeys,
    aliases: annotation.aliases ?? [],
    parameters: annotation.parameters ?? {},
    columns,
    uniques,
    secrets,
    serverSet,
    needsReparse: columns.some(({ column }) => hasFloat(column)),
  };
}

/** Whether the schema describes something that only lives inside other records. */
export function isEmbedded(schema: Schema): boolean {
  return schema['x-holdfast']?.embedded === true;
}

function columnsOf(root: Schema, schema: Schema, path: readonly string[], secrets: Secret[], place: string): NamedColumn[] {
  if (path.length > COLUMN_DEPTH_MAX) throw new SchemaProblem(place, `nested deeper than ${COLUMN_DEPTH_MAX}`);
  const columns: NamedColumn[] = [];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(schema.properties ?? {})) {
    const at = `${place}.${name}`;
    if (!PROPERTY_NAME.test(name)) throw new SchemaProblem(at, 'a property is named with letters, digits, _ and -, at most 63');
    if (name.toLowerCase() === 'rowid') throw new SchemaProblem(at, 'is a name that DuckDB keeps for itself');
    // SQL names columns without regard to case.
    if (seen.has(name.toLowerCase())) throw new SchemaProblem(at, 'differs only in case from another property');
    seen.add(name.toLowerCase());
    const property = resolve(root, value, at);
    const flag = value['x-holdfast-secret'] ?? property['x-holdfast-secret'];
    if (flag !== undefined) {
      if (schema.properties?.[flag]?.type !== 'boolean') throw new SchemaProblem(at, `its flag "${flag}" must be a boolean property beside it`);
      secrets.push({ path: [...path, name], place: [...path, name].join('.'), flag, required: schema.required?.includes(name) ?? false });
      continue;
    }
    // Write-only without being kept: a rule takes it out of the record.
    if (value.writeOnly === true || property.writeOnly === true) continue;
    columns.push({ name, column: columnOf(root, property, [...path, name], secrets, at) });
  }
  return columns;
}

function columnOf(root: Schema, schema: Schema, path: readonly string[], secrets: Secret[], place: string): Column {
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date-time') return { type: 'date-time' };
      return schema.format === undefined ? { type: 'string' } : { type: 'string', format: schema.format };
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: schema.type };
    case 'array': {
      if (schema.items === undefined) return { type: 'json' };
      const inside: Secret[] = [];
      const element = columnOf(root, resolve(root, schema.items, place), path, inside, `${place}[]`);
      if (inside.length > 0) throw new SchemaProblem(place, 'a secret cannot stand inside an array');
      return { type: 'list', element };
    }
    case 'object': {
      if (schema.properties === undefined) return { type: 'json' };
      if (schema.additionalProperties !== false) {
        throw new SchemaProblem(place, 'an object with "properties" needs "additionalProperties": false (a free-form object has no "properties")');
      }
      const columns = columnsOf(root, schema, path, secrets, place);
      if (columns.length === 0)
        throw new SchemaProblem(place, 'an object with "properties" needs at least one that is no secret (a free-form object has no "properties")');
      return { type: 'object', columns };
    }
    case undefined:
      throw new SchemaProblem(place, 'needs a "type"');
    default:
      throw new SchemaProblem(
        place,
        `"type": ${JSON.stringify(schema.type)} cannot become a column; use one of string, integer, number, boolean, array, object`,
      );
  }
}

function resolve(root: Schema, schema: Schema, place: string): Schema {
  if (schema.$ref === undefined) return schema;
  const name = /^#\/\$defs\/([^/]+)$/.exec(schema.$ref)?.[1];
  const target = name === undefined ? undefined : root.$defs?.[name];
  if (target === undefined) throw new SchemaProblem(place, `"$ref": "${schema.$ref}" leads nowhere`);
  if (target.$ref !== undefined) throw new SchemaProblem(place, `"$ref": "${schema.$ref}" leads to another $ref`);
  return target;
}

function hasFloat(column: Column): boolean {
  if (column.type === 'number') return true;
  if (column.type === 'list') return hasFloat(column.element);
  return column.type === 'object' && column.columns.some((child) => hasFloat(child.column));
}

/** The column at a dotted path and whether the path passes through a list, or undefined. */
export function columnAt(kind: Kind, path: readonly string[]): { column: Column; throughList: boolean } | undefined {
  let columns: readonly NamedColumn[] | undefined = kind.columns;
  let found: Column | undefined;
  let throughList = false;
  for (const name of path) {
    found = columns?.find((candidate) => candidate.name === name)?.column;
    if (found === undefined) return undefined;
    let inner: Column = found;
    while (inner.type === 'list') {
      throughList = true;
      inner = inner.element;
    }
    columns = inner.type === 'object' ? inner.columns : undefined;
    found = inner;
  }
  return found === undefined ? undefined : { column: found, throughList };
}
