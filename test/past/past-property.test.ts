import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { AsOf } from '../../src/protocol/past.ts';
import { packMessage } from '../../src/protocol/wire.ts';
import { type Fields, KEEP_ALL, onlyKinds, Rig, value } from '../store/rig.ts';
import { seedOfTests } from '../torture/torture.ts';
import { PastRig } from './past-rig.ts';

/** Random writes, bulks, snapshots, restarts and prunes; a model keeps every version, and the past has to agree with it. */

const KINDS = onlyKinds('Component', 'RedfishEndpoint');
const ROUNDS = 2;
const STEPS = 30;
const KEYS_MAX = 20;

interface Change {
  readonly kind: string;
  readonly key: string;
  /** Undefined: deleted. */
  readonly text: string | undefined;
  readonly timeMs: number;
}

class Model {
  /** By sequence; there is no change 0. */
  readonly changes: (Change | undefined)[] = [undefined];
  #images: ReadonlyMap<string, string> = new Map();

  /** Notes what the last batch did. @param deleted revisions of deletions by place */
  note(rig: Rig, deleted: ReadonlyMap<string, number>): void {
    const images = rig.images();
    for (const [place, image] of images) {
      if (this.#images.get(place) === image) continue;
      const space = image.indexOf(' ');
      this.changes[Number(image.slice(0, space))] = { ...named(place), text: image.slice(space + 1), timeMs: rig.clock.ms };
    }
    for (const [place, revision] of deleted) this.changes[revision] = { ...named(place), text: undefined, timeMs: rig.clock.ms };
    this.#images = images;
    assert.equal(this.changes.length - 1, rig.status.sequence);
  }

  state(sequence: number, kind: string): readonly string[] {
    const records = new Map<string, string>();
    for (const change of this.changes.slice(1, sequence + 1)) {
      if (change?.kind !== kind) continue;
      if (change.text === undefined) records.delete(change.key);
      else records.set(change.key, change.text);
    }
    return [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  keys(kind: string): readonly string[] {
    return [...new Set(this.changes.flatMap((change) => (change?.kind === kind ? [change.key] : [])))];
  }

  /** The newest change at or before a time, of those from `first` on. */
  newestAt(timeMs: number, first: number): number | undefined {
    const found = this.changes.findLastIndex((change, sequence) => sequence >= first && change !== undefined && change.timeMs <= timeMs);
    return found === -1 ? undefined : found;
  }
}

function named(place: string): { kind: string; key: string } {
  const slash = place.indexOf('/');
  return { kind: place.slice(0, slash), key: place.slice(slash + 1) };
}

for (let round = 0; round < ROUNDS; round++) {
  const seed = seedOfTests() + round;
  test(`every past state, list, record and history is what the model says (seed ${seed})`, async () => {
    await oneRound(generator(seed), round % 2 === 0 ? 0 : 3000);
  });
}

async function oneRound(random: (below: number) => number, journalKeepBytes: number): Promise<void> {
  let rig = await Rig.open(undefined, { kinds: KINDS, journalKeepBytes });
  const model = new Model();
  const past = new PastRig(() => rig, { restMs: 100, replayBytes: 500 });
  for (let step = 0; step < STEPS; step++) {
    rig.clock.ms += random(20) === 0 ? -random(3000) : random(400);
    const choice = random(20);
    if (choice === 0) rig = await rig.restart();
    else if (choice < 3) await rig.snapshot({ retention: random(2) === 0 ? KEEP_ALL : { newest: 2 + random(3), hourly: 0, daily: 0, weekly: 0 } });
    else await write(rig, model, random);
    // Also in the middle of things: states are kept, and moved on.
    if (step % 7 === 0) await compareState(past, model, rig, random(rig.status.sequence + 1), random);
  }
  for (let sequence = 0; sequence <= rig.status.sequence; sequence++) await compareState(past, model, rig, sequence, random);
  for (let count = 0; count < 20; count++) await compareTime(past, model, rig, random);
  for (const kind of ['Component', 'RedfishEndpoint'])
    for (const key of model.keys(kind).slice(0, KEYS_MAX)) await compareVersions(past, model, rig, kind, key);
  await past.past.close();
  await rig.close();
}

async function write(rig: Rig, model: Model, random: (below: number) => number): Promise<void> {
  const deleted = new Map<string, number>();
  const kind = random(2) === 0 ? 'Component' : 'RedfishEndpoint';
  const present = [...rig.images().keys()].filter((place) => place.startsWith(`${kind}/`));
  const victim = present[random(Math.max(1, present.length))];
  const choice = random(10);
  if (choice < 3 && victim !== undefined) {
    const gone = value(await rig.remove(kind, named(victim).key));
    deleted.set(victim, gone.stored[0]?.revision ?? 0);
  } else if (choice < 6 && victim !== undefined) {
    value(await rig.patch(kind, named(victim).key, kind === 'Component' ? { Enabled: random(2) === 0, NID: random(99) } : { Name: `n "${random(99)}" é` }));
  } else if (choice < 8) {
    const records = Array.from({ length: 1 + random(12) }, () => draft(kind, random)).filter(
      (record, index, all) => all.findIndex((other) => other['ID'] === record['ID']) === index && !present.some((place) => holds(rig, place, record)),
    );
    const options = { upsert: false, dryRun: false };
    const bulkId = `bulk ${rig.replies.length}`;
    if (records.length > 0) {
      value(await rig.send('bulk.stage', { kind, bulkId, firstIndex: 0, packedRecords: packMessage(records), options, origin: {} }));
      value(await rig.send('bulk.commit', { kind, bulkId, options }));
    }
  } else {
    const record = draft(kind, random);
    if (!present.some((place) => holds(rig, place, record))) await rig.created(kind, record);
  }
  model.note(rig, deleted);
}

function draft(kind: string, random: (below: number) => number): Fields {
  const id = `x${1000 + random(30)}c0s0b0`;
  return kind === 'Component' ? { ID: `${id}n0`, Type: 'Node', NID: random(1000) } : { ID: id, Name: `e${random(100)}` };
}

function holds(rig: Rig, place: string, record: Fields): boolean {
  const image = rig.images().get(place) ?? '';
  return image.includes(`"ID":${JSON.stringify(record['ID'])}`);
}

/** By what lies in the folder: whether the state after a change can be known. */
function isReachable(rig: Rig, sequence: number): boolean {
  const first = firstInJournal(rig);
  const newest = snapshotSequences(rig).findLast((snapshot) => snapshot <= sequence);
  return newest === sequence || first <= (newest ?? 0) + 1;
}

/** There is an answer: the state itself, or that of a snapshot before it. */
function isKept(rig: Rig, sequence: number): boolean {
  return isReachable(rig, sequence) || snapshotSequences(rig).some((snapshot) => snapshot <= sequence);
}

function firstInJournal(rig: Rig): number {
  const [first] = rig.segments();
  return first === undefined ? rig.status.sequence + 1 : Number(first.slice(0, 16));
}

function snapshotSequences(rig: Rig): readonly number[] {
  return rig
    .snapshots()
    .map((name) => Number(name.slice(-12)))
    .sort((a, b) => a - b);
}

async function compareState(past: PastRig, model: Model, rig: Rig, sequence: number, random: (below: number) => number): Promise<void> {
  const resolved = await past.ask('past.resolve', { at: String(sequence), exactly: false, kind: 'Component', schemaHash: '' });
  if (!resolved.ok) {
    assert.equal(resolved.fault.code, 'not-found');
    assert.ok(!isKept(rig, sequence), resolved.fault.detail);
    return;
  }
  const { asOf } = resolved.value;
  assert.equal(asOf.exact, isReachable(rig, sequence), `exactness of ${sequence}`);
  if (asOf.exact) assert.equal(asOf.sequence, sequence);
  else
    assert.equal(
      asOf.sequence,
      snapshotSequences(rig).findLast((snapshot) => snapshot <= sequence),
    );
  await compareAsOf(past, model, asOf, random);
}

async function compareAsOf(past: PastRig, model: Model, { sequence }: AsOf, random: (below: number) => number): Promise<void> {
  // Single records first: then there is no state, and they are looked for in snapshot and journal.
  for (const kind of ['Component', 'RedfishEndpoint']) {
    const state = model.state(sequence, kind);
    const keys = model.keys(kind);
    const key = keys[random(Math.max(1, keys.length))];
    if (key !== undefined) {
      const expected = state.find((text) => text.includes(`:${JSON.stringify(key)}`));
      assert.equal(await past.text(sequence, kind, key), expected, `${kind} ${key} after ${sequence}`);
    }
    if (random(3) === 0) assert.deepEqual(await past.texts(sequence, kind, {}, random(2) === 0 ? 4096 : 3 + random(9)), state, `${kind} after ${sequence}`);
    const byName = state[random(Math.max(1, state.length))];
    const id = byName === undefined ? undefined : String((JSON.parse(byName) as Fields)['ID']);
    if (id !== undefined) assert.equal(await past.text(sequence, kind, id.replace('x', 'x0')), byName, `${id} after ${sequence}`);
  }
}

async function compareTime(past: PastRig, model: Model, rig: Rig, random: (below: number) => number): Promise<void> {
  const times = model.changes.flatMap((change) => (change === undefined ? [] : [change.timeMs]));
  const timeMs = Math.min(rig.clock.ms, (times[random(times.length)] ?? 0) + random(3) - 1);
  const first = firstInJournal(rig);
  const expected = model.newestAt(timeMs, first);
  const resolved = await past.ask('past.resolve', { at: new Date(timeMs).toISOString(), exactly: false, kind: 'Component', schemaHash: '' });
  if (!resolved.ok) {
    assert.equal(resolved.fault.code, 'not-found');
    assert.ok(expected === undefined || !isKept(rig, expected), resolved.fault.detail);
    return;
  }
  const { asOf } = resolved.value;
  if (expected !== undefined && isReachable(rig, expected)) {
    assert.deepEqual([asOf.sequence, asOf.exact], [expected, true]);
    assert.equal(asOf.time, new Date(model.changes[expected]?.timeMs ?? 0).toISOString());
  } else if (asOf.exact) {
    // No change of the journal is as old, and the snapshot has all that were before it.
    assert.equal(asOf.sequence, first - 1);
  }
  assert.ok(snapshotSequences(rig).includes(asOf.sequence) || asOf.sequence >= first);
  await compareAsOf(past, model, asOf, random);
}

async function compareVersions(past: PastRig, model: Model, rig: Rig, kind: string, key: string): Promise<void> {
  const first = firstInJournal(rig);
  const expected = model.changes
    .flatMap((change, sequence) => (change?.kind === kind && change.key === key ? [{ sequence, text: change.text }] : []))
    .reverse();
  const found: { sequence: number; type: string; source: string; text: string }[] = [];
  for (let before: number | undefined; ; ) {
    const { versions, more } = await past.query('past.versions', { kind, key, limit: 3, patch: false, ...(before === undefined ? {} : { before }) });
    for (const { sequence, type, source, image } of versions) found.push({ sequence, type, source, text: Buffer.from(image ?? []).toString() });
    if (!more) break;
    before = versions.at(-1)?.sequence;
  }
  const journaled = found.filter(({ source }) => source === 'journal');
  assert.deepEqual(
    journaled.map(({ sequence, type, text }) => [sequence, type === 'deleted' ? undefined : text]),
    expected.filter(({ sequence }) => sequence >= first).map(({ sequence, text }) => [sequence, text]),
    `${kind} ${key} in the journal`,
  );
  const seen = found.filter(({ source }) => source === 'snapshot');
  for (const { sequence, type, text } of seen) {
    if (type !== 'deleted') assert.equal(expected.find((change) => change.sequence === sequence)?.text, text);
    // A deletion that was not journaled any more came at some change up to the one it is told with.
    else assert.equal(expected.find((change) => change.sequence <= sequence)?.text, undefined);
  }
  const visible = new Set(snapshotSequences(rig).map((snapshot) => expected.find(({ sequence }) => sequence <= snapshot)));
  const older = [...visible].filter((change) => change !== undefined && change.text !== undefined && change.sequence < first);
  assert.deepEqual(
    seen.filter(({ type }) => type !== 'deleted').map(({ sequence }) => sequence),
    older.map((change) => change?.sequence ?? 0).sort((a, b) => b - a),
    `${kind} ${key} in snapshots`,
  );
}

/** mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
