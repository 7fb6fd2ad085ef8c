import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import { type Kinds, loadKinds } from '../../schemas/registry.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import type { Fault, FaultCode, Result } from '../../src/faults.ts';
import { draftOf } from '../../src/http/draft.ts';
import type {
  Command,
  CommandKind,
  CommandOutput,
  Commands,
  Draft,
  OwnerReply,
  Queries,
  Query,
  QueryKind,
  QueryOutput,
  RetentionRules,
  SnapshotDescription,
  Stored,
} from '../../src/protocol/commands.ts';
import { packMessage, unpackMessage } from '../../src/protocol/wire.ts';
import type { Random } from '../../src/random.ts';
import { openDuckDb } from '../../src/store/duckdb-working-set.ts';
import { type Files, realFiles } from '../../src/store/files.ts';
import { Store, type StoreLimits } from '../../src/store/store.ts';
import { Vault } from '../../src/store/vault.ts';
import type { OpenWorkingSet } from '../../src/store/working-set.ts';
import { passingFolder } from '../support/folders.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';

/** A store in a folder of its own, without threads: what the owner's thread does, a test does by hand. */

export type Fields = Record<string, unknown>;

/** A folder that goes when the tests of the file are done. */
export function temporaryFolder(): string {
  return passingFolder();
}

export const BUILT_IN: Kinds = await loadKinds();
/** A registry of these built-in kinds only: starts and snapshots take a fraction of the time. */
export function onlyKinds(...names: readonly string[]): Kinds {
  return { ...BUILT_IN, all: BUILT_IN.all.filter(({ name }) => names.includes(name)) };
}

export const KEEP_ALL: RetentionRules = { newest: 1000, hourly: 0, daily: 0, weekly: 0 };
export const NODE: Fields = { hostname: 'nid000001', architecture: 'x86_64' };

/** xorshift32: the same bytes for the same seed, on every machine. */
export function seededRandom(seed = 1): Random {
  let state = seed | 1;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let index = 0; index < length; index++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        bytes[index] = state & 0xff;
      }
      return bytes;
    },
  };
}

export interface RigOptions {
  readonly files?: Files;
  readonly kinds?: Kinds;
  readonly openWorkingSet?: OpenWorkingSet;
  readonly storeKey?: Buffer;
  readonly olderStoreKeys?: readonly Buffer[];
  readonly journalSync?: 'always' | 'interval';
  readonly journalKeepBytes?: number;
  readonly limits?: Partial<StoreLimits>;
  /** Where ids come from. */
  readonly random?: Random;
  readonly isUnwanted?: () => boolean;
  /** Leaves the key index and the record log to the test. */
  readonly cold?: boolean;
}

const RANDOM = seededRandom(20_261_122);

export class Rig {
  readonly directory: string;
  readonly clock: HandClock;
  readonly options: RigOptions;
  readonly kinds: Kinds;
  readonly store: Store;
  readonly view: RecordView = new RecordView();
  /** Every reply so far, the first of the start included. */
  readonly replies: OwnerReply[] = [];

  private constructor(directory: string, clock: HandClock, options: RigOptions, store: Store) {
    this.directory = directory;
    this.clock = clock;
    this.options = options;
    this.kinds = options.kinds ?? BUILT_IN;
    this.store = store;
  }

  /** @throws StartFailure */
  static async open(directory: string = temporaryFolder(), options: RigOptions = {}, clock: HandClock = handClock()): Promise<Rig> {
    const store = await Store.open({
      directory,
      files: options.files ?? realFiles,
      clock,
      random: options.random ?? RANDOM,
      kinds: options.kinds ?? BUILT_IN,
      openWorkingSet: options.openWorkingSet ?? openDuckDb,
      vault: new Vault(options.storeKey ?? Buffer.alloc(32, 7), RANDOM, options.olderStoreKeys),
      journalSync: options.journalSync ?? 'always',
      journalKeepBytes: options.journalKeepBytes ?? 0,
      limits: options.limits ?? {},
      ...(options.isUnwanted === undefined ? {} : { isUnwanted: options.isUnwanted }),
    });
    const rig = new Rig(directory, clock, options, store);
    store.show(rig.view.viewer());
    rig.take(store.report());
    if (options.cold !== true) await rig.fill();
    return rig;
  }

