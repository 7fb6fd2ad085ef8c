import type { Schema } from './kind.ts';
import { checkedKind } from './validator.ts';
import { mapSchema } from './walk.ts';

/**
 * The schemas as TypeScript types are made from them. What differs between reading and writing becomes two definitions:
 * the record as answers have it, and the draft as clients write it.
 */

export interface TypedDefinitions {
  /** By the name of the type. What several kinds share is there once. */
  readonly definitions: Readonly<Record<string, Schema>>;
  /** Those that have records of their own. */
  readonly kinds: readonly string[];
}

/** The server makes such records from an xname alone: nothing else is sure to be in them. */
const MADE_BY_RULES: ReadonlySet<string> = new Set(['BMC']);
const BOOKKEEPING = ['created_at', 'updated_at', 'revision'];
const REFERENCE = '#/$defs/';

export function draftName(name: string): string {
  return `${name}Draft`;
}

/** @param schemas self-contained, by name. */
export function typedDefinitions(schemas: ReadonlyMap<string, Schema>): TypedDefinitions {
  const plain: Record<string, Schema> = {};
  const kinds = new Map<string, string>();
  for (const [name, schema] of schemas) {
    const { $id, $defs, ...definition } = mapSchema(schema, name, withoutWhatTypesCannotSay);
    Object.assign(plain, $defs, { [name]: definition });
    const kind = checkedKind(name, schema);
    if (kind !== undefined) kinds.set(name, kind.key);
  }
  const twofold = namesWithTwoForms(plain);
  const definitions: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(plain)) {
    const key = kinds.get(name);
    const read = mapSchema(schema, name, (inner) => without(inner, 'writeOnly'));
    definitions[name] = key === undefined ? read : { ...read, required: alwaysThere(name, key, read) };
    if (key !== undefined || twofold.has(name)) {
      definitions[draftName(name)] = mapSchema(schema, name, (inner) => withDraftReference(without(inner, 'readOnly'), twofold));
    }
  }
  return { definitions, kinds: [...kinds.keys()] };
}

interface Remarked extends Schema {
  readonly $schema?: string;
  readonly anyOf?: readonly Schema[];
}

/**
 * Titles would rename types, conditions between properties would make unions that say little, and a description beside a
 * reference would make a type of its own for each place.
 */
function withoutWhatTypesCannotSay({ $schema, title, anyOf, ...rest }: Remarked): Schema {
  if (rest.$ref === undefined) return rest;
  return { $ref: rest.$ref, ...(rest.readOnly === true ? { readOnly: true } : {}), ...(rest.writeOnly === true ? { writeOnly: true } : {}) };
}

/** Those with a property that is only read or only written, and those that have such a one inside. */
function namesWithTwoForms(definitions: Readonly<Record<string, Schema>>): ReadonlySet<string> {
  const texts = Object.entries(definitions).map(([name, schema]) => [name, JSON.stringify(schema)] as const);
  const found = new Set(texts.filter(([, text]) => /"(?:readOnly|writeOnly)":true/.test(text)).map(([name]) => name));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, text] of texts) if ([...found].some((inner) => text.includes(`"${REFERENCE}${inner}"`))) found.add(name);
  }
  return found;
}

function without(schema: Schema, mark: 'readOnly' | 'writeOnly'): Schema {
  if (schema.properties === undefined) return schema;
  const kept = Object.entries(schema.properties).filter(([, property]) => property[mark] !== true);
  const names = new Set(kept.map(([name]) => name));
  return {
    ...schema,
    properties: Object.fromEntries(kept),
    ...(schema.required === undefined ? {} : { required: schema.required.filter((name) => names.has(name)) }),
  };
}

function withDraftReference(schema: Schema, twofold: ReadonlySet<string>): Schema {
  const name = schema.$ref?.slice(REFERENCE.length);
  return name !== undefined && twofold.has(name) ? { ...schema, $ref: `${REFERENCE}${draftName(name)}` } : schema;
}

function alwaysThere(name: string, key: string, { required = [] }: Schema): readonly string[] {
  return [...new Set([key, ...(MADE_BY_RULES.has(name) ? [] : required), ...BOOKKEEPING])];
}
