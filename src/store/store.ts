import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Kinds } from '../../schemas/registry.ts';
import type { Clock } from '../clock.ts';
import { done, fail, messageOf, type Result, StartStopped, unreachable } from '../faults.ts';
import type {
  Command,
  JournalCounts,
  LogLine,
  OwnerReply,
  OwnerTask,
  Queries,
  Query,
  RecoveryFacts,
  SnapshotTaken,
  StoreMemory,
  StoreStatus,
} from '../protocol/commands.ts';
import { PHASE, type Viewer } from '../protocol/shared-memory.ts';
import { NOWHERE, SLABS_MAX } from '../protocol/slab.ts';
import { packMessage, unpackMessage } from '../protocol/wire.ts';
import type { Random } from '../random.ts';
import { Answers } from './answers.ts';
import { Batch } from './batch.ts';
import { BulkSteps, isBulkStep } from './bulk-steps.ts';
import { ChangeList } from './change-list.ts';
import { refuseDamage } from './data-refused.ts';
import type { Files } from './files.ts';
import { Filling } from './fill.ts';
import { type FrameContent, forgetLastFrame } from './frame.ts';
import { JOURNAL_LIMITS, Journal, type SyncPolicy } from './journal.ts';
import type { JudgeParts } from './judge.ts';
import { KeptSecrets, SECRETS_BYTES_MAX } from './kept-secrets.ts';
import { STRETCH_ROWS } from './kept-table.ts';
import { KeyIndex } from './key-index.ts';
import { ColdRecord } from './overlay.ts';
import { Reads } from './reads.ts';
import { RecordLog } from './record-log.ts';
import { recover, schemaIdOf } from './recovery.ts';
import { ReplayedChanges } from './replayed-changes.ts';
import { INTERNAL_KINDS } from './reservations/kind.ts';
import { REFERENCES } from './rules/rules.ts';
import { SharedMemory } from './shared-memory.ts';
import type { SnapshotParts } from './snapshot.ts';
import { Snapshots } from './snapshots.ts';
import { parquetName } from './table-copy.ts';
import type { Vault } from './vault.ts';
import type { OpenWorkingSet, WorkingSet } from './working-set.ts';

/**
 * The owner's store: everything that is remembered, and the only place that changes it. It does nothing on its own:
 * each call is a batch of commands or one query, and timers live elsewhere.
 * Invariant: what a reply says has happened is in the journal; what the journal has is in record log and key index.
 */

export interface StoreParts {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly kinds: Kinds;
  readonly openWorkingSet: OpenWorkingSet;
  readonly vault: Vault;
  readonly journalSync: SyncPolicy;
  /** Journal that is kept though snapshots have it. */
  readonly journalKeepBytes?: number;
  readonly limits?: Partial<StoreLimits>;
  /** Whether nobody waits for the recovery any more: then it ends before it has changed anything. Asked often. */
  readonly isUnwanted?: () => boolean;
}

export interface StoreLimits {
  /** A new journal segment is begun when the current one has grown to this. */
  readonly segmentBytesMax: number;
  /** Changes in one frame of a bulk: keeps the memory for packing small. */
  readonly frameChangesMax: number;
  /** Rows of a snapshot's table that are written together, when one of them has changed. */
  readonly stretchRows: number;
  /** Pieces of the record log. */
  readonly recordLogSlabsMax: number;
  /** Sealed secrets that are current, when no more may come. */
  readonly secretsBytesMax: number;
}

const LIMITS: StoreLimits = {
  segmentBytesMax: JOURNAL_LIMITS.segmentBytesMax,
  frameChangesMax: 8192,
  stretchRows: STRETCH_ROWS,
  recordLogSlabsMax: SLABS_MAX,
  secretsBytesMax: SECRETS_BYTES_MAX,
};

/** Share of a slab that must be garbage before copying the rest of it pays. */
const GARBAGE_SHARE_MIN = 0.5;
/** The same where new images find no room any more. */
const GARBAGE_SHARE_FULL_MIN = 1 / 16;
const UNWANTED_LOOK_MS = 20;
/** A batch that keeps meeting cold records fetches everything rather than one more. */
const WARM_ATTEMPTS_MAX = 32;

