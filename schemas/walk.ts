import type { Schema } from './kind.ts';

/** Where JSON Schema (draft 2020-12) keeps schemas inside schemas. Everything else in a schema is a plain value. */

const ONE = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'];
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAP = ['properties', 'patternProperties', '$defs', 'dependentSchemas'];

export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of `schema` whose subschemas, innermost first, and itself have gone through `change`. `place` reads like `BMC.properties.xname`. */
export function mapSchema(schema: Schema, place: string, change: (schema: Schema, place: string) => Schema): Schema {
  const copy: Fields = { ...schema };
  for (const keyword of ONE) {
    if (isObject(copy[keyword])) copy[keyword] = mapSchema(copy[keyword], `${place}.${keyword}`, change);
  }
  for (const keyword of LIST) {
    const list = copy[keyword];
    if (!Array.isArray(list)) continue;
    copy[keyword] = list.map((inner: unknown, index) => (isObject(inner) ? mapSchema(inner, `${place}.${keyword}[${index}]`, change) : inner));
  }
  for (const keyword of MAP) {
    const map = copy[keyword];
    if (!isObject(map)) continue;
    // fromEntries defines members; assignment would let a member named __proto__ vanish.
    copy[keyword] = Object.fromEntries(
      Object.entries(map).map(([name, inner]) => [name, isObject(inner) ? mapSchema(inner, `${place}.${keyword}.${name}`, change) : inner]),
    );
  }
  return change(copy, place);
}
