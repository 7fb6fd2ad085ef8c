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

/**
 * The main thread's end of the owner. Writes queue up and go out in batches, one batch in flight: that gives total order
 * without locks and one fsync for many. Queries go beside them.
 * Invariant: every call is answered; when the owner dies in the middle, with `outcome-unknown`.
 */

export interface OwnerClientLimits extends QueryLaneLimits {
  /** Writes that may wait for the batch before them. */
  readonly queueLengthMax: number;
  /** Steps of reservations that may wait beyond that: no flood of writes refuses a renewal. */
  readonly stepsReserve: number;
  /** Commands in one batch. */
  readonly batchLengthMax: number;
  /** Bulks and restores that may wait to have the write lane for themselves … */
  readonly exclusiveMax: number;
  /** … and for how long. */
  readonly exclusiveWaitMsMax: number;
}

export const OWNER_CLIENT_LIMITS: OwnerClientLimits = {
  queueLengthMax: 3072,
  stepsReserve: 16_384,
  batchLengthMax: 1024,
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

interface Waiting {
  readonly command: Command;
  settle(result: Result<unknown>): void;
}

/** A bulk or a restore that waits for the write lane. */
interface ExclusiveTurn {
  readonly sinceMs: number;
  isWanted(): boolean;
  /** @param refused nothing is sent; it hears this instead */
  begin(refused: Fault | undefined): Promise<void>;
}

/** The write lane while a bulk has it for itself. */
export interface ExclusiveLane {
  send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>>;
}

export class OwnerClient {
  readonly #transport: OwnerTransport;
  readonly #view: RecordView;
  readonly #limits: OwnerClientLimits;
  readonly #events: OwnerEvents;
  readonly #queue: Waiting[] = [];
  readonly #exclusiveTurns: ExclusiveTurn[] = [];
  readonly #queryLane: QueryLane;
  readonly #nowMs: () => number;
  #draining = false;
  #closedBecause: Fault | undefined;
  #idle: (() => void)[] = [];
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
    this.#nowMs = nowMs;
    this.#queryLane = new QueryLane(limits, nowMs);
  }

  /** Writes that wait for the batch before them. */
  get queueLength(): number {
    return this.#queue.length;
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
    return this.#exclusiveTurns.length;
  }

  /** Sends one command in the next batch. Resolves with the owner's verdict, never rejects. */
  send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    const refused = this.#refusal();
    if (refused !== undefined) return Promise.resolve({ ok: false, fault: refused });
    const { queueLengthMax, stepsReserve } = this.#limits;
    if (this.#queue.length >= queueLengthMax + (kind === 'reservation.step' ? stepsReserve : 0)) {
      return Promise.resolve(fail('overloaded', `${this.#queue.length} writes are waiting`));
    }
    return new Promise((resolve) => {
      this.#queue.push({ command: { kind, input } as Command, settle: (result) => resolve(result as Result<CommandOutput<K>>) });
      if (!this.#draining) void this.#drain();
    });
  }

  /**
   * Gives `work` the write lane for itself: no other write comes between the commands that it sends. When that is not to be,
   * everything that it sends is refused. @param isWanted false when its turn comes: nothing is begun for who has gone
   */
  exclusive<T>(work: (lane: ExclusiveLane) => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
    const refused = this.#refusal() ?? this.#fullLane();
    if (refused !== undefined) return work(closedLane(refused));
    return new Promise<T>((resolve, reject) => {
      const lane: ExclusiveLane = { send: (kind, input) => this.#sendAlone(kind, input) };
      const begin = (late: Fault | undefined): Promise<void> => work(late === undefined ? lane : closedLane(late)).then(resolve, reject);
      this.#exclusiveTurns.push({ sinceMs: this.#nowMs(), isWanted, begin });
      if (!this.#draining) void this.#drain();
    });
  }

  #fullLane(): Fault | undefined {
    const { length } = this.#exclusiveTurns;
    return length < this.#limits.exclusiveMax ? undefined : { code: 'overloaded', detail: `${length} bulks and restores are waiting` };
  }

  #lateness({ sinceMs, isWanted }: ExclusiveTurn): Fault | undefined {
    if (!isWanted()) return { code: 'overloaded', detail: 'nobody waits for the answer any more' };
    const { exclusiveWaitMsMax } = this.#limits;
    return this.#nowMs() - sinceMs <= exclusiveWaitMsMax ? undefined : { code: 'overloaded', detail: `other bulks and restores took ${exclusiveWaitMsMax} ms` };
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
    if (!this.#draining) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
  #closing = false;
  #dead = false;

  /** Takes the first reply of an owner that has just recovered. */
  revive(reply: OwnerReply): void {
    this.#dead = false;
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

  async #drain(): Promise<void> {
    this.#draining = true;
    // A turn of the event loop, so that everything that has arrived together goes out together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (;;) {
      // One after the other: a flood of bulks holds up neither single writes nor renewals, nor they the bulks.
      const turn = this.#exclusiveTurns.shift();
      if (turn !== undefined) await turn.begin(this.#lateness(turn));
      if (this.#queue.length === 0) {
        if (this.#exclusiveTurns.length === 0) break;
        continue;
      }
      const batch = this.#queue.splice(0, this.#limits.batchLengthMax);
      // The owner may have died while they waited: what came back may not take writes yet.
      const refused = this.#unable();
      const results =
        refused === undefined ? await this.#attempt(batch.map(({ command }) => command)) : batch.map(() => ({ ok: false as const, fault: refused }));
      for (let index = 0; index < batch.length; index++) batch[index]?.settle(results[index] ?? fail('internal', 'no answer'));
    }
    this.#draining = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #sendAlone<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    // The owner may have died since the lane was taken; what came back knows nothing of what was begun, and may not take writes yet.
    const refused = this.#unable();
    if (refused !== undefined) return { ok: false, fault: refused };
    const [result] = await this.#attempt([{ kind, input } as Command]);
    return (result ?? fail('internal', 'no answer')) as Result<CommandOutput<K>>;
  }

  async #attempt(commands: readonly Command[]): Promise<readonly Result<unknown>[]> {
    const reply = await this.#call({ lane: 'write', commands: packMessage(commands) });
    if (!reply.ok) return commands.map(() => reply);
    return reply.value.answers === undefined
      ? commands.map(() => fail('internal', 'the owner gave no answers'))
      : (unpackMessage(reply.value.answers) as readonly Result<unknown>[]);
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
    this.#view.release(reply);
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

function closedLane(fault: Fault): ExclusiveLane {
  return { send: () => Promise.resolve({ ok: false, fault }) };
}
