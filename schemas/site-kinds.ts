import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../src/faults.ts';
import { bundle } from './bundle.ts';
import type { CheckedKind } from './explain.ts';
import { type Kind, type Schema, SchemaProblem } from './kind.ts';
import { checkedKind, compileValidator, metaSchemaProblems } from './validator.ts';

/** A site's own kinds: one JSON Schema file each, in one folder. All that is wrong with them is told at once. */

/** First words of routes; a kind of that name could not be reached, or would hide the route. */
const ROUTE_WORDS: readonly string[] = [
  'health',
  'healthz',
  'snapshots',
  'schemas',
  'feed',
  'metrics',
  'openapi.json',
  'docs',
  'problems',
  'query',
  'diff',
  'reservations',
  'join',
  'leave',
  'modify',
  'status',
  'description',
  'plugins',
  'schedule',
  'expired',
  'inventory',
  'bulk',
];

export interface SiteKinds {
  readonly kinds: readonly CheckedKind[];
  readonly published: ReadonlyMap<string, Schema>;
}

/** @throws SchemaProblem that lists what is wrong, a line each */
export function loadSiteKinds(directory: string, builtIn: readonly CheckedKind[], builtInSchemas: ReadonlyMap<string, Schema>): SiteKinds {
  const problems: string[] = [];
  const taken = takenNames(builtIn, builtInSchemas);
  const files = readSchemas(directory, problems);
  for (const [name, schema] of files) {
    // The folder may be one that `holdfast schemas` has filled.
    if (isDeepStrictEqual(schema, builtInSchemas.get(name))) continue;
    const owner = taken.get(name.toLowerCase());
    if (owner !== undefined) problems.push(`${name}.json: the name "${name}" is taken by ${owner}`);
    else taken.set(name.toLowerCase(), `the kind ${name}`);
  }
  const everything = new Map([...files, ...builtInSchemas]);
  const kinds: CheckedKind[] = [];
  const published = new Map<string, Schema>();
  for (const name of files.keys()) {
    if (builtInSchemas.has(name)) continue;
    try {
      const schema = bundle(name, everything);
      const kind = checkedKind(name, schema);
      published.set(name, schema);
      if (kind === undefined) continue;
      claimAliases(kind, taken, problems);
      kinds.push({ kind, judge: compileValidator('judge', schema), explainer: compileValidator('explain', schema) });
    } catch (error) {
      if (!(error instanceof SchemaProblem)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) {
    throw new SchemaProblem(directory, `${problems.length === 1 ? 'one problem' : `${problems.length} problems`}\n${problems.join('\n')}`);
  }
  return { kinds, published };
}

/** Lower-case name → whose it is. */
function takenNames(builtIn: readonly CheckedKind[], builtInSchemas: ReadonlyMap<string, Schema>): Map<string, string> {
  const taken = new Map(ROUTE_WORDS.map((word) => [word, `the route /${word}`]));
  for (const name of builtInSchemas.keys()) taken.set(name.toLowerCase(), `the built-in schema ${name}`);
  for (const { kind } of builtIn) {
    for (const alias of kind.aliases) taken.set(alias.toLowerCase(), `an alias of the built-in kind ${kind.name}`);
  }
  return taken;
}

function claimAliases(kind: Kind, taken: Map<string, string>, problems: string[]): void {
  for (const alias of kind.aliases) {
    const owner = taken.get(alias.toLowerCase());
    if (owner !== undefined) problems.push(`${kind.name}.json: the alias "${alias}" is taken by ${owner}`);
    else taken.set(alias.toLowerCase(), `an alias of the kind ${kind.name}`);
  }
}

function readSchemas(directory: string, problems: string[]): ReadonlyMap<string, Schema> {
  let entries: readonly string[];
  try {
    entries = readdirSync(directory).sort();
  } catch (error) {
    throw new SchemaProblem(directory, `the folder of schemas cannot be read: ${messageOf(error)}`);
  }
  const schemas = new Map<string, Schema>();
  for (const entry of entries) {
    if (!entry.endsWith('.json')) continue;
    const name = entry.slice(0, -'.json'.length);
    try {
      const file: unknown = JSON.parse(readFileSync(join(directory, entry), 'utf8'));
      const found = metaSchemaProblems(entry, file);
      problems.push(...found);
      if (found.length === 0) schemas.set(name, file as Schema);
    } catch (error) {
      // The parser quotes the text, which may go over several lines; here a line is a problem.
      const reason = messageOf(error).replaceAll(/\s+/g, ' ');
      problems.push(`${entry}: ${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}: ${reason}`);
    }
  }
  return schemas;
}
