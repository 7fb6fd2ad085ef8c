import { strict as assert } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { Change, Fields } from './world.ts';

/**
 * What the clients asked for, and what they heard of it. Every record that is written carries a mark of its own, so that
 * each change that the server tells can be traced to the one request that asked for it, and to nothing else.
 */

export type Outcome = 'open' | 'acknowledged' | 'refused' | 'unknown';

/** One record that a request writes. */
export interface Part {
  readonly mark: string;
  /** What the client's part of the record must be, by what it was before. */
  expected(before: Fields | undefined): Fields;
  /** The change that did it. */
  sequence?: number;
  /** As it was acknowledged: its revision, or all of it. */
  acknowledged?: { readonly revision: number; readonly record?: Fields };
  /** Refused in a partial bulk. */
  isRefused?: boolean;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly form: string;
  readonly kind: string;
  readonly request: Request;
  readonly parts: readonly Part[];
  /** Whether all parts are one step. */
  readonly isAtomic: boolean;
  /** Of a deletion: the key that it names. */
  readonly removes?: string;
  /** The revision that the record has to have. */
  readonly ifMatch?: number;
  /** It may be sent again. */
  readonly idempotencyKey?: string;
  outcome: Outcome;
  /** A change that its sender had heard of: whatever it does comes later. */
  sentAfter: number;
  /** Of an atomic bulk: the last change that its answer tells. */
  lastSequence?: number;
  removedAt?: number;
  /** The answer to the request, for a failure to show. */
  answer?: string;
}

/** Where each kind has room for a mark. */
export const MARK_OF: Readonly<Record<string, string>> = {
  BMC: 'description',
  Component: 'Class',
  ComputeNode: 'description',
  NodeCollection: 'description',
  RedfishEndpoint: 'Name',
};
/** What the server adds to a record. */
const SERVER_SET: ReadonlySet<string> = new Set(['id', 'UID', 'created_at', 'updated_at', 'revision', 'bmc', 'password_set', 'PasswordSet', 'creator_subject']);
/** What a change of another record does to this one. */
const FOLLOWING: Readonly<Record<string, string>> = { ComputeNode: 'bmc', NodeCollection: 'nodes' };

export class Asking {
  readonly #byMark = new Map<string, { readonly asked: Asked; readonly part: Part }>();
  readonly #removals = new Map<string, Asked[]>();
  readonly #open = new Set<Asked>();

  add(asked: Asked): void {
    this.#open.add(asked);
    for (const part of asked.parts) this.#byMark.set(part.mark, { asked, part });
    if (asked.removes === undefined) return;
    const name = `${asked.kind} ${asked.removes}`;
    this.#removals.set(name, [...(this.#removals.get(name) ?? []), asked]);
  }

  get open(): readonly Asked[] {
    return [...this.#open];
  }

  /** @throws AssertionError when nobody asked for this change, or not for this. */
  explain(change: Change): void {
    const { kind, key, sequence, type, record, before } = change;
    const what = `change ${sequence} (${type} ${kind} ${key})`;
    if (type === 'deleted') {
      this.#explainRemoval(change, what);
      return;
    }
    const mark = record[MARK_OF[kind] ?? ''];
    if (before !== undefined && before[MARK_OF[kind] ?? ''] === mark) {
      assertFollows(change, what);
      return;
    }
    if (mark === undefined && kind === 'BMC' && before === undefined) {
      assert.deepEqual(Object.keys(clientPart(record)), ['xname'], `${what} was implied by a node's xname`);
      return;
    }
    const found = this.#byMark.get(String(mark));
    assert.ok(found !== undefined, `${what} was asked for by nobody: ${JSON.stringify(record)}`);
    const { asked, part } = found;
    assert.equal(part.sequence, undefined, `${what} is what ${asked.form} ${part.mark} has done already`);
    assert.ok(sequence > asked.sentAfter, `${what} has come before it was asked for`);
    if (asked.ifMatch !== undefined) assert.equal(before?.['revision'], asked.ifMatch, `${what} was to change one revision only`);
    const expected = part.expected(before === undefined ? undefined : clientPart(before));
    const actual = clientPart(record);
    assert.ok(isDeepStrictEqual(actual, expected), `${what} is ${JSON.stringify(actual)}, and ${asked.form} asked for ${JSON.stringify(expected)}`);
    part.sequence = sequence;
  }

  /**
   * When the server that they were sent to is dead, and all of its changes are told: what was acknowledged has happened as it
   * was told, what was refused has not, and what nobody was told of has happened wholly or not at all.
   */
  settle(recordAt: (sequence: number) => Change | undefined): { acknowledged: number; records: number; refused: number; unknown: number } {
    const counts = { acknowledged: 0, records: 0, refused: 0, unknown: 0 };
    for (const asked of this.#open) {
      const { outcome, form, parts } = asked;
      assert.notEqual(outcome, 'open', `${form} has an end`);
      const done = parts.filter(({ sequence }) => sequence !== undefined);
      const what = `${form} ${asked.request.method} ${asked.request.path} (${parts[0]?.mark ?? asked.removes}, ${outcome}: ${asked.answer})`;
      if (outcome === 'refused') assert.deepEqual([done.length, asked.removedAt], [0, undefined], `${what} was refused, and has happened`);
      if (outcome === 'acknowledged') assertAcknowledged(asked, what, recordAt);
      if (outcome === 'unknown' && asked.isAtomic) assert.ok(done.length === 0 || done.length === parts.length, `${what}: ${done.length} of ${parts.length}`);
      if (asked.isAtomic && done.length > 1) this.#assertOneStep(asked, what, recordAt);
      if (outcome === 'acknowledged') {
        counts.acknowledged += 1;
        counts.records += Math.max(1, done.length);
      } else if (outcome === 'refused') counts.refused += 1;
      else counts.unknown += 1;
      if (outcome !== 'unknown' || asked.idempotencyKey === undefined) this.#forget(asked);
    }
    this.#removals.clear();
    return counts;
  }

  /** Nothing more is heard of it; when its mark is seen again, somebody has brought back what was gone. */
  #forget(asked: Asked): void {
    this.#open.delete(asked);
    for (const { mark } of asked.parts) this.#byMark.delete(mark);
  }

