import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutNulls } from '../../schemas/canonical.ts';
import type { Kind, Schema } from '../../schemas/kind.ts';
import { type FaultDetail, messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';

/** What is wrong with one record, as the server would say; without asking it. Takes nulls out of the record, as the server does. */
export type Checker = (record: unknown) => readonly FaultDetail[];

const FAULT_DETAILS_MAX = 100;

/** The checker of a kind: by the file in `schemaDir`, or the built-in one. */
export async function loadChecker(kindName: string, schemaDir?: string): Promise<Checker> {
  const { loadKinds } = await import('../../schemas/registry.ts');
  const builtIn = await loadKinds();
  const known = builtIn.find(kindName);
  if (schemaDir === undefined) {
    if (known === undefined)
      throw new CliFailure(EXIT.usage, `there is no kind ${kindName}; there are ${builtIn.all.map(({ name }) => name).join(', ')} (others need --schema-dir)`);
    return checkerOf(known, (record) => builtIn.check(known, record));
  }
  const files = readSchemas(schemaDir);
  const wanted = (known?.name ?? kindName).toLowerCase();
  const name = [...files.keys()].find((candidate) => candidate.toLowerCase() === wanted);
  if (name === undefined) throw new CliFailure(EXIT.usage, `${schemaDir} has no schema ${known?.name ?? kindName}.json`);
  // The files that `holdfast schemas` wrote are the built-in kinds, which are compiled already.
  if (known !== undefined && JSON.stringify(files.get(name)) === JSON.stringify(builtIn.published.get(known.name))) {
    return checkerOf(known, (record) => builtIn.check(known, record));
  }
  return compile(name, new Map([...builtIn.published, ...files]));
}

async function compile(name: string, files: ReadonlyMap<string, Schema>): Promise<Checker> {
  const [{ bundle }, { checkedKind, compileValidator, metaSchemaProblems }, { explain }] = await Promise.all([
    import('../../schemas/bundle.ts'),
    import('../../schemas/validator.ts'),
    import('../../schemas/explain.ts'),
  ]);
  try {
    const problems = metaSchemaProblems(`${name}.json`, files.get(name));
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const schema = bundle(name, files);
    const kind = checkedKind(name, schema);
    if (kind === undefined) throw new Error('describes a part of other records and no kind');
    const validator = compileValidator('explain', schema);
    return checkerOf(kind, (record) => (validator(record) ? [] : explain(name, validator.errors ?? [], FAULT_DETAILS_MAX)));
  } catch (error) {
    throw new CliFailure(EXIT.usage, `the schema ${name}.json cannot be used: ${messageOf(error)}`);
  }
}

function checkerOf(kind: Kind, check: Checker): Checker {
  const secrets = kind.secrets.filter(({ required, path }) => required && path.length === 1).map(({ path }) => path[0] ?? '');
  return (record) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return check(record);
    const fields = withoutNulls(kind, record as Record<string, unknown>);
    // The server lets a secret be left out where one is stored; a new record has none.
    const missing = secrets.filter((name) => !(name in fields)).map((name) => ({ pointer: `/${name}`, detail: 'is required' }));
    const found = check(fields);
    return missing.length === 0 ? found : [...found, ...missing.filter(({ pointer }) => !found.some((other) => other.pointer === pointer))];
  };
}

function readSchemas(directory: string): ReadonlyMap<string, Schema> {
  try {
    const names = readdirSync(directory).filter((entry) => entry.endsWith('.json'));
    return new Map(names.map((entry) => [entry.slice(0, -'.json'.length), JSON.parse(readFileSync(join(directory, entry), 'utf8')) as Schema]));
  } catch (error) {
    throw new CliFailure(EXIT.usage, `--schema-dir: ${directory}: ${messageOf(error)}`);
  }
}

/** Refuses a body that the schemas in `schemaDir` refuse, before anything is sent. */
export async function checkBody(kindName: string, schemaDir: string | undefined, body: unknown): Promise<void> {
  if (schemaDir === undefined) return;
  const check = await loadChecker(kindName, schemaDir);
  const lines: string[] = [];
  const items = Array.isArray(body) ? body : [body];
  for (const [index, item] of items.entries()) {
    for (const { pointer, detail } of check(structuredClone(item))) {
      lines.push(`  ${Array.isArray(body) ? `/${index}` : ''}${pointer}${pointer === '' && !Array.isArray(body) ? '' : ': '}${detail}`);
    }
  }
  if (lines.length > 0) throw new CliFailure(EXIT.refused, `not sent: it does not match the schema of ${kindName}\n${lines.join('\n')}`);
}
