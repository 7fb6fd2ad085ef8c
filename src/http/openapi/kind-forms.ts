import type { Kind, Schema } from '../../../schemas/kind.ts';
import { isObject, mapSchema } from '../../../schemas/walk.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * A kind's schema in the forms in which it crosses the wire:
 *
 * - `ComputeNode`: as it is read. Secrets are not in it, and only the key is sure to be there: `fields` leaves out the
 *   rest, and the server makes records of its own that have less than clients must give.
 * - `ComputeNode-write`: as it is sent. What only the server sets is not in it.
 * - `ComputeNode-patch`: a merge patch. Any part of what is sent, with null for what is to go.
 *
 * What its `$defs` hold has the same three forms, as `ComputeNode.BootData`; a schema of its own that is part of several
 * kinds has its own name (`NetworkInterface`). No name of a kind has a dot or a dash in it.
 */
export function kindForms(kind: Kind, isPublished: (name: string) => boolean): Readonly<Record<string, JsonSchema>> {
  const nameOf = (definition: string): string => (isPublished(definition) ? definition : `${kind.name}.${plain(definition)}`);
  const forms = new Forms(kind.schema, nameOf);
  const components: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(kind.schema.$defs ?? {})) {
    components[nameOf(name)] = forms.read(schema);
    components[`${nameOf(name)}-write`] = forms.write(schema);
    components[`${nameOf(name)}-patch`] = forms.patch(schema);
  }
  const published = { externalDocs: { url: `/schemas/${kind.name}.json`, description: 'The JSON Schema of the kind' } };
  components[kind.name] = { ...forms.read(kind.schema), required: [kind.key], ...published };
  components[`${kind.name}-write`] = { ...forms.write(kind.schema), ...published };
  components[`${kind.name}-patch`] = forms.patch(kind.schema);
  components[`${kind.name}-secrets`] = secretsOf(kind);
  return components;
}

/** A new record with what it needs and what names it, made of the schema's own examples; undefined when those do not suffice. */
export function exampleOf(kind: Kind): JsonSchema | undefined {
  const required = kind.schema.required ?? [];
  const names = new Set([...required, ...kind.uniques.map(({ property }) => property)]);
  const example: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(kind.schema.properties ?? {})) {
    if (!names.has(name) || kind.serverSet.includes(name)) continue;
    const [value] = 'examples' in property && Array.isArray(property.examples) ? (property.examples as unknown[]) : (property.enum ?? []);
    if (value !== undefined) example[name] = value;
    else if (property['x-holdfast-secret'] !== undefined) example[name] = 'correct horse';
    else if (required.includes(name)) return undefined;
  }
  return example;
}

/** Keywords that mean something to this server, or name the document that the schema was in. */
const OURS = ['$schema', '$id', '$comment', '$defs', 'x-holdfast', 'x-holdfast-unique', 'x-holdfast-secret'];
/** What ties properties of an object together: it holds for whole records only. */
const TIES = ['required', 'minProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas'];

class Forms {
  readonly #root: Schema;
  readonly #nameOf: (definition: string) => string;

  constructor(root: Schema, nameOf: (definition: string) => string) {
    this.#root = root;
    this.#nameOf = nameOf;
  }

  read(schema: Schema): JsonSchema {
    return this.#mapped(schema, '', (inner) =>
      isObjectSchema(inner)
        ? without(
            this.#keeping(inner, (property) => !this.#isWriteOnly(property)),
            TIES,
          )
        : inner,
    );
  }

  write(schema: Schema): JsonSchema {
    return this.#mapped(schema, '-write', (inner) => {
      const kept = this.#keeping(inner, (property) => property.readOnly !== true);
      if (kept.required === undefined) return kept;
      // A replacement may leave out what only the server knows: it stays as it was.
      const { properties = {} } = kept;
      return { ...kept, required: kept.required.filter((name) => inner.properties?.[name]?.readOnly !== true && !this.#isSecret(properties[name])) };
    });
  }

  patch(schema: Schema): JsonSchema {
    if (schema.$ref !== undefined) return { ...without(schema, OURS), $ref: this.#refTo(schema.$ref, '-patch') };
    const { properties, additionalProperties, required = [] } = schema;
    if (properties !== undefined) {
      const entries = Object.entries(properties).filter(([, property]) => property.readOnly !== true);
      const patched = entries.map(([name, property]) => [name, required.includes(name) ? this.patch(property) : orNull(this.patch(property))]);
      return { ...without(schema, [...OURS, ...TIES]), properties: Object.fromEntries(patched) };
    }
    if (isObject(additionalProperties))
      return { ...without(schema, [...OURS, ...TIES]), additionalProperties: orNull(this.patch(additionalProperties as Schema)) };
    return this.write(schema);
  }

  #mapped(schema: Schema, form: string, change: (inner: Schema) => Schema): JsonSchema {
    const { $defs, ...root } = schema;
    // Schemas are mapped from the inside: what a change decides by must still be there when the one around comes.
    const mapped = mapSchema(mapSchema(root, '', change), '', (inner) => {
      const changed = without(inner, OURS);
      return changed.$ref === undefined ? changed : { ...changed, $ref: this.#refTo(changed.$ref, form) };
    });
    return mapped as JsonSchema;
  }

  #keeping(schema: Schema, isKept: (property: Schema) => boolean): Schema {
    if (schema.properties === undefined) return schema;
    return { ...schema, properties: Object.fromEntries(Object.entries(schema.properties).filter(([, property]) => isKept(property))) };
  }

  #isWriteOnly(property: Schema): boolean {
    return property.writeOnly === true || this.#resolved(property).writeOnly === true || this.#isSecret(property);
  }

  #isSecret(property: Schema | undefined): boolean {
    if (property === undefined) return false;
    return property['x-holdfast-secret'] !== undefined || this.#resolved(property)['x-holdfast-secret'] !== undefined;
  }

  #resolved(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : (this.#root.$defs?.[schema.$ref.slice('#/$defs/'.length)] ?? {});
  }

  #refTo(reference: string, form: string): string {
    return `#/components/schemas/${this.#nameOf(reference.slice('#/$defs/'.length))}${form}`;
  }
}

function isObjectSchema(schema: Schema): boolean {
  return schema.properties !== undefined || schema.type === 'object' || schema.type === undefined;
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  const isSimple = typeof type === 'string' && !['$ref', 'enum', 'const', 'allOf', 'anyOf', 'oneOf', 'not', 'if'].some((keyword) => keyword in schema);
  if (isSimple) return { ...schema, type: [type, 'null'] };
  const { title, description, ...rest } = schema;
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] };
}

function secretsOf({ name, secrets }: Kind): JsonSchema {
  return {
    title: `Secrets of ${name}`,
    description: secrets.length === 0 ? 'The kind has no secrets.' : 'Those that are stored, by their places in the record.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(secrets.map(({ place }) => [place, { type: 'string' }])),
  };
}

function without<T extends object>(schema: T, keywords: readonly string[]): T {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword))) as T;
}

/** The name of a definition as part of a component's name, which takes few characters; no two names become one. */
function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/gu, (letter) => `.${(letter.codePointAt(0) ?? 0).toString(16)}.`);
}