  #explainRemoval({ kind, key, sequence, before }: Change, what: string): void {
    const fitting = (this.#removals.get(`${kind} ${key}`) ?? []).filter(
      ({ removedAt, outcome, sentAfter, ifMatch }) =>
        removedAt === undefined && outcome !== 'refused' && sequence > sentAfter && (ifMatch === undefined || before?.['revision'] === ifMatch),
    );
    // Deletions carry no mark: of several that may have done it, one that was acknowledged has.
    const asked = fitting.find(({ outcome }) => outcome === 'acknowledged') ?? fitting[0];
    assert.ok(asked !== undefined, `${what} was asked for by nobody`);
    asked.removedAt = sequence;
  }

  #assertOneStep(asked: Asked, what: string, recordAt: (sequence: number) => Change | undefined): void {
    const sequences = asked.parts.map(({ sequence = 0 }) => sequence);
    const [first, last] = [Math.min(...sequences), Math.max(...sequences)];
    const marks = new Set(asked.parts.map(({ mark }) => mark));
    for (let sequence = first; sequence <= last; sequence++) {
      const { kind = '', record } = recordAt(sequence) ?? {};
      const mark = record?.[MARK_OF[kind] ?? ''];
      // Between them there may only be what follows from them: BMCs that are implied, and copies of BMCs.
      const isOwn = marks.has(String(mark)) || mark === undefined || recordAt(sequence)?.before !== undefined;
      assert.ok(isOwn, `${what} is one step, and change ${sequence} is in the middle of it`);
    }
  }
}

/** What clients may write of a record. */
export function clientPart(record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !SERVER_SET.has(name)));
}

/** Another record's change has reached this one, and has changed nothing but what it may. */
function assertFollows({ kind, record, before }: Change, what: string): void {
  const without = (fields: Fields = {}): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => name !== FOLLOWING[kind] && name !== 'updated_at' && name !== 'revision'));
  assert.ok(
    FOLLOWING[kind] !== undefined && isDeepStrictEqual(without(record), without(before)),
    `${what} follows from another one, and changes ${JSON.stringify(before)} to ${JSON.stringify(record)}`,
  );
}

function assertAcknowledged(
  { parts, removes, removedAt, lastSequence, isAtomic }: Asked,
  what: string,
  recordAt: (sequence: number) => Change | undefined,
): void {
  if (removes !== undefined) assert.ok(removedAt !== undefined, `${what}: the record was deleted`);
  for (const { mark, sequence, acknowledged, isRefused = false } of parts) {
    if (isRefused) {
      assert.equal(sequence, undefined, `${what}: ${mark} was refused, and has happened`);
      continue;
    }
    assert.ok(sequence !== undefined, `${what}: ${mark} is lost`);
    if (acknowledged === undefined) continue;
    assert.equal(sequence, acknowledged.revision, `${what}: ${mark} has the revision that was acknowledged`);
    const { record } = acknowledged;
    if (record !== undefined) assert.deepEqual(recordAt(sequence)?.record, record, `${what}: ${mark} is what was acknowledged`);
  }
  if (isAtomic && lastSequence !== undefined)
    assert.ok(
      parts.every(({ sequence = 0 }) => sequence <= lastSequence),
      `${what} ended with change ${lastSequence}`,
    );
}