  /** Ends this store as a stop would, and starts another one in the same folder. */
  async restart(options: RigOptions = {}): Promise<Rig> {
    await this.close();
    return await this.another(options);
  }

  /** Another store in the same folder, as after a crash of this one. */
  another(options: RigOptions = {}): Promise<Rig> {
    const { files, cold, ...kept } = this.options;
    return Rig.open(this.directory, { ...kept, ...options }, this.clock);
  }

  async close(): Promise<void> {
    const closed = await this.ask('store.close', {});
    // A store that is over says that its journal may not be all there.
    assert(closed.ok || this.status.fatal !== undefined, 'the store is closed');
  }

  get status(): OwnerReply['status'] {
    const status = this.replies.at(-1)?.status;
    assert(status !== undefined, 'the start was answered');
    return status;
  }

  get log(): readonly string[] {
    return this.replies.flatMap((reply) => reply.log.map((line) => line.message));
  }

  take(reply: OwnerReply): OwnerReply {
    this.view.merge(reply);
    this.view.release(reply);
    this.replies.push(reply);
    return reply;
  }

  async fill(): Promise<void> {
    while (!this.status.filled) {
      const step = await this.ask('store.fill', {});
      assert(step.ok, this.status.fatal);
    }
  }

  /** One batch. */
  async batch(commands: readonly Command[]): Promise<readonly Result<unknown>[]> {
    const reply = this.take(await this.store.run({ lane: 'write', commands: packMessage(commands) }));
    assert(reply.answers !== undefined, 'a batch is answered');
    return unpackMessage(reply.answers) as readonly Result<unknown>[];
  }

