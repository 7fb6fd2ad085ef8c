import { isDeepStrictEqual } from 'node:util';
import { Prng } from '../../../bench/prng.ts';
import type { Kinds } from '../../../schemas/registry.ts';
import { Agent } from '../../../src/agent/agent.ts';
import type { AgentConfig } from '../../../src/agent/endpoint-config.ts';
import { OwnerClient } from '../../../src/dispatch/owner-client.ts';
import { RecordView } from '../../../src/dispatch/record-view.ts';
import { done, messageOf, type Result, StartFailure } from '../../../src/faults.ts';
import type { Command, OwnerReply, OwnerTask } from '../../../src/protocol/commands.ts';
import { RESERVATIONS } from '../../../src/protocol/reservations.ts';
import { NOWHERE } from '../../../src/protocol/slab.ts';
import { unpackMessage } from '../../../src/protocol/wire.ts';
import type { Random } from '../../../src/random.ts';
import type { Files } from '../../../src/store/files.ts';
import { JournalReader } from '../../../src/store/journal-reader.ts';
import { Store } from '../../../src/store/store.ts';
import { Vault } from '../../../src/store/vault.ts';
import { plainTables } from '../plain-tables.ts';
import type { ActualChange } from './actual-changes.ts';
import { FaultyFiles } from './faulty-files.ts';
import { kindsOf, type Model } from './model.ts';
import { Mismatch } from './model-state.ts';
import type { Substrate } from './substrate.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * One process of the server: the real store, owner client and agent, without their threads. Between the client and the
 * store sits the model, which judges each batch as well; and here the owner's thread, or the whole process, dies.
 */

export interface ServerParts {
  readonly time: VirtualTime;
  readonly disk: Files;
  readonly random: Random;
  readonly numbers: Prng;
  readonly kinds: Kinds;
  readonly config: AgentConfig;
  readonly journalSync: 'always' | 'interval';
  readonly model: Model;
  readonly substrate: Substrate;
  readonly findsJoins: ReadonlySet<string>;
  note(line: string): void;
  count(name: string, by?: number): void;
  /** Something is wrong that no caller would hear of. */
  failed(error: unknown): void;
}

export const DIRECTORY = '/data';
const STORE_KEY = Buffer.alloc(32, 7);
const JOURNAL_KEPT_BYTES = 2000;
const BUSY_SHARE = 0.2;
const BUSY_TURNS_MAX = 12;
const NEVER: Promise<never> = new Promise(() => undefined);

/** Whether the owner's thread dies before or after it has done what it is asked next. */
export type OwnerDeath = 'before' | 'after';

/** A batch whose answers nobody has seen. */
interface Pending {
  readonly commands: readonly Command[];
  readonly nowMs: number;
}

export class Server {
  readonly #parts: ServerParts;
  readonly view: RecordView = new RecordView();
  readonly owner: OwnerClient;
  readonly agent: Agent;
  #store: Store | undefined;
  files: FaultyFiles;
  /** Oldest first: one that the owner works on, and those behind it. */
  #pending: readonly Pending[] = [];
  #ownerDeath: OwnerDeath | undefined;
  /** Killed, or ended by itself. */
  isGone = false;
  /** Why it ended by itself, which it may for a failed sync only. */
  fatal: string | undefined;
  /** Tasks that the owner has got. */
  tasks = 0;
  #underWay = 0;
  #way: Promise<void> = Promise.resolve();
  /** Its own: how long a task is on its way must not change what is asked later. */
  readonly #numbers = new Prng(1);

