import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { messageOf } from '../faults.ts';
import type { Find } from '../protocol/commands.ts';
import { type Database, isInvalidated, isRefusedValue, openDatabase, type Session, type Statements } from './database.ts';
import type { Files } from './files.ts';
import { findSql } from './find.ts';
import type { KeyIndex } from './key-index.ts';
import { loadTables } from './load.ts';
import { PendingChanges, type Staged } from './pending-changes.ts';
import type { RecordLog } from './record-log.ts';
import { applyReplayed } from './replay-tables.ts';
import type { ReplayedChanges } from './replayed-changes.ts';
import type { Line } from './row-lines.ts';
import { eachOfIndex, linesWhere, namedLine } from './row-queries.ts';
import type { KeptSnapshot } from './snapshot.ts';
import { type Copied, copyTable, type Layout } from './table-copy.ts';
import { createTable, insertFromStage, quoted } from './tables.ts';
import type { Failure, FoundRows, IndexColumn, OpenWorkingSet, WorkingSet } from './working-set.ts';

/**
 * The working set in DuckDB: one table per kind with typed columns.
 * Invariant: the sequence in `_position` is that of the last change that the tables have; both change in one transaction.
 */

/** Images that travel to DuckDB in one BLOB. */
const IMAGES_PER_BLOB = 4096;
const BLOB_BYTES_MAX = 4 * 1024 * 1024;
/** Connections for queries; a long one delays only those that share its connection. */
const READERS = 2;

export const openDuckDb: OpenWorkingSet = async (kinds, index, log) => {
  const database = await openDatabase();
  const sessions: Session[] = [];
  for (let count = 0; count < 2 + READERS; count++) sessions.push(await database.open());
  const workingSet = new DuckDbWorkingSet(database, sessions, kinds, index, log);
  await workingSet.createTables();
  return workingSet;
};

class DuckDbWorkingSet implements WorkingSet {
  readonly #database: Database;
  readonly #writer: Session;
  readonly #snapshotter: Session;
  readonly #readers: readonly Session[];
  readonly #kinds: readonly Kind[];
  readonly #log: RecordLog;
  readonly #pending: PendingChanges;
  #nextReader = 0;
  appliedSequence = 0;
  lost: string | undefined;

  constructor(database: Database, sessions: readonly Session[], kinds: readonly Kind[], index: KeyIndex, log: RecordLog) {
    const [writer, snapshotter, ...readers] = sessions;
    assert(writer !== undefined && snapshotter !== undefined, 'a writer, a snapshotter, readers');
    this.#database = database;
    this.#writer = writer;
    this.#snapshotter = snapshotter;
    this.#readers = readers;
    this.#kinds = kinds;
    this.#log = log;
    this.#pending = new PendingChanges(index);
  }

