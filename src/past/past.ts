import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import { done, fail, messageOf, type Result, unreachable } from '../faults.ts';
import { parseUuid } from '../ids.ts';
import type { LogLine } from '../protocol/commands.ts';
import { letsGo, type PastOutput, type PastQueries, type PastReply, type PastTask, type Present } from '../protocol/past.ts';
import { packMessage } from '../protocol/wire.ts';
import { type Database, isRefusedValue, openDatabase, type Session } from '../store/database.ts';
import type { Files } from '../store/files.ts';
import type { SealedSecrets } from '../store/frame.ts';
import { JournalReader } from '../store/journal-reader.ts';
import { Archive } from './archive.ts';
import { Diffs } from './diffs.ts';
import type { PastLimits } from './limits.ts';
import { exportState } from './past-export.ts';
import { partOf, recordNamed } from './past-list.ts';
import { OutOfTime } from './past-state.ts';
import { PastStates } from './past-states.ts';
import { entriesOf, revisionsOf } from './restore-source.ts';
import { type Plan, Timeline } from './timeline.ts';
import { rowIn, versionsOf } from './versions.ts';

/**
 * What the history thread is: it answers questions about states that are past, out of snapshots and journal, one after the
 * other. It only ever reads (and writes out a state for SQL), and nothing that it keeps is more than a copy: it may end at any time.
 */

export interface PastParts {
  readonly files: Files;
  readonly journalDirectory: string;
  readonly snapshotDirectory: string;
  readonly clock: Clock;
  /** In the order that the store has them: the journal names schemas by it. */
  readonly kinds: readonly Kind[];
  readonly limits: PastLimits;
}

/** Rows of Parquet files, and nothing that stays. */
const SCRATCH_BYTES: number = 256 * 1024 * 1024;
/** Of a kind that there was not then. */
const NO_ENTRIES: Uint8Array = packMessage([]);
const NO_SECRETS: ReadonlyMap<string, SealedSecrets> = new Map();

/** Few rows out of a large file take their time; whoever reads or writes now goes first anyhow. */
const SCRATCH_THREADS = 2;

export class Past {
  readonly #parts: PastParts;
  readonly #archive: Archive;
  readonly #journal: JournalReader;
  readonly #timeline: Timeline;
  readonly #states: PastStates;
  readonly #diffs: Diffs;
  readonly #log: LogLine[] = [];
  #scratch: { readonly database: Database; readonly session: Session } | undefined;

  constructor(parts: PastParts) {
    this.#parts = parts;
    this.#archive = new Archive(parts.files, parts.snapshotDirectory, (line) => this.#log.push(line));
    this.#journal = new JournalReader(parts.files, parts.journalDirectory);
    this.#timeline = new Timeline(this.#archive, this.#journal, parts.kinds);
    this.#states = new PastStates({ archive: this.#archive, journal: this.#journal, clock: parts.clock, limits: parts.limits }, this.#timeline);
    this.#diffs = new Diffs({ archive: this.#archive, journal: this.#journal, clock: parts.clock }, this.#timeline, parts.limits, parts.kinds);
  }

  /** Never rejects. */
  async answer(task: PastTask): Promise<PastReply> {
    return { result: await this.#answerOrFail(task), log: this.#log.splice(0) };
  }

  async close(): Promise<void> {
    await this.#states.close();
    this.#diffs.close();
    await this.#scratch?.session.close();
    this.#scratch?.database.close();
    this.#scratch = undefined;
  }

  async #answerOrFail(task: PastTask): Promise<Result<unknown>> {
    try {
      // Whoever asked has been told already that it took too long.
      if (this.#parts.clock.nowMs() > task.deadlineMs && !letsGo(task.query.kind, task.query.input)) throw new OutOfTime();
      return await this.#run(task);
    } catch (error) {
      if (error instanceof OutOfTime) return fail('timeout', 'the time limit has passed; what was built so far is kept for a while, so try again');
      if (task.query.kind === 'past.find' && isRefusedValue(error))
        return fail('invalid-parameter', 'a value of the list or its cursor does not fit the property that it is compared with');
      return fail('internal', `what is past could not be read: ${messageOf(error)}`);
    }
  }

  async #run({ query, present, deadlineMs }: PastTask): Promise<Result<unknown>> {
    switch (query.kind) {
      case 'past.resolve':
        return this.#resolve(query.input, present);
      case 'past.find':
        return await this.#find(query.input, present, deadlineMs);
      case 'past.read':
        return await this.#read(query.input, present, deadlineMs);
      case 'past.diff':
        return await this.#diffs.part(query.input, await this.#scratchSession(), present, deadlineMs);
      case 'past.export':
        return await this.#states.use(query.input.sequence, present, (state) => exportState(state, query.input.folder, deadlineMs));
      case 'past.hold':
        return await this.#hold(query.input.sequence, present);
      case 'past.moved':
        return done({ moved: this.#movedSince(query.input.after, present) });
      case 'past.revisions': {
        const { sequence, kind } = query.input;
        const lines = await this.#states.use(sequence, present, (state) => state.ask(kind, deadlineMs, revisionsOf));
        return lines.ok ? done({ lines: lines.value ?? [] }) : lines;
      }
      case 'past.images': {
        const { sequence, kind, keys } = query.input;
        const packed = await this.#states.use(sequence, present, (state) =>
          state.ask(kind, deadlineMs, (sql, then) => entriesOf(sql, then, keys, then.secrets.length === 0 ? NO_SECRETS : state.sealedSecrets())),
        );
        return packed.ok ? done({ packedEntries: packed.value ?? NO_ENTRIES }) : packed;
      }
      case 'past.versions':
        return done(await versionsOf(await this.#versionParts(), query.input, present, deadlineMs));
      default:
        return unreachable(query);
    }
  }

  #resolve({ at, exactly, kind: name, schemaHash, parameter }: PastQueries['past.resolve']['in'], present: Present): Result<PastOutput<'past.resolve'>> {
    const resolved = this.#timeline.resolve(at, exactly, present, parameter);
    if (!resolved.ok) return resolved;
    const { asOf, plan } = resolved.value;
    const kind = plan.kinds.find((candidate) => candidate.name === name);
    if (kind === undefined) return done({ asOf, schema: null });
    return done(kind.schemaHash === schemaHash ? { asOf } : { asOf, schema: kind.schema });
  }

  /** What it is built from is opened at once: from here on it may be deleted. */
  async #hold(sequence: number | undefined, present: Present): Promise<Result<PastOutput<'past.hold'>>> {
    this.#states.hold(sequence);
    if (sequence === undefined) return done({ kinds: [] });
    const kinds = await this.#states.use(sequence, present, async ({ plan }) => plan.kinds.map(({ name }) => name));
    if (!kinds.ok) this.#states.hold(undefined);
    return kinds.ok ? done({ kinds: kinds.value }) : kinds;
  }

  #movedSince(after: number, present: Present): PastOutput<'past.moved'>['moved'] {
    const moved = new Map<string, Set<string>>();
    const changes = this.#journal.changes(after, present.sequence);
    for (let next = changes.next(); ; next = changes.next()) {
      if (next.done === true) return next.value === 'pruned' ? undefined : moved;
      const { kind, key } = next.value;
      const keys = moved.get(kind);
      if (keys === undefined) moved.set(kind, new Set([key]));
      else keys.add(key);
    }
  }