  private constructor(parts: ServerParts) {
    this.#parts = parts;
    this.files = this.#newFiles();
    const { time, random, substrate } = parts;
    this.owner = new OwnerClient((task) => this.#run(task), this.view, {
      log: (line) => parts.note(line.message),
      died: () => this.#ownerDied(),
      fatal: (reason) => {
        this.fatal ??= reason;
      },
    });
    const note = (fields: object, message: string): void => parts.note(`${message} ${JSON.stringify(fields)}`);
    this.agent = new Agent(
      {
        owner: this.owner,
        view: this.view,
        clock: time,
        random,
        openHost: async ({ name }) => done({ host: substrate.host(name), features: { find: parts.findsJoins.has(name), list: false } }),
        sleep: (ms) => time.sleep(ms),
        log: { debug: note, info: note, warn: note, error: note },
      },
      parts.config,
    );
  }

  /**
   * @param pending what a process before this one had been asked when it was killed, oldest first.
   * @param dieWithin so many changes of the disk later, this one is killed as well.
   * @returns undefined when it was killed while it started.
   */
  static async start(parts: ServerParts, pending: readonly Pending[] = [], dieWithin?: number): Promise<Server | undefined> {
    const server = new Server(parts);
    server.#pending = pending;
    if (dieWithin !== undefined) server.files.dieWithin(dieWithin);
    const recovered = await server.#recover();
    if (recovered === undefined) return undefined;
    server.owner.revive(recovered);
    await server.agent.start();
    return server;
  }

  get isQuiet(): boolean {
    return this.#underWay === 0 && this.owner.queueLength === 0;
  }

  /** Batches that were under way when this process was killed. */
  get pending(): readonly Pending[] {
    return this.#pending;
  }

  /** Nothing more happens in it, and nobody hears of what it was at. */
  kill(): void {
    this.isGone = true;
    this.files.isDead = true;
  }

  /** The thread dies with the next task. */
  loseOwner(death: OwnerDeath): void {
    this.#ownerDeath = death;
  }

  /** One step of bringing everything into memory. @returns whether there is more to do. */
  async fill(): Promise<boolean> {
    if (this.owner.status === undefined || this.owner.status.filled || this.isGone) return false;
    const wasIndexed = this.owner.status.indexed;
    const step = await this.owner.query('store.fill', {});
    if (!step.ok || this.isGone) return false;
    if (step.value.indexed && !wasIndexed) this.agent.load();
    return !step.value.ended;
  }

  /** Compares all that the store has with all that it must have. @throws Mismatch */
  async compare(sample: number): Promise<void> {
    const { model, numbers } = this.#parts;
    const sequence = this.owner.status?.sequence;
    if (sequence !== model.sequence) throw new Mismatch(`the store is at change ${sequence}, the model at ${model.sequence}`);
    for (const kind of kindsOf(model)) {
      // An owner that was to die with the next task has died with the question for secrets: there is nothing to compare.
      if (this.owner.status === undefined) return;
      const expected = model.state.of(kind);
      for (const key of this.view.keysOf(kind)) if (!expected.has(key)) throw new Mismatch(`${kind} ${key} is there, and nobody made it`);
      for (const [key, { text, revision }] of expected) {
        const at = this.view.locationOf(kind, key);
        const image = at === undefined ? undefined : this.view.imageAt(at);
        if (image?.bytes.toString('utf8') !== text || image.revision !== revision)
          throw new Mismatch(`${kind} ${key} is ${image?.bytes.toString('utf8')}, expected ${text}`);
      }
      const withSecrets = [...expected].filter(([, { secrets }]) => Object.keys(secrets).length > 0);
      for (let each = 0; each < Math.min(sample, withSecrets.length); each++) {
        const [key, { secrets }] = withSecrets[numbers.below(withSecrets.length)] as (typeof withSecrets)[number];
        await this.compareSecrets(kind, key, secrets);
      }
    }
  }

  async compareSecrets(kind: string, key: string, secrets: Readonly<Record<string, string>>): Promise<void> {
    const read = await this.owner.query('secrets.read', { kind, name: key });
    if (this.isGone || (!read.ok && this.isTroubled)) return;
    const found = read.ok ? (kind === RESERVATIONS ? privateOf(read.value?.['private']) : read.value) : read;
    if (!isDeepStrictEqual({ ...(found as object) }, { ...secrets }))
      throw new Mismatch(`the secrets of ${kind} ${key} are ${JSON.stringify(found)}, expected ${JSON.stringify(secrets)}`);
  }

  get isTroubled(): boolean {
    return this.files.isTroubled || this.owner.status === undefined || this.fatal !== undefined;
  }

  #newFiles(): FaultyFiles {
    return new FaultyFiles(this.#parts.disk, this.#parts.numbers, (name) => this.#parts.count(name));
  }

  /** What the thread answers first, and what the disk says of the batches that were under way. */
  async #recover(): Promise<OwnerReply | undefined> {
    const { time, random, kinds, journalSync, model } = this.#parts;
    try {
      this.#store = await Store.open({
        directory: DIRECTORY,
        files: this.files.files,
        clock: time,
        random,
        kinds,
        openWorkingSet: plainTables(this.files.files),
        vault: new Vault(STORE_KEY, random),
        journalSync,
        journalKeepBytes: JOURNAL_KEPT_BYTES,
      });
    } catch (error) {
      if (this.files.isDead) return undefined;
      throw error instanceof StartFailure ? new Mismatch(`the store did not start: ${messageOf(error)}`) : error;
    }
    this.#store.show(this.view.viewer());
    const reply = this.#store.report();
    this.#parts.count('recoveries');
    this.#reconcile(reply.status.sequence);
    model.durable(reply.status.sequence);
    return reply;
  }

  /** A batch that nobody heard the end of is there as a whole or not at all, and none without those before it; what was acknowledged is there. */
  #reconcile(sequence: number): void {
    const { model, count } = this.#parts;
    const pending = this.#pending;
    this.#pending = [];
    if (sequence < model.sequence) model.cutBackTo(sequence);
    let changes = sequence > model.sequence ? this.#journaled(model.sequence, sequence) : [];
    for (const { commands, nowMs } of pending) {
      if (changes.length === 0) break;
      count('batches that were journaled and not answered');
      changes = model.run(commands, nowMs, changes, undefined);
    }
    if (model.sequence !== sequence)
      throw new Mismatch(`the store came back with change ${sequence}; of what was asked of it, ${model.sequence} was to be the last`);
    model.forgetStaged();
  }

  #journaled(after: number, upTo: number): readonly ActualChange[] {
    const changes: ActualChange[] = [];
    for (const { kind, key, sequence, type, image } of new JournalReader(this.#parts.disk, `${DIRECTORY}/journal`).changes(after, upTo)) {
      changes.push({ kind, key, sequence, text: type === 'deleted' ? undefined : Buffer.from(image).toString('utf8') });
    }
    return changes;
  }

  async #run(task: OwnerTask): Promise<OwnerReply> {
    const store = this.#store;
    if (this.isGone || store === undefined) return NEVER;
    this.tasks += 1;
    this.#underWay += 1;
    try {
      if (task.lane === 'write') {
        const commands = unpackMessage(task.commands) as readonly Command[];
        this.#pending = [...this.#pending, { commands, nowMs: this.#parts.time.nowMs() }];
        if (this.#pending.length > 1) this.#parts.count('batches behind another one');
      }
      await this.#onTheWay();
      if (this.isGone) return NEVER;
      if (this.#isOwnerDead) throw new Error('the thread is gone');
      const death = this.#ownerDeath;
      this.#ownerDeath = undefined;
      if (this.#store !== store) throw new Error('the thread has gone meanwhile');
      if (death === 'before') throw new Error('the thread is gone');
      const reply = await store.run(task);
      // The process lives on without the thread, and hears that everything that it was at is over.
      if (!this.isGone && this.#isOwnerDead) throw new Error('the thread is gone');
      if (this.isGone || this.files.isDead) return NEVER;
      if (death === 'after') throw new Error('the thread is gone');
      if (task.lane === 'write') this.#judge(reply);
      return reply;
    } catch (error) {
      if (error instanceof Mismatch) {
        this.#parts.failed(error);
        return NEVER;
      }
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Tasks reach the thread one after the other, and some only when it has done something else: then there may be two batches. */
  #onTheWay(): Promise<void> {
    const turns = this.#numbers.next() < BUSY_SHARE ? 1 + this.#numbers.below(BUSY_TURNS_MAX) : 0;
    this.#way = this.#way.then(async () => {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    });
    return this.#way;
  }

  /** The model judges what the store has answered. */
  #judge(reply: OwnerReply): void {
    const { model, count, note } = this.#parts;
    const [pending, ...behind] = this.#pending;
    if (pending === undefined || reply.answers === undefined) throw new Mismatch('a batch was not answered');
    const answers = unpackMessage(reply.answers) as readonly Result<unknown>[];
    if (answers.length !== pending.commands.length) throw new Mismatch(`${pending.commands.length} commands got ${answers.length} answers`);
    count('commands', answers.length);
    note(JSON.stringify(answers, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value)));
    if (reply.status.fatal !== undefined) {
      if (!this.files.isTroubled) throw new Mismatch(`the store ended: ${reply.status.fatal}`);
      // Whether it is on the disk is known after the next start.
      if (!answers.every((answer) => !answer.ok && answer.fault.code === 'outcome-unknown')) throw new Mismatch('a batch was answered though its sync failed');
      return;
    }
    this.#pending = behind;
    const refused = answers.filter((answer) => !answer.ok && answer.fault.code === 'not-durable').length;
    if (refused > 0) {
      if (!this.files.isTroubled || refused < answers.length)
        throw new Mismatch(`${refused} of ${answers.length} commands were not durable: ${JSON.stringify(answers)}`);
      count('commands refused by a full disk', refused);
      model.forgetStaged();
      return;
    }
    for (const answer of answers) if (!answer.ok) count(`refused: ${answer.fault.code}`);
    const [more] = model.run(pending.commands, pending.nowMs, this.#changesIn(reply), answers);
    if (more !== undefined) throw new Mismatch(`the owner journaled more changes than the model: ${JSON.stringify(more)}`);
    model.durable(reply.status.durableSequence);
    if (reply.status.sequence !== model.sequence) throw new Mismatch(`the store is at change ${reply.status.sequence}, the model at ${model.sequence}`);
  }

  #changesIn(reply: OwnerReply): readonly ActualChange[] {
    this.view.merge(reply);
    const changes: ActualChange[] = [];
    for (const { kind, goneKeys, locations, committed } of reply.changes) {
      for (const [index, at] of locations.entries()) {
        changes.push({
          kind,
          key: goneKeys.get(index) ?? this.view.pinned().keyAt(at),
          sequence: committed.sequences[index] as number,
          text: at === NOWHERE ? undefined : this.view.imageAt(at).bytes.toString('utf8'),
        });
      }
    }
    return changes.sort((a, b) => a.sequence - b.sequence);
  }

  /** Its thread has died, and the next one has not come yet. */
  get #isOwnerDead(): boolean {
    return this.files.isDead && this.owner.recovery !== undefined && this.owner.status === undefined;
  }

  /** The thread is gone; another one comes after a while. */
  #ownerDied(): void {
    const { count, time, failed } = this.#parts;
    count('deaths of the owner');
    this.files.isDead = true;
    this.agent.unload();
    time.after(this.#parts.numbers.below(3000), () => {
      if (!this.isGone) void this.#revive().catch(failed);
    });
  }

  async #revive(): Promise<void> {
    this.files = this.#newFiles();
    const reply = await this.#recover();
    if (reply === undefined || this.isGone) return;
    this.owner.revive(reply);
    while (await this.fill());
    // It may have died again meanwhile.
    if (!this.isGone && this.owner.status?.filled === true) await this.compare(2);
  }
}

function privateOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const hidden = JSON.parse(text) as Record<string, Record<string, string>>;
  return Object.fromEntries(
    Object.entries(hidden).flatMap(([place, properties]) => (Object.keys(properties).length === 0 ? [] : [[place, properties['password'] ?? '']])),
  );
}
