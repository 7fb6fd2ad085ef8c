import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Condition, Find, SortKey } from '../../src/protocol/commands.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';
import type { Files } from '../../src/store/files.ts';
import type { Layout } from '../../src/store/kept-table.ts';
import { valuesAt } from '../../src/store/key-index.ts';
import { PendingChanges } from '../../src/store/pending-changes.ts';
import type { RecordLog } from '../../src/store/record-log.ts';
import type { ReplayedChanges } from '../../src/store/replayed-changes.ts';
import type { Line } from '../../src/store/row-lines.ts';
import type { KeptSnapshot } from '../../src/store/snapshot.ts';
import { type Copied, parquetName } from '../../src/store/table-copy.ts';
import type { Failure, FoundRows, IndexColumn, OpenWorkingSet, WorkingSet } from '../../src/store/working-set.ts';

/**
 * A working set of plain maps, for runs that open a store many thousand times. The store around it is the real one; what
 * the files of a snapshot hold here are images, a line each, and they are written by the `Files` that the test gives.
 * It has no row by an older schema, and compares values as JavaScript does: no xname without its zeros, no time zones.
 */

type Fields = Readonly<Record<string, unknown>>;

interface Row {
  readonly key: string;
  readonly image: Buffer;
  /** Rises with each row that comes, as in DuckDB. */
  readonly number: number;
  /** Parsed when it is first asked for. */
  fields: Fields | undefined;
}

export function plainTables(files: Files): OpenWorkingSet {
  return async (kinds, log) => new PlainTables(kinds, log, files);
}

class PlainTables implements WorkingSet {
  readonly #kinds: readonly Kind[];
  readonly #tables: ReadonlyMap<string, Map<string, Row>>;
  readonly #log: RecordLog;
  readonly #files: Files;
  readonly #pending = new PendingChanges();
  #nextNumber = 0;
  readonly lost: undefined;
  appliedSequence = 0;

  constructor(kinds: readonly Kind[], log: RecordLog, files: Files) {
    this.#kinds = kinds;
    this.#tables = new Map(kinds.map(({ name }) => [name, new Map()]));
    this.#log = log;
    this.#files = files;
  }

  get unappliedChanges(): number {
    return this.#pending.count;
  }

  get behindSinceMs(): number | undefined {
    return this.#pending.behindSinceMs;
  }

