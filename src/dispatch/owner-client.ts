import type { MessagePort } from 'node:worker_threads';
import { type Fault, fail, messageOf, type Result } from '../faults.ts';
import type {
  Command,
  CommandKind,
  CommandOutput,
  Commands,
  LogLine,
  OwnerReply,
  OwnerTask,
  Queries,
  QueryKind,
  QueryOutput,
  RecoveryFacts,
  StoreStatus,
} from '../protocol/commands.ts';
import { packMessage, unpackMessage } from '../protocol/wire.ts';
import { QueryLane, type QueryLaneLimits } from './query-lane.ts';
import type { RecordView } from './record-view.ts';
import { closedLane, type ExclusiveLane, WriteLane, type WriteLaneLimits } from './write-lane.ts';

/**
 * The main thread's end of the owner: writes in one lane, queries beside them in another.
 * Invariant: every call is answered; when the owner dies in the middle, with `outcome-unknown`.
 */

export interface OwnerClientLimits extends QueryLaneLimits, WriteLaneLimits {}

export const OWNER_CLIENT_LIMITS: OwnerClientLimits = {
  queueLengthMax: 3072,
  stepsReserve: 16_384,
  batchLengthMax: 1024,
  batchesAtOnceMax: 2,
  exclusiveMax: 64,
  exclusiveWaitMsMax: 30_000,
  queriesMax: 256,
  queriesAtOnceMax: 32,
  queryWaitMsMax: 1000,
};

/** What a flood of requests can ask for; what the server itself needs is never refused because of it. */
const FROM_CALLERS: ReadonlySet<QueryKind> = new Set<QueryKind>(['record.read', 'record.find']);

/** Carries a task to the owner; rejects only when the owner's thread is gone. */
export type OwnerTransport = (task: OwnerTask) => Promise<OwnerReply>;

export interface OwnerEvents {
  log(line: LogLine): void;
  /** What a reply says has changed, before its answers are given; the images that it speaks of are still readable in the view. */
  changed?(reply: OwnerReply): void;
  /** The owner's thread is gone; calls are refused until `revive`. */
  died(reason: string): void;
  /** The store cannot go on in this process; everything that waited has been answered. */
  fatal(reason: string): void;
}

export class OwnerClient {
  readonly #transport: OwnerTransport;
  readonly #view: RecordView;
  readonly #limits: OwnerClientLimits;
  readonly #events: OwnerEvents;
  readonly #writeLane: WriteLane;
  readonly #queryLane: QueryLane;
  #closedBecause: Fault | undefined;
  status: StoreStatus | undefined;
  /** Of the thread that is there. */
  recovery: RecoveryFacts | undefined;

  /** @param nowMs monotonic */
  constructor(
    transport: OwnerTransport,
    view: RecordView,
    events: OwnerEvents,
    limits: OwnerClientLimits = OWNER_CLIENT_LIMITS,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#transport = transport;
    this.#view = view;
    this.#events = events;
    this.#limits = limits;
    this.#queryLane = new QueryLane(limits, nowMs);
    this.#writeLane = new WriteLane({ run: (commands, answered) => this.#runBatch(commands, answered), refusal: () => this.#unable(), nowMs }, limits);
  }

  /** Writes that wait to be sent. */
  get queueLength(): number {
    return this.#writeLane.length;
  }

  get limits(): OwnerClientLimits {
    return this.#limits;
  }

  /** Queries of callers that run or wait at the owner. */
  get queriesUnderWay(): number {
    return this.#queryLane.length;
  }

  /** Bulks and restores that wait for the write lane. */
  get exclusiveLength(): number {
    return this.#writeLane.exclusiveLength;
  }

