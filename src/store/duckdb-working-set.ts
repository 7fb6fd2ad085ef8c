import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { messageOf } from '../faults.ts';
import { parseUuid } from '../ids.ts';
import type { Find } from '../protocol/commands.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { Copiers } from './copiers.ts';
import { type Database, isInvalidated, isRefusedValue, openDatabase, type Session, type Statements } from './database.ts';
import type { Files } from './files.ts';
import { findSql } from './find.ts';
import { copyKept, type Layout } from './kept-table.ts';
import { loadChanged, loadKind, type TableFile } from './load.ts';
import { type PendingChange, PendingChanges, type Staged } from './pending-changes.ts';
import type { RecordLog } from './record-log.ts';
import { applyReplayed } from './replay-tables.ts';
import { ReplayedChanges } from './replayed-changes.ts';
import type { Line } from './row-lines.ts';
import { eachOfIndex, lineInFile, linesWhere, namedLine } from './row-queries.ts';
import type { KeptSnapshot } from './snapshot.ts';
import { type Copied, copyPassing } from './table-copy.ts';
import { createScannedTable, insertFromStage, quoted } from './tables.ts';
import type { Failure, FoundRows, IndexColumn, OpenWorkingSet, TakeIndex, WorkingSet } from './working-set.ts';

/**
 * The working set in DuckDB: one table per kind with typed columns.
 * Invariant: the sequence in `_position` is that of the last change that the tables have; both change in one transaction.
 */

/** Images that travel to DuckDB in one BLOB: what the owner copies before it has a turn of its event loop. */
const BLOB_BYTES_MAX = 512 * 1024;
const KEYS_PER_BLOB = 4096;
/** So many changes are applied on one thread: fewer are a matter of the number of statements. */
const CHANGES_ON_ONE_THREAD_MIN = 2048;
/** Connections that write files. Each takes a thread of Node's pool meanwhile, of which there are four. */
const COPIERS = 2;
/** Connections for queries; a long one delays only those that share its connection. */
const READERS = 2;
/** Of records of one kind that the journal has changed since the snapshot: with more, the key index waits for the tables. */
const CHANGED_KEYS_MAX = 65_536;
/** Images of the journal that are parsed for the key index before reads come in between. */
const IMAGES_PER_PART = 4096;

export const openDuckDb: OpenWorkingSet = async (kinds, log) => {
  const database = await openDatabase();
  const sessions: Session[] = [];
  for (let count = 0; count < 1 + COPIERS + READERS; count++) sessions.push(await database.open());
  const workingSet = new DuckDbWorkingSet(database, sessions, kinds, log);
  await workingSet.createTables();
  return workingSet;
};

class DuckDbWorkingSet implements WorkingSet {
  readonly #database: Database;
  readonly #writer: Session;
  readonly #copiers: readonly [Session, Session];
  readonly #readers: readonly Session[];
  readonly #kinds: readonly Kind[];
  readonly #log: RecordLog;
  readonly #pending = new PendingChanges();
  #nextReader = 0;
  /** Of the kinds whose tables are not filled yet: where their rows are until then … */
  readonly #files = new Map<Kind, TableFile>();
  /** … and what the journal says of them. */
  #replayed = new ReplayedChanges();
  /** By kind: its table is filled, or is being filled. */
  readonly #filled = new Map<Kind, Promise<void>>();
  /** The tables have everything. */
  #whole: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  appliedSequence = 0;
  lost: string | undefined;

  constructor(database: Database, sessions: readonly Session[], kinds: readonly Kind[], log: RecordLog) {
    const [writer, copier, another, ...readers] = sessions;
    assert(writer !== undefined && copier !== undefined && another !== undefined, 'a writer, copiers, readers');
    this.#database = database;
    this.#writer = writer;
    this.#copiers = [copier, another];
    this.#readers = readers;
    this.#kinds = kinds;
    this.#log = log;
  }

