import { columnAt, type Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import type { Condition, Find, SortKey } from '../protocol/commands.ts';
import { AT } from './as-of.ts';
import { cursorIn } from './cursor.ts';
import { columnValue, isComparable } from './list-value.ts';
import { type Projection, parseProjection } from './projection.ts';
import { flagIn, type QueryParameters, unknownParameter } from './query.ts';

/** The query grammar of lists: parameters in, a `Find` for the owner out. Whatever is not understood is refused by name. */

export interface ListQuery {
  readonly find: Find;
  /** Undefined: whole records. */
  readonly fields: Projection | undefined;
  /** Nothing was asked for that the record view can't answer alone. */
  readonly isPlain: boolean;
}

/** Of a list: the feed goes on from there without a gap. */
export const SEQUENCE_HEADER = 'X-Holdfast-Sequence';

export const LIST_LIMIT_MAX = 100_000;
const SORT_KEYS_MAX = 8;
export const CONTROLS: readonly string[] = ['limit', 'after', 'sort', 'fields', 'count'];
export const MISSING = 'missing';
const OPERATORS = ['gte', 'gt', 'lte', 'lt'] as const;

/** @param sequence of a list of the past. */
export function parseListQuery(kind: Kind, query: QueryParameters, sequence?: number): Result<ListQuery> {
  const controls = new Map<string, string>();
  const conditions = new ConditionList(kind);
  for (const [name, value] of query) {
    if (!CONTROLS.includes(name)) {
      const added = conditions.add(name, value);
      if (!added.ok) return added;
      continue;
    }
    if (controls.has(name)) return fail('invalid-parameter', `the parameter "${name}" is given twice`);
    controls.set(name, value);
  }
  return withControls(kind, conditions.all(), query, controls, sequence);
}

function withControls(
  kind: Kind,
  conditions: readonly Condition[],
  query: QueryParameters,
  controls: ReadonlyMap<string, string>,
  sequence: number | undefined,
): Result<ListQuery> {
  const limit = limitIn(controls.get('limit'));
  if (!limit.ok) return limit;
  const sortText = controls.get('sort');
  const sort = sortIn(kind, sortText);
  if (!sort.ok) return sort;
  const after = cursorIn(kind, sort.value, controls.get('after'), sequence);
  if (!after.ok) return after;
  const fields = parseProjection(kind, controls.get('fields'));
  if (!fields.ok) return fields;
  const count = flagIn(query, 'count');
  if (!count.ok) return count;
  const find: Find = {
    kind: kind.name,
    conditions,
    sort: sort.value,
    count: count.value,
    ...(limit.value === undefined ? {} : { limit: limit.value }),
    ...(after.value === undefined ? {} : { after: after.value }),
  };
  const isPlain = conditions.length === 0 && sort.value.length === 0 && limit.value === undefined && after.value === undefined;
  return done({ find, fields: fields.value, isPlain });
}

export function limitIn(text: string | undefined): Result<number | undefined> {
  if (text === undefined) return done(undefined);
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= LIST_LIMIT_MAX ? done(limit) : fail('invalid-parameter', `"limit" is a number from 1 to ${LIST_LIMIT_MAX}`);
}

function sortIn(kind: Kind, text: string | undefined): Result<readonly SortKey[]> {
  if (text === undefined) return done([]);
  const keys: SortKey[] = [];
  const names = text.split(',');
  if (names.length > SORT_KEYS_MAX) return fail('invalid-parameter', `"sort" takes at most ${SORT_KEYS_MAX} properties`);
  const seen = new Set<string>();
  for (const name of names) {
    const descending = name.startsWith('-');
    const property = descending ? name.slice(1) : name;
    const path = property.split('.');
    const at = columnAt(kind, path);
    if (at === undefined) return fail('invalid-parameter', `"sort" names "${property}", which ${kind.name} does not have`);
    if (at.throughList || !isComparable(at.column)) return fail('invalid-parameter', `"sort" names "${property}", which has no order`);
    if (seen.has(property)) return fail('invalid-parameter', `"sort" names "${property}" twice`);
    seen.add(property);
    keys.push({ path, descending });
  }
  return done(keys);
}

/** Collects conditions parameter by parameter, joining repeated ones. */
class ConditionList {
  readonly #kind: Kind;
  readonly #missing: Condition[] = [];
  /** Alternatives of one property and operator. */
  readonly #alternatives = new Map<string, { path: readonly string[]; operator: Condition['operator']; values: (string | number | boolean)[] }>();
  /** Each excluded value is a condition of its own: all of them must hold. */
  readonly #excluded: Condition[] = [];

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  all(): readonly Condition[] {
    return [...this.#alternatives.values(), ...this.#excluded, ...this.#missing];
  }

  add(name: string, value: string): Result<undefined> {
    if (name === MISSING) return this.#addMissing(value);
    const direct = this.#target(name);
    if (direct !== undefined) return direct.missing ? this.#addFlag(name, direct.path, value) : this.#addEqual(name, direct.path, value);
    const dot = name.lastIndexOf('.');
    const operator = OPERATORS.find((candidate) => candidate === name.slice(dot + 1));
    const base = operator === undefined || dot < 1 ? undefined : this.#target(name.slice(0, dot));
    if (operator !== undefined && base !== undefined && !base.missing) return this.#addComparison(name, base.path, operator, value);
    return unknownParameter(name, [...CONTROLS, AT, MISSING, `the properties of ${this.#kind.name}`, ...Object.keys(this.#kind.parameters)]);
  }

  /** A property by its path, or what an old name stands for. */
  #target(name: string): { path: readonly string[]; missing: boolean } | undefined {
    const path = name.split('.');
    if (columnAt(this.#kind, path) !== undefined) return { path, missing: false };
    if (!Object.hasOwn(this.#kind.parameters, name)) return undefined;
    const expression = this.#kind.parameters[name] as string;
    const missing = expression.startsWith(`${MISSING}=`);
    return { path: (missing ? expression.slice(MISSING.length + 1) : expression).split('.'), missing };
  }

  #addMissing(text: string): Result<undefined> {
    const isNegated = text.startsWith('!');
    const property = isNegated ? text.slice(1) : text;
    const target = this.#target(property);
    if (target === undefined || target.missing) return fail('invalid-parameter', `"missing" names "${property}", which ${this.#kind.name} does not have`);
    this.#missing.push({ path: target.path, operator: isNegated ? 'present' : 'missing', values: [] });
    return done(undefined);
  }

  #addFlag(name: string, path: readonly string[], value: string): Result<undefined> {
    if (value !== 'true' && value !== 'false') return fail('invalid-parameter', `"${name}" must be true or false`);
    if (value === 'true') this.#missing.push({ path, operator: 'missing', values: [] });
    return done(undefined);
  }

  #addEqual(name: string, path: readonly string[], text: string): Result<undefined> {
    const isNegated = text.startsWith('!');
    const value = this.#value(name, path, isNegated ? text.slice(1) : text);
    if (!value.ok) return value;
    if (isNegated) this.#excluded.push({ path, operator: 'not-equal', values: [value.value] });
    else this.#alternative(path, 'equal', value.value);
    return done(undefined);
  }

  #addComparison(name: string, path: readonly string[], operator: (typeof OPERATORS)[number], text: string): Result<undefined> {
    const at = columnAt(this.#kind, path);
    if (at === undefined || at.throughList || at.column.type === 'boolean') return fail('invalid-parameter', `"${name}" compares a property that has no order`);
    const value = this.#value(name, path, text);
    if (!value.ok) return value;
    this.#alternative(path, operator, value.value);
    return done(undefined);
  }

  #value(name: string, path: readonly string[], text: string): Result<string | number | boolean> {
    const at = columnAt(this.#kind, path);
    if (at === undefined || !isComparable(at.column))
      return fail('invalid-parameter', `"${name}" is no single value; ask for its properties, or for missing=${name}`);
    const value = columnValue(at.column, text);
    return value === undefined ? fail('invalid-parameter', `"${name}" takes a ${at.column.type}`) : done(value);
  }

  #alternative(path: readonly string[], operator: Condition['operator'], value: string | number | boolean): void {
    const key = `${operator} ${path.join('.')}`;
    const known = this.#alternatives.get(key);
    if (known === undefined) this.#alternatives.set(key, { path, operator, values: [value] });
    else if (!known.values.includes(value)) known.values.push(value);
  }
}
