import { systemClock } from '../../clock.ts';
import { done, fail, type Result } from '../../faults.ts';
import type { HostState, PluginCall, PluginFeatures, PluginHost, PluginOutcome, RunningCall } from '../../protocol/plugin-calls.ts';
import type { AgentCounts } from '../agent-counts.ts';
import type { EndpointConfig } from '../endpoint-config.ts';
import { killLeftoversOfCalls } from '../leftovers.ts';
import { CallQueue } from './call-queue.ts';
import { Conditions } from './conditions.ts';
import { EarliestLimit } from './earliest-limit.ts';
import { hasSecrets, secretValuesIn, secretValuesOf, withoutValues } from './hidden-values.ts';
import { HostCall } from './host-call.ts';
import { readOutcome, readSaid, readStartAnswer } from './read-outcome.ts';
import { RestartPause } from './restart-pause.ts';
import type { Room, RoomListener, Rooms } from './room.ts';
import { type Seat, Seats } from './seats.ts';

/**
 * The calls of one endpoint: they wait here, get a room, and are watched by the clock. Limits are kept on this side, because
 * a thread that loops cannot keep any. Every call gets exactly one outcome, and only when nothing of it runs any more.
 */

/** After its signal was raised, a call has this long to end by itself. */
export const GRACE_MS = 1000;
export const START_LIMIT_MS = 30_000;
/** A room that was told to end has this long; native code that does not return can hold a thread up for ever. */
export const END_LIMIT_MS = 5000;
/** So many threads that do not end are left behind; then the endpoint takes no more calls, and starts its plugin no more. */
const STUCK_ROOMS_MAX = 4;
/** How often deadlines are looked at. */
const SWEEP_MS = 50;
/** Of calls with secrets: those that are still taken out of what the plugin logs. */
const ENDED_CALLS_KEPT = 64;

export interface HostLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface HostOptions {
  /** Names this Holdfast: the same at each of its starts. */
  readonly instance: string;
  readonly log: HostLog;
  /** Where calls are counted, if anybody wants to know. */
  readonly counts?: AgentCounts;
  /** For loading the plugin and for its `initialize`, in each room. */
  readonly startLimitMs?: number;
}