export class Store {
  readonly #parts: StoreParts;
  readonly #limits: StoreLimits;
  readonly #judgeParts: JudgeParts;
  readonly #all: readonly Kind[];
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #index: KeyIndex;
  readonly #memory: SharedMemory;
  readonly #log: RecordLog;
  readonly #changes = new ChangeList();
  readonly #secrets: KeptSecrets;
  readonly #answers = new Answers();
  readonly #lines: LogLine[] = [];
  readonly #workingSet: WorkingSet;
  readonly #filling: Filling;
  readonly #reads: Reads;
  readonly #bulks: BulkSteps;
  #journal: Journal | undefined;
  #snapshots: Snapshots | undefined;
  #fatal: string | undefined;
  #recovery: RecoveryFacts = { loadSeconds: 0, replaySeconds: 0, replayedChanges: 0, cutBytes: 0, brokenSnapshots: 0 };
  #closing: Promise<Result<{ closed: true }>> | undefined;
  #givesWay = false;
  /** Batches are run one after the other, also when one of them has to wait for an image: the next is judged by what came of it. */
  #batches: Promise<unknown> = Promise.resolve();

  private constructor(parts: StoreParts, index: KeyIndex, workingSet: WorkingSet, log: RecordLog, memory: SharedMemory) {
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...parts.limits };
    this.#all = kindsOf(parts);
    this.#kinds = new Map(this.#all.map((kind) => [kind.name, kind]));
    this.#index = index;
    this.#memory = memory;
    this.#secrets = new KeptSecrets(memory.control.seed, this.#limits.secretsBytesMax);
    this.#log = log;
    this.#workingSet = workingSet;
    this.#filling = new Filling(workingSet, index, log, INTERNAL_NAMES);
    this.#reads = new Reads({
      index,
      log,
      workingSet,
      filling: this.#filling,
      vault: parts.vault,
      secretsOf: (kind, key) => this.#secrets.of(kind, key),
      apply: () => this.#apply(),
    });
    this.#bulks = new BulkSteps({
      newBatch: () => this.#newBatch(this.#openJournal, false),
      journal: (batch) => this.#journalBatch(batch, this.#openJournal),
      fillAll: () => this.#fillAll(),
      sequence: () => this.#sequence,
    });
    this.#judgeParts = {
      kinds: parts.kinds,
      kindsByName: this.#kinds,
      clock: parts.clock,
      random: parts.random,
      vault: parts.vault,
      secretsOf: (kind, key) => this.#secrets.of(kind, key),
      refusalOfSecrets: (sealed, stagedBytes) => this.#secrets.refusalOf(sealed, stagedBytes),
    };
  }

  /** Recovers what is on disk. Reads may come when this resolves; writes once `store.fill` has indexed. @throws StartFailure */
  static async open(parts: StoreParts): Promise<Store> {
    const memory = new SharedMemory(new DataView(parts.random.bytes(4).buffer).getInt32(0));
    const log = new RecordLog(memory, parts.limits?.recordLogSlabsMax);
    const kinds = kindsOf(parts);
    const index = new KeyIndex(kinds, REFERENCES, memory, log);
    const workingSet = await parts.openWorkingSet(kinds, log);
    const store = new Store(parts, index, workingSet, log, memory);
    // A statement of DuckDB may take long, and asks nobody.
    const look = setInterval(() => {
      if (parts.isUnwanted?.() === true) void workingSet.close();
    }, UNWANTED_LOOK_MS);
    try {
      await store.#recover();
    } catch (error) {
      await workingSet.close();
      throw parts.isUnwanted?.() === true ? new StartStopped() : error;
    } finally {
      clearInterval(look);
    }
    return store;
  }

  async run(task: OwnerTask): Promise<OwnerReply> {
    if (task.lane === 'write') {
      const running = this.#batches.then(() => this.#runBatchOrEnd(task.commands));
      this.#batches = running;
      return await running;
    }
    return this.#reply({ result: await this.#runQuery(task.query) });
  }

  /** Shows a reader the memory that it reads beside this store, now and whenever there is more of it. */
  show(viewer: Viewer): void {
    this.#memory.show(viewer);
  }

  /** For the first answer after a start. */
  report(): OwnerReply {
    return { ...this.#reply({}), recovery: this.#recovery };
  }

  async #recover(): Promise<void> {
    const { directory, files, clock, vault, random } = this.#parts;
    const startMs = clock.monotonicMs();
    const journalDirectory = join(directory, 'journal');
    const snapshotDirectory = join(directory, 'snapshots');
    const replayed = new ReplayedChanges();
    const ownSchemaId = schemaIdOf(this.#all);
    const { identity, end, loadSeconds, isSealedByOlderKey, log, snapshots, ...found } = await recover({
      journalDirectory,
      snapshotDirectory,
      files,
      kinds: this.#all,
      workingSet: this.#workingSet,
      vault,
      random,
      clock,
      goOn: () => {
        if (this.#parts.isUnwanted?.() === true) throw new StartStopped();
      },
      restorePrivatePart: (part) => {
        this.#secrets.restore(part.secrets);
        for (const answer of part.answers) this.#answers.remember(answer);
      },
      replay: (frame, schemaId) => this.#replay(frame, replayed, schemaId === ownSchemaId),
    });
    forgetLastFrame();
    this.#lines.push(...log);
    if (isSealedByOlderKey) this.#lines.push(this.#secrets.reseal(vault));
    this.#journal = new Journal(journalDirectory, files, identity, this.#parts.journalSync, end, {
      segmentBytesMax: this.#limits.segmentBytesMax,
      keepBytes: this.#parts.journalKeepBytes ?? 0,
    });
    this.#journal.bytesSinceSnapshot = replayed.bytes;
    await this.#workingSet.replay(replayed, end.nextSequence - 1);
    this.#recovery = { loadSeconds, replaySeconds: (clock.monotonicMs() - startMs) / 1000 - loadSeconds, ...found };
    const snapshotParts: SnapshotParts = {
      directory: snapshotDirectory,
      files,
      clock,
      kinds: this.#all,
      workingSet: this.#workingSet,
      stretchRows: this.#limits.stretchRows,
      identity,
      vault,
      sequenceNow: () => this.#sequence,
      syncJournal: () => {
        const synced = this.#sync();
        if (!synced.ok) throw new Error(synced.fault.detail);
      },
      privatePart: () => ({ secrets: this.#secrets.all(), answers: this.#answers.all(this.#parts.clock.nowMs()) }),
    };
    const known = new Map(snapshots.map((kept) => [kept.folder, kept]));
    this.#snapshots = new Snapshots(snapshotParts, this.#journal, (line) => this.#lines.push(line), known, found.snapshot);
  }

  #replay(frame: FrameContent, replayed: ReplayedChanges, isOwnSchema: boolean): void {
    for (const change of frame.changes) {
      if (!this.#kinds.has(change.kind)) {
        refuseDamage(
          `the journal has records of kind ${change.kind}, of which there is no schema now; start with the --schema-dir that has ${change.kind}.json`,
        );
      }
      if (!isOwnSchema && change.image !== null && !INTERNAL_NAMES.has(change.kind)) this.#refuseLoss(change.kind, change.key, change.image);
      replayed.add(change.kind, change.key, change.image);
      this.#secrets.changed(change.kind, change.key, change.image === null, change.secrets);
    }
    for (const answer of frame.answers) this.#answers.remember({ ...answer, body: Uint8Array.from(answer.body) });
  }

  /** A record that was written by another schema must fit this one, or something of it would vanish without a word. */
  #refuseLoss(kind: string, key: string, image: Uint8Array): void {
    const record = JSON.parse(Buffer.from(image).toString('utf8')) as Record<string, unknown>;
    const [misfit] = this.#parts.kinds.check(this.#kindNamed(kind), record).filter(({ detail }) => detail !== 'is required');
    if (misfit === undefined) return;
    refuseDamage(
      `the schema of ${kind} has changed, and the record ${key} in the journal does not fit it: ${misfit.pointer} ${misfit.detail}. Start with a schema that keeps it, change the records, and change the schema then.`,
    );
  }

  /** A defect while judging leaves a state that nobody knows: the store ends, says why, and is rebuilt from the journal. */
  async #runBatchOrEnd(packed: Uint8Array): Promise<OwnerReply> {
    try {
      return await this.#runBatch(packed);
    } catch (error) {
      this.#fatal ??= `a defect in the store: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`;
      const { length } = unpackMessage(packed) as readonly Command[];
      const unknown = fail('outcome-unknown', 'the store met a defect and is being rebuilt; read the record before you try again');
      return this.#answered(Array.from({ length }, () => unknown));
    }
  }

  async #runBatch(packed: Uint8Array): Promise<OwnerReply> {
    let commands = unpackMessage(packed) as readonly Command[];
    const journal = this.#journal;
    assert(journal !== undefined && this.#filling.indexed, 'writes wait for the key index');
    // A batch that was on its way when the one before it ended the store.
    if (this.#fatal !== undefined || journal.broken !== undefined) return this.#answered(commands.map(() => fail('outcome-unknown', 'the store has stopped')));
    const [first] = commands;
    if (first !== undefined && isBulkStep(first)) return this.#answered([await this.#bulks.run(first)]);
    this.#bulks.drop();
    if (commands.some((command) => command.kind === 'bulk.partial')) await this.#fillAll();
    for (let attempt = 1; ; attempt++) {
      const batch = this.#newBatch(journal, true);
      try {
        const results = commands.map((command) => batch.judge(command));
        const journaled = this.#journalBatch(batch, journal);
        assert.equal(results.length, commands.length, 'the owner answers every command once');
        // Not even a refusal may stand: it may have been judged by a write that did not happen.
        return this.#answered(journaled.ok ? results : commands.map(() => journaled));
      } catch (error) {
        batch.discard();
        if (!(error instanceof ColdRecord)) throw error;
        await this.#warm(error, attempt);
        // Judging takes drafts apart: the next attempt needs them as they were sent.
        commands = unpackMessage(packed) as readonly Command[];
      }
    }
  }

  get #openJournal(): Journal {
    assert(this.#journal !== undefined, 'the store is open');
    return this.#journal;
  }

  #newBatch(journal: Journal, undoable: boolean): Batch {
    return new Batch(this.#judgeParts, this.#index, this.#log, this.#answers, journal.nextSequence, undoable);
  }

  #journalBatch(batch: Batch, journal: Journal): Result<void> {
    if (batch.isEmpty) return done(undefined);
    const journaled = batch.journal(journal, this.#limits.frameChangesMax);
    if (!journaled.ok) {
      batch.discard();
      return journaled;
    }
    this.#publish(batch);
    return journaled;
  }

  /** The journal has it: from here on everybody may see it. */
  #publish(batch: Batch): void {
    const { changes } = batch.overlay;
    batch.overlay.mergeReferences();
    const nowMs = this.#parts.clock.nowMs();
    const garbage: number[] = [];
    this.#index.publish(changes, (change, before) => {
      const { kind, key, location, secrets } = change;
      if (before !== undefined) garbage.push(before);
      this.#workingSet.note(kind, key, location, before !== undefined, nowMs);
      this.#secrets.changed(kind, key, location === NOWHERE, secrets);
    });
    for (const location of garbage) this.#log.forget(location);
    this.#changes.committed(batch.timeMs, changes);
    for (const answer of batch.answers) this.#answers.remember(answer);
  }

  async #warm(cold: ColdRecord, attempt: number): Promise<void> {
    if (attempt > WARM_ATTEMPTS_MAX) await this.#fillAll();
    else await this.#filling.warm(cold.kind, [cold.key]);
  }

  /** Index first, then images, and when those are there, by whatever way they came, what everybody waited for gives way. */
  async #fillStep(): Promise<void> {
    if (!this.#filling.indexed) return await this.#reads.indexReady();
    await this.#filling.step();
    if (!this.#filling.filled || this.#givesWay) return;
    this.#givesWay = true;
    // What was loaded lies in memory as it came; a checkpoint packs it to a fifth.
    await this.#workingSet.checkpoint();
    await this.#workingSet.giveWay();
  }

  async #fillAll(): Promise<void> {
    while (!this.#filling.filled) await this.#filling.step();
  }

  async #runQuery(query: Query): Promise<Result<unknown>> {
    try {
      switch (query.kind) {
        case 'record.read':
          return done(await this.#reads.read(query.input));
        case 'record.find':
          return done(await this.#reads.find(query.input));
        case 'secrets.read':
          return done(await this.#reads.secrets(query.input));
        case 'snapshot.take':
          return await this.#takeSnapshot(query.input);
        case 'tables.export':
          return done(await this.#exportTables(query.input.folder));
        case 'snapshot.list':
          return this.#snapshots?.list() ?? done([]);
        case 'snapshot.read':
          return this.#snapshots?.read(query.input.at) ?? done(undefined);
        case 'snapshot.delete':
          // The index and the tables may still be read from it.
          await this.#reads.indexReady();
          await this.#workingSet.apply(() => this.#sequence);
          return this.#snapshots?.delete(query.input.name) ?? done(undefined);
        case 'store.apply': {
          const before = this.#workingSet.unappliedChanges;
          await this.#apply();
          return done({ applied: before });
        }
        case 'store.sync':
          return this.#sync();
        case 'store.fill':
          await this.#fillStep();
          return done({ indexed: this.#filling.indexed, ended: this.#givesWay });
        case 'store.pack':
          // Filling goes by the places that rows have in the tables.
          return done({ packed: this.#filling.filled && (await this.#workingSet.checkpoint()) });
        case 'store.compact':
          return done({ movedBytes: this.#compact() });
        case 'store.memory':
          return done(await this.#heldMemory());
        case 'store.close':
          // Whoever ends the thread asks again, and waits for the first.
          this.#closing ??= this.#close();
          return await this.#closing;
        default:
          return unreachable(query);
      }
    } catch (error) {
      if (this.#closing !== undefined) return fail('stopping', 'the server is stopping');
      const meaning = this.#workingSet.meaningOf(error);
      if (query.kind === 'record.find' && meaning === 'refused-value')
        return fail('invalid-parameter', 'a value of the list or its cursor does not fit the property that it is compared with');
      // What only reads leaves the tables as they were; a question must never be able to end the store.
      if (READS.has(query.kind) && meaning !== 'lost') return fail('internal', `the query failed: ${messageOf(error)}`);
      // The tables could not follow the journal: what they have is not known any more, and a restart rebuilds it.
      this.#fatal ??= `the working set failed: ${messageOf(error)}`;
      return fail('internal', 'the working set failed; the server restarts from its journal');
    }
  }

  #sync(): Result<{ synced: true }> {
    const synced = this.#journal?.sync() ?? done(undefined);
    return synced.ok ? done({ synced: true }) : synced;
  }

  #apply(): Promise<number> {
    if (this.#workingSet.unappliedChanges === 0 && this.#workingSet.appliedSequence === this.#sequence) return Promise.resolve(this.#sequence);
    return this.#workingSet.apply(() => this.#sequence);
  }

  async #takeSnapshot(input: Queries['snapshot.take']['in']): Promise<Result<SnapshotTaken>> {
    const snapshots = this.#snapshots;
    assert(snapshots !== undefined, 'the store is open');
    const taken = await snapshots.take(input);
    // Replaced rows hold memory until now, when no other transaction is likely.
    if (taken.ok && taken.value.taken !== undefined && this.#filling.filled) await this.#workingSet.checkpoint();
    return taken;
  }

  async #exportTables(folder: string): Promise<Queries['tables.export']['out']> {
    const { sequence, rows } = await this.#workingSet.copyTo(folder, 'passing', () => this.#sequence);
    const tables = this.#all.map((kind) => ({ kind: kind.name, schema: kind.schema, file: parquetName(kind), rows: rows.get(kind.name) ?? 0 }));
    return { sequence, tables };
  }

  /** Copies what is current in the slab with most garbage, so that it can be let go. */
  #compact(): number {
    const worst = this.#log.worstSlab(this.#log.isFull ? GARBAGE_SHARE_FULL_MIN : GARBAGE_SHARE_MIN);
    if (worst === undefined || this.#bulks.isOpen) return 0;
    return this.#index.moveFrom(worst, this.#log, (kind, key, location) => this.#workingSet.moved(kind, key, location));
  }

  async #heldMemory(): Promise<StoreMemory> {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const recordLog = this.#log.heldBytes;
    return { heap: heapUsed, buffers: Math.max(0, arrayBuffers - recordLog), recordLog, workingSet: await this.#workingSet.heldBytes() };
  }

  async #close(): Promise<Result<{ closed: true }>> {
    this.#bulks.drop();
    const synced = this.#journal?.close() ?? done(undefined);
    await this.#workingSet.close();
    return synced.ok ? done({ closed: true }) : synced;
  }

  #kindNamed(name: string): Kind {
    const kind = this.#kinds.get(name);
    assert(kind !== undefined, `${name} is a kind`);
    return kind;
  }

  get #sequence(): number {
    return (this.#journal?.nextSequence ?? 1) - 1;
  }

  /** What has changed goes along at once: a question that is answered meanwhile does not take it away. */
  #answered(results: readonly Result<unknown>[]): OwnerReply {
    return this.#reply({ answers: packMessage(results) });
  }

  #reply(answer: { answers?: Uint8Array; result?: Result<unknown> }): OwnerReply {
    this.#memory.control.phase = this.#filling.filled ? PHASE.filled : this.#filling.indexed ? PHASE.indexed : PHASE.begun;
    return { ...answer, changes: this.#changes.take(), releasedSlabs: this.#log.takeReleased(), log: this.#lines.splice(0), status: this.#status() };
  }

  #status(): StoreStatus {
    // An end interrupts what DuckDB is doing; that it could not follow then is nobody's trouble.
    const fatal = this.#fatal ?? this.#journal?.broken ?? (this.#closing !== undefined ? undefined : this.#workingSet.lost);
    const { behindSinceMs } = this.#workingSet;
    const refusedWith = this.#journal?.refusedWith;
    const last = this.#snapshots?.last;
    const records: Record<string, number> = {};
    for (const { kind, addresses } of this.#index.all) records[kind.name] = addresses.size;
    return {
      sequence: this.#sequence,
      durableSequence: this.#journal?.durableSequence ?? 0,
      appliedSequence: this.#workingSet.appliedSequence,
      ...(behindSinceMs === undefined ? {} : { behindSinceMs }),
      epoch: this.#journal?.identity.epoch ?? 0,
      storeId: this.#journal?.identity.storeId ?? '',
      unappliedChanges: this.#workingSet.unappliedChanges,
      journal: this.#journal?.counts ?? NO_JOURNAL,
      journalBytesSinceSnapshot: this.#journal?.bytesSinceSnapshot ?? 0,
      ...(refusedWith === undefined ? {} : { refusedWith }),
      ...(this.#log.isFull ? { recordLogFull: true } : {}),
      ...(last === undefined ? {} : { lastSnapshot: { time: last.time, sequence: last.sequence, seconds: last.seconds, bytes: last.bytes } }),
      recordLogLiveBytes: this.#log.liveBytes,
      recordLogGarbageBytes: this.#log.garbageBytes,
      records,
      indexed: this.#filling.indexed,
      filled: this.#filling.filled,
      ...(fatal === undefined ? {} : { fatal }),
    };
  }
}

const NO_JOURNAL: JournalCounts = { frames: 0, bytes: 0, refusals: 0, syncs: [], syncSeconds: 0 };

/** Internal ones first: a start has the reservations before the nodes, because their schedule cannot wait. */
function kindsOf({ kinds }: StoreParts): readonly Kind[] {
  return [...INTERNAL_KINDS, ...kinds.all];
}

const INTERNAL_NAMES: ReadonlySet<string> = new Set(INTERNAL_KINDS.map(({ name }) => name));

const READS: ReadonlySet<Query['kind']> = new Set(['record.read', 'record.find', 'secrets.read', 'tables.export', 'store.memory']);