  async createTables(): Promise<void> {
    await this.#writer.alone(async (sql) => {
      await sql.run('CREATE TABLE _position (sequence BIGINT)');
      await sql.run('INSERT INTO _position VALUES (0)');
      for (const kind of this.#kinds) await sql.run(createScannedTable(kind));
    });
  }

  get unappliedChanges(): number {
    return this.#pending.count;
  }

  get behindSinceMs(): number | undefined {
    return this.#pending.behindSinceMs;
  }

  /** Tables that can be read from their files are filled when they are needed: that is the longest part of a start. */
  async load(snapshot: KeptSnapshot, files: Files): Promise<void> {
    const unchanged = await this.#writer.alone((sql) => loadChanged(sql, this.#kinds, files, snapshot));
    for (const file of unchanged) this.#files.set(file.kind, file);
  }

  async replay(replayed: ReplayedChanges, sequence: number): Promise<void> {
    this.#replayed = replayed;
    this.appliedSequence = sequence;
  }

  /** From here on all tables are there, and what they stand for. */
  #wholeTables(): Promise<void> {
    this.#whole ??= this.#filling(async () => {
      const sequence = this.appliedSequence;
      for (const kind of this.#kinds) await this.#table(kind);
      await this.#writer.alone((sql) => sql.run('UPDATE _position SET sequence = $1', [BigInt(sequence)]));
    });
    return this.#whole;
  }

  /** From here on this table is there. */
  #table(kind: Kind): Promise<void> {
    let filled = this.#filled.get(kind);
    if (filled === undefined) {
      filled = this.#filling(() => this.#writer.alone((sql) => this.#fill(sql, kind)));
      this.#filled.set(kind, filled);
    }
    return filled;
  }

  async #fill(sql: Statements, kind: Kind): Promise<void> {
    const file = this.#files.get(kind);
    if (file !== undefined && file.rows > 0) await loadKind(sql, kind, kind, file.path);
    // Before the journal's part is forgotten: what begins to look from now on waits for the table, or it would miss that part.
    this.#files.delete(kind);
    await applyReplayed(sql, kind, this.#replayed.of(kind));
    this.#replayed.forgetKind(kind);
  }

  #filling(work: () => Promise<void>): Promise<void> {
    const filled = work().catch((error: unknown) => {
      this.lost ??= `the tables could not be filled: ${messageOf(error)}`;
      throw error;
    });
    // Whoever needs the tables hears of it.
    filled.catch(() => undefined);
    return filled;
  }

  /** A row by its key while its table is not filled; undefined where only the table knows. */
  async #rowBehind(kind: Kind, key: string): Promise<Line | undefined> {
    const image = this.#replayed.of(kind).get(key);
    if (image !== undefined) return image === null ? undefined : lineOfImage(key, image);
    const isKey = !kind.keyIsServerSet || parseUuid(key) !== undefined;
    const file = isKey ? this.#files.get(kind) : undefined;
    // On one connection, one after the other: however many ask, the filling has half of the machine.
    return file === undefined ? undefined : this.#readers[0]?.alone((sql) => this.#lineInFile(sql, file, key));
  }

  /** Undefined as well when the table has it by now: then the file may have gone with its snapshot. */
  async #lineInFile(sql: Statements, file: TableFile, key: string): Promise<Line | undefined> {
    const { kind, path } = file;
    if (!this.#files.has(kind)) return undefined;
    try {
      return await lineInFile(sql, kind, path, key);
    } catch (error) {
      if (this.#files.has(kind)) throw error;
      return undefined;
    }
  }

  note(kind: string, key: string, location: number, existed: boolean, nowMs: number): void {
    this.#pending.note(kind, key, location, existed, nowMs);
  }

  moved(kind: string, key: string, location: number): void {
    this.#pending.moved(kind, key, location);
  }

  async apply(sequenceNow: () => number): Promise<number> {
    await this.#wholeTables();
    return this.#writer.alone((sql) => this.#applyNow(sql, sequenceNow));
  }

  /** Writes them from transactions that begin at the same cut; the position that they read names it. */
  async copyTo(folder: string, layout: Layout, sequenceNow: () => number, atCut: () => void = () => undefined): Promise<Copied> {
    await this.#wholeTables();
    return this.#inTransactions(async (copiers) => {
      // BEGIN is lazy: the cut is at the first statement, which must come before anything else is applied.
      const { applied, read } = await this.#applyAndHold(sequenceNow, atCut, () => Promise.all(copiers.map(positionOf)));
      for (const position of read) assert.equal(position, applied, 'the copy sees what was applied, no more and no less');
      const free = new Copiers(copiers);
      const copyOf = (kind: Kind): Promise<number> =>
        layout === 'passing' ? free.use((sql) => copyPassing(sql, kind, folder, applied)) : copyKept(free, kind, { folder, sequence: applied, ...layout });
      const rows = new Map<string, number>();
      // One after the other: beside each other they are done a little sooner, and take both cores from who reads meanwhile.
      for (const kind of this.#kinds) rows.set(kind.name, await copyOf(kind));
      return { sequence: applied, rows };
    });
  }

  #inTransactions<T>(work: (copiers: readonly [Statements, Statements]) => Promise<T>): Promise<T> {
    const [first, second] = this.#copiers;
    return first.alone((one) => this.#database.onOneThreadEach(() => second.alone((two) => one.transaction(() => two.transaction(() => work([one, two]))))));
  }

  giveWay(): Promise<void> {
    return this.#writer.alone(() => this.#database.giveWay());
  }

  /** Only a moment without other transactions allows it. @returns whether this was one */
  checkpoint(): Promise<boolean> {
    // Somebody else's transaction is no failure: who asked tries again, or the next snapshot does.
    return this.#writer.alone((sql) =>
      sql.run('CHECKPOINT').then(
        () => true,
        () => false,
      ),
    );
  }

  /** Of a table that is not filled, from where its rows are: whoever wants to write waits for the values only. */
  async eachOfIndex(kind: Kind, paths: readonly (readonly string[])[], take: TakeIndex): Promise<void> {
    const file = this.#files.get(kind);
    const changed = this.#replayed.of(kind);
    if (file === undefined || changed.size > CHANGED_KEYS_MAX) return await this.#read(kind, (sql) => eachOfIndex(sql, kind, paths, take));
    const keys = [...changed.keys()];
    const images = [...changed.values()].filter((image): image is Uint8Array => image !== null);
    // Nobody copies before the tables have everything.
    await this.#copiers[0].alone((sql) =>
      eachOfIndex(sql, kind, paths, (columns) => take(columns, file.rows + images.length), { path: file.path, keys, are: 'NOT IN' }),
    );
    for (let start = 0; start < images.length; start += IMAGES_PER_PART) {
      await new Promise((resolve) => setImmediate(resolve));
      take(columnsOf(images.slice(start, start + IMAGES_PER_PART), paths));
    }
  }

  async rowsEnd(kind: Kind): Promise<number> {
    const rows = await this.#read(kind, (sql) => sql.rows(`SELECT coalesce(max(rowid) + 1, 0) FROM ${quoted(kind.name)}`));
    return Number(rows[0]?.[0]);
  }

  rowsBetween(kind: Kind, from: number, end: number): Promise<Iterable<Line>> {
    return this.#read(kind, (sql) => linesWhere(sql, kind, `rowid >= ${from} AND rowid < ${end}`));
  }

  async rowsOf(kind: Kind, keys: readonly string[]): Promise<Iterable<Line>> {
    const [key] = keys;
    const line = key === undefined || keys.length > 1 ? undefined : await this.#rowBehind(kind, key);
    if (line !== undefined) return [line];
    return await this.#read(kind, (sql) =>
      linesWhere(sql, kind, `${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`, [JSON.stringify(keys)]),
    );
  }

  async rowNamed(kind: Kind, name: string): Promise<Line | undefined> {
    return (await this.#rowBehind(kind, name)) ?? (await this.#read(kind, (sql) => namedLine(sql, kind, name)));
  }

  async find(kind: Kind, find: Find): Promise<FoundRows> {
    const { rows: query, rowParameters, count, countParameters } = findSql(kind, find);
    const rows = await this.#read(kind, (sql) => sql.rows(query, rowParameters));
    if (!find.count) return { rows };
    const [[counted] = []] = await this.#read(kind, (sql) => sql.rows(count, countParameters));
    return { rows, count: Number(counted) };
  }

  meaningOf(error: unknown): Failure {
    if (this.lost !== undefined || isInvalidated(error)) return 'lost';
    return isRefusedValue(error) ? 'refused-value' : 'failed';
  }

  async heldBytes(): Promise<number> {
    // Also while the tables are filled: that is when somebody looks.
    const [[bytes] = []] = await this.#anyReader.alone((sql) => sql.rows('SELECT coalesce(sum(memory_usage_bytes), 0)::DOUBLE FROM duckdb_memory()'));
    return Number(bytes);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#writer, ...this.#copiers, ...this.#readers].map((session) => session.close()));
    this.#database.close();
  }

  async #read<T>(kind: Kind, work: (sql: Statements) => Promise<T>): Promise<T> {
    await this.#table(kind);
    return this.#anyReader.alone(work);
  }

  get #anyReader(): Session {
    this.#nextReader = (this.#nextReader + 1) % this.#readers.length;
    const session = this.#readers[this.#nextReader];
    assert(session !== undefined, 'there are readers');
    return session;
  }

  /** Applies, and lets `look` read on another connection before anything else is applied. */
  #applyAndHold<T>(sequenceNow: () => number, atCut: () => void, look: () => Promise<T>): Promise<{ applied: number; read: T }> {
    return this.#writer.alone(async (sql) => {
      const applied = await this.#applyNow(sql, sequenceNow, atCut);
      return { applied, read: await look() };
    });
  }

  /** `atCut` runs at the very moment that the tables will stand for. */
  async #applyNow(sql: Statements, sequenceNow: () => number, atCut?: () => void): Promise<number> {
    const { count } = this.#pending;
    const staged = this.#pending.drain();
    const sequence = sequenceNow();
    const read = this.#log.reader();
    atCut?.();
    try {
      const applying = (): Promise<void> => this.#applyStaged(sql, staged, read, sequence);
      if (count >= CHANGES_ON_ONE_THREAD_MIN) await this.#database.onOneThreadEach(applying);
      else if (count > 0 || sequence !== this.appliedSequence) await applying();
    } catch (error) {
      // What was drained is in neither place now; only a restart brings it back.
      this.lost = `DuckDB could not follow the journal: ${messageOf(error)}`;
      throw error;
    }
    this.appliedSequence = sequence;
    this.#pending.applied();
    return sequence;
  }

  async #applyStaged(sql: Statements, staged: Staged, read: (location: number) => Buffer, sequence: number): Promise<void> {
    const steps: string[] = [];
    for (const kind of this.#kinds) {
      const changes = staged.get(kind.name);
      if (changes === undefined) continue;
      const [gone, images] = [`_gone_${kind.name}`, `_images_${kind.name}`];
      await sql.run(`CREATE OR REPLACE TABLE ${quoted(gone)} (keys BLOB)`);
      if ((await sql.appendBlobs(gone, keyBlobs(changes))) > 0) {
        const keys = `SELECT unnest(from_json(decode(keys), '["VARCHAR"]')) FROM ${quoted(gone)}`;
        steps.push(`DELETE FROM ${quoted(kind.name)} WHERE ${quoted(kind.key)} IN (${keys})`);
      }
      await sql.run(`CREATE OR REPLACE TABLE ${quoted(images)} (images BLOB)`);
      if ((await sql.appendBlobs(images, imageBlobs(changes, read))) > 0) steps.push(insertFromStage(kind, quoted(images)));
    }
    await sql.transaction(async () => {
      for (const step of steps) await sql.run(step);
      await sql.run('UPDATE _position SET sequence = $1', [BigInt(sequence)]);
    });
    for (const name of staged.keys()) {
      await sql.run(`DROP TABLE ${quoted(`_gone_${name}`)}`);
      await sql.run(`DROP TABLE ${quoted(`_images_${name}`)}`);
    }
  }
}