  async load({ folder, manifest }: KeptSnapshot, files: Files): Promise<void> {
    for (const kind of this.#kinds) {
      const entry = manifest.kinds[kind.name];
      if (entry === undefined) continue;
      assert.equal(entry.schemaHash, kind.schemaHash, 'plain tables read their own schema only');
      const bytes = files.readAll(join(folder, entry.file));
      for (let start = 0; start < bytes.length; ) {
        const end = bytes.indexOf(0x0a, start);
        const image = bytes.subarray(start, end);
        const fields = JSON.parse(image.toString('utf8')) as Fields;
        this.#put(kind.name, String(fields[kind.key]), image, fields);
        start = end + 1;
      }
      assert.equal(this.#table(kind.name).size, entry.rows, `rows of ${kind.name}`);
    }
  }

  async replay(replayed: ReplayedChanges, sequence: number): Promise<void> {
    for (const [kind, images] of replayed.kinds) {
      for (const [key, image] of images) {
        this.#table(kind).delete(key);
        if (image !== null) this.#put(kind, key, Buffer.from(image));
      }
    }
    replayed.forget();
    this.appliedSequence = sequence;
  }

  note(kind: string, key: string, location: number, existed: boolean, nowMs: number): void {
    this.#pending.note(kind, key, location, existed, nowMs);
  }

  moved(kind: string, key: string, location: number): void {
    this.#pending.moved(kind, key, location);
  }

  async apply(sequenceNow: () => number): Promise<number> {
    return this.#applyNow(sequenceNow);
  }

  async copyTo(folder: string, _layout: Layout, sequenceNow: () => number, atCut: () => void = () => undefined): Promise<Copied> {
    const sequence = this.#applyNow(sequenceNow);
    atCut();
    const tables = this.#kinds.map((kind) => ({ kind, images: Array.from(this.#table(kind.name).values(), ({ image }) => image) }));
    for (const { kind, images } of tables) {
      // Writes that come while a snapshot is being taken come here.
      await Promise.resolve();
      const file = this.#files.create(join(folder, parquetName(kind)));
      this.#files.write(file, Buffer.concat(images.flatMap((image) => [image, LINE_FEED])), 0);
      this.#files.close(file);
    }
    return { sequence, rows: new Map(tables.map(({ kind, images }) => [kind.name, images.length])) };
  }

  async giveWay(): Promise<void> {
    // It computes on the thread that calls.
  }

  async checkpoint(): Promise<boolean> {
    // A map keeps nothing of what was replaced.
    return true;
  }

  async eachOfIndex(kind: Kind, paths: readonly (readonly string[])[], take: (columns: readonly IndexColumn[]) => void): Promise<void> {
    const rows = [...this.#table(kind.name).values()];
    if (rows.length > 0) take(paths.map((path) => rows.map((row) => indexText(fieldAt(fieldsOf(row), path)))));
  }

  async rowsEnd(kind: Kind): Promise<number> {
    return Math.max(0, ...Array.from(this.#table(kind.name).values(), ({ number }) => number + 1));
  }

  async rowsBetween(kind: Kind, from: number, end: number): Promise<Iterable<Line>> {
    return [...this.#table(kind.name).values()].filter(({ number }) => number >= from && number < end).map(lineOf);
  }

  async rowsOf(kind: Kind, keys: readonly string[]): Promise<Iterable<Line>> {
    return keys.map((key) => this.#table(kind.name).get(key)).flatMap((row) => (row === undefined ? [] : [lineOf(row)]));
  }

  async rowNamed(kind: Kind, name: string): Promise<Line | undefined> {
    const table = this.#table(kind.name);
    const row = table.get(name) ?? [...table.values()].find((each) => kind.naturalKeys.some((property) => fieldsOf(each)[property] === name));
    return row === undefined ? undefined : lineOf(row);
  }

  async find(kind: Kind, { conditions, sort, limit, after, count }: Find): Promise<FoundRows> {
    const order: readonly SortKey[] = [...sort, { path: [kind.key], descending: false }];
    const matching = [...this.#table(kind.name).values()].map(fieldsOf).filter((fields) => conditions.every((condition) => holds(fields, condition)));
    const sorted = matching.map((fields) => order.map(({ path }) => fieldAt(fields, path) ?? null)).sort((a, b) => compareRows(a, b, order));
    const rest = after === undefined ? sorted : sorted.filter((row) => compareRows(row, after, order) > 0);
    return { rows: limit === undefined ? rest : rest.slice(0, limit + 1), ...(count ? { count: matching.length } : {}) };
  }

  meaningOf(): Failure {
    return 'failed';
  }

  async heldBytes(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {
    for (const table of this.#tables.values()) table.clear();
  }

  #applyNow(sequenceNow: () => number): number {
    for (const [kind, changes] of this.#pending.drain()) {
      for (const [key, { existed, location }] of changes) {
        if (existed) this.#table(kind).delete(key);
        if (location !== NOWHERE) this.#put(kind, key, Buffer.from(this.#log.imageAt(location)));
      }
    }
    this.#pending.applied();
    this.appliedSequence = sequenceNow();
    return this.appliedSequence;
  }

  #put(kind: string, key: string, image: Buffer, fields?: Fields): void {
    this.#table(kind).set(key, { key, image, number: this.#nextNumber++, fields });
  }

  #table(kind: string): Map<string, Row> {
    const table = this.#tables.get(kind);
    assert(table !== undefined, `${kind} is a kind`);
    return table;
  }
}

const LINE_FEED = Buffer.from('\n');

function fieldsOf(row: Row): Fields {
  row.fields ??= JSON.parse(row.image.toString('utf8')) as Fields;
  return row.fields;
}

function lineOf(row: Row): Line {
  return { key: row.key, revision: Number(fieldsOf(row)['revision']), image: row.image, needsReparse: false };
}

function fieldAt(fields: Fields, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
  return value;
}

function indexText(value: unknown): string | undefined {
  if (Array.isArray(value)) return JSON.stringify(value);
  return typeof value === 'string' ? value : undefined;
}

function holds(fields: Fields, { path, orPaths = [], operator, values }: Condition): boolean {
  return [path, ...orPaths].some((place) => {
    const single = fieldAt(fields, place);
    const present = Array.isArray(single) ? valuesAt(fields, place) : single === undefined ? [] : [single as string | number | boolean];
    switch (operator) {
      case 'missing':
        return present.length === 0;
      case 'present':
        return present.length > 0;
      case 'equal':
        return present.some((value) => values.includes(value));
      case 'not-equal':
        return !present.some((value) => values.includes(value));
      case 'gt':
        return present.some((value) => values.some((bound) => value > bound));
      case 'gte':
        return present.some((value) => values.some((bound) => value >= bound));
      case 'lt':
        return present.some((value) => values.some((bound) => value < bound));
      default:
        return present.some((value) => values.some((bound) => value <= bound));
    }
  });
}

/** Nulls come last, whichever way. */
function compareRows(a: readonly unknown[], b: readonly unknown[], order: readonly SortKey[]): number {
  for (const [position, { descending }] of order.entries()) {
    const [left, right] = [a[position] ?? null, b[position] ?? null] as (string | number | boolean | null)[];
    if (left === right || left === undefined || right === undefined) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right !== descending ? -1 : 1;
  }
  return 0;
}
