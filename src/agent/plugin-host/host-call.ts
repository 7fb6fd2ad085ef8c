import { systemClock } from '../../clock.ts';
import type { PluginCall, PluginOutcome, RunningCall } from '../../protocol/plugin-calls.ts';

/** One call on its way through a host: it waits, it runs, it ends once. */
export class HostCall implements RunningCall {
  readonly call: PluginCall;
  readonly timeLimitMs: number;
  readonly ended: Promise<PluginOutcome>;
  readonly overdue: Promise<void>;
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
  readonly #settle: (outcome: PluginOutcome) => void;
  readonly #raise: () => void;

  constructor(call: PluginCall, timeLimitMs: number) {
    this.call = call;
    this.timeLimitMs = timeLimitMs;
    let settle: (outcome: PluginOutcome) => void = () => undefined;
    let raise: () => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.overdue = new Promise((resolve) => {
      raise = resolve;
    });
    this.#settle = settle;
    this.#raise = raise;
  }

  becomeOverdue(nowMs: number): void {
    this.overdueAtMs = nowMs;
    this.#raise();
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
