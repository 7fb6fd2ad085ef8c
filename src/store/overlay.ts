import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import type { Fault } from '../faults.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { normalOf } from '../protocol/unique-values.ts';
import type { ValueHashes } from './address-table.ts';
import type { SealedSecrets } from './frame.ts';
import { type KeyIndex, type KindIndex, keysOf, normalIn, valuesAt, withKey, withoutKey } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { entryBytesOf } from './secret-entries.ts';

/**
 * What a running batch has decided so far, above the key index and the record log, which stay as they are until the
 * journal has it. One command of a batch can be taken back without the others (`mark`, `rollback`).
 */

type Fields = Record<string, unknown>;

export interface StagedChange {
  readonly kind: string;
  readonly key: string;
  /** Where the new image lies, or NOWHERE for a deletion. */
  readonly location: number;
  readonly revision: number;
  /** Where the record lay before, as this batch saw it; NOWHERE when there was none. */
  readonly predecessor: number;
  /** What the key index is to know of its unique values; of a deletion nothing. */
  readonly values?: ValueHashes;
  readonly secrets?: SealedSecrets;
}

/** What became of a record in this batch. Locations: NOWHERE where there is no record. */
export interface Outcome {
  readonly kind: string;
  readonly key: string;
  readonly before: number;
  readonly after: number;
  /** How often it was changed. */
  readonly times: number;
}

/** Thrown (and caught by the store) when a record is needed whose image is not in the record log yet. */
export class ColdRecord {
  readonly kind: string;
  readonly key: string;
  constructor(kind: string, key: string) {
    this.kind = kind;
    this.key = key;
  }
}

interface KindOverlay {
  readonly index: KindIndex;
  readonly addresses: Map<string, number>;
  /** Of each unique property: the key of whom the index does not have as the holder of a value, or has as another's; null = nobody. */
  readonly uniques: readonly Map<string, string | null>[];
  /** Beside each map of references of the index: what differs from it; null = nobody. */
  readonly references: readonly Map<string, string | readonly string[] | null>[];
}

export interface Mark {
  readonly changes: number;
  readonly undo: number;
}

const FULL: Fault = {
  code: 'not-durable',
  detail: 'there is no room in memory for more images of records; nothing was changed, reads go on, and records can be deleted',
};
const NO_VALUES: ReadonlySet<string> = new Set();

type UndoStep = () => void;

export class Overlay {
  readonly #kinds = new Map<string, KindOverlay>();
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  readonly #firstSequence: number;
  readonly #undo: UndoStep[] = [];
  readonly #secrets = new Map<string, SealedSecrets>();
  readonly changes: StagedChange[] = [];
  /** Of the sealed secrets that this batch brings. */
  secretBytes = 0;
  /** Off for an all-or-nothing bulk, which is taken back as a whole or not at all. */
  readonly #undoable: boolean;
  /** Where the record lies that was looked for last: it is asked for several times on the way of one write. */
  #found: { kind: string; key: string; address: number | undefined } | undefined;

  constructor(index: KeyIndex, log: RecordLog, firstSequence: number, undoable: boolean) {
    this.#index = index;
    this.#log = log;
    this.#firstSequence = firstSequence;
    this.#undoable = undoable;
  }

  get firstSequence(): number {
    return this.#firstSequence;
  }

  /** The sequence that the next change gets. */
  get nextSequence(): number {
    return this.#firstSequence + this.changes.length;
  }