export class EndpointHost implements PluginHost, RoomListener {
  readonly #endpoint: EndpointConfig;
  readonly #rooms: Rooms;
  readonly #options: HostOptions;
  /** Values of the endpoint that nobody is told. */
  readonly #secrets: readonly string[];
  /** What a call logged may come after the call has ended. */
  readonly #endedCalls: PluginCall[] = [];
  readonly #queue: CallQueue<HostCall>;
  readonly #seats: Seats;
  readonly #stuck = new Set<Room>();
  readonly #conditions = new Conditions();
  readonly #pause = new RestartPause(systemClock.monotonicMs);
  readonly #whenEnded = (hostCall: HostCall, outcome: PluginOutcome): void => this.#count(hostCall, outcome);
  readonly #closeLimit = new EarliestLimit(() => this.#conditions.changed());
  #opened: ((result: Result<PluginFeatures>) => void) | undefined;
  #features: PluginFeatures = { find: false, list: false };
  #startFailure: string | undefined;
  #lastId = 0;
  #running = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(endpoint: EndpointConfig, rooms: Rooms, options: HostOptions) {
    this.#endpoint = endpoint;
    this.#rooms = rooms;
    this.#options = options;
    this.#secrets = secretValuesIn(endpoint.properties);
    this.#queue = new CallQueue(endpoint.queueLengthMax);
    this.#seats = new Seats(endpoint.concurrentCalls);
  }

  /** Starts the plugin in every room. Fault: plugin-failed, as soon as one does not start; then it must be closed. */
  open(): Promise<Result<PluginFeatures>> {
    return new Promise((resolve) => {
      this.#opened = resolve;
      this.#rooms.open(this);
    });
  }

  /** Without renewals and leaves: they have places of their own. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /** How long the one of those has waited that waits longest. */
  get waitedMs(): number {
    const nowMs = systemClock.monotonicMs();
    return this.#queue.oldest.reduce((longest, { sinceMs }) => Math.max(longest, nowMs - sinceMs), 0);
  }

  get state(): HostState {
    return {
      waiting: this.#queue.length,
      waitingUrgent: this.#queue.urgentLength,
      underWay: this.#running,
      ready: this.#seats.readyCount,
      stuck: this.#stuck.size,
    };
  }

  call(call: PluginCall, timeLimitMs: number): RunningCall {
    const hostCall = new HostCall(call, timeLimitMs, this.#whenEnded);
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      hostCall.refuse(refusal);
      return hostCall;
    }
    const seat = this.#queue.isEmpty ? this.#seats.free() : undefined;
    if (seat !== undefined) this.#begin(seat, hostCall);
    else if (!this.#queue.push(hostCall, call.operation)) hostCall.refuse('as many calls as may wait for the plugin wait already');
    return hostCall;
  }

  /**
   * Takes no more calls. Those that run or wait go on until the limit; then what waits is refused, and what runs is cut off.
   * May be called again with a smaller limit: the earlier one counts.
   */
  close(timeLimitMs: number): Promise<void> {
    this.#closeLimit.shorten(timeLimitMs);
    this.#closed ??= this.#close();
    return this.#closed;
  }

  opened(room: Room): void {
    const seat = this.#seats.add(room);
    const { pauseMs } = this.#pause;
    if (pauseMs === 0) this.#start(seat);
    else seat.startTimer = setTimeout(() => this.#start(seat), pauseMs);
  }

  ending(room: Room): void {
    const seat = this.#seats.get(room);
    if (seat === undefined) return;
    clearTimeout(seat.startTimer);
    seat.state = 'ending';
    seat.endingAtMs = systemClock.monotonicMs();
    this.#watchClock();
  }

  ended(room: Room, whyInItsWords: string): void {
    if (this.#stuck.delete(room)) {
      for (const held of this.#seats.all) if (held.state === 'empty' && held.startTimer === undefined) this.#start(held);
      return;
    }
    const seat = this.#seats.get(room);
    if (seat === undefined) return;
    const why = this.#withoutSecrets(whyInItsWords, [seat]);
    this.#seats.delete(room);
    this.#pause.died();
    this.#loseCalls(seat, this.#closeLimit.hasPassed ? 'the endpoint was closed' : (seat.reason ?? why));
    this.#startFailed(seat, why);
    this.#conditions.changed();
  }

  said(message: unknown): void {
    const said = readSaid(message);
    if (said === undefined) return;
    const { level, operationId } = said;
    const text = this.#withoutSecrets(said.message, [...this.#seats.all]);
    this.#options.log[level]({ endpoint: this.#endpoint.name, ...(operationId === null ? {} : { operationId }) }, text);
  }

  #start(seat: Seat): void {
    seat.startTimer = undefined;
    // It stays empty: what hangs at its start would be left behind again and again, with all that it started.
    if (this.#stuck.size >= STUCK_ROOMS_MAX || (this.#closed !== undefined && this.#queue.isEmpty)) return;
    seat.state = 'starting';
    const limitMs = this.#options.startLimitMs ?? START_LIMIT_MS;
    seat.startTimer = setTimeout(() => {
      seat.failure = `it was not ready after ${limitMs} ms`;
      seat.room.end();
      // Its end may never come.
      this.#startFailed(seat, seat.failure);
      this.#conditions.changed();
    }, limitMs);
    seat.room.start().then(
      (raw) => this.#started(seat, raw),
      () => seat.room.end(),
    );
  }

  #started(seat: Seat, raw: unknown): void {
    if (seat.state !== 'starting') return;
    clearTimeout(seat.startTimer);
    const answer = readStartAnswer(raw);
    if (answer.type === 'not-started') {
      seat.failure = withoutValues(answer.message, this.#secrets);
      seat.room.end();
      return;
    }
    seat.state = 'ready';
    seat.hasStarted = true;
    this.#features = answer.features;
    this.#startFailure = undefined;
    if (this.#seats.readyCount === this.#endpoint.threads) this.#opened?.(done(this.#features));
    this.#drain();
    this.#conditions.changed();
  }

  #startFailed(seat: Seat, why: string): void {
    if (seat.hasStarted || seat.isFailureTold) return;
    seat.isFailureTold = true;
    const message = seat.failure ?? why;
    if (this.#seats.readyCount === 0) this.#refuseWaiting(`the plugin does not start: ${message}`);
    if (this.#closed !== undefined) return;
    this.#startFailure = message;
    this.#opened?.(fail('plugin-failed', `the plugin ${this.#endpoint.plugin} does not start: ${message}`));
    this.#options.log.error({ endpoint: this.#endpoint.name, reason: message }, 'a plugin does not start');
  }

  /** Why no call is taken now, if none is. */
  #refusal(): string | undefined {
    if (this.#closed !== undefined) return 'the endpoint is closing';
    if (this.#stuck.size >= STUCK_ROOMS_MAX) return this.#stuckText;
    if (this.#startFailure !== undefined && this.#seats.readyCount === 0) return `the plugin does not start: ${this.#startFailure}`;
    return undefined;
  }

  #count({ beganMs, call }: HostCall, outcome: PluginOutcome): void {
    const ms = beganMs === undefined ? undefined : systemClock.monotonicMs() - beganMs;
    this.#options.counts?.callEnded(this.#endpoint.name, call.operation, outcome, ms);
  }

  #drain(): void {
    for (let seat = this.#seats.free(); seat !== undefined && !this.#queue.isEmpty; seat = this.#seats.free()) {
      const next = this.#queue.shift();
      if (next !== undefined) this.#begin(seat, next);
    }
  }

  #begin(seat: Seat, hostCall: HostCall): void {
    this.#lastId += 1;
    const id = this.#lastId;
    hostCall.beganMs = systemClock.monotonicMs();
    hostCall.deadlineMs = hostCall.beganMs + hostCall.timeLimitMs;
    seat.calls.set(id, hostCall);
    this.#running += 1;
    this.#watchClock();
    seat.room.run(id, hostCall.call, (raw) => this.#answered(seat, id, raw));
  }

  #answered(seat: Seat, id: number, raw: unknown): void {
    const hostCall = seat.calls.get(id);
    if (hostCall === undefined) return;
    seat.calls.delete(id);
    this.#keepEnded(hostCall.call);
    this.#running -= 1;
    hostCall.answer(this.#told(readOutcome(raw, hostCall.call), hostCall.call));
    this.#drain();
    this.#conditions.changed();
  }

  /** Whatever runs in these seats may be what the text speaks of. */
  #withoutSecrets(text: string, seats: readonly Seat[]): string {
    const calls = [...seats.flatMap((seat) => [...seat.calls.values()].map(({ call }) => call)), ...this.#endedCalls];
    return withoutValues(text, [...this.#secrets, ...calls.flatMap(secretValuesOf)]);
  }

  #keepEnded(call: PluginCall): void {
    if (!hasSecrets(call)) return;
    this.#endedCalls.push(call);
    if (this.#endedCalls.length > ENDED_CALLS_KEPT) this.#endedCalls.shift();
  }

  /** What may be told of an outcome. */
  #told(outcome: PluginOutcome, call: PluginCall): PluginOutcome {
    if (outcome.type === 'returned') {
      const { errorMessage } = outcome.answer;
      if (errorMessage === null) return outcome;
      return { ...outcome, answer: { ...outcome.answer, errorMessage: withoutValues(errorMessage, this.#valuesHiddenFor(call)) } };
    }
    return 'message' in outcome ? { ...outcome, message: withoutValues(outcome.message, this.#valuesHiddenFor(call)) } : outcome;
  }

  #valuesHiddenFor(call: PluginCall): readonly string[] {
    return [...this.#secrets, ...secretValuesOf(call)];
  }

  #watchClock(): void {
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  #sweep(): void {
    if (this.#running === 0 && !this.#seats.some('ending')) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
      return;
    }
    const nowMs = systemClock.monotonicMs();
    for (const seat of this.#seats.all) {
      for (const [id, hostCall] of seat.calls) this.#watch(seat, id, hostCall, nowMs);
      if (nowMs - seat.endingAtMs >= END_LIMIT_MS) this.#giveUp(seat);
    }
  }

  #watch(seat: Seat, id: number, hostCall: HostCall, nowMs: number): void {
    if (hostCall.overdueAtMs === undefined) {
      if (nowMs < hostCall.deadlineMs) return;
      hostCall.becomeOverdue(nowMs);
      seat.room.abort(id);
    } else if (!hostCall.isLate && nowMs - hostCall.overdueAtMs >= GRACE_MS) {
      hostCall.isLate = true;
      seat.reason ??= `the call ${hostCall.call.operationId} exceeded its time limit, and its ${this.#endpoint.isolation} was ended`;
      seat.room.end();
    }
  }

  /** Its thread hangs in native code. The calls get their answers, though something of them may still run. */
  #giveUp(seat: Seat): void {
    this.#seats.delete(seat.room);
    this.#stuck.add(seat.room);
    this.#pause.died();
    const reason = `its ${this.#endpoint.isolation} could not be ended, and may still run`;
    this.#options.log.error({ endpoint: this.#endpoint.name, reason }, 'a plugin does not end');
    this.#loseCalls(seat, reason);
    this.#startFailed(seat, reason);
    if (this.#stuck.size >= STUCK_ROOMS_MAX && this.#seats.readyCount === 0) this.#refuseWaiting(this.#stuckText);
    this.#conditions.changed();
  }

  get #stuckText(): string {
    return `${this.#stuck.size} threads of the plugin hang and cannot be ended; use isolation: process`;
  }

  #loseCalls(seat: Seat, why: string): void {
    const { instance, log } = this.#options;
    const calls = [...seat.calls.values()];
    seat.calls.clear();
    for (const { call } of calls) this.#keepEnded(call);
    this.#running -= calls.length;
    if (this.#closed === undefined && seat.hasStarted) {
      log.warn({ endpoint: this.#endpoint.name, reason: why, calls: calls.length }, `a plugin's ${this.#endpoint.isolation} ended; another takes its place`);
    }
    const operationIds = calls.map(({ call }) => call.operationId);
    killLeftoversOfCalls(instance, operationIds, log);
    for (const call of calls) call.lose(why);
  }

  #refuseWaiting(why: string): void {
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift()) waiting.refuse(why);
  }

  async #close(): Promise<void> {
    // A thread that is ended while it loads something native may take the server along, so a start under way ends first.
    await this.#conditions.until(() => this.#closeLimit.hasPassed || (this.#running === 0 && this.#queue.isEmpty && !this.#seats.some('starting')));
    this.#closeLimit.pass();
    this.#refuseWaiting('the endpoint is closing');
    for (const seat of this.#seats.all) {
      for (const id of seat.calls.keys()) seat.room.abort(id);
    }
    await this.#conditions.until(() => this.#running === 0, GRACE_MS);
    for (const seat of this.#seats.all) clearTimeout(seat.startTimer);
    let areClosed = false;
    void Promise.resolve(this.#rooms.close()).then(() => {
      areClosed = true;
      this.#conditions.changed();
    });
    await this.#conditions.until(() => areClosed && this.#seats.size === 0, END_LIMIT_MS);
    for (const seat of this.#seats.all) this.#giveUp(seat);
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
