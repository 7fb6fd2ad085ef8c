import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { messageOf } from '../faults.ts';
import { type Database, openDatabase, type Session, type SqlValue, type Statements } from './database.ts';
import { COLD, type KeyIndex } from './key-index.ts';
import type { RecordLog } from './record-log.ts';
import { createTable, insertFromStage, quoted } from './tables.ts';

/**
 * The working set: one DuckDB table per kind, typed columns, brought up to the journal in batches.
 * Invariant: the sequence in `_position` is that of the last change that the tables have; both change in one transaction.
 */

/** Images that travel to DuckDB in one BLOB. */
const IMAGES_PER_BLOB = 4096;
const BLOB_BYTES_MAX = 4 * 1024 * 1024;
/** Connections for queries; a long one delays only those that share its connection. */
const READERS = 2;

interface Staged {
  readonly kind: Kind;
  /** Keys whose row is there and goes. */
  readonly gone: readonly string[];
  /** Addresses of the images that come. */
  readonly locations: readonly number[];
}

export class WorkingSet {
  readonly #database: Database;
  readonly #writer: Session;
  readonly #readers: readonly Session[];
  readonly snapshotter: Session;
  readonly #kinds: readonly Kind[];
  readonly #index: KeyIndex;
  readonly #log: RecordLog;
  /** Per kind: key → whether DuckDB has a row for it. */
  #pending = new Map<string, Map<string, boolean>>();
  #nextReader = 0;
  /** When the oldest of those was made. */
  #pendingSinceMs: number | undefined;
  /** The same of what is being applied. */
  #applyingSinceMs: number | undefined;
  unappliedChanges = 0;
  appliedSequence = 0;
  /** Why the tables cannot be trusted any more. */
  lost: string | undefined;

  private constructor(database: Database, sessions: readonly Session[], kinds: readonly Kind[], index: KeyIndex, log: RecordLog) {
    const [writer, snapshotter, ...readers] = sessions;
    assert(writer !== undefined && snapshotter !== undefined, 'a writer, a snapshotter, readers');
    this.#database = database;
    this.#writer = writer;
    this.snapshotter = snapshotter;
    this.#readers = readers;
    this.#kinds = kinds;
    this.#index = index;
    this.#log = log;
  }

  static async open(kinds: readonly Kind[], index: KeyIndex, log: RecordLog): Promise<WorkingSet> {
    const database = await openDatabase();
    const sessions: Session[] = [];
    for (let count = 0; count < 2 + READERS; count++) sessions.push(await database.open());
    const workingSet = new WorkingSet(database, sessions, kinds, index, log);
    await workingSet.#writer.alone(async (sql) => {
      await sql.run('CREATE TABLE _position (sequence BIGINT)');
      await sql.run('INSERT INTO _position VALUES (0)');
      for (const kind of kinds) await sql.run(createTable(kind));
    });
    return workingSet;
  }

  /** When the oldest change was made that the tables do not have. */
  get behindSinceMs(): number | undefined {
    return this.#applyingSinceMs ?? this.#pendingSinceMs;
  }

  /** A journaled change that DuckDB does not have yet. `existed`: there was a record with this key before. */
  note(kind: string, key: string, existed: boolean, nowMs: number): void {
    let keys = this.#pending.get(kind);
    if (keys === undefined) {
      keys = new Map();
      this.#pending.set(kind, keys);
    }
    if (!keys.has(key)) keys.set(key, existed);
    this.#pendingSinceMs ??= nowMs;
    this.unappliedChanges += 1;
  }

  /** Brings the tables up to `sequenceNow()`, which it returns. */
  apply(sequenceNow: () => number): Promise<number> {
    return this.#writer.alone((sql) => this.#applyNow(sql, sequenceNow));
  }

  /** Applies, and lets `look` read on another connection before anything else is applied. */
  applyAndHold<T>(sequenceNow: () => number, atCut: () => void, look: () => Promise<T>): Promise<{ applied: number; read: T }> {
    return this.#writer.alone(async (sql) => {
      const applied = await this.#applyNow(sql, sequenceNow, atCut);
      return { applied, read: await look() };
    });
  }

  /** Loads rows while nothing else goes on yet: recovery's own way in. */
  load<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    return this.#writer.alone(work);
  }

  async setSequence(sequence: number): Promise<void> {
    await this.#writer.alone((sql) => sql.run('UPDATE _position SET sequence = $1', [BigInt(sequence)]));
    this.appliedSequence = sequence;
  }

  /** Rows of a query, on a connection of its own kind. */
  rows(query: string, parameters: readonly SqlValue[] = []): Promise<readonly (readonly unknown[])[]> {
    return this.#reader().alone((sql) => sql.rows(query, parameters));
  }

  read<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    return this.#reader().alone(work);
  }

  /** Gives back memory that replaced rows still hold. Only a moment without other transactions allows it. */
  async checkpoint(): Promise<void> {
    await this.#writer.alone(async (sql) => {
      // Somebody else's transaction is no failure: the next snapshot tries again.
      await sql.run('CHECKPOINT').catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer, this.snapshotter, ...this.#readers].map((session) => session.close()));
    this.#database.close();
  }

  #reader(): Session {
    this.#nextReader = (this.#nextReader + 1) % this.#readers.length;
    const session = this.#readers[this.#nextReader];
    assert(session !== undefined, 'there are readers');
    return session;
  }

  /** `atCut` runs at the very moment that the tables will stand for. */
  async #applyNow(sql: Statements, sequenceNow: () => number, atCut?: () => void): Promise<number> {
    const staged = this.#drain();
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
    this.#applyingSinceMs = undefined;
    return sequence;
  }

  #drain(): readonly Staged[] {
    const pending = this.#pending;
    this.#pending = new Map();
    this.#applyingSinceMs = this.#pendingSinceMs;
    this.#pendingSinceMs = undefined;
    this.unappliedChanges = 0;
    const staged: Staged[] = [];
    for (const [name, keys] of pending) {
      const kind = this.#kinds.find((candidate) => candidate.name === name);
      assert(kind !== undefined, `${name} is a kind`);
      const { addresses } = this.#index.of(name);
      const gone: string[] = [];
      const locations: number[] = [];
      for (const [key, existed] of keys) {
        if (existed) gone.push(key);
        const location = addresses.get(key);
        assert(location !== COLD, 'a changed record has its image in the record log');
        if (location !== undefined) locations.push(location);
      }
      staged.push({ kind, gone, locations });
    }
    return staged;
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
export function* imageBlobs(locations: readonly number[], read: (location: number) => Buffer): Generator<Buffer> {
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
