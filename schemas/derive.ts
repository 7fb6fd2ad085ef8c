import type { Schema } from './kind.ts';
import { mapSchema } from './walk.ts';

/**
 * What a validator checks is not quite what the schema says. Whether a missing secret is missed depends on the record
 * that is stored, so the owner judges it; what only the server sets is not checked at all.
 */

/** What readers see in place of a secret. Written back, it would destroy the real one. */
export const SECRET_MASK = '******';
/** Matches everything but the mask. */
export const NOT_THE_MASK = '^(?!\\*{6}$)';

/** For people only; without them generated validators do not change when somebody improves a description. */
const REMARKS = ['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default', 'deprecated', 'x-holdfast', 'x-holdfast-unique'];
/** These formats check what the pattern beside them spells out for other people's validators: once is enough. */
const PATTERNS_OF_FORMATS: Readonly<Record<string, string>> = {
  'mac-address': '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$',
  'xname-bmc': '^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})$',
  'xname-node': '^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})n(\\d{1,3})$',
};

interface Checked extends Schema {
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allOf?: readonly Schema[];
}

/** The schema that validators of a kind are compiled from. */
export function derivedSchema(schema: Schema): Schema {
  const derived = mapSchema(schema, '', (inner) => withExactIntegers(withMaskRefused(withoutDoubles(withoutSecretsRequired(schema, withoutRemarks(inner))))));
  const serverSet = Object.keys(schema.properties ?? {}).filter((name) => schema.properties?.[name]?.readOnly === true);
  // Present or not, valid or not: what clients say about these properties is dropped before it matters.
  const unchecked = Object.fromEntries(serverSet.map((name) => [name, true as unknown as Schema]));
  return {
    ...derived,
    properties: { ...derived.properties, ...unchecked },
    required: (derived.required ?? []).filter((name) => !serverSet.includes(name)),
  };
}

function withoutRemarks(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !REMARKS.includes(keyword)));
}

function withoutSecretsRequired(root: Schema, schema: Schema): Schema {
  if (schema.required === undefined || schema.properties === undefined) return schema;
  const { properties } = schema;
  return { ...schema, required: schema.required.filter((name) => !isSecret(root, properties[name])) };
}

function isSecret(root: Schema, property: Schema | undefined): boolean {
  if (property?.['x-holdfast-secret'] !== undefined) return true;
  const definition = property?.$ref?.slice('#/$defs/'.length);
  return definition !== undefined && root.$defs?.[definition]?.['x-holdfast-secret'] !== undefined;
}

function withoutDoubles(schema: Checked): Schema {
  if (schema.format === undefined || schema.pattern === undefined || PATTERNS_OF_FORMATS[schema.format] !== schema.pattern) return schema;
  const { pattern, ...rest } = schema;
  return rest;
}

function withMaskRefused(schema: Checked): Schema {
  if (schema.type !== 'string' || (schema['x-holdfast-secret'] === undefined && schema.writeOnly !== true)) return schema;
  if (schema.pattern === undefined) return { ...schema, pattern: NOT_THE_MASK } as Schema;
  return { ...schema, allOf: [...(schema.allOf ?? []), { pattern: NOT_THE_MASK }] } as Schema;
}

/** Beyond 2⁵³ − 1 a JSON number is not the number that was written. */
function withExactIntegers(schema: Checked): Schema {
  if (schema.type !== 'integer') return schema;
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
  return { ...schema, minimum: Math.max(minimum, Number.MIN_SAFE_INTEGER), maximum: Math.min(maximum, Number.MAX_SAFE_INTEGER) } as Schema;
}
