import { isDeepStrictEqual } from 'node:util';
import { type Schema, SchemaProblem } from './kind.ts';
import { mapSchema } from './walk.ts';

/**
 * Makes one self-contained schema out of a file that refers to its neighbours: `"$ref": "NetworkInterface.json"` becomes
 * `#/$defs/NetworkInterface`, with that file, and those it refers to, in `$defs`. Clients can then use a schema alone.
 */

const NEIGHBOUR = /^(?:\.\/)?([A-Za-z][A-Za-z0-9_]*)\.json$/;
const LOCAL_DEFINITION = /^#\/\$defs\/[^/]+$/;

/**
 * The self-contained form of `files.get(name)`.
 * @throws SchemaProblem when a reference leads nowhere, or two definitions would get one name.
 */
export function bundle(name: string, files: ReadonlyMap<string, Schema>): Schema {
  const root = files.get(name);
  if (root === undefined) throw new SchemaProblem(name, 'there is no such schema');
  const definitions = new Map<string, Schema>();
  const wanted: string[] = [];
  const rewritten = rewrite(name, root, files, wanted, true);
  for (const [key, definition] of Object.entries(rewritten.$defs ?? {})) define(definitions, key, definition, name);

  const bundled = new Set<string>();
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    if (bundled.has(next)) continue;
    bundled.add(next);
    const { $schema, $id, 'x-holdfast': annotation, $defs, ...definition } = rewrite(next, files.get(next) ?? {}, files, wanted, false);
    define(definitions, next, definition, name);
    for (const [key, inner] of Object.entries($defs ?? {})) define(definitions, key, inner, next);
  }
  return definitions.size === 0 ? rewritten : { ...rewritten, $defs: Object.fromEntries(definitions) };
}

function rewrite(name: string, schema: Schema, files: ReadonlyMap<string, Schema>, wanted: string[], isRoot: boolean): Schema & { readonly $schema?: string } {
  return mapSchema(schema, name, (inner, place) => {
    if (inner.$ref === undefined) return inner;
    const neighbour = NEIGHBOUR.exec(inner.$ref)?.[1];
    if (neighbour !== undefined && files.has(neighbour)) {
      wanted.push(neighbour);
      return { ...inner, $ref: `#/$defs/${neighbour}` };
    }
    // A bundled file is no longer the root of its document, so of its local references only those into $defs stay true.
    if (isRoot ? inner.$ref.startsWith('#') : LOCAL_DEFINITION.test(inner.$ref)) return inner;
    throw new SchemaProblem(place, `"$ref": "${inner.$ref}" leads to no known schema`);
  });
}

function define(definitions: Map<string, Schema>, key: string, definition: Schema, place: string): void {
  const present = definitions.get(key);
  if (present !== undefined && !isDeepStrictEqual(present, definition)) {
    throw new SchemaProblem(place, `"$defs" would have two different definitions named "${key}"`);
  }
  definitions.set(key, definition);
}
