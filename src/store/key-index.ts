import { strict as assert } from 'node:assert';
import { type Kind, NORMAL_FORMS, type NormalForm, type Unique } from '../../schemas/kind.ts';
import type { ControlBlock } from '../protocol/shared-memory.ts';
import { HEADER_BYTES, NOWHERE, slabIndexOf } from '../protocol/slab.ts';
import { normalOf } from '../protocol/unique-values.ts';
import { AddressTable, type ValueHashes } from './address-table.ts';
import type { RecordLog } from './record-log.ts';
import type { SharedMemory } from './shared-memory.ts';

/**
 * The key index: where each record lies, who holds each unique value, and who refers to whom. It is what rules are
 * judged by, in memory and in order, before anything is journaled.
 * Invariant: it is the fold of the journal, no more and no less; what a running batch wants lies in an overlay above it.
 */

/** Values of one property (or one property of each list element) that point at several records. */
export interface Reference {
  readonly kind: string;
  readonly path: readonly string[];
  readonly normalForm: NormalForm;
}

/** Who refers to what: normal value → the keys of all records that have it. */
export interface ReferenceMap {
  readonly path: readonly string[];
  /** The path with dots. */
  readonly place: string;
  readonly normalise: (text: string) => string;
  readonly values: Map<string, string | readonly string[]>;
}

export class KindIndex {
  readonly kind: Kind;
  /** Key or unique value → address in the record log. Of a record that is in DuckDB only (after a start) a stub lies there. */
  readonly addresses: AddressTable;
  readonly references: readonly ReferenceMap[];
  readonly #log: RecordLog;

  constructor(kind: Kind, references: readonly Reference[], addresses: AddressTable, log: RecordLog) {
    this.kind = kind;
    this.addresses = addresses;
    this.#log = log;
    this.references = references
      .filter((reference) => reference.kind === kind.name)
      .map(({ path, normalForm }) => ({ path, place: path.join('.'), normalise: NORMAL_FORMS[normalForm], values: new Map() }));
  }

  unique(property: string): Unique {
    const found = this.kind.uniques.find((candidate) => candidate.property === property);
    assert(found !== undefined, `${this.kind.name}.${property} is unique`);
    return found;
  }

  /**
   * Where the record lies that has this value, in normal form. When a stub lies there, it is seen only with its image
   * whether it has this value or one that is very much like it.
   */
  holding(unique: Unique, normal: string): number | undefined {
    let stub: number | undefined;
    const holder = this.addresses.holding(unique.position, this.addresses.valueHash(normal), (address) => {
      if (!this.#log.isStub(address)) return this.#log.hasValue(address, unique, normal);
      stub ??= address;
      return false;
    });
    return holder ?? stub;
  }

  /** What the table of addresses wants to know of a record's values. */
  valuesOf(record: Readonly<Record<string, unknown>>): ValueHashes {
    return this.kind.uniques.map((unique) => this.addresses.valueHash(normalIn(unique, record)));
  }
}

/** A record of this kind and key lies here now; NOWHERE: it is gone. */
interface NewAddress {
  readonly kind: string;
  readonly key: string;
  readonly location: number;
  /** Undefined: those that it had. */
  readonly values?: ValueHashes;
}

/** So many changes readers wait for; more of them they see when all are done. */
const CHANGES_IN_PLACE_MAX = 4096;
/** Unless they are a smaller part of the table than this: copying that would take longer. */
const SHARE_IN_PLACE_MAX = 1 / 64;

export class KeyIndex {
  readonly #kinds = new Map<string, KindIndex>();
  readonly #control: ControlBlock;

  constructor(kinds: readonly Kind[], references: readonly Reference[], memory: SharedMemory, log: RecordLog) {
    this.#control = memory.control;
    for (const kind of kinds) {
      const addresses = new AddressTable(kind.name, memory, log, kind.uniques.length);
      this.#kinds.set(kind.name, new KindIndex(kind, references, addresses, log));
    }
  }

  of(kind: string): KindIndex {
    const index = this.#kinds.get(kind);
    assert(index !== undefined, `${kind} is a kind`);
    return index;
  }

  /**
   * Shows all changes of a batch to readers, who see all of them or none.
   * @param told hears of each change, with where the record lay before it
   */
  publish<C extends NewAddress>(changes: readonly C[], told: (change: C, before: number | undefined) => void): void {
    const hidden = changes.length <= CHANGES_IN_PLACE_MAX ? [] : this.#hide(changes);
    if (hidden.length === 0) this.#control.beginPublishing();
    for (const change of changes) {
      const { kind, key, location, values } = change;
      const { addresses } = this.of(kind);
      told(change, location === NOWHERE ? addresses.delete(key) : addresses.set(key, location, values));
    }
    if (hidden.length > 0) this.#control.beginPublishing();
    for (const { addresses } of hidden) addresses.reveal();
    this.#control.endPublishing();
  }

  /** The kinds with changes, unless they are large beside those. */
  #hide(changes: readonly NewAddress[]): readonly KindIndex[] {
    const counts = new Map<string, number>();
    for (const { kind } of changes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const kinds = Array.from(counts.keys(), (kind) => this.of(kind));
    const records = kinds.reduce((sum, { addresses }) => sum + addresses.size, 0);
    if (changes.length < records * SHARE_IN_PLACE_MAX) return [];
    for (const { kind, addresses } of kinds) addresses.hide(counts.get(kind.name) ?? 0);
    return kinds;
  }

  /**
   * Copies what is current in a slab elsewhere, so that the slab can be let go.
   * @param told hears where each of those records lies now
   * @returns how many bytes
   */
  moveFrom(slabIndex: number, log: RecordLog, told: (kind: string, key: string, location: number) => void = () => undefined): number {
    let movedBytes = 0;
    const left: number[] = [];
    for (const { kind, addresses } of this.all) {
      addresses.moveAll((address) => {
        if (slabIndexOf(address) !== slabIndex) return address;
        const image = log.imageAt(address);
        movedBytes += image.length + HEADER_BYTES;
        left.push(address);
        const key = log.keyAt(address);
        const location = log.putBytes(image, log.revisionAt(address), key);
        told(kind.name, key, location);
        return location;
      });
    }
    for (const address of left) log.forget(address);
    return movedBytes;
  }

  get all(): IterableIterator<KindIndex> {
    return this.#kinds.values();
  }
}

/** A record's value of a unique property, in normal form; undefined when it has none. */
export function normalIn(unique: Unique, record: Readonly<Record<string, unknown>>): string | undefined {
  const value = record[unique.property];
  return typeof value === 'string' ? normalOf(unique, value) : undefined;
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
