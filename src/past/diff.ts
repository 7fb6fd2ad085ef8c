import type { DiffCounts } from '../protocol/past.ts';
import type { Statements } from '../store/database.ts';
import { quoted } from '../store/tables.ts';
import { DiffSide, type Place, type SideParts } from './diff-side.ts';
import { OutOfTime } from './past-state.ts';
import { sameColumns } from './same-columns.ts';
import type { Plan } from './timeline.ts';

/**
 * What is different between two past states. A revision is given to one change only, so records with the same revision are
 * the same: only revisions and keys are compared, straight from the files of the snapshots, and only what differs is read.
 */

export interface Difference {
  readonly key: string;
  /** Its revision in the state that is compared from; 0: it is not there. */
  readonly from: number;
  readonly to: number;
}

/** Images by key, of the differences from `start` up to before `end`. */
export interface Window {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly before: ReadonlyMap<string, Uint8Array>;
  readonly after: ReadonlyMap<string, Uint8Array>;
}

const NONE: ReadonlySet<string> = new Set();
const BYTES_PER_DIFFERENCE = 128;
/** What is read at once should come to this, as far as one can know before. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** Of all kinds together. */
const WINDOWS_BYTES_MAX: number = 2 * WINDOW_BYTES;
/** Before anybody knows how large they are. */
const RECORDS_AT_FIRST = 4096;
const RECORDS_AT_ONCE_MAX = 8192;
/** When more of them did not fit into memory. */
const RECORDS_WHEN_LARGE = 32;

export class Diff {
  /** In the order of their names. */
  readonly kinds: readonly string[];
  readonly #from: DiffSide;
  readonly #to: DiffSide;
  readonly #parts: SideParts;
  readonly #differences = new Map<string, readonly Difference[]>();
  /** By kind: columns that no record of both files differs in. */
  readonly #same = new Map<string, ReadonlySet<string>>();
  /** By kind and form: the records that were read last, for the next part or page. The oldest comes first. */
  readonly #windows = new Map<string, Window>();
  #windowBytes = 0;
  #differing = 0;
  usedMs = 0;
  /** What one record has come to on average, once some have been read. */
  #bytesEach: number | undefined;

  private constructor(parts: SideParts, kinds: readonly string[], from: DiffSide, to: DiffSide) {
    this.#parts = parts;
    this.kinds = kinds;
    this.#from = from;
    this.#to = to;
  }

  /** @throws Pruned */
  static open(parts: SideParts, from: Plan, to: Plan, kinds: readonly string[]): Diff {
    const sorted = kinds.toSorted();
    const before = DiffSide.open(parts, from, sorted);
    try {
      return new Diff(parts, sorted, before, DiffSide.open(parts, to, sorted));
    } catch (error) {
      before.close();
      throw error;
    }
  }

  /** What it keeps in memory, more or less. */
  get bytes(): number {
    return this.#differing * BYTES_PER_DIFFERENCE + this.#windowBytes + this.#from.imageBytes + this.#to.imageBytes;
  }

  /** By key; known when the states have been compared. */
  differences(kind: string): readonly Difference[] {
    return this.#differences.get(kind) ?? [];
  }

  counts(): Readonly<Record<string, DiffCounts>> {
    return Object.fromEntries(this.kinds.map((kind) => [kind, countsOf(this.differences(kind))]));
  }

