import { systemClock } from '../../clock.ts';
import type { PluginCall, PluginOutcome, RunningCall } from '../../protocol/plugin-calls.ts';

/** One call on its way through a host: it waits, it runs, it ends once. */
export class HostCall implements RunningCall {
  readonly call: PluginCall;
  readonly timeLimitMs: number;
  readonly ended: Promise<PluginOutcome>;
  /** Monotonic. */
  readonly sinceMs: number = systemClock.monotonicMs();
  /** Monotonic; undefined while it waits. */
  beganMs: number | undefined;
  /** Monotonic; set when it starts to run. */
  deadlineMs: number = Number.POSITIVE_INFINITY;
  /** Monotonic; set when its deadline was seen to have passed. */
  overdueAtMs: number | undefined;
  /** The grace time has passed as well. */
  isLate = false;
  readonly #whenEnded: (call: HostCall, outcome: PluginOutcome) => void;
  #resolve: (outcome: PluginOutcome) => void = () => undefined;
  #overdue: Promise<void> | undefined;
  #raise: (() => void) | undefined;

  /** @param whenEnded is told once, before anybody who waits for the end. */
  constructor(call: PluginCall, timeLimitMs: number, whenEnded: (call: HostCall, outcome: PluginOutcome) => void) {
    this.call = call;
    this.timeLimitMs = timeLimitMs;
    this.#whenEnded = whenEnded;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Made when somebody asks for it: nobody does so for a renewal. */
  get overdue(): Promise<void> {
    this.#overdue ??= new Promise((resolve) => {
      if (this.overdueAtMs === undefined) this.#raise = resolve;
      else resolve();
    });
    return this.#overdue;
  }

  becomeOverdue(nowMs: number): void {
    this.overdueAtMs = nowMs;
    this.#raise?.();
  }

  #settle(outcome: PluginOutcome): void {
    this.#whenEnded(this, outcome);
    this.#resolve(outcome);
  }

  /** It came back by itself. What is thrown after the signal was raised says nothing about the substrate. */
  answer(outcome: PluginOutcome): void {
    if (outcome.type === 'threw' && this.overdueAtMs !== undefined) {
      this.#settle({ type: 'late', message: `${this.call.operation} was given up after its ${this.timeLimitMs} ms: ${outcome.message}` });
    } else {
      this.#settle(outcome);
    }
  }

  /** Its room ended under it. @param why in words. */
  lose(why: string): void {
    const { operation } = this.call;
    if (this.isLate) this.#settle({ type: 'late', message: `${operation} did not end within its ${this.timeLimitMs} ms, nor when it was told to: ${why}` });
    else this.#settle({ type: 'died', message: `${operation} was cut off: ${why}` });
  }

  refuse(message: string): void {
    this.#settle({ type: 'refused', message });
  }
}
