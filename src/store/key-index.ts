import { strict as assert } from 'node:assert';
import { type Kind, NORMAL_FORMS, type NormalForm } from '../../schemas/kind.ts';

/**
 * The key index: where each record lies, who holds each unique value, and who refers to whom. It is what rules are
 * judged by, in memory and in order, before anything is journaled.
 * Invariant: it is the fold of the journal, no more and no less; what a running batch wants lies in an overlay above it.
 */

/** The record exists, but its image is still in DuckDB only (after a start). */
export const COLD = -2;

/** Values of one property (or one property of each list element) that point at several records. */
export interface Reference {
  readonly kind: string;
  readonly path: readonly string[];
  readonly normalForm: NormalForm;
}

/** One map of the index: normal value → the key of the record that has it, or the keys of all that have it. */
export interface ValueMap<V> {
  readonly kind: string;
  readonly path: readonly string[];
  /** The path with dots. */
  readonly place: string;
  readonly normalise: (text: string) => string;
  readonly values: Map<string, V>;
}

export class KindIndex {
  readonly kind: Kind;
  /** Key → address in the record log, or COLD. */
  readonly addresses: Map<string, number> = new Map();
  readonly uniques: readonly ValueMap<string>[];
  readonly references: readonly ValueMap<string | readonly string[]>[];

  constructor(kind: Kind, references: readonly Reference[]) {
    this.kind = kind;
    this.uniques = kind.uniques.map(({ property, normalForm }) => ({
      kind: kind.name,
      path: [property],
      place: property,
      normalise: NORMAL_FORMS[normalForm],
      values: new Map(),
    }));
    this.references = references
      .filter((reference) => reference.kind === kind.name)
      .map(({ path, normalForm }) => ({ kind: kind.name, path, place: path.join('.'), normalise: NORMAL_FORMS[normalForm], values: new Map() }));
  }

  unique(property: string): ValueMap<string> {
    const found = this.uniques.find((candidate) => candidate.place === property);
    assert(found !== undefined, `${this.kind.name}.${property} is unique`);
    return found;
  }
}

export class KeyIndex {
  readonly #kinds = new Map<string, KindIndex>();

  constructor(kinds: readonly Kind[], references: readonly Reference[]) {
    for (const kind of kinds) this.#kinds.set(kind.name, new KindIndex(kind, references));
  }

  of(kind: string): KindIndex {
    const index = this.#kinds.get(kind);
    assert(index !== undefined, `${kind} is a kind`);
    return index;
  }

  get all(): IterableIterator<KindIndex> {
    return this.#kinds.values();
  }
}

/** The values at a path of a record, through a list if there is one; absent = none. */
export function valuesAt(record: Readonly<Record<string, unknown>>, path: readonly string[]): readonly string[] {
  let value: unknown = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return [];
    value = (value as Record<string, unknown>)[name];
  }
  if (Array.isArray(value)) return value.filter((element): element is string => typeof element === 'string');
  return typeof value === 'string' ? [value] : [];
}

/** A set of keys as the index keeps it: a lone key is just the string, which is nearly always so. */
export function withKey(keys: string | readonly string[] | undefined, key: string): string | readonly string[] {
  if (keys === undefined) return key;
  if (typeof keys === 'string') return keys === key ? keys : [keys, key];
  return keys.includes(key) ? keys : [...keys, key];
}

export function withoutKey(keys: string | readonly string[] | undefined, key: string): string | readonly string[] | undefined {
  if (keys === undefined || keys === key) return undefined;
  if (typeof keys === 'string') return keys;
  const rest = keys.filter((other) => other !== key);
  return rest.length === 1 ? rest[0] : rest.length === 0 ? undefined : rest;
}

export function keysOf(keys: string | readonly string[] | undefined): readonly string[] {
  if (keys === undefined) return [];
  return typeof keys === 'string' ? [keys] : keys;
}