  async #find(input: PastQueries['past.find']['in'], present: Present, deadlineMs: number): Promise<Result<PastOutput<'past.find'>>> {
    const { sequence, find, fields, rowsMax, separator } = input;
    const limits = { rowsMax, bytesMax: this.#parts.limits.partBytes };
    return await this.#states.use(sequence, present, async (state) => {
      const part = await state.ask(find.kind, deadlineMs, (sql, kind) => partOf(sql, kind, find, fields, separator, limits));
      return part ?? { bytes: new Uint8Array(0), rows: 0, ...(find.count ? { count: 0 } : {}) };
    });
  }

  /** Without a state, one record is cheaper to look for in its snapshot and in the journal after that. */
  async #read(
    { sequence, kind: name, name: record }: PastQueries['past.read']['in'],
    present: Present,
    deadlineMs: number,
  ): Promise<Result<PastOutput<'past.read'>>> {
    const plan = this.#states.ready(sequence, name) === undefined ? this.#timeline.planOf(sequence, present) : undefined;
    if (plan !== undefined) {
      const found = await this.#readAlone(plan, name, record);
      if (found !== undefined) return done(found === 'deleted' ? undefined : found);
    }
    return await this.#states.use(sequence, present, (state) => state.ask(name, deadlineMs, (sql, kind) => recordNamed(sql, kind, record)));
  }

  /** Undefined when that cannot tell: the name may be a natural key, or the schema has changed in between. */
  async #readAlone(plan: Plan, kindName: string, name: string): Promise<PastOutput<'past.read'> | 'deleted'> {
    const { snapshot, sequence, kinds } = plan;
    const kind = kinds.find((candidate) => candidate.name === kindName);
    const hash = snapshot?.manifest.kinds[kindName]?.schemaHash;
    if (kind === undefined || (hash !== undefined && hash !== kind.schemaHash) || !this.#timeline.hasOneSchema(plan)) return undefined;
    const key = kind.keyIsServerSet ? parseUuid(name) : name;
    if (key === undefined) return undefined;
    const after = snapshot?.manifest.sequence ?? 0;
    for (const { type, image, sequence: revision } of this.#journal.changesOf(kindName, key, after + 1, sequence, 1)) {
      if (type !== 'deleted') return { revision, image };
      // A name that a client chose may also be another record's in its normal form.
      return kind.keyIsServerSet ? 'deleted' : undefined;
    }
    if (snapshot === undefined) return undefined;
    return await rowIn(await this.#versionParts(), snapshot, kindName, key);
  }

  async #versionParts(): Promise<Parameters<typeof versionsOf>[0]> {
    return {
      archive: this.#archive,
      journal: this.#journal,
      clock: this.#parts.clock,
      scratch: await this.#scratchSession(),
      bytesMax: this.#parts.limits.partBytes,
    };
  }

  async #scratchSession(): Promise<Session> {
    if (this.#scratch === undefined) {
      const database = await openDatabase({ memoryBytes: SCRATCH_BYTES, threads: SCRATCH_THREADS });
      this.#scratch = { database, session: await database.open() };
    }
    return this.#scratch.session;
  }
}