  async send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    const [answer] = await this.batch([{ kind, input } as Command]);
    return answer as Result<CommandOutput<K>>;
  }

  async ask<K extends QueryKind>(kind: K, input: Queries[K]['in']): Promise<Result<QueryOutput<K>>> {
    const reply = this.take(await this.store.run({ lane: 'read', query: { kind, input } as Query }));
    return reply.result as Result<QueryOutput<K>>;
  }

  async query<K extends QueryKind>(kind: K, input: Queries[K]['in']): Promise<QueryOutput<K>> {
    return value(await this.ask(kind, input));
  }

  kind(name: string): Kind {
    const kind = this.kinds.find(name);
    assert(kind !== undefined, name);
    return kind;
  }

  /** What the front makes of a client's record before the owner sees it. */
  draft(kind: string, record: Fields): Draft {
    return value(draftOf(this.kinds, this.kind(kind), structuredClone(record)));
  }

  create(kind: string, record: Fields, more: Partial<Commands['record.create']['in']> = {}): Promise<Result<CommandOutput<'record.create'>>> {
    return this.send('record.create', { ...creation(this, kind, [record]), ...more });
  }

  async created(kind: string, record: Fields, more: Partial<Commands['record.create']['in']> = {}): Promise<Stored> {
    return storedIn(value(await this.create(kind, record, more)));
  }

  replace(kind: string, name: string, record: Fields, more: Partial<Commands['record.replace']['in']> = {}): Promise<Result<CommandOutput<'record.replace'>>> {
    return this.send('record.replace', { kind, name, record: this.draft(kind, record), origin: {}, upsert: false, ...more });
  }

  patch(kind: string, name: string, document: unknown, more: Partial<Commands['record.patch']['in']> = {}): Promise<Result<CommandOutput<'record.patch'>>> {
    return this.send('record.patch', { kind, name, patch: { type: 'merge', document }, origin: {}, ...more });
  }

  remove(kind: string, name: string, more: Partial<Commands['record.delete']['in']> = {}): Promise<Result<CommandOutput<'record.delete'>>> {
    return this.send('record.delete', { kind, name, force: false, ...more });
  }

  async bulk(kind: string, records: readonly Fields[], upsert = false): Promise<Result<CommandOutput<'bulk.commit'>>> {
    const options = { upsert, dryRun: false };
    const bulkId = `bulk ${this.replies.length}`;
    for (let first = 0; first < records.length; first += 5000) {
      const part = records.slice(first, first + 5000);
      value(await this.send('bulk.stage', { kind, bulkId, firstIndex: first, packedRecords: packMessage(part), options, origin: {} }));
    }
    return await this.send('bulk.commit', { kind, bulkId, options });
  }

  async snapshot(more: Partial<Queries['snapshot.take']['in']> = {}): Promise<SnapshotDescription> {
    const { taken } = await this.query('snapshot.take', { reason: 'demand', retention: KEEP_ALL, skipUnchanged: false, ...more });
    assert(taken !== undefined, 'not skipped');
    return taken;
  }

  /** The bytes of a record, and its revision; undefined when there is none. */
  async image(kind: string, name: string): Promise<Image | undefined> {
    const read = await this.query('record.read', { kind, name });
    return read === undefined ? undefined : { key: read.key, revision: read.revision, text: Buffer.from(read.image).toString('utf8') };
  }

  async record(kind: string, name: string): Promise<Fields> {
    const image = await this.image(kind, name);
    assert(image !== undefined, `there is a ${kind} ${name}`);
    return JSON.parse(image.text) as Fields;
  }

  /** Every record of every kind by place: revision and bytes, from the owner's answers, as the main thread sees them. */
  images(): ReadonlyMap<string, string> {
    assert(this.status.filled, 'the view is complete');
    const images = new Map<string, string>();
    for (const { name, key } of this.kinds.all) {
      for (const location of this.view.locationsOf(name)) {
        const { bytes, revision } = this.view.imageAt(location);
        const text = bytes.toString('utf8');
        images.set(`${name}/${String((JSON.parse(text) as Fields)[key])}`, `${revision} ${text}`);
      }
    }
    return new Map([...images].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The same as {@link images}, but asked of DuckDB. */
  async found(kind: string, conditions: Queries['record.find']['in']['conditions'] = []): Promise<readonly Fields[]> {
    const { locations } = await this.query('record.find', { kind, conditions, sort: [], count: false });
    return [...locations].map((location) => JSON.parse(this.view.imageAt(location).bytes.toString('utf8')) as Fields);
  }

  get journalDirectory(): string {
    return join(this.directory, 'journal');
  }

  get snapshotDirectory(): string {
    return join(this.directory, 'snapshots');
  }

  segments(): readonly string[] {
    return readdirSync(this.journalDirectory).sort();
  }

  snapshots(): readonly string[] {
    return readdirSync(this.snapshotDirectory).sort();
  }
}

/** Runs `work` on a store that is closed afterwards, whatever happens. */
export async function withRig<T>(opening: Promise<Rig>, work: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = await opening;
  try {
    return await work(rig);
  } finally {
    await rig.close();
  }
}

export interface Image {
  readonly key: string;
  readonly revision: number;
  readonly text: string;
}

export function creation(rig: Rig, kind: string, records: readonly Fields[]): Commands['record.create']['in'] {
  return { kind, records: records.map((record) => rig.draft(kind, record)), asArray: false, origin: {} };
}

export function value<T>(result: Result<T>): T {
  if (!result.ok) assert.fail(`${result.fault.code}: ${result.fault.detail} ${JSON.stringify(result.fault.errors ?? [])}`);
  return result.value;
}

export function storedIn(output: CommandOutput<'record.create' | 'record.replace'>): Stored {
  assert('stored' in output && output.stored[0] !== undefined, 'the write was not answered before');
  return output.stored[0];
}

/** The fault, which must have this code. */
export function fault(result: Result<unknown>, code: FaultCode): Fault {
  assert(!result.ok, `expected ${code}, got ${JSON.stringify(result)}`);
  assert.equal(result.fault.code, code, result.fault.detail);
  return result.fault;
}
