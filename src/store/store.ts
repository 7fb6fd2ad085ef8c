import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { columnAt, type Kind, NORMAL_FORMS } from '../../schemas/kind.ts';
import type { Kinds } from '../../schemas/registry.ts';
import type { Clock } from '../clock.ts';
import { done, fail, messageOf, type Result, unreachable } from '../faults.ts';
import { parseUuid } from '../ids.ts';
import type { Command, Find, Found, LogLine, OwnerReply, OwnerTask, Queries, Query, SnapshotDescription, StoreStatus } from '../protocol/commands.ts';
import { HEADER_BYTES, NOWHERE, slabIndexOf } from '../protocol/slab.ts';
import { packMessage, unpackMessage } from '../protocol/wire.ts';
import type { Random } from '../random.ts';
import { Answers } from './answers.ts';
import { Batch } from './batch.ts';
import { ChangeFeed } from './change-feed.ts';
import type { Files } from './files.ts';
import { Filling } from './fill.ts';
import { cursorValue, findSql } from './find.ts';
import { type FrameContent, forgetLastFrame, type SealedSecrets } from './frame.ts';
import { Journal, refuseDamage, type SyncPolicy } from './journal.ts';
import type { JudgeParts } from './judge.ts';
import { COLD, KeyIndex } from './key-index.ts';
import { describe } from './manifest.ts';
import { ColdRecord } from './overlay.ts';
import { RecordLog } from './record-log.ts';
import { recover, schemaIdOf } from './recovery.ts';
import { ReplayedChanges } from './replayed-changes.ts';
import { superfluous } from './retention.ts';
import { REFERENCES } from './rules/rules.ts';
import { openSecrets } from './secrets.ts';
import { deleteSnapshot, listSnapshots, type SnapshotParts, takeSnapshot } from './snapshot.ts';
import type { Vault } from './vault.ts';
import { WorkingSet } from './working-set.ts';

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
  readonly vault: Vault;
  readonly journalSync: SyncPolicy;
}

/** Share of a slab that must be garbage before copying the rest of it pays. */
const GARBAGE_SHARE_MIN = 0.5;
/** A batch that keeps meeting cold records fetches everything rather than one more. */
const WARM_ATTEMPTS_MAX = 32;

export class Store {
  readonly #parts: StoreParts;
  readonly #judgeParts: JudgeParts;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #index: KeyIndex;
  readonly #log = new RecordLog();
  readonly #feed: ChangeFeed;
  readonly #secrets = new Map<string, SealedSecrets>();
  readonly #answers = new Answers();
  readonly #lines: LogLine[] = [];
  readonly #workingSet: WorkingSet;
  readonly #filling: Filling;
  #journal: Journal | undefined;
  #snapshotParts: SnapshotParts | undefined;
  #snapshotting = false;
  #lastSnapshotSequence = -1;
  #bulk: { readonly id: string; readonly batch: Batch } | undefined;
  #fatal: string | undefined;
  #epoch = 1;
  #isClosing = false;