  /** Sends one command in the next batch. Resolves with the owner's verdict, never rejects. */
  send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    const refused = this.#refusal();
    if (refused !== undefined) return Promise.resolve({ ok: false, fault: refused });
    return this.#writeLane.send(kind, input);
  }

  /**
   * Gives `work` the write lane for itself: no other write comes between the commands that it sends. When that is not to be,
   * everything that it sends is refused. @param isWanted false when its turn comes: nothing is begun for who has gone
   */
  exclusive<T>(work: (lane: ExclusiveLane) => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
    const refused = this.#refusal();
    return refused === undefined ? this.#writeLane.exclusive(work, isWanted) : work(closedLane(refused));
  }

  /**
   * Asks a question beside the writes. It sees every write that was answered before it was asked.
   * @param isWanted false when it has to wait and its turn comes: nothing is asked for who has gone
   */
  query<K extends QueryKind>(kind: K, input: Queries[K]['in'], isWanted: () => boolean = () => true): Promise<Result<QueryOutput<K>>> {
    return FROM_CALLERS.has(kind) ? this.#queryLane.run(() => this.#ask(kind, input), isWanted) : this.#ask(kind, input);
  }

  async #ask<K extends QueryKind>(kind: K, input: Queries[K]['in']): Promise<Result<QueryOutput<K>>> {
    if (this.#dead) return fail('recovering', 'the store is being recovered');
    if (this.#closedBecause !== undefined) return { ok: false, fault: this.#closedBecause };
    const reply = await this.#call({ lane: 'read', query: { kind, input } as OwnerTask extends { query: infer Q } ? Q : never });
    if (!reply.ok) return reply;
    return (reply.value.result ?? fail('internal', 'the owner gave no result')) as Result<QueryOutput<K>>;
  }

  /** Refuses further writes and resolves when the queue is empty. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writeLane.idle();
  }
  #closing = false;
  #dead = false;

  /** Takes the first reply of an owner that has just recovered. @param shown where it shows its memory, unless it is in this thread */
  revive(reply: OwnerReply, shown?: MessagePort): void {
    this.#dead = false;
    if (shown !== undefined) this.#view.follow(shown);
    this.recovery = reply.recovery;
    this.#merge(reply);
  }

  /** The owner's thread ended while none of its calls was there to tell it. */
  died(reason: string): void {
    this.#bury(reason);
  }

  #refusal(): Fault | undefined {
    if (this.#closedBecause !== undefined) return this.#closedBecause;
    if (this.#closing) return { code: 'stopping', detail: 'the server is stopping' };
    return this.#unable();
  }

  /** What holds also for work that is done to its end when the server stops. */
  #unable(): Fault | undefined {
    if (this.#closedBecause !== undefined) return this.#closedBecause;
    if (this.#dead || this.status?.indexed !== true) return { code: 'recovering', detail: 'the key index is being rebuilt; writes come back in a moment' };
    return undefined;
  }

  async #runBatch(commands: readonly Command[], answered: (results: readonly Result<unknown>[]) => void): Promise<void> {
    const reply = await this.#call({ lane: 'write', commands: packMessage(commands) });
    if (!reply.ok) answered(commands.map(() => reply));
    else if (reply.value.answers === undefined) answered(commands.map(() => fail('internal', 'the owner gave no answers')));
    else answered(unpackMessage(reply.value.answers) as readonly Result<unknown>[]);
  }

  async #call(task: OwnerTask): Promise<Result<OwnerReply>> {
    let reply: OwnerReply;
    try {
      reply = await this.#transport(task);
    } catch (error) {
      // The thread died. A write may or may not be in the journal, and so we say.
      this.#bury(messageOf(error));
      return fail('outcome-unknown', 'the store stopped while it worked on this; read the record before you try again');
    }
    this.#merge(reply);
    return { ok: true, value: reply };
  }

  #merge(reply: OwnerReply): void {
    this.#view.merge(reply);
    this.status = reply.status;
    this.#events.changed?.(reply);
    // After this turn: who wrote is still to be told what he wrote, though a later write of the same batch has replaced it.
    if (reply.releasedSlabs.length > 0) setImmediate(() => this.#view.release(reply));
    for (const line of reply.log) this.#events.log(line);
    if (reply.status.fatal !== undefined) this.#stop(reply.status.fatal);
  }

  #bury(reason: string): void {
    if (this.#dead || this.#closedBecause !== undefined) return;
    this.#dead = true;
    this.status = undefined;
    this.#view.reset();
    this.#events.died(reason);
  }

  #stop(reason: string): void {
    if (this.#closedBecause !== undefined) return;
    this.#closedBecause = { code: 'outcome-unknown', detail: 'the store has stopped; read the record after the restart before you try again' };
    // After this turn, so that the answers of the batch that noticed go out first.
    setImmediate(() => this.#events.fatal(reason));
  }
}
