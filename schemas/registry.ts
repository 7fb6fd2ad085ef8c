import type { FaultDetail } from '../src/faults.ts';
import { BUNDLED_SCHEMAS } from '../src/generated/schemas.ts';
import { EXPLAINERS, JUDGES } from '../src/generated/validators.ts';
import { depthProblem, freeFormOf } from './depth.ts';
import { type CheckedKind, explain } from './explain.ts';
import { isEmbedded, type Kind, kindOf, type Schema } from './kind.ts';

/**
 * All kinds that this process knows, and how a record is checked against its kind. Built-in kinds come compiled; Ajv
 * itself is loaded only when a site has kinds of its own.
 */
export interface Kinds {
  /** In the order of their names. */
  readonly all: readonly Kind[];
  /** By name in any case, or by alias. */
  find(name: string): Kind | undefined;
  /** What is wrong with a record, at most `FAULT_DETAILS_MAX` places; empty when nothing is. Secrets may be missing: the owner judges that. */
  check(kind: Kind, record: unknown): readonly FaultDetail[];
  /** Every published schema, embedded ones included: name → self-contained schema. */
  readonly published: ReadonlyMap<string, Schema>;
}
export const FAULT_DETAILS_MAX = 100;

/**
 * Above so many values in a record only its first problem is told: looking for all of them would take memory in
 * proportion to the problems, and time in proportion to their square.
 */
const EXPLAINED_VALUES_MAX = 5_000;
const NOTHING_WRONG: readonly FaultDetail[] = [];

/** Built-in kinds, and those of the files in `extraDirectory`. @throws SchemaProblem */
export async function loadKinds(extraDirectory?: string): Promise<Kinds> {
  const published = new Map(Object.entries(BUNDLED_SCHEMAS));
  const builtIn = builtInKinds(published);
  if (extraDirectory === undefined) return kindsOf(builtIn, published);
  const { loadSiteKinds } = await import('./site-kinds.ts');
  const site = loadSiteKinds(extraDirectory, builtIn, published);
  return kindsOf([...builtIn, ...site.kinds], new Map([...published, ...site.published]));
}

function builtInKinds(published: ReadonlyMap<string, Schema>): readonly CheckedKind[] {
  const kinds: CheckedKind[] = [];
  for (const [name, schema] of published) {
    if (isEmbedded(schema)) continue;
    const judge = JUDGES[name];
    const explainer = EXPLAINERS[name];
    if (judge === undefined || explainer === undefined) throw new Error(`src/generated has no validator for ${name}; run npm run generate`);
    kinds.push({ kind: kindOf(name, schema), judge, explainer });
  }
  return kinds;
}

function kindsOf(checked: readonly CheckedKind[], published: ReadonlyMap<string, Schema>): Kinds {
  const all = checked.map(({ kind }) => kind).sort((a, b) => (a.name < b.name ? -1 : 1));
  const byName = new Map<string, Kind>();
  for (const kind of all) {
    for (const name of [kind.name, ...kind.aliases]) byName.set(name.toLowerCase(), kind);
  }
  const checks = new Map(checked.map((each) => [each.kind.name, checkOf(each)]));
  return {
    all,
    find: (name) => byName.get(name) ?? byName.get(name.toLowerCase()),
    check(kind, record) {
      const check = checks.get(kind.name);
      if (check === undefined) throw new Error(`${kind.name} is not a kind of this registry`);
      return check(record);
    },
    published: new Map([...published].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function checkOf({ kind, judge, explainer }: CheckedKind): (record: unknown) => readonly FaultDetail[] {
  const freeForm = freeFormOf(kind.columns);
  return (record) => {
    if (judge(record)) {
      const tooDeep = depthProblem(freeForm, record);
      return tooDeep === undefined ? NOTHING_WRONG : [tooDeep];
    }
    const first = judge.errors ?? [];
    if (hasMoreValuesThan(EXPLAINED_VALUES_MAX, record)) return explain(kind.name, first, FAULT_DETAILS_MAX);
    explainer(record);
    return explain(kind.name, explainer.errors ?? first, FAULT_DETAILS_MAX);
  };
}

function hasMoreValuesThan(max: number, record: unknown): boolean {
  const waiting: unknown[] = [record];
  for (let count = 0; waiting.length > 0; count++) {
    if (count + waiting.length > max) return true;
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const name in value) {
      waiting.push((value as Record<string, unknown>)[name]);
      if (count + waiting.length > max) return true;
    }
  }
  return false;
}