  async createTables(): Promise<void> {
    await this.#writer.alone(async (sql) => {
      await sql.run('CREATE TABLE _position (sequence BIGINT)');
      await sql.run('INSERT INTO _position VALUES (0)');
      for (const kind of this.#kinds) await sql.run(createTable(kind));
    });
  }

  get unappliedChanges(): number {
    return this.#pending.count;
  }

  get behindSinceMs(): number | undefined {
    return this.#pending.behindSinceMs;
  }

  load(snapshot: KeptSnapshot, files: Files): Promise<void> {
    return this.#writer.alone((sql) => loadTables(sql, this.#kinds, files, snapshot));
  }

  async replay(replayed: ReplayedChanges, sequence: number): Promise<void> {
    await this.#writer.alone(async (sql) => {
      await applyReplayed(sql, replayed, this.#kinds);
      await sql.run('UPDATE _position SET sequence = $1', [BigInt(sequence)]);
    });
    this.appliedSequence = sequence;
  }

  note(kind: string, key: string, existed: boolean, nowMs: number): void {
    this.#pending.note(kind, key, existed, nowMs);
  }

  apply(sequenceNow: () => number): Promise<number> {
    return this.#writer.alone((sql) => this.#applyNow(sql, sequenceNow));
  }

  /** Writes them from one transaction; the position that it reads names the cut. */
  copyTo(folder: string, layout: Layout, sequenceNow: () => number, atCut: () => void = () => undefined): Promise<Copied> {
    return this.#snapshotter.alone((sql) =>
      sql.transaction(async () => {
        // BEGIN is lazy: the cut is at the first statement, which must come before anything else is applied.
        const cut = await this.#applyAndHold(sequenceNow, atCut, async () => Number((await sql.rows('SELECT sequence FROM _position'))[0]?.[0]));
        assert.equal(cut.read, cut.applied, 'the copy sees what was applied, no more and no less');
        const rows = new Map<string, number>();
        for (const kind of this.#kinds) {
          rows.set(kind.name, await copyTable(sql, kind, folder, layout, cut.applied));
        }
        return { sequence: cut.applied, rows };
      }),
    );
  }

  /** Only a moment without other transactions allows it. */
  async checkpoint(): Promise<void> {
    await this.#writer.alone(async (sql) => {
      // Somebody else's transaction is no failure: the next snapshot tries again.
      await sql.run('CHECKPOINT').catch(() => undefined);
    });
  }

  eachOfIndex(kind: Kind, paths: readonly (readonly string[])[], take: (columns: readonly IndexColumn[]) => void): Promise<void> {
    return this.#read((sql) => eachOfIndex(sql, kind, paths, take));
  }

  async rowsEnd(kind: Kind): Promise<number> {
    const rows = await this.#read((sql) => sql.rows(`SELECT coalesce(max(rowid) + 1, 0) FROM ${quoted(kind.name)}`));
    return Number(rows[0]?.[0]);
  }

  rowsBetween(kind: Kind, from: number, end: number): Promise<Iterable<Line>> {
    return this.#read((sql) => linesWhere(sql, kind, `rowid >= ${from} AND rowid < ${end}`));
  }

  rowsOf(kind: Kind, keys: readonly string[]): Promise<Iterable<Line>> {
    return this.#read((sql) => linesWhere(sql, kind, `${quoted(kind.key)} IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`, [JSON.stringify(keys)]));
  }

  rowNamed(kind: Kind, name: string): Promise<Line | undefined> {
    return this.#read((sql) => namedLine(sql, kind, name));
  }

  async find(kind: Kind, find: Find): Promise<FoundRows> {
    const { rows: query, rowParameters, count, countParameters } = findSql(kind, find);
    const rows = await this.#read((sql) => sql.rows(query, rowParameters));
    if (!find.count) return { rows };
    const [[counted] = []] = await this.#read((sql) => sql.rows(count, countParameters));
    return { rows, count: Number(counted) };
  }

  meaningOf(error: unknown): Failure {
    if (this.lost !== undefined || isInvalidated(error)) return 'lost';
    return isRefusedValue(error) ? 'refused-value' : 'failed';
  }

  async heldBytes(): Promise<number> {
    const [[bytes] = []] = await this.#read((sql) => sql.rows('SELECT coalesce(sum(memory_usage_bytes), 0)::DOUBLE FROM duckdb_memory()'));
    return Number(bytes);
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer, this.#snapshotter, ...this.#readers].map((session) => session.close()));
    this.#database.close();
  }

  #read<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    this.#nextReader = (this.#nextReader + 1) % this.#readers.length;
    const session = this.#readers[this.#nextReader];
    assert(session !== undefined, 'there are readers');
    return session.alone(work);
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
    const staged = this.#pending.drain();
    const sequence = sequenceNow();
    const read = this.#log.reader();
    atCut?.();
    try {
      if (staged.length > 0 || sequence !== this.appliedSequence) await this.#applyStaged(sql, staged, read, sequence);
    } catch (error) {
      // What was drained is in neither place now; only a restart brings it back.
      this.lost = `DuckDB could not follow the journal: ${messageOf(error)}`;
      throw error;
    }
    this.appliedSequence = sequence;
    this.#pending.applied();
    return sequence;
  }

  async #applyStaged(sql: Statements, staged: readonly Staged[], read: (location: number) => Buffer, sequence: number): Promise<void> {
    for (const [index, { locations, gone }] of staged.entries()) {
      if (locations.length > 0) {
        await sql.run(`CREATE OR REPLACE TABLE _images_${index} (images BLOB)`);
        await sql.appendBlobs(`_images_${index}`, imageBlobs(locations, read));
      }
      if (gone.length > 0) {
        await sql.run(`CREATE OR REPLACE TABLE _gone_${index} (keys BLOB)`);
        await sql.appendBlobs(`_gone_${index}`, keyBlobs(gone));
      }
    }
    await sql.transaction(async () => {
      for (const [index, { kind, locations, gone }] of staged.entries()) {
        if (gone.length > 0) {
          const keys = `SELECT unnest(from_json(decode(keys), '["VARCHAR"]')) FROM _gone_${index}`;
          await sql.run(`DELETE FROM ${quoted(kind.name)} WHERE ${quoted(kind.key)} IN (${keys})`);
        }
        if (locations.length > 0) await sql.run(insertFromStage(kind, `_images_${index}`));
      }
      await sql.run('UPDATE _position SET sequence = $1', [BigInt(sequence)]);
    });
    for (const index of staged.keys()) {
      await sql.run(`DROP TABLE IF EXISTS _images_${index}`);
      await sql.run(`DROP TABLE IF EXISTS _gone_${index}`);
    }
  }
}

const LINE_FEED = Buffer.from('\n');

/** Images with line feeds between; canonical JSON has none inside. */
function* imageBlobs(locations: readonly number[], read: (location: number) => Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const location of locations) {
    const image = read(location);
    if (parts.length > 0 && (bytes + image.length > BLOB_BYTES_MAX || parts.length >= 2 * IMAGES_PER_BLOB)) {
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

function* keyBlobs(keys: readonly string[]): Generator<Buffer> {
  for (let start = 0; start < keys.length; start += IMAGES_PER_BLOB) {
    yield Buffer.from(JSON.stringify(keys.slice(start, start + IMAGES_PER_BLOB)));
  }
}
