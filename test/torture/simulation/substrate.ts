import type { Prng } from '../../../bench/prng.ts';
import type { PluginAnswer, PluginCall, PluginHost, PluginOutcome, RunningCall } from '../../../src/protocol/plugin-calls.ts';
import { SECRET_NAME } from './model-reservations.ts';
import { Mismatch } from './model-state.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * A substrate that keeps books of its own, and the plugin that reaches it: slow, refusing, breaking down in the middle,
 * answering late or never. It is honest: what it says it has refused, it has not done. The books are what the server's
 * promises about reservations are held against.
 */

/** What a join made, or was about to make. `mark` goes through everybody's properties, so that each call says whose it is. */
export interface Held {
  readonly mark: string;
  readonly endpoint: string;
  readonly joinOperation: string;
  id: string | undefined;
  /** The substrate has it. */
  isLive: boolean;
  /** It was there, and was left. */
  wasLeft: boolean;
  /** The end that the substrate was told last. */
  untilMs: number;
  /** The end that it was told last and that its server has heard of. */
  heardUntilMs: number;
  /** That end is in no record yet: the disk took no intent before the renewal. */
  isOnlyHeard: boolean;
  /** Somebody was told that it has been left. */
  leaveAnswered: boolean;
  renewals: number;
}

/** What becomes of a call. The last four leave open whether it did anything. */
type Fate = 'done' | 'refuses' | 'throws' | 'unreachable' | 'slow' | 'cut' | 'dies' | 'junk';

export interface Weather {
  /** Nothing fails. */
  isCalm: boolean;
}

/** Reservations that were being worked on when a server was killed: its calls end with it. */
interface UnderWay {
  readonly mark: string;
  readonly call: PluginCall;
  isOver: boolean;
}

export class Substrate {
  readonly #time: VirtualTime;
  readonly #numbers: Prng;
  readonly #weather: Weather;
  readonly #note: (line: string) => void;
  readonly #count: (name: string) => void;
  readonly #failed: (error: unknown) => void;
  /** The end that the record of a join says. */
  readonly #recordedUntilMs: (joinOperation: string) => number | undefined;
  readonly held: Map<string, Held> = new Map();
  readonly #byOperation = new Map<string, Held>();
  readonly #doneRenewals = new Set<string>();
  #underWay = new Set<UnderWay>();
  #ids = 0;
  #generation = 0;
  calls = 0;