  /** Compares what has not been compared yet. @throws Pruned, OutOfTime: the next one goes on */
  async compare(sql: Statements, deadlineMs: number): Promise<void> {
    if (this.#differences.size === this.kinds.length) return;
    const isSame = this.#from.plan.sequence === this.#to.plan.sequence;
    if (!isSame) {
      this.#from.readJournal(deadlineMs);
      this.#to.readJournal(deadlineMs);
    }
    for (const kind of this.kinds) {
      if (this.#differences.has(kind)) continue;
      if (this.#parts.clock.nowMs() > deadlineMs) throw new OutOfTime();
      const found = isSame ? [] : await this.#compareKind(sql, kind);
      this.#differences.set(kind, found);
      this.#differing += found.length;
    }
  }

  /**
   * Some records as they were in both states, from one on. A scan of the files costs the same for few as for many, so as
   * many are read as are worth keeping for whoever asks for the next ones.
   * @param isForPatches properties that are the same in both may be missing. @throws Pruned
   */
  async window(sql: Statements, kind: string, start: number, isForPatches: boolean): Promise<Window> {
    const name = `${kind} ${isForPatches}`;
    const kept = this.#windows.get(name);
    if (kept !== undefined && start >= kept.start && start < kept.end) return kept;
    this.#forget(name);
    const records = this.differences(kind).slice(start, start + this.#recordsAtOnce());
    const same = isForPatches ? await this.#sameColumns(sql, kind) : NONE;
    const images = await this.#images(sql, kind, records, same);
    const bytes = bytesIn(images.before) + bytesIn(images.after);
    this.#bytesEach = bytes / records.length;
    const window = { start, end: start + records.length, bytes, ...images };
    this.#windows.set(name, window);
    this.#windowBytes += bytes;
    for (const oldest of this.#windows.keys()) if (this.#windowBytes > WINDOWS_BYTES_MAX) this.#forget(oldest);
    return window;
  }

  /** They did not fit into memory. @returns false when there were few already. */
  readFewer(): boolean {
    const wereFew = this.#recordsAtOnce() <= RECORDS_WHEN_LARGE;
    this.#bytesEach = WINDOW_BYTES / RECORDS_WHEN_LARGE;
    return !wereFew;
  }

  close(): void {
    this.#from.close();
    this.#to.close();
  }

  /** @param same left out of records that are in both files */
  async #images(sql: Statements, kind: string, records: readonly Difference[], same: ReadonlySet<string>): Promise<Pick<Window, 'before' | 'after'>> {
    const isInFiles = ({ from, to }: Difference): boolean => from !== 0 && from <= this.#from.base && to !== 0 && to <= this.#to.base;
    const images = { before: new Map<string, Uint8Array>(), after: new Map<string, Uint8Array>() };
    for (const isNarrow of [true, false]) {
      const some = records.filter((record) => isNarrow === (same.size > 0 && isInFiles(record)));
      const before = some.filter(({ from }) => from !== 0).map(({ key, from }): Place => ({ key, revision: from }));
      const after = some.filter(({ to }) => to !== 0).map(({ key, to }): Place => ({ key, revision: to }));
      for (const [key, image] of await this.#from.images(sql, kind, before, isNarrow ? same : NONE)) images.before.set(key, image);
      for (const [key, image] of await this.#to.images(sql, kind, after, isNarrow ? same : NONE)) images.after.set(key, image);
    }
    return images;
  }

  async #sameColumns(sql: Statements, kind: string): Promise<ReadonlySet<string>> {
    let same = this.#same.get(kind);
    if (same === undefined) {
      const [from, to] = [this.#from.fileOf(kind), this.#to.fileOf(kind)];
      same = from === undefined || to === undefined || this.#from.base === this.#to.base ? NONE : await sameColumns(sql, from, to);
      this.#same.set(kind, same);
    }
    return same;
  }

  #forget(name: string): void {
    this.#windowBytes -= this.#windows.get(name)?.bytes ?? 0;
    this.#windows.delete(name);
  }

  #recordsAtOnce(): number {
    if (this.#bytesEach === undefined) return RECORDS_AT_FIRST;
    return Math.min(RECORDS_AT_ONCE_MAX, Math.max(1, Math.ceil(WINDOW_BYTES / Math.max(1, this.#bytesEach))));
  }

  async #compareKind(sql: Statements, kind: string): Promise<readonly Difference[]> {
    const isForward = this.#from.plan.sequence < this.#to.plan.sequence;
    const [older, newer] = isForward ? [this.#from, this.#to] : [this.#to, this.#from];
    const files = await filesOf(sql, kind, older, newer);
    const [before, after] = [older.overlaid(kind), newer.overlaid(kind)];
    const common = await commonRows(
      sql,
      kind,
      older,
      newer,
      [...before.keys(), ...after.keys()].filter((key) => !files.old.has(key) && !files.new.has(key)),
    );
    const differences: Difference[] = [];
    for (const key of new Set([...files.old.keys(), ...files.new.keys(), ...common.keys(), ...before.keys(), ...after.keys()])) {
      const old = before.get(key)?.revision ?? files.old.get(key) ?? common.get(key) ?? 0;
      const now = after.get(key)?.revision ?? files.new.get(key) ?? common.get(key) ?? 0;
      if (old !== now) differences.push(isForward ? { key, from: old, to: now } : { key, from: now, to: old });
    }
    return differences.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

function bytesIn(images: Images): number {
  let bytes = 0;
  for (const { length } of images.values()) bytes += length;
  return bytes;
}

type Images = ReadonlyMap<string, Uint8Array>;
type Revisions = ReadonlyMap<string, number>;

export function typeOf({ from, to }: Difference): 'created' | 'changed' | 'deleted' {
  if (from === 0) return 'created';
  return to === 0 ? 'deleted' : 'changed';
}

function countsOf(differences: readonly Difference[]): DiffCounts {
  const counts = { created: 0, changed: 0, deleted: 0 };
  for (const difference of differences) counts[typeOf(difference)] += 1;
  return counts;
}

/** The rows that only one of the two snapshots has. */
async function filesOf(sql: Statements, kind: string, older: DiffSide, newer: DiffSide): Promise<{ readonly old: Revisions; readonly new: Revisions }> {
  if (older.base === newer.base) return { old: new Map(), new: new Map() };
  const [a, b] = [older.rowsOf(kind), newer.rowsOf(kind)];
  // What the newer one has since the older one was taken, the older one cannot have.
  const added = b === undefined ? undefined : `SELECT ${quoted(b.kind.key)}, "revision" FROM ${b.from} WHERE "revision" > ${older.base}`;
  const others = b === undefined ? '' : ` ANTI JOIN ${b.from} AS b ON a."revision" = b."revision"`;
  const gone = a === undefined ? undefined : `SELECT a.${quoted(a.kind.key)}, a."revision" FROM ${a.from} AS a${others}`;
  return { old: await revisionsIn(sql, gone), new: await revisionsIn(sql, added) };
}

/** Rows of some keys that both snapshots have, or the one that there is. */
async function commonRows(sql: Statements, kind: string, older: DiffSide, newer: DiffSide, keys: readonly string[]): Promise<Revisions> {
  const rows = older.base === newer.base ? newer.rowsOf(kind) : older.rowsOf(kind) && newer.rowsOf(kind);
  if (rows === undefined || keys.length === 0) return new Map();
  const key = quoted(rows.kind.key);
  const query = `SELECT ${key}, "revision" FROM ${rows.from} WHERE ${key} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`;
  return await revisionsIn(sql, query, [JSON.stringify(keys)]);
}

async function revisionsIn(sql: Statements, query: string | undefined, parameters: readonly string[] = []): Promise<Revisions> {
  const revisions = new Map<string, number>();
  if (query === undefined) return revisions;
  for await (const rows of sql.chunks(query, parameters)) for (const [key, revision] of rows) revisions.set(String(key), Number(revision));
  return revisions;
}
