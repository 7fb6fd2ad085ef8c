import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import { type Database, openDatabase, type Session, type Statements } from '../store/database.ts';
import type { SealedSecrets } from '../store/frame.ts';
import type { JournalReader } from '../store/journal-reader.ts';
import { loadKind } from '../store/load.ts';
import { applyReplayed } from '../store/replay-tables.ts';
import { ReplayedChanges } from '../store/replayed-changes.ts';
import { createTable, quoted } from '../store/tables.ts';
import type { Archive, OpenSnapshot } from './archive.ts';
import type { PastLimits } from './limits.ts';
import type { Plan } from './timeline.ts';

/**
 * All records as they were after one change, in a DuckDB of its own. Kinds are loaded when they are first asked for: the
 * rows of the snapshot, and over them what the journal has up to that change.
 * Invariant: `reached` says up to where a table has been replayed, also when a time limit ended the work in between.
 */

/** Retention has deleted what the state would be built from. */
export class Pruned extends Error {}

/** The question's time limit has passed; what was built so far is kept for the next one. */
export class OutOfTime extends Error {}

export interface StateParts {
  readonly archive: Archive;
  readonly journal: JournalReader;
  readonly clock: Clock;
  readonly limits: PastLimits;
}

interface Table {
  readonly kind: Kind;
  reached: number;
}

/** Below it what was replaced is too little to be worth packing. */
const PACKED_CHANGES_MIN = 4096;
/** Changes between two looks at the clock. */
const CHANGES_AT_ONCE = 4096;
const THREADS = 1;

export class PastState {
  readonly #parts: StateParts;
  readonly #snapshot: OpenSnapshot | undefined;
  readonly #database: Database;
  readonly #session: Session;
  readonly #tables = new Map<string, Table>();
  #plan: Plan;
  #unpacked = 0;
  #sealed: { readonly sequence: number; readonly secrets: ReadonlyMap<string, SealedSecrets> } | undefined;
  readonly memoryBytes: number;
  bytes = 0;
  usedMs: number;

  private constructor(parts: StateParts, plan: Plan, snapshot: OpenSnapshot | undefined, database: Database, session: Session, memoryBytes: number) {
    this.#parts = parts;
    this.memoryBytes = memoryBytes;
    this.#plan = plan;
    this.#snapshot = snapshot;
    this.#database = database;
    this.#session = session;
    this.usedMs = parts.clock.monotonicMs();
  }

  /** @throws Pruned */
  static async open(parts: StateParts, plan: Plan, memoryBytes: number): Promise<PastState> {
    const snapshot = plan.snapshot === undefined ? undefined : parts.archive.open(plan.snapshot);
    if (plan.snapshot !== undefined && snapshot === undefined) throw new Pruned();
    const database = await openDatabase({ memoryBytes, threads: THREADS });
    return new PastState(parts, plan, snapshot, database, await database.open(), memoryBytes);
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Up to date with the plan, so that a question costs no more than its query. */
  has(kind: string): boolean {
    return this.#tables.get(kind)?.reached === this.#plan.sequence;
  }

  /** From here on it is a later state, with the same schemas: the tables follow when they are asked for. */
  moveTo(plan: Plan): void {
    this.#plan = plan;
  }

  /** Asks the table of a kind; undefined when there was no such kind. @throws Pruned, OutOfTime */
  async ask<T>(kindName: string, deadlineMs: number, work: (sql: Statements, kind: Kind) => Promise<T>): Promise<T | undefined> {
    const kind = this.#plan.kinds.find(({ name }) => name === kindName);
    if (kind === undefined) return undefined;
    return await this.#session.alone(async (sql) => {
      const table = this.#tables.get(kindName) ?? (await this.#load(sql, kind));
      await this.#replay(sql, table, deadlineMs);
      this.usedMs = this.#parts.clock.monotonicMs();
      const value = await work(sql, table.kind);
      await this.#measure(sql);
      // Behind the answer: it takes as long as loading did. What it fails with is met by the next question.
      if (this.#unpacked >= PACKED_CHANGES_MIN) void this.#session.alone((after) => this.#pack(after)).catch(() => undefined);
      return value;
    });
  }