async function positionOf(sql: Statements): Promise<number> {
  return Number((await sql.rows('SELECT sequence FROM _position'))[0]?.[0]);
}

/** An image of the journal, which is as JavaScript spells it. */
function lineOfImage(key: string, image: Uint8Array): Line {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const { revision } = JSON.parse(bytes.toString('utf8')) as { revision: number };
  return { key, revision, image: bytes, needsReparse: false };
}

/** The values of images, as a table would hand them over. */
function columnsOf(images: readonly Uint8Array[], paths: readonly (readonly string[])[]): readonly IndexColumn[] {
  const columns = paths.map((path) => ({ path, values: [] as (string | undefined)[] }));
  for (const image of images) {
    const record = JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as unknown;
    for (const { path, values } of columns) values.push(textOf(valueAt(record, path)));
  }
  return columns.map(({ values }) => values);
}

function valueAt(record: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), record);
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const LINE_FEED = Buffer.from('\n');

/** Images with line feeds between; canonical JSON has none inside. */
function* imageBlobs(changes: ReadonlyMap<string, PendingChange>, read: (location: number) => Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const { location } of changes.values()) {
    if (location === NOWHERE) continue;
    const image = read(location);
    if (parts.length > 0 && bytes + image.length > BLOB_BYTES_MAX) {
      yield Buffer.concat(parts);
      parts = [];
      bytes = 0;
    }
    if (parts.length > 0) parts.push(LINE_FEED);
    parts.push(image);
    bytes += image.length + 1;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

/** Keys of rows that go. */
function* keyBlobs(changes: ReadonlyMap<string, PendingChange>): Generator<Buffer> {
  let keys: string[] = [];
  for (const [key, { existed }] of changes) {
    if (!existed) continue;
    keys.push(key);
    if (keys.length < KEYS_PER_BLOB) continue;
    yield Buffer.from(JSON.stringify(keys));
    keys = [];
  }
  if (keys.length > 0) yield Buffer.from(JSON.stringify(keys));
}