  mark(): Mark {
    assert(this.#undoable || this.#undo.length === 0, 'marks need undo');
    return { changes: this.changes.length, undo: this.#undo.length };
  }

  rollback(mark: Mark): void {
    this.#found = undefined;
    for (const change of this.changes.splice(mark.changes)) {
      if (change.location !== NOWHERE) this.#log.forget(change.location);
      this.secretBytes -= secretBytesOf(change);
    }
    for (const step of this.#undo.splice(mark.undo).reverse()) step();
  }

  /** The images that were put for nothing. */
  discard(): void {
    this.rollback({ changes: 0, undo: 0 });
  }

  /** Why no record may come or grow, when there is no room in memory for it. */
  get fullFault(): Fault | undefined {
    return this.#log.isFull ? FULL : undefined;
  }

  has(kind: string, key: string): boolean {
    return this.#addressOf(kind, key) !== undefined;
  }

  /** The current record as this batch sees it: a copy of its own. @throws ColdRecord */
  get(kind: string, key: string): Fields | undefined {
    const address = this.#addressOf(kind, key);
    if (address === undefined) return undefined;
    if (this.#log.isStub(address)) throw new ColdRecord(kind, key);
    return this.#log.recordAt(address);
  }

  revisionOf(kind: string, key: string): number | undefined {
    const address = this.#addressOf(kind, key);
    if (address === undefined) return undefined;
    if (this.#log.isStub(address)) throw new ColdRecord(kind, key);
    return this.#log.revisionAt(address);
  }

  /** Who holds this value of a unique property; the value need not be in normal form. @throws ColdRecord */
  holderOf(kind: string, property: string, value: string): string | undefined {
    const { index, uniques } = this.#of(kind);
    const unique = index.unique(property);
    const normal = normalOf(unique, value);
    const staged = uniques[unique.position]?.get(normal);
    if (staged !== undefined) return staged ?? undefined;
    const address = index.holding(unique, normal);
    if (address === undefined) return undefined;
    const key = this.#log.keyAt(address);
    if (this.#log.isStub(address)) throw new ColdRecord(kind, key);
    return key;
  }

  /** The keys of all records that have this value at an indexed path. */
  referrersTo(kind: string, place: string, value: string): readonly string[] {
    const overlay = this.#of(kind);
    const position = overlay.index.references.findIndex((reference) => reference.place === place);
    const reference = overlay.index.references[position];
    assert(reference !== undefined, `${kind}.${place} is indexed`);
    return keysOf(lookUp(overlay.references[position], reference.values, reference.normalise(value)));
  }

  /**
   * Stages a record that rules have agreed to. `image` is its canonical JSON, `record` the same parsed.
   * @param previous the record as this batch sees it; undefined only when there is none.
   */
  put(kind: Kind, key: string, record: Fields, previous: Fields | undefined, image: string, secrets?: SealedSecrets): StagedChange {
    const revision = this.nextSequence;
    const predecessor = previous === undefined ? NOWHERE : this.#predecessorOf(kind.name, key);
    const location = this.#log.put(image, revision, key);
    const values = this.#of(kind.name).index.valuesOf(record);
    const change: StagedChange =
      secrets === undefined
        ? { kind: kind.name, key, location, revision, predecessor, values }
        : { kind: kind.name, key, location, revision, predecessor, values, secrets };
    this.changes.push(change);
    this.secretBytes += secretBytesOf(change);
    if (secrets !== undefined) this.#set(this.#secrets, `${kind.name}/${key}`, secrets);
    this.#setAddress(kind.name, key, location);
    this.#reindex(kind.name, key, previous, record);
    return change;
  }

  stagedSecretsOf(kind: string, key: string): SealedSecrets | undefined {
    return this.#secrets.size === 0 ? undefined : this.#secrets.get(`${kind}/${key}`);
  }

  remove(kind: Kind, key: string, previous: Fields): StagedChange {
    const predecessor = this.#predecessorOf(kind.name, key);
    const change: StagedChange = { kind: kind.name, key, location: NOWHERE, revision: this.nextSequence, predecessor };
    this.changes.push(change);
    // A record that is made again under the same key begins without them.
    this.#set(this.#secrets, `${kind.name}/${key}`, {});
    this.#setAddress(kind.name, key, NOWHERE);
    this.#reindex(kind.name, key, previous, {});
    return change;
  }

  /** What became of each record, in the order in which they were first changed. */
  outcomes(): Iterable<Outcome> {
    const outcomes = new Map<string, Outcome>();
    for (const { kind, key, predecessor, location } of this.changes) {
      const place = `${kind}/${key}`;
      const earlier = outcomes.get(place);
      outcomes.set(place, { kind, key, before: earlier?.before ?? predecessor, after: location, times: (earlier?.times ?? 0) + 1 });
    }
    return outcomes.values();
  }

  /** The record at a location of an outcome: a copy of its own. */
  recordAt(location: number): Fields {
    return this.#log.recordAt(location);
  }

  /** Puts all references into the key index; addresses and unique values are the caller's to publish, from `changes`. */
  mergeReferences(): void {
    for (const { index, references } of this.#kinds.values()) {
      for (const [position, staged] of references.entries()) {
        const target = index.references[position];
        assert(target !== undefined, 'the overlay was made from the index');
        for (const [value, keys] of staged) {
          if (keys === null) target.values.delete(value);
          else target.values.set(value, keys);
        }
      }
    }
  }

  #predecessorOf(kind: string, key: string): number {
    const address = this.#addressOf(kind, key);
    if (address !== undefined && this.#log.isStub(address)) throw new ColdRecord(kind, key);
    return address ?? NOWHERE;
  }

  #addressOf(kind: string, key: string): number | undefined {
    if (this.#found !== undefined && this.#found.key === key && this.#found.kind === kind) return this.#found.address;
    const address = this.#lookUpAddress(kind, key);
    // A bulk takes several turns, and between them the index may move a record.
    if (this.#undoable) this.#found = { kind, key, address };
    return address;
  }

  #lookUpAddress(kind: string, key: string): number | undefined {
    const overlay = this.#of(kind);
    const staged = overlay.addresses.get(key);
    if (staged !== undefined) return staged === NOWHERE ? undefined : staged;
    return overlay.index.addresses.get(key);
  }

  #setAddress(kind: string, key: string, location: number): void {
    this.#found = undefined;
    this.#set(this.#of(kind).addresses, key, location);
  }

  #reindex(kind: string, key: string, previous: Fields | undefined, record: Fields): void {
    const { index, uniques, references } = this.#of(kind);
    for (const [position, values] of uniques.entries()) {
      const unique = index.kind.uniques[position];
      assert(unique !== undefined, 'the overlay has a map for each unique property');
      const before = previous === undefined ? undefined : normalIn(unique, previous);
      const after = normalIn(unique, record);
      if (before === after) continue;
      // Whom the index has as its holder, if this batch says nothing of it: the record had it. In a restore another one may have taken it already.
      const holder = before === undefined ? undefined : values.get(before);
      if (before !== undefined && (holder === undefined || holder === key)) this.#set(values, before, null);
      if (after !== undefined) this.#set(values, after, key);
    }
    for (const [position, reference] of index.references.entries()) {
      const values = references[position];
      assert(values !== undefined, 'the overlay has a map for each reference');
      const before = previous === undefined ? NO_VALUES : new Set(valuesAt(previous, reference.path).map(reference.normalise));
      const after = new Set(valuesAt(record, reference.path).map(reference.normalise));
      for (const value of before) {
        if (!after.has(value)) this.#set(values, value, withoutKey(lookUp(values, reference.values, value), key) ?? null);
      }
      for (const value of after) {
        if (!before.has(value)) this.#set(values, value, withKey(lookUp(values, reference.values, value), key));
      }
    }
  }

  #set<V>(map: Map<string, V>, key: string, value: V): void {
    if (this.#undoable) {
      const before = map.get(key);
      this.#undo.push(before === undefined ? () => map.delete(key) : () => map.set(key, before));
    }
    map.set(key, value);
  }

  #of(kind: string): KindOverlay {
    let overlay = this.#kinds.get(kind);
    if (overlay === undefined) {
      const index = this.#index.of(kind);
      overlay = {
        index,
        addresses: new Map(),
        uniques: index.kind.uniques.map(() => new Map()),
        references: index.references.map(() => new Map()),
      };
      this.#kinds.set(kind, overlay);
    }
    return overlay;
  }
}

function secretBytesOf({ kind, key, secrets }: StagedChange): number {
  return secrets === undefined ? 0 : entryBytesOf(`${kind}/${key}`, secrets);
}

function lookUp<V>(above: Map<string, V | null> | undefined, below: Map<string, V>, value: string): V | undefined {
  const staged = above?.get(value);
  if (staged !== undefined) return staged ?? undefined;
  return below.get(value);
}
