import { strict as assert } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { FeedEvent } from '../../support/feed-client.ts';

/**
 * What the server has told of its records: the feed, folded. Each change is checked against the rules that must hold
 * between records, in plain maps that know nothing of the store: an own, slow, obvious second opinion.
 */

export type Fields = Readonly<Record<string, unknown>>;

export interface Change {
  readonly sequence: number;
  readonly kind: string;
  readonly key: string;
  readonly type: 'created' | 'updated' | 'deleted';
  /** After the change; of a deletion the record as it last was. */
  readonly record: Fields;
  readonly before: Fields | undefined;
  readonly time: string;
}

export const RESERVATIONS = 'reservations';
export const INVENTORY = ['BMC', 'Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint'] as const;
const UNIQUE: readonly (readonly [kind: string, property: string])[] = [
  ['BMC', 'xname'],
  ['BMC', 'mac_address'],
  ['Component', 'ID'],
  ['ComputeNode', 'xname'],
  ['ComputeNode', 'boot_mac'],
  ['NodeCollection', 'name'],
];
const EXCLUSIVE: ReadonlySet<unknown> = new Set(['partition', 'tenant']);
/** A record's own bookkeeping: no part of the copy of a BMC that a node carries. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['created_at', 'updated_at', 'revision']);

export class World {
  readonly #changes: Change[] = [];
  readonly #current = new Map<string, Map<string, Fields>>();
  /** Unique value, or node in an exclusive collection → the records that have it. */
  readonly #holders = new Map<string, Set<string>>();
  readonly #nodesOfBmc = new Map<string, Set<string>>();
  /** What the frame under way has touched: looked at when it is over. */
  readonly #touchedValues = new Set<string>();
  readonly #touchedNodes = new Set<string>();
  #time = '';

  /** The last change that was told. */
  get sequence(): number {
    return this.#changes.length;
  }

  records(kind: string): ReadonlyMap<string, Fields> {
    return this.#current.get(kind) ?? new Map();
  }

  change(sequence: number): Change | undefined {
    return this.#changes[sequence - 1];
  }

  /** The records of a kind as they were right after a change. */
  recordsAt(kind: string, sequence: number): ReadonlyMap<string, Fields> {
    const records = new Map<string, Fields>();
    for (const change of this.#changes.slice(0, sequence)) {
      if (change.kind !== kind) continue;
      if (change.type === 'deleted') records.delete(change.key);
      else records.set(change.key, change.record);
    }
    return records;
  }

  /** @throws AssertionError when the change cannot be. */
  take(event: FeedEvent): Change {
    // Changes of one frame have one time: with another one the frame before is over, and everything in it must fit together.
    if (event.time !== this.#time) this.assertRules();
    this.#time = event.time;
    const change = this.#changeOf(event);
    const { sequence, kind, key, type, record, before } = change;
    assert.equal(sequence, this.sequence + 1, 'the feed tells changes without a gap and without a repeat');
    if (type === 'created') assert.equal(before, undefined, `change ${sequence} creates ${kind} ${key}, which is there`);
    else assert.ok(before !== undefined, `change ${sequence}, ${type}, is about ${kind} ${key}, which is not there`);
    if (type === 'deleted') assert.deepEqual(record, before, `change ${sequence} takes away the ${kind} ${key} that was there`);
    else {
      assert.equal(record['revision'], sequence, 'the revision of a record is the sequence of its last change');
      if (before !== undefined) assert.equal(record['created_at'], before['created_at'], `${kind} ${key} was created once`);
    }
    this.#changes.push(change);
    const records = this.#current.get(kind) ?? new Map<string, Fields>();
    this.#current.set(kind, records);
    if (type === 'deleted') records.delete(key);
    else records.set(key, record);
    this.#index(kind, key, before, type === 'deleted' ? undefined : record);
    return change;
  }

  /** Must hold whenever no frame is half told. */
  assertRules(): void {
    for (const value of this.#touchedValues) {
      const holders = this.#holders.get(value);
      assert.ok((holders?.size ?? 0) <= 1, `${value} belongs to ${[...(holders ?? [])].join(' and ')} after change ${this.sequence}`);
    }
    for (const key of this.#touchedNodes) this.#assertBmcOf(key);
    this.#touchedValues.clear();
    this.#touchedNodes.clear();
  }

  #assertBmcOf(key: string): void {
    const node = this.records('ComputeNode').get(key);
    const copy = node?.['bmc'] as Fields | undefined;
    if (copy === undefined) return;
    const bmc = this.records('BMC').get(String(copy['id']));
    assert.ok(bmc !== undefined, `ComputeNode ${key} has the BMC ${copy['id']}, which is not there`);
    const expected = Object.fromEntries(Object.entries(bmc).filter(([name]) => !BOOKKEEPING.has(name)));
    assert.ok(isDeepStrictEqual(copy, expected), `ComputeNode ${key} shows its BMC as ${JSON.stringify(copy)}, which is ${JSON.stringify(expected)}`);
  }

  #changeOf({ type, subject = '', sequence, time, data }: FeedEvent): Change {
    const [, name = '', what = ''] = type.split('.');
    const isReservation = name === 'reservation';
    const kind = isReservation ? RESERVATIONS : name;
    const before = this.records(kind).get(subject);
    const changed = before === undefined ? 'created' : 'updated';
    const how = !isReservation ? (what as Change['type']) : what === 'purged' ? 'deleted' : changed;
    return { sequence: Number(sequence), kind, key: subject, type: how, record: data as Fields, before, time };
  }

  #index(kind: string, key: string, before: Fields | undefined, after: Fields | undefined): void {
    const [old, current] = [exclusiveValues(kind, before), exclusiveValues(kind, after)];
    for (const value of old) this.#holders.get(value)?.delete(key);
    for (const value of current) {
      const holders = this.#holders.get(value) ?? new Set();
      this.#holders.set(value, holders.add(key));
      this.#touchedValues.add(value);
    }
    if (kind === 'ComputeNode') {
      this.#nodesOfBmc.get(bmcIdOf(before))?.delete(key);
      const bmc = bmcIdOf(after);
      if (bmc === '') return;
      this.#nodesOfBmc.set(bmc, (this.#nodesOfBmc.get(bmc) ?? new Set()).add(key));
      this.#touchedNodes.add(key);
    } else if (kind === 'BMC') {
      for (const node of this.#nodesOfBmc.get(key) ?? []) this.#touchedNodes.add(node);
    }
  }
}

function bmcIdOf(node: Fields | undefined): string {
  return String((node?.['bmc'] as Fields | undefined)?.['id'] ?? '');
}

/** What no other record of the kind may have as well. */
function exclusiveValues(kind: string, record: Fields | undefined): readonly string[] {
  if (record === undefined) return [];
  const values: string[] = [];
  for (const [of, property] of UNIQUE) {
    if (of === kind && record[property] !== undefined) values.push(`the ${property} ${String(record[property])} of a ${kind}`);
  }
  if (kind === 'NodeCollection' && EXCLUSIVE.has(record['type'])) {
    for (const node of record['nodes'] as readonly string[]) values.push(`the node ${node} in a ${String(record['type'])}`);
  }
  return values;
}
