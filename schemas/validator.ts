import { _, Ajv2020, type Options } from 'ajv/dist/2020.js';
import { derivedSchema } from './derive.ts';
import { explain, type ValidationError, type Validator } from './explain.ts';
import { FORMATS } from './formats.ts';
import { columnAt, isEmbedded, type Kind, kindOf, NORMAL_FORMS, type Schema, SchemaProblem } from './kind.ts';
import { addLengthKeywords } from './length-keywords.ts';
import { isObject, mapSchema } from './walk.ts';

/**
 * Ajv as this project uses it: at build time for the built-in kinds, at start for a site's own. Slow to load, so nothing
 * that runs at every start may import this file.
 */

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const ALIAS = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** So many mistakes of one file are told. */
const META_PROBLEMS_MAX = 10;

/** `judge` stops at the first problem and serves every request; `explain` finds all, for the answer to a refused one. */
export type Purpose = 'judge' | 'explain';

export function ajvFor(purpose: Purpose, code: Options['code'] = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: purpose === 'explain',
    // `required: ["constructor"]` must not be met by what every object inherits.
    ownProperties: true,
    strictNumbers: true,
    validateFormats: true,
    formats: { ...FORMATS },
    verbose: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    code: { ...code, formats: _`FORMATS` },
  });
  addLengthKeywords(ajv);
  ajv.addKeyword({
    keyword: 'x-holdfast',
    metaSchema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        embedded: { type: 'boolean' },
        key: { type: 'string' },
        naturalKeys: { type: 'array', items: { type: 'string' } },
        aliases: { type: 'array', items: { type: 'string', pattern: ALIAS.source } },
        parameters: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  });
  ajv.addKeyword({ keyword: 'x-holdfast-unique', metaSchema: { enum: Object.keys(NORMAL_FORMS) } });
  ajv.addKeyword({ keyword: 'x-holdfast-secret', metaSchema: { type: 'string', minLength: 1 } });
  return ajv;
}

/** Compiles a kind's validator in this process. @throws Error when Ajv cannot use the schema */
export function compileValidator(purpose: Purpose, schema: Schema): Validator {
  return ajvFor(purpose).compile(derivedSchema(schema)) as Validator;
}

/** What keeps a file from being a JSON Schema at all, one sentence each, beginning with the place. */
export function metaSchemaProblems(name: string, file: unknown): string[] {
  if (!isObject(file)) return [`${name}: is not a JSON object`];
  const { $schema } = file;
  if ($schema !== undefined && $schema !== DIALECT) return [`${name}: "$schema" must be "${DIALECT}"`];
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateFormats: false });
  if (ajv.validateSchema(file) === true) return [];
  // One sentence for each place: the dialect's own schema has alternatives whose reasons only confuse.
  const byPlace = new Map<string, string>();
  for (const { pointer, detail } of explain('a schema', (ajv.errors ?? []) as readonly ValidationError[], META_PROBLEMS_MAX)) {
    if (!byPlace.has(pointer)) byPlace.set(pointer, `${name}#${pointer}: ${detail}`);
  }
  return [...byPlace.values()];
}

/**
 * The kind that a bundled schema describes, or undefined for an embedded one, after every check that does not need other kinds.
 * @throws SchemaProblem
 */
export function checkedKind(name: string, schema: Schema): Kind | undefined {
  mapSchema(schema, name, (inner, place) => {
    // Assigning to a member of this name changes an object's prototype instead.
    if (Object.hasOwn(inner.properties ?? {}, '__proto__')) throw new SchemaProblem(place, 'a property cannot be named __proto__');
    if (inner.format !== undefined && !Object.hasOwn(FORMATS, inner.format)) {
      throw new SchemaProblem(place, `unknown format "${inner.format}"; known are ${Object.keys(FORMATS).join(', ')}`);
    }
    return inner;
  });
  try {
    ajvFor('judge').compile(withoutIdentity(schema));
  } catch (error) {
    throw new SchemaProblem(name, error instanceof Error ? error.message : String(error));
  }
  if (isEmbedded(schema)) return undefined;
  const kind = kindOf(name, schema);
  if (schema.additionalProperties !== false) throw new SchemaProblem(name, 'needs "additionalProperties": false, or unknown properties would vanish unseen');
  for (const [parameter, target] of Object.entries(kind.parameters)) {
    const path = target.startsWith('missing=') ? target.slice('missing='.length) : target;
    if (columnAt(kind, path.split('.')) === undefined) {
      throw new SchemaProblem(name, `the parameter "${parameter}" stands for "${target}", but there is no such property`);
    }
  }
  return kind;
}

/** Ajv keeps schemas by `$id`; these are compiled by themselves. */
function withoutIdentity(schema: Schema): Schema {
  const { $id, ...rest } = schema;
  return rest;
}
