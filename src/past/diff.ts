import { createPatch } from 'rfc6902';
import type { Kind } from '../../schemas/kind.ts';
import { done, type Result } from '../faults.ts';
import type { DiffChange, DiffPart, PastQueries, Present } from '../protocol/past.ts';
import { bytesOf, type Statements } from '../store/database.ts';
import { lineOf, linesIn, reparsed, unquoted } from '../store/row-lines.ts';
import { quoted } from '../store/tables.ts';
import { shownOf } from './past-list.ts';
import type { PastStates } from './past-states.ts';

/**
 * What is different between two past states. A revision is given to one change only, so records with the same key and the
 * same revision are the same: only the others are looked into.
 */

/** Differences that are kept for the next part. */
const KEPT_MAX = 8;
const KEYS_PER_BLOB = 4096;
const IMAGES_AT_ONCE = 1024;

interface Difference {
  readonly key: string;
  readonly type: DiffChange['type'];
}

type Input = PastQueries['past.diff']['in'];

export class Diffs {
  readonly #states: PastStates;
  readonly #partBytes: number;
  /** By their states and kind, used last at the end: all keys that differ, in order. */
  readonly #kept = new Map<string, readonly Difference[]>();

  constructor(states: PastStates, partBytes: number) {
    this.#states = states;
    this.#partBytes = partBytes;
  }

  /** A part of the differences, by key; the next one begins behind its last key. */
  async part(input: Input, present: Present, deadlineMs: number): Promise<Result<DiffPart>> {
    const all = await this.#differences(input, present, deadlineMs);
    if (!all.ok) return all;
    const counts = { created: 0, changed: 0, deleted: 0 };
    for (const { type } of all.value) counts[type] += 1;
    if (input.rowsMax === 0) return done({ changes: [], counts });
    const first = input.after === undefined ? 0 : all.value.findIndex(({ key }) => key > (input.after ?? ''));
    const page = first === -1 ? [] : all.value.slice(first, first + Math.min(input.rowsMax, IMAGES_AT_ONCE));
    const before = await this.#images(input.from, input, page, 'created', present, deadlineMs);
    if (!before.ok) return before;
    const after = await this.#images(input.to, input, page, 'deleted', present, deadlineMs);
    if (!after.ok) return after;
    const changes: DiffChange[] = [];
    let bytes = 0;
    for (const { key, type } of page) {
      const change = changeOf(key, type, before.value.get(key), after.value.get(key), input.form);
      bytes += (change.before?.length ?? 0) + (change.after?.length ?? 0) + (change.patch?.length ?? 0);
      changes.push(change);
      if (bytes >= this.#partBytes) break;
    }
    const last = changes.at(-1);
    const isWhole = last === undefined || first + changes.length >= all.value.length;
    return done({ changes, counts, ...(isWhole ? {} : { more: last.key }) });
  }

  async #differences({ from, to, kind }: Input, present: Present, deadlineMs: number): Promise<Result<readonly Difference[]>> {
    const name = `${from} ${to} ${kind}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return done(kept);
    const before = await this.#states.use(from, present, (state) => state.ask(kind, deadlineMs, revisionsOf));
    if (!before.ok) return before;
    const after = await this.#states.use(to, present, (state) => state.ask(kind, deadlineMs, revisionsOf));
    if (!after.ok) return after;
    const differences = compared(before.value ?? NOTHING, after.value ?? NOTHING);
    this.#kept.set(name, differences);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return done(differences);
  }

  /** Images of those of a page that are in one of the states. @param absent the type of those that are not. */
  async #images(
    sequence: number,
    { kind }: Input,
    page: readonly Difference[],
    absent: DiffChange['type'],
    present: Present,
    deadlineMs: number,
  ): Promise<Result<ReadonlyMap<string, Image>>> {
    const keys = page.filter(({ type }) => type !== absent).map(({ key }) => key);
    if (keys.length === 0) return done(new Map());
    const images = await this.#states.use(sequence, present, (state) => state.ask(kind, deadlineMs, (sql, then) => imagesOf(sql, shownOf(then), keys)));
    return images.ok ? done(images.value ?? new Map()) : images;
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map();

interface Image {
  readonly revision: number;
  readonly image: Uint8Array;
}

/** Key → revision of all records: some thousand in one BLOB, which is much cheaper than row by row. */
async function revisionsOf(sql: Statements, kind: Kind): Promise<ReadonlyMap<string, string>> {
  const line = `"revision" || ' ' || to_json(${quoted(kind.key)})::VARCHAR`;
  const rows = await sql.rows(`SELECT encode(string_agg(${line}, chr(10))) FROM ${quoted(kind.name)} GROUP BY rowid // ${KEYS_PER_BLOB}`);
  const revisions = new Map<string, string>();
  for (const [blob] of rows) {
    const bytes = bytesOf(blob);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const each of text.toString('utf8').split('\n')) {
      const space = each.indexOf(' ');
      revisions.set(unquoted(each.slice(space + 1)), each.slice(0, space));
    }
  }
  return revisions;
}

function compared(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly Difference[] {
  const differences: Difference[] = [];
  for (const [key, revision] of after) {
    const old = before.get(key);
    if (old === undefined) differences.push({ key, type: 'created' });
    else if (old !== revision) differences.push({ key, type: 'changed' });
  }
  for (const key of before.keys()) if (!after.has(key)) differences.push({ key, type: 'deleted' });
  return differences.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function imagesOf(sql: Statements, kind: Kind, keys: readonly string[]): Promise<ReadonlyMap<string, Image>> {
  const query = `SELECT encode(${lineOf(kind)}) FROM ${quoted(kind.name)} WHERE ${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`;
  const images = new Map<string, Image>();
  for (const [blob] of await sql.rows(query, [JSON.stringify(keys)])) {
    const bytes = bytesOf(blob);
    for (const { key, revision, image, needsReparse } of linesIn(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
      images.set(key, { revision, image: needsReparse ? Buffer.from(reparsed(image)) : Uint8Array.from(image) });
    }
  }
  return images;
}

function changeOf(key: string, type: DiffChange['type'], before: Image | undefined, after: Image | undefined, form: Input['form']): DiffChange {
  const revisions = {
    ...(before === undefined ? {} : { fromRevision: before.revision }),
    ...(after === undefined ? {} : { toRevision: after.revision }),
  };
  if (form === 'records') {
    return { key, type, ...revisions, ...(before === undefined ? {} : { before: before.image }), ...(after === undefined ? {} : { after: after.image }) };
  }
  if (before !== undefined && after !== undefined) return { key, type, ...revisions, patch: JSON.stringify(createPatch(parsed(before), parsed(after))) };
  return { key, type, ...revisions, ...(before === undefined ? {} : { before: before.image }), ...(after === undefined ? {} : { after: after.image }) };
}

function parsed({ image }: Image): unknown {
  return JSON.parse(Buffer.from(image).toString('utf8'));
}