  constructor(
    time: VirtualTime,
    numbers: Prng,
    weather: Weather,
    note: (line: string) => void,
    count: (name: string) => void,
    failed: (error: unknown) => void,
    recordedUntilMs: (joinOperation: string) => number | undefined,
  ) {
    this.#time = time;
    this.#numbers = numbers;
    this.#weather = weather;
    this.#note = note;
    this.#count = count;
    this.#failed = failed;
    this.#recordedUntilMs = recordedUntilMs;
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** The server was killed, and its plugins with it: what they were at is done or not, and nobody hears. */
  serverDied(): void {
    this.#generation += 1;
    for (const underWay of this.#underWay) {
      if (!underWay.isOver && this.#numbers.next() < 0.5) this.#act(underWay.mark, underWay.call);
    }
    this.#underWay = new Set();
  }

  /**
   * Another server knows what is in the records. An end that the one before it had only heard, because the disk was full,
   * is lost with its memory: when the clock was set back as well, the next renewal asks for an earlier one.
   */
  serverRecovered(): void {
    for (const held of this.held.values()) {
      const recordedMs = held.isOnlyHeard ? this.#recordedUntilMs(held.joinOperation) : undefined;
      held.isOnlyHeard = false;
      if (recordedMs === undefined || recordedMs >= held.heardUntilMs) continue;
      held.heardUntilMs = recordedMs;
      this.#count('ends that a full disk kept from the next server');
    }
  }

  host(endpoint: string): PluginHost {
    let isOpen = true;
    const generation = this.#generation;
    return {
      queueLength: 0,
      waitedMs: 0,
      state: { waiting: 0, waitingUrgent: 0, underWay: 0, ready: 1, stuck: 0 },
      call: (call, timeLimitMs) => {
        if (!isOpen) return ended({ type: 'refused', message: 'the endpoint is closing' });
        try {
          if (generation !== this.#generation) throw new Mismatch('a dead server called a plugin');
          return this.#call(endpoint, call, timeLimitMs);
        } catch (error) {
          this.#failed(error);
          return ended({ type: 'died', message: 'the life is over' });
        }
      },
      close: async () => {
        isOpen = false;
      },
    };
  }

  #call(endpoint: string, call: PluginCall, timeLimitMs: number): RunningCall {
    const fate = this.#weather.isCalm ? 'done' : this.#fate(call);
    this.#count(`plugin calls: ${call.operation} ${fate}`);
    if (fate === 'unreachable') return ended({ type: 'refused', message: 'the queue is full' });
    this.calls += 1;
    const mark = this.#subject(endpoint, call);
    this.#check(mark, call);
    const underWay: UnderWay = { mark, call, isOver: false };
    this.#underWay.add(underWay);
    const generation = this.#generation;
    const running = deferred();
    const ms = fate === 'slow' || fate === 'cut' ? timeLimitMs + 1 + this.#numbers.below(3 * timeLimitMs) : this.#numbers.below(timeLimitMs);
    if (ms > timeLimitMs) this.#time.after(timeLimitMs, () => generation === this.#generation && running.exceed());
    const end = (): void => {
      if (generation !== this.#generation) return;
      const outcome = this.#outcome(fate, mark, call);
      this.#underWay.delete(underWay);
      underWay.isOver = true;
      this.#note(`${call.operation} ${mark} ${outcome.type}`);
      running.end(outcome);
    };
    // Now and then at once, which is the soonest that anything can end.
    if (ms === 0 || this.#numbers.next() < 0.3) end();
    else this.#time.after(ms, end);
    return running.call;
  }

  #fate(call: PluginCall): Fate {
    const dice = this.#numbers.next();
    if (dice < 0.7) return 'done';
    if (dice < 0.76) return 'refuses';
    if (dice < 0.8) return 'throws';
    if (dice < 0.83) return 'unreachable';
    if (dice < 0.89) return call.operation === 'renew' ? 'done' : 'slow';
    if (dice < 0.93) return 'cut';
    if (dice < 0.97) return 'dies';
    return 'junk';
  }

  #outcome(fate: Fate, mark: string, call: PluginCall): PluginOutcome {
    switch (fate) {
      case 'done':
      case 'slow':
        return this.#act(mark, call);
      case 'refuses':
        return returned({ status: 1, errorMessage: 'not today' });
      case 'throws':
        return { type: 'threw', message: 'the plugin tripped' };
      case 'unreachable':
        return { type: 'refused', message: 'the queue is full' };
      case 'cut':
      case 'dies':
      case 'junk': {
        if (this.#numbers.next() < 0.5) this.#act(mark, call, false);
        const type = fate === 'cut' ? 'late' : fate === 'dies' ? 'died' : 'junk';
        return { type, message: `the call ended as ${type}` };
      }
    }
  }

  /** Whose reservation a call is about. */
  #subject(endpoint: string, call: PluginCall): string {
    switch (call.operation) {
      case 'join': {
        const mark = call.input.callerProperties['mark'] ?? '';
        const held: Held = {
          mark,
          endpoint,
          joinOperation: call.operationId,
          id: undefined,
          isLive: false,
          wasLeft: false,
          untilMs: 0,
          heardUntilMs: 0,
          isOnlyHeard: false,
          leaveAnswered: false,
          renewals: 0,
        };
        if (this.held.has(mark)) throw new Mismatch(`the join ${mark} reached its plugin twice`);
        this.held.set(mark, held);
        this.#byOperation.set(call.operationId, held);
        return mark;
      }
      case 'renew':
        return call.input.joinProperties['mark'] ?? '';
      case 'find':
        return this.#byOperation.get(call.input.joinOperationId)?.mark ?? '';
      case 'list':
        return '';
      default:
        return call.input.schedProperties['mark'] ?? '';
    }
  }

  /** What no call may ever be. */
  #check(mark: string, call: PluginCall): void {
    for (const other of this.#underWay) {
      if (mark !== '' && other.mark === mark) throw new Mismatch(`${call.operation} of ${mark} began while its ${other.call.operation} was under way`);
    }
    const held = this.held.get(mark);
    if (call.operation === 'find' || call.operation === 'list') return;
    if (held === undefined) throw new Mismatch(`${call.operation} of a reservation that nobody joined: ${JSON.stringify(call)}`);
    if (call.operation !== 'join' && held.leaveAnswered) throw new Mismatch(`${call.operation} of ${mark}, which was left`);
    const given = call.operation === 'renew' ? call.input.joinProperties : call.operation === 'join' ? call.input.callerProperties : call.input.schedProperties;
    if (given[SECRET_NAME] !== undefined && given[SECRET_NAME] !== `secret of ${mark}`)
      throw new Mismatch(`${call.operation} of ${mark} came with ${given[SECRET_NAME]} for a password`);
    if (call.operation === 'renew' && call.input.untilMs < held.heardUntilMs) {
      throw new Mismatch(`the end of ${mark} went back from ${held.heardUntilMs} to ${call.input.untilMs}`);
    }
  }

  /** The effect on the substrate. @param isHeard whether the server gets the answer. */
  #act(mark: string, call: PluginCall, isHeard = true): PluginOutcome {
    const held = this.held.get(mark);
    if (call.operation === 'find') {
      if (held === undefined || !held.isLive) return { type: 'nothing' };
      held.heardUntilMs = Math.max(held.heardUntilMs, held.untilMs);
      return returned({ reservationId: held.id ?? '', properties: { mark } });
    }
    if (call.operation === 'list')
      return { type: 'listed', reservationIds: [...this.held.values()].filter((each) => each.isLive).map((each) => each.id ?? '') };
    if (held === undefined) throw new Mismatch(`nobody joined ${mark}`);
    switch (call.operation) {
      case 'join':
        held.id = this.#newId(held);
        held.isLive = true;
        held.untilMs = call.input.untilMs;
        if (isHeard) held.heardUntilMs = held.untilMs;
        return returned({ reservationId: held.id, properties: { mark, ...secretFor(this.#numbers, mark) } });
      case 'leave':
        held.wasLeft ||= held.isLive;
        held.isLive = false;
        return returned({});
      case 'renew':
        if (!held.isLive) return returned({ status: 1, errorMessage: 'there is no such reservation' });
        if (!this.#doneRenewals.has(call.operationId)) {
          this.#doneRenewals.add(call.operationId);
          held.untilMs = call.input.untilMs;
          held.renewals += 1;
        }
        if (isHeard) this.#hear(held);
        return returned({ properties: { renewed: String(held.renewals), ...secretFor(this.#numbers, mark) } });
      case 'modify':
        return returned({ properties: { modified: String(this.calls) } });
      case 'status':
        return returned({ properties: { alive: String(held.isLive) } });
    }
  }

  /** A renewal whose intent is journaled has its end in the record before it is called. */
  #hear(held: Held): void {
    held.heardUntilMs = Math.max(held.heardUntilMs, held.untilMs);
    held.isOnlyHeard = held.heardUntilMs > (this.#recordedUntilMs(held.joinOperation) ?? 0);
  }

  /** Mostly an id of its own; now and then one that is in use. */
  #newId(held: Held): string {
    const taken = [...this.held.values()].filter((other) => other.endpoint === held.endpoint && other.isLive && other !== held);
    if (taken.length > 0 && this.#numbers.next() < 0.04) {
      this.#count('ids that were given out twice');
      return taken[this.#numbers.below(taken.length)]?.id ?? '';
    }
    this.#ids += 1;
    return `r${this.#ids}`;
  }
}

function secretFor(numbers: Prng, mark: string): Record<string, string> {
  return numbers.next() < 0.3 ? { [SECRET_NAME]: `secret of ${mark}` } : {};
}

function returned(answer: Partial<PluginAnswer>): PluginOutcome {
  return { type: 'returned', answer: { status: 0, properties: null, reservationId: null, errorMessage: null, ...answer } };
}

function ended(outcome: PluginOutcome): RunningCall {
  return { ended: Promise.resolve(outcome), overdue: new Promise(() => undefined) };
}

function deferred(): { readonly call: RunningCall; end(outcome: PluginOutcome): void; exceed(): void } {
  let end: (outcome: PluginOutcome) => void = () => undefined;
  let exceed: () => void = () => undefined;
  const call: RunningCall = {
    ended: new Promise((resolve) => {
      end = resolve;
    }),
    overdue: new Promise((resolve) => {
      exceed = resolve;
    }),
  };
  return { call, end: (outcome) => end(outcome), exceed: () => exceed() };
}
