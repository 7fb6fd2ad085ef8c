import { type Fault, fail, type Result } from '../faults.ts';
import type { Command, CommandKind, CommandOutput, Commands } from '../protocol/commands.ts';

/**
 * Writes on their way to the owner. They queue up and go out in batches: total order without locks, and one fsync for
 * many. While the owner works on one batch the next one is on its way to it, so that neither thread waits for the other;
 * the owner takes them one after the other. A bulk or a restore has the lane for itself.
 * Invariant: batches go out and are answered in the order in which their commands came.
 */

export interface WriteLaneLimits {
  /** Writes that may wait to be sent. */
  readonly queueLengthMax: number;
  /** Steps of reservations that may wait beyond that: no flood of writes refuses a renewal. */
  readonly stepsReserve: number;
  /** Commands in one batch. */
  readonly batchLengthMax: number;
  /** Batches that the owner has at once. */
  readonly batchesAtOnceMax: number;
  /** Bulks and restores that may wait to have the write lane for themselves … */
  readonly exclusiveMax: number;
  /** … and for how long. */
  readonly exclusiveWaitMsMax: number;
}

/** The write lane while a bulk has it for itself. */
export interface ExclusiveLane {
  send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>>;
}

export interface WriteLaneParts {
  /** Has the owner run a batch; `answered` hears its answers, one for each command, in the moment in which they come. Never rejects. */
  readonly run: (commands: readonly Command[], answered: (results: readonly Result<unknown>[]) => void) => Promise<void>;
  /** Why the owner cannot take writes now. It is asked again when what has waited is about to be sent. */
  readonly refusal: () => Fault | undefined;
  /** Monotonic. */
  readonly nowMs: () => number;
}

interface Waiting {
  readonly command: Command;
  settle(result: Result<unknown>): void;
}

/** A bulk or a restore that waits for the lane. */
interface ExclusiveTurn {
  readonly sinceMs: number;
  isWanted(): boolean;
  /** @param refused nothing is sent; it hears this instead */
  begin(refused: Fault | undefined): Promise<void>;
}

export class WriteLane {
  readonly #parts: WriteLaneParts;
  readonly #limits: WriteLaneLimits;
  #queue: Waiting[] = [];
  readonly #turns: ExclusiveTurn[] = [];
  /** How many commands each batch has that the owner has not answered, oldest first. */
  readonly #underWay: number[] = [];
  #isHeldAlone = false;
  /** A batch has gone out since the last bulk: the next one does not have to wait for more. */
  #isTurnDue = true;
  #isPumpDue = false;
  #idle: (() => void)[] = [];

  constructor(parts: WriteLaneParts, limits: WriteLaneLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** Writes that wait to be sent. */
  get length(): number {
    return this.#queue.length;
  }

  /** Bulks and restores that wait for the lane. */
  get exclusiveLength(): number {
    return this.#turns.length;
  }

  /** Sends one command with the next batch. Resolves with the owner's verdict, never rejects. */
  send<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    const { queueLengthMax, stepsReserve } = this.#limits;
    if (this.#queue.length >= queueLengthMax + (kind === 'reservation.step' ? stepsReserve : 0)) {
      return Promise.resolve(fail('overloaded', `${this.#queue.length} writes are waiting`));
    }
    return new Promise((resolve) => {
      this.#queue.push({ command: { kind, input } as Command, settle: (result) => resolve(result as Result<CommandOutput<K>>) });
      this.#pumpSoon();
    });
  }

  /** Gives `work` the lane for itself. When that is not to be, everything that it sends is refused. */
  exclusive<T>(work: (lane: ExclusiveLane) => Promise<T>, isWanted: () => boolean): Promise<T> {
    const { length } = this.#turns;
    if (length >= this.#limits.exclusiveMax) return work(closedLane({ code: 'overloaded', detail: `${length} bulks and restores are waiting` }));
    return new Promise<T>((resolve, reject) => {
      const lane: ExclusiveLane = { send: (kind, input) => this.#sendAlone(kind, input) };
      const begin = (late: Fault | undefined): Promise<void> => work(late === undefined ? lane : closedLane(late)).then(resolve, reject);
      this.#turns.push({ sinceMs: this.#parts.nowMs(), isWanted, begin });
      this.#pumpSoon();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#turns.length === 0 && this.#underWay.length === 0 && !this.#isHeldAlone;
  }

  /** After a turn of the event loop, so that everything that has arrived together goes out together. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#isHeldAlone) {
      // One after the other: a flood of bulks holds up neither single writes nor renewals, nor they the bulks.
      const isTurn = this.#turns.length > 0 && (this.#isTurnDue || this.#queue.length === 0);
      if (isTurn && this.#underWay.length > 0) return;
      if (isTurn) void this.#beginTurn();
      else if (this.#isBatchDue()) this.#sendBatch();
      else break;
    }
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #beginTurn(): Promise<void> {
    const turn = this.#turns.shift();
    if (turn === undefined) return;
    this.#isHeldAlone = true;
    this.#isTurnDue = false;
    await turn.begin(this.#lateness(turn));
    this.#isHeldAlone = false;
    this.#pump();
  }

  /** A batch behind another one waits until it is worth an fsync of its own, or that other one is answered. */
  #isBatchDue(): boolean {
    const { length } = this.#queue;
    const [ahead] = this.#underWay;
    if (length === 0 || ahead === undefined) return length > 0;
    return this.#underWay.length < this.#limits.batchesAtOnceMax && length * 2 >= ahead;
  }

  #sendBatch(): void {
    const { batchLengthMax } = this.#limits;
    const batch = this.#queue.length <= batchLengthMax ? this.#queue : this.#queue.slice(0, batchLengthMax);
    this.#queue = this.#queue.slice(batch.length);
    this.#isTurnDue = true;
    // The owner may have died while they waited: what came back may not take writes yet.
    const refused = this.#parts.refusal();
    if (refused !== undefined) {
      for (const { settle } of batch) settle({ ok: false, fault: refused });
      return;
    }
    this.#underWay.push(batch.length);
    const commands = batch.map(({ command }) => command);
    void this.#parts.run(commands, (results) => {
      this.#underWay.shift();
      // First of all the owner gets something to do; then those who have waited hear of it.
      this.#pump();
      for (let index = 0; index < batch.length; index++) batch[index]?.settle(results[index] ?? fail('internal', 'no answer'));
    });
  }

  async #sendAlone<K extends CommandKind>(kind: K, input: Commands[K]['in']): Promise<Result<CommandOutput<K>>> {
    // The owner may have died since the lane was taken; what came back knows nothing of what was begun, and may not take writes yet.
    const refused = this.#parts.refusal();
    if (refused !== undefined) return { ok: false, fault: refused };
    let answer: Result<unknown> | undefined;
    await this.#parts.run([{ kind, input } as Command], ([result]) => {
      answer = result;
    });
    return (answer ?? fail('internal', 'no answer')) as Result<CommandOutput<K>>;
  }

  #lateness({ sinceMs, isWanted }: ExclusiveTurn): Fault | undefined {
    if (!isWanted()) return { code: 'overloaded', detail: 'nobody waits for the answer any more' };
    const { exclusiveWaitMsMax } = this.#limits;
    if (this.#parts.nowMs() - sinceMs <= exclusiveWaitMsMax) return undefined;
    return { code: 'overloaded', detail: `other bulks and restores took ${exclusiveWaitMsMax} ms` };
  }
}

/** A lane on which everything is refused. */
export function closedLane(fault: Fault): ExclusiveLane {
  return { send: () => Promise.resolve({ ok: false, fault }) };
}
