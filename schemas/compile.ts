import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import standalone from 'ajv/dist/standalone/index.js';
import { compile as typesOf } from 'json-schema-to-typescript';
import { packageRoot } from '../src/package-root.ts';
import { bundle } from './bundle.ts';
import { derivedSchema } from './derive.ts';
import { type Schema, SchemaProblem } from './kind.ts';
import { draftName, typedDefinitions } from './typed-forms.ts';
import { ajvFor, checkedKind, metaSchemaProblems, type Purpose } from './validator.ts';

/**
 * The compiler of the built-in kinds, run by `npm run generate`. It writes `src/generated/`, which is committed, so that
 * a start reads no schema and compiles nothing. The same schemas always give the same files.
 */

const NOTICE = '/* Made from schemas/*.json by `npm run generate`; do not edit. */';

/** The generated files by name, made from the schema files in `directory`. @throws SchemaProblem */
export async function generate(directory: string): Promise<ReadonlyMap<string, string>> {
  const schemas = bundled(directory);
  const derived = new Map<string, Schema>();
  for (const [name, schema] of schemas) {
    if (checkedKind(name, schema) !== undefined) derived.set(name, derivedSchema(schema));
  }
  return new Map([
    ['schemas.ts', schemasFile(schemas)],
    ['types.ts', await typesFile(schemas)],
    ['validators.ts', validatorsFile(derived)],
  ]);
}

function bundled(directory: string): ReadonlyMap<string, Schema> {
  const files = new Map<string, Schema>();
  for (const entry of readdirSync(directory).sort()) {
    if (!entry.endsWith('.json')) continue;
    const name = entry.slice(0, -'.json'.length);
    const file: unknown = JSON.parse(readFileSync(join(directory, entry), 'utf8'));
    const problems = metaSchemaProblems(name, file);
    if (problems.length > 0) throw new SchemaProblem(entry, problems.join('\n'));
    files.set(name, file as Schema);
  }
  return new Map([...files.keys()].map((name) => [name, bundle(name, files)]));
}

function schemasFile(schemas: ReadonlyMap<string, Schema>): string {
  return `${NOTICE}
import type { Schema } from '../../schemas/kind.ts';

/** Every published schema, self-contained, by name; those that only live inside other records too. */
export const BUNDLED_SCHEMAS: Readonly<Record<string, Schema>> = ${JSON.stringify(Object.fromEntries(schemas), null, 2)} as unknown as Readonly<
  Record<string, Schema>
>;
`;
}

async function typesFile(schemas: ReadonlyMap<string, Schema>): Promise<string> {
  const { definitions, kinds } = typedDefinitions(schemas);
  const all = {
    type: 'object',
    description: 'Every kind in its two forms.',
    ...requiredObject({ records: { $ref: '#/$defs/Records' }, drafts: { $ref: '#/$defs/Drafts' } }),
    $defs: {
      ...definitions,
      Records: {
        type: 'object',
        description: 'What answers have, by the name of the kind: no secrets.',
        ...requiredObject(Object.fromEntries(kinds.map((name) => [name, { $ref: `#/$defs/${name}` }]))),
      },
      Drafts: {
        type: 'object',
        description: 'What clients write, by the name of the kind: secrets, and nothing that only the server sets.',
        ...requiredObject(Object.fromEntries(kinds.map((name) => [name, { $ref: `#/$defs/${draftName(name)}` }]))),
      },
    },
  };
  const body = await typesOf(all as unknown as Parameters<typeof typesOf>[0], 'Kinds', {
    bannerComment: NOTICE,
    unknownAny: true,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: false,
    style: { singleQuote: true, printWidth: 160 },
  });
  return body.endsWith('\n') ? body : `${body}\n`;
}

function requiredObject(properties: Readonly<Record<string, Schema>>): Schema {
  return { additionalProperties: false, required: Object.keys(properties), properties };
}

function validatorsFile(derived: ReadonlyMap<string, Schema>): string {
  return `// @ts-nocheck
${NOTICE}
import { createRequire } from 'node:module';
import type { Validator } from '../../schemas/explain.ts';
import { FORMATS } from '../../schemas/formats.ts';

// Ajv's run-time helpers are CommonJS.
const require = createRequire(import.meta.url);

/** Stop at the first problem: for every request. */
export const JUDGES: Readonly<Record<string, Validator>> = judges({});
/** Find all problems: for the answer to a record that was refused. */
export const EXPLAINERS: Readonly<Record<string, Validator>> = explainers({});

function judges(exports) {
${validatorsCode('judge', derived)}
return exports;
}

function explainers(exports) {
${validatorsCode('explain', derived)}
return exports;
}
`;
}

function validatorsCode(purpose: Purpose, derived: ReadonlyMap<string, Schema>): string {
  const ajv = ajvFor(purpose, { source: true, lines: true });
  for (const [name, schema] of derived) ajv.addSchema(schema, name);
  // CommonJS output, because it can stand inside a function: the two purposes use the same names.
  return standalone.default(ajv, Object.fromEntries([...derived.keys()].map((name) => [name, name])));
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  const directory = join(packageRoot(), 'src', 'generated');
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of await generate(join(packageRoot(), 'schemas'))) writeFileSync(join(directory, name), text);
}
