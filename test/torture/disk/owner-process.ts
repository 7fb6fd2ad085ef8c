import { strict as assert } from 'node:assert';
import { type Kinds, loadKinds } from '../../../schemas/registry.ts';
import type { Clock } from '../../../src/clock.ts';
import { RecordView } from '../../../src/dispatch/record-view.ts';
import type { Result } from '../../../src/faults.ts';
import type { Command, OwnerReply, Queries, Query, QueryKind, QueryOutput } from '../../../src/protocol/commands.ts';
import { packMessage, unpackMessage } from '../../../src/protocol/wire.ts';
import type { Random } from '../../../src/random.ts';
import type { Files } from '../../../src/store/files.ts';
import type { SyncPolicy } from '../../../src/store/journal.ts';
import { Store } from '../../../src/store/store.ts';
import { Vault } from '../../../src/store/vault.ts';
import type { OpenWorkingSet } from '../../../src/store/working-set.ts';
import { plainTables } from '../plain-tables.ts';
import { giveBack, reuseSlabs } from './slab-pool.ts';

/** The owner's store as its thread has it, on a disk of its own and on plain tables, with everything that it has told. */

reuseSlabs();
const BUILT_IN = await loadKinds();
const NAMES: readonly string[] = ['BMC', 'Component', 'ComputeNode'];

/** Few: a store is opened for every power cut. */
export const KINDS: Kinds = { ...BUILT_IN, all: BUILT_IN.all.filter(({ name }) => NAMES.includes(name)) };

export interface Site {
  readonly journalSync: SyncPolicy;
  readonly journalKeepBytes: number;
  readonly segmentBytesMax: number;
  readonly frameChangesMax: number;
}

export const DIRECTORY = '/data';

/** What a client could find out: by place, revision and bytes of each record; its secrets; what repeated requests get. */
export interface State {
  readonly records: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** Idempotency key → revision. */
  readonly answers: ReadonlyMap<string, number>;
}

export const NOTHING: State = { records: new Map(), secrets: new Map(), answers: new Map() };

export class OwnerProcess {
  readonly #store: Store;
  readonly #view = new RecordView();
  readonly #memory: SharedArrayBuffer[] = [];
  #reply: OwnerReply;
  readonly log: string[] = [];

  private constructor(store: Store) {
    this.#store = store;
    store.show(this.#view.viewer());
    store.show({ postMessage: (shown) => shown.type === 'slab' && this.#memory.push(shown.memory) });
    this.#reply = this.#take(store.report());
  }

  /** @throws StartFailure, Killed */
  static async open(files: Files, site: Site, clock: Clock, random: Random, openWorkingSet: OpenWorkingSet = plainTables(files)): Promise<OwnerProcess> {
    const { segmentBytesMax, frameChangesMax, ...parts } = site;
    const store = await Store.open({
      directory: DIRECTORY,
      files,
      clock,
      random,
      kinds: KINDS,
      openWorkingSet,
      vault: new Vault(STORE_KEY, random),
      limits: { segmentBytesMax, frameChangesMax },
      ...parts,
    });
    const process = new OwnerProcess(store);
    while (!process.status.filled) await process.query('store.fill', {});
    return process;
  }

  get status(): OwnerReply['status'] {
    return this.#reply.status;
  }

  async batch(commands: readonly Command[]): Promise<readonly Result<unknown>[]> {
    const reply = this.#take(await this.#store.run({ lane: 'write', commands: packMessage(commands) }));
    assert(reply.answers !== undefined, 'a batch is answered');
    return unpackMessage(reply.answers) as readonly Result<unknown>[];
  }

  async query<K extends QueryKind>(kind: K, input: Queries[K]['in']): Promise<Result<QueryOutput<K>>> {
    const reply = this.#take(await this.#store.run({ lane: 'read', query: { kind, input } as Query }));
    return reply.result as Result<QueryOutput<K>>;
  }

  async close(): Promise<void> {
    await this.query('store.close', {});
  }

  /** Nothing is asked of it any more. */
  forget(): void {
    for (const memory of this.#memory.splice(0)) giveBack(memory);
  }

  records(): Map<string, string> {
    const records = new Map<string, string>();
    for (const kind of NAMES) {
      for (const key of this.#view.keysOf(kind)) records.set(`${kind}/${key}`, this.#text(kind, key));
    }
    return records;
  }

  /** The first place where the records are not those expected. */
  difference(expected: ReadonlyMap<string, string>): string | undefined {
    let count = 0;
    for (const kind of NAMES) {
      for (const key of this.#view.keysOf(kind)) {
        const place = `${kind}/${key}`;
        const text = this.#text(kind, key);
        if (expected.get(place) !== text) return `${place} is ${text} instead of ${expected.get(place) ?? 'nothing'}`;
        count += 1;
      }
    }
    return count === expected.size ? undefined : `there are ${count} records instead of ${expected.size}`;
  }

  async secrets(): Promise<Map<string, string>> {
    const secrets = new Map<string, string>();
    for (const name of this.#view.keysOf('BMC')) {
      const read = await this.query('secrets.read', { kind: 'BMC', name });
      if (read.ok) secrets.set(name, JSON.stringify(read.value));
    }
    return secrets;
  }

  #text(kind: string, key: string): string {
    const { bytes, revision } = this.#view.imageAt(this.#view.locationOf(kind, key) as number);
    return `${revision} ${bytes.toString('utf8')}`;
  }

  #take(reply: OwnerReply): OwnerReply {
    this.#view.merge(reply);
    this.#view.release(reply);
    this.#reply = reply;
    for (const { message } of reply.log) this.log.push(message);
    return reply;
  }
}

const STORE_KEY = Buffer.alloc(32, 7);