  /** By `Kind/key`, secrets of records as they were sealed then. @throws Pruned */
  sealedSecrets(): ReadonlyMap<string, SealedSecrets> {
    const { sequence } = this.#plan;
    if (this.#sealed?.sequence === sequence) return this.#sealed.secrets;
    const secrets = new Map(this.#snapshot?.sealedSecrets());
    const changes = this.#parts.journal.secretsAfter(this.#snapshot?.manifest.sequence ?? 0, sequence);
    let next = changes.next();
    for (; next.done !== true; next = changes.next()) {
      const { kind, key, secrets: sealed } = next.value;
      if (sealed) secrets.set(`${kind}/${key}`, copied(sealed));
      else secrets.delete(`${kind}/${key}`);
    }
    if (next.value === 'pruned') throw new Pruned();
    this.#sealed = { sequence, secrets };
    return secrets;
  }

  async close(): Promise<void> {
    await this.#session.close();
    this.#database.close();
    this.#snapshot?.close();
  }

  async #load(sql: Statements, kind: Kind): Promise<Table> {
    const source = this.#snapshot?.table(kind.name);
    await sql.run(`DROP TABLE IF EXISTS ${quoted(kind.name)}`);
    await sql.run(createTable(kind));
    if (source !== undefined && source.entry.rows > 0) {
      await loadKind(sql, kind, source.kind, source.path);
      this.#unpacked += source.entry.rows;
    }
    const table = { kind, reached: this.#snapshot?.manifest.sequence ?? 0 };
    this.#tables.set(kind.name, table);
    return table;
  }

  async #replay(sql: Statements, table: Table, deadlineMs: number): Promise<void> {
    const { journal, limits, clock } = this.#parts;
    const { sequence } = this.#plan;
    const replayed = new ReplayedChanges();
    let reached = table.reached;
    const look = (through: number): void => {
      reached = through;
      if (clock.nowMs() > deadlineMs) throw new OutOfTime();
    };
    const apply = async (): Promise<void> => {
      await applyReplayed(sql, table.kind, replayed.of(table.kind));
      replayed.forget();
      table.reached = reached;
    };
    const changes = journal.changes(table.reached, sequence, Buffer.from(table.kind.name), look);
    try {
      for (let untilLook = CHANGES_AT_ONCE; ; untilLook--) {
        const next = changes.next();
        if (next.done === true && next.value === 'pruned') throw new Pruned();
        if (next.done === true) break;
        const { kind, key, type, image } = next.value;
        reached = next.value.sequence;
        if (kind === table.kind.name) {
          // A copy: images are views of whole blocks of the journal.
          replayed.add(kind, key, type === 'deleted' ? null : Uint8Array.from(image));
          this.#unpacked += 1;
        }
        const isFull = replayed.bytes >= limits.replayBytes;
        if (isFull) await apply();
        if (!isFull && untilLook > 0) continue;
        untilLook = CHANGES_AT_ONCE;
        look(reached);
      }
    } catch (error) {
      // The next question goes on there.
      if (error instanceof OutOfTime) await apply();
      throw error;
    }
    reached = sequence;
    await apply();
  }

  /** What was loaded or replaced lies in memory as it came: a checkpoint packs it to a fifth. */
  async #pack(sql: Statements): Promise<void> {
    this.#unpacked = 0;
    await sql.run('CHECKPOINT');
    await this.#measure(sql);
  }

  async #measure(sql: Statements): Promise<void> {
    const [[bytes] = []] = await sql.rows('SELECT coalesce(sum(memory_usage_bytes), 0)::DOUBLE FROM duckdb_memory()');
    this.bytes = Number(bytes);
  }
}

/** What is read of the journal are views of whole blocks of it. */
function copied(sealed: SealedSecrets): SealedSecrets {
  return Object.fromEntries(Object.entries(sealed).map(([path, bytes]) => [path, Uint8Array.from(bytes)]));
}