  private constructor(parts: StoreParts, index: KeyIndex, workingSet: WorkingSet, log: RecordLog) {
    this.#parts = parts;
    this.#kinds = new Map(parts.kinds.all.map((kind) => [kind.name, kind]));
    this.#index = index;
    this.#log = log;
    this.#workingSet = workingSet;
    this.#feed = new ChangeFeed(log);
    this.#filling = new Filling(workingSet, index, log, (kind, key, location) => this.#feed.changed(kind, key, location));
    this.#judgeParts = {
      kinds: parts.kinds,
      kindsByName: this.#kinds,
      clock: parts.clock,
      random: parts.random,
      vault: parts.vault,
      secretsOf: (kind, key) => this.#secrets.get(`${kind}/${key}`),
    };
  }

  /** Recovers what is on disk. Reads may come when this resolves; writes once `store.fill` has indexed. @throws StartFailure */
  static async open(parts: StoreParts): Promise<Store> {
    const log = new RecordLog();
    const index = new KeyIndex(parts.kinds.all, REFERENCES);
    const workingSet = await WorkingSet.open(parts.kinds.all, index, log);
    const store = new Store(parts, index, workingSet, log);
    await store.#recover();
    return store;
  }

  async run(task: OwnerTask): Promise<OwnerReply> {
    if (task.lane === 'write') {
      const results = await this.#runBatch(task.commands);
      return this.#reply({ answers: packMessage(results) });
    }
    return this.#reply({ result: await this.#runQuery(task.query) });
  }

  /** For the first answer after a start. */
  report(): OwnerReply {
    return this.#reply({});
  }

  async #recover(): Promise<void> {
    const { directory, files, clock, vault, random } = this.#parts;
    const journalDirectory = join(directory, 'journal');
    const snapshotDirectory = join(directory, 'snapshots');
    const replayed = new ReplayedChanges();
    const ownSchemaId = schemaIdOf(this.#parts.kinds.all);
    const { identity, end, log } = await recover({
      journalDirectory,
      snapshotDirectory,
      files,
      kinds: this.#parts.kinds.all,
      workingSet: this.#workingSet,
      vault,
      random,
      restorePrivatePart: (part) => {
        for (const [place, sealed] of part.secrets) this.#secrets.set(place, sealed);
        for (const answer of part.answers) this.#answers.remember(answer);
      },
      replay: (frame, schemaId) => this.#replay(frame, replayed, schemaId === ownSchemaId),
    });
    forgetLastFrame();
    this.#lines.push(...log);
    this.#journal = new Journal(journalDirectory, files, identity, this.#parts.journalSync, end);
    this.#epoch = identity.epoch;
    this.#lastSnapshotSequence = listSnapshots(files, snapshotDirectory)[0]?.manifest.sequence ?? -1;
    this.#journal.bytesSinceSnapshot = replayed.bytes;
    await replayed.applyTo(this.#workingSet, this.#kinds, end.nextSequence - 1);
    this.#snapshotParts = {
      directory: snapshotDirectory,
      files,
      clock,
      kinds: this.#parts.kinds.all,
      workingSet: this.#workingSet,
      identity,
      vault,
      sequenceNow: () => this.#sequence,
      privatePart: () => ({ secrets: new Map(this.#secrets), answers: this.#answers.all }),
    };
  }

  #replay(frame: FrameContent, replayed: ReplayedChanges, isOwnSchema: boolean): void {
    for (const change of frame.changes) {
      if (!this.#kinds.has(change.kind)) {
        refuseDamage(
          `the journal has records of kind ${change.kind}, of which there is no schema now; start with the --schema-dir that has ${change.kind}.json`,
        );
      }
      if (!isOwnSchema && change.image !== null) this.#refuseLoss(change.kind, change.key, change.image);
      replayed.add(change.kind, change.key, change.image);
      this.#keepSecrets(change.kind, change.key, change.image === null, change.secrets === undefined ? undefined : ownCopy(change.secrets));
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

  async #runBatch(packed: Uint8Array): Promise<readonly Result<unknown>[]> {
    let commands = unpackMessage(packed) as readonly Command[];
    const journal = this.#journal;
    assert(journal !== undefined && this.#filling.indexed, 'writes wait for the key index');
    if (journal.broken !== undefined) return commands.map(() => fail('outcome-unknown', 'the store has stopped'));
    const [first] = commands;
    if (first !== undefined && isBulkStep(first)) return [await this.#runBulkStep(first, journal)];
    this.#dropBulk();
    if (commands.some((command) => command.kind === 'bulk.partial')) await this.#fillAll();
    for (let attempt = 1; ; attempt++) {
      const batch = this.#newBatch(journal, true);
      try {
        const results = commands.map((command) => batch.judge(command));
        const journaled = this.#journalBatch(batch, journal);
        assert.equal(results.length, commands.length, 'the owner answers every command once');
        // Not even a refusal may stand: it may have been judged by a write that did not happen.
        if (!journaled.ok) return commands.map(() => journaled);
        return results;
      } catch (error) {
        batch.discard();
        if (!(error instanceof ColdRecord)) throw error;
        await this.#warm(error, attempt);
        // Judging takes drafts apart: the next attempt needs them as they were sent.
        commands = unpackMessage(packed) as readonly Command[];
      }
    }
  }

  #newBatch(journal: Journal, undoable: boolean): Batch {
    return new Batch(this.#judgeParts, this.#index, this.#log, this.#answers, journal.nextSequence, undoable);
  }

  #journalBatch(batch: Batch, journal: Journal): Result<void> {
    if (batch.isEmpty) return done(undefined);
    const journaled = batch.journal(journal);
    if (!journaled.ok) {
      batch.discard();
      return journaled;
    }
    this.#publish(batch);
    return journaled;
  }

  /** The journal has it: from here on everybody may see it. */
  #publish(batch: Batch): void {
    batch.overlay.mergeValues();
    for (const { kind, key, location, secrets } of batch.overlay.changes) {
      const { addresses } = this.#index.of(kind);
      const before = addresses.get(key);
      if (location === NOWHERE) addresses.delete(key);
      else addresses.set(key, location);
      if (before !== undefined && before !== COLD) this.#log.forget(before);
      this.#workingSet.note(kind, key, before !== undefined);
      this.#feed.changed(kind, key, location);
      this.#keepSecrets(kind, key, location === NOWHERE, secrets);
    }
    for (const answer of batch.answers) this.#answers.remember(answer);
  }

  #keepSecrets(kind: string, key: string, isGone: boolean, secrets: SealedSecrets | undefined): void {
    const place = `${kind}/${key}`;
    if (isGone) this.#secrets.delete(place);
    else if (secrets !== undefined) {
      if (Object.keys(secrets).length === 0) this.#secrets.delete(place);
      else this.#secrets.set(place, secrets);
    }
  }

  async #runBulkStep(command: BulkStep, journal: Journal): Promise<Result<unknown>> {
    switch (command.kind) {
      case 'bulk.stage': {
        const { bulkId } = command.input;
        if (this.#bulk?.id !== bulkId) {
          this.#dropBulk();
          if (command.input.firstIndex !== 0) return fail('outcome-unknown', 'the first parts of this bulk are gone; nothing of it was stored');
          // A bulk is judged once, from front to back: it cannot stop in the middle for an image.
          await this.#fillAll();
          this.#bulk = { id: bulkId, batch: this.#newBatch(journal, false) };
        }
        const result = this.#bulk.batch.stage(command.input);
        if (!result.ok || 'replay' in result.value) this.#dropBulk();
        return result;
      }
      case 'bulk.commit': {
        const bulk = this.#bulk;
        if (bulk?.id !== command.input.bulkId) return fail('outcome-unknown', 'the parts of this bulk are gone; nothing of it was stored');
        const counts = bulk.batch.finishBulk(command.input);
        if (!counts.ok || command.input.options.dryRun || 'replay' in counts.value) {
          this.#dropBulk();
          return counts;
        }
        this.#bulk = undefined;
        const journaled = this.#journalBatch(bulk.batch, journal);
        return journaled.ok ? counts : journaled;
      }
      case 'bulk.abort':
        this.#dropBulk();
        return done({ aborted: true });
      default:
        return unreachable(command);
    }
  }

  #dropBulk(): void {
    this.#bulk?.batch.discard();
    this.#bulk = undefined;
  }

  async #warm(cold: ColdRecord, attempt: number): Promise<void> {
    if (attempt > WARM_ATTEMPTS_MAX) await this.#fillAll();
    else await this.#filling.warm(cold.kind, [cold.key]);
  }

  async #fillStep(): Promise<void> {
    await this.#filling.step();
    // What was loaded lies in memory as it came; a checkpoint packs it to a fifth.
    if (this.#filling.filled) await this.#workingSet.checkpoint();
  }

  async #fillAll(): Promise<void> {
    while (!this.#filling.filled) await this.#filling.step();
  }

  async #runQuery(query: Query): Promise<Result<unknown>> {
    try {
      switch (query.kind) {
        case 'record.read':
          return done(await this.#read(query.input));
        case 'record.find':
          return done(await this.#find(query.input));
        case 'secrets.read':
          return done(await this.#readSecrets(query.input));
        case 'snapshot.take':
          return await this.#takeSnapshot(query.input);
        case 'snapshot.list':
          return this.#listSnapshots();
        case 'store.apply': {
          const before = this.#workingSet.unappliedChanges;
          await this.#apply();
          return done({ applied: before });
        }
        case 'store.sync':
          return this.#sync();
        case 'store.fill':
          if (!this.#filling.indexed) await this.#indexReady();
          else await this.#fillStep();
          return done({ indexed: this.#filling.indexed, filled: this.#filling.filled });
        case 'store.compact':
          return done({ movedBytes: this.#compact() });
        case 'store.close':
          return await this.#close();
        default:
          return unreachable(query);
      }
    } catch (error) {
      if (this.#isClosing) return fail('stopping', 'the server is stopping');
      // DuckDB could not follow the journal: what it has is not known any more, and a restart rebuilds it.
      this.#fatal ??= `the working set failed: ${messageOf(error)}`;
      return fail('internal', 'the working set failed; the server restarts from its journal');
    }
  }

  async #read({ kind: kindName, name }: Queries['record.read']['in']): Promise<Queries['record.read']['out']> {
    if (!this.#filling.indexed) {
      const kind = this.#kindNamed(kindName);
      const peeked = await this.#filling.peek(kind, kind.keyIsServerSet ? (parseUuid(name) ?? name) : name);
      if (peeked !== undefined) return peeked;
    }
    const key = await this.#keyOf(kindName, name);
    if (key === undefined) return undefined;
    const location = await this.#warmLocation(kindName, key);
    if (location === undefined) return undefined;
    return { key, revision: this.#log.revisionAt(location), image: Uint8Array.prototype.slice.call(this.#log.imageAt(location)) };
  }

  async #keyOf(kindName: string, name: string): Promise<string | undefined> {
    const kind = this.#kindNamed(kindName);
    if (!this.#filling.indexed) await this.#indexReady();
    const index = this.#index.of(kindName);
    const key = kind.keyIsServerSet ? (parseUuid(name) ?? name) : name;
    if (index.addresses.has(key)) return key;
    for (const property of kind.naturalKeys) {
      const unique = index.unique(property);
      const holder = unique.values.get(unique.normalise(name));
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  /** A read that comes before the key index waits for it: the main thread is asking for it to be filled. */
  async #indexReady(): Promise<void> {
    this.#indexing ??= this.#filling.fillIndex();
    await this.#indexing;
  }
  #indexing: Promise<void> | undefined;

  async #warmLocation(kind: string, key: string): Promise<number | undefined> {
    const { addresses } = this.#index.of(kind);
    if (addresses.get(key) === COLD) await this.#filling.warm(kind, [key]);
    return addresses.get(key);
  }

  async #readSecrets({ kind: kindName, name }: Queries['secrets.read']['in']): Promise<Queries['secrets.read']['out']> {
    const key = await this.#keyOf(kindName, name);
    if (key === undefined) return undefined;
    const sealed = this.#secrets.get(`${kindName}/${key}`);
    return sealed === undefined ? {} : openSecrets(this.#kindNamed(kindName), key, sealed, this.#parts.vault);
  }

  async #find(find: Find): Promise<Found> {
    const kind = this.#kindNamed(find.kind);
    const byUnique = this.#findByUnique(kind, find);
    if (byUnique !== undefined) return { locations: await this.#locationsOf(kind.name, byUnique), ...(find.count ? { count: byUnique.length } : {}) };
    await this.#apply();
    const sql = findSql(kind, find);
    const rows = await this.#workingSet.rows(sql.rows, sql.rowParameters);
    const count = find.count ? Number((await this.#workingSet.rows(sql.count, sql.countParameters))[0]?.[0]) : undefined;
    const cut = find.limit !== undefined && rows.length > find.limit;
    const page = cut ? rows.slice(0, find.limit) : rows;
    const locations = await this.#locationsOf(
      kind.name,
      page.map((row) => String(row.at(-1))),
    );
    const last = page.at(-1);
    return { locations, ...(cut && last !== undefined ? { next: last.map(cursorValue) } : {}), ...(count === undefined ? {} : { count }) };
  }

  /** A single condition on a unique property needs no query: the key index knows. */
  #findByUnique(kind: Kind, find: Find): readonly string[] | undefined {
    const [condition] = find.conditions;
    if (condition === undefined || find.conditions.length > 1 || find.sort.length > 0 || find.after !== undefined || find.limit !== undefined) return undefined;
    if (condition.operator !== 'equal' || condition.path.length !== 1 || !this.#filling.indexed) return undefined;
    const unique = kind.uniques.find(({ property }) => property === condition.path[0]);
    if (unique === undefined || columnAt(kind, condition.path)?.column.type !== 'string') return undefined;
    const { values } = this.#index.of(kind.name).unique(unique.property);
    const keys = condition.values.map((value) => values.get(NORMAL_FORMS[unique.normalForm](String(value))));
    return [...new Set(keys)].filter((key): key is string => key !== undefined);
  }

  async #locationsOf(kind: string, keys: readonly string[]): Promise<Int32Array> {
    if (keys.length === 0) return new Int32Array(0);
    const { addresses } = this.#index.of(kind);
    if (!this.#filling.indexed) await this.#indexReady();
    const cold = this.#filling.filled ? [] : keys.filter((key) => addresses.get(key) === COLD);
    if (cold.length > 0) await this.#filling.warm(kind, cold);
    const locations = new Int32Array(keys.length);
    let found = 0;
    for (const key of keys) {
      const location = addresses.get(key);
      // Deleted since the query read it.
      if (location !== undefined && location !== COLD) locations[found++] = location;
    }
    return locations.slice(0, found);
  }

  #apply(): Promise<number> {
    if (this.#workingSet.unappliedChanges === 0 && this.#workingSet.appliedSequence === this.#sequence) return Promise.resolve(this.#sequence);
    return this.#workingSet.apply(() => this.#sequence);
  }

  #sync(): Result<{ synced: true }> {
    const synced = this.#journal?.sync() ?? done(undefined);
    return synced.ok ? done({ synced: true }) : synced;
  }

  async #takeSnapshot({ reason, note, retention, skipUnchanged }: Queries['snapshot.take']['in']): Promise<Result<SnapshotDescription | undefined>> {
    const parts = this.#snapshotParts;
    const journal = this.#journal;
    assert(parts !== undefined && journal !== undefined, 'the store is open');
    if (this.#snapshotting) return fail('snapshot-failed', 'a snapshot is being taken already');
    if (skipUnchanged && this.#sequence === this.#lastSnapshotSequence) return done(undefined);
    this.#snapshotting = true;
    try {
      const synced = journal.sync();
      if (!synced.ok) return synced;
      const taken = await takeSnapshot(parts, reason, note);
      this.#lastSnapshotSequence = taken.sequence;
      journal.bytesSinceSnapshot = 0;
      journal.roll();
      this.#prune(parts, journal, retention);
      if (this.#filling.filled) await this.#workingSet.checkpoint();
      return done(taken);
    } catch (error) {
      return fail('snapshot-failed', `${messageOf(error)}; nothing of it is visible, and the snapshots and the journal before it are as they were`);
    } finally {
      this.#snapshotting = false;
    }
  }

  #prune(parts: SnapshotParts, journal: Journal, retention: Queries['snapshot.take']['in']['retention']): void {
    const kept = listSnapshots(parts.files, parts.directory);
    const aged = kept.map(({ manifest }) => ({ name: manifest.name, sequence: manifest.sequence, timeMs: Date.parse(manifest.time) }));
    for (const name of superfluous(aged, retention)) {
      deleteSnapshot(parts.files, parts.directory, name);
      this.#lines.push({ level: 'info', message: `deleted the snapshot ${name}, as retention says`, fields: { snapshot: name } });
    }
    // The journal reaches back to the second newest: the newest may turn out to be damaged.
    const second = kept[1];
    if (second === undefined) return;
    const dropped = journal.dropThrough(second.manifest.sequence);
    if (dropped.length > 0)
      this.#lines.push({ level: 'info', message: `dropped ${dropped.length} journal segments that snapshots have`, fields: { segments: dropped.length } });
  }

  #listSnapshots(): Result<readonly SnapshotDescription[]> {
    const parts = this.#snapshotParts;
    if (parts === undefined) return done([]);
    try {
      return done(listSnapshots(parts.files, parts.directory).map(({ manifest, checksum }) => describe(manifest, checksum)));
    } catch (error) {
      return fail('snapshot-failed', `the folder of snapshots cannot be read: ${messageOf(error)}`);
    }
  }

  /** Copies what is current in the slab with most garbage, so that it can be let go. */
  #compact(): number {
    const worst = this.#log.worstSlab(GARBAGE_SHARE_MIN);
    if (worst === undefined || this.#bulk !== undefined) return 0;
    let movedBytes = 0;
    for (const { kind, addresses } of this.#index.all) {
      for (const [key, location] of addresses) {
        if (location < 0 || slabIndexOf(location) !== worst) continue;
        const image = this.#log.imageAt(location);
        const moved = this.#log.putBytes(image, this.#log.revisionAt(location));
        movedBytes += image.length + HEADER_BYTES;
        addresses.set(key, moved);
        this.#feed.changed(kind.name, key, moved);
        this.#log.forget(location);
      }
    }
    return movedBytes;
  }

  async #close(): Promise<Result<{ closed: true }>> {
    this.#isClosing = true;
    this.#dropBulk();
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

  #reply(answer: { answers?: Uint8Array; result?: Result<unknown> }): OwnerReply {
    return { ...answer, ...this.#feed.take(), log: this.#lines.splice(0), status: this.#status() };
  }

  #status(): StoreStatus {
    const fatal = this.#fatal ?? this.#journal?.broken ?? this.#workingSet.lost;
    const records: Record<string, number> = {};
    for (const { kind, addresses } of this.#index.all) records[kind.name] = addresses.size;
    return {
      sequence: this.#sequence,
      epoch: this.#epoch,
      unappliedChanges: this.#workingSet.unappliedChanges,
      journalBytesSinceSnapshot: this.#journal?.bytesSinceSnapshot ?? 0,
      recordLogLiveBytes: this.#log.liveBytes,
      recordLogGarbageBytes: this.#log.garbageBytes,
      records,
      indexed: this.#filling.indexed,
      filled: this.#filling.filled,
      ...(fatal === undefined ? {} : { fatal }),
    };
  }
}

/** What a frame decodes to are views of a whole journal file, which must not stay in memory for their sake. */
function ownCopy(secrets: SealedSecrets): SealedSecrets {
  return Object.fromEntries(Object.entries(secrets).map(([path, sealed]) => [path, Uint8Array.from(sealed)]));
}

type BulkStep = Extract<Command, { kind: 'bulk.stage' | 'bulk.commit' | 'bulk.abort' }>;

function isBulkStep(command: Command): command is BulkStep {
  return command.kind === 'bulk.stage' || command.kind === 'bulk.commit' || command.kind === 'bulk.abort';
}
