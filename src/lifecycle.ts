import { messageOf } from './faults.ts';
import type { Log } from './log.ts';

/** Why a process stops. After a crash nothing may rely on the store any more: no last snapshot. */
export type StopReason = 'stop' | 'crash';

/** The process as the lifecycle sees it: tests put their own in. */
export interface ProcessControl {
  on(signal: 'SIGTERM' | 'SIGINT', handler: () => void): unknown;
  exit(code: number): void;
}

interface Step {
  readonly name: string;
  readonly run: (reason: StopReason) => Promise<void> | void;
  readonly timeLimitMs: number;
}

export const STOP_STEP_LIMIT_MS = 10_000;
/** After a crash somebody waits for the restart. */
const CRASH_LIMIT_MS = 5000;
/** What a shell reports for a process that a signal ended. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * `process.exit` ends the threads first, and one in which DuckDB works aborts the process then: a second signal is left to
 * the system, which ends everything at once.
 */
const THIS_PROCESS: ProcessControl = {
  on: (signal, handler) => process.on(signal, handler),
  exit(code) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      if (SIGNAL_EXIT_CODES[signal] !== code) continue;
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
    // The first process of a container is not ended by a signal.
    process.exit(code);
  },
};

/**
 * What has been started, and how it stops: in reverse order, each step within its time, whatever the others do.
 * Invariant: every step runs once, however often and for whatever reasons the stop is asked for.
 */
export class Lifecycle {
  readonly #log: Log;
  readonly #process: ProcessControl;
  readonly #steps: Step[] = [];
  #stopped: Promise<void> | undefined;
  #crashing = false;

  constructor(log: Log, control: ProcessControl = THIS_PROCESS) {
    this.#log = log;
    this.#process = control;
  }

  get stopping(): boolean {
    return this.#stopped !== undefined;
  }

  /** Says how to stop what has just been started. */
  onStop(name: string, run: (reason: StopReason) => Promise<void> | void, timeLimitMs: number = STOP_STEP_LIMIT_MS): void {
    this.#steps.push({ name, run, timeLimitMs });
  }

  /** Stops everything; resolves when the last step is done, and never rejects. */
  stop(reason: StopReason = 'stop'): Promise<void> {
    this.#stopped ??= this.#runSteps(reason);
    return this.#stopped;
  }

  /** The first SIGTERM or SIGINT stops gracefully and exits with 0, the second exits at once. */
  handleSignals(): void {
    let signals = 0;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      this.#process.on(signal, () => {
        signals += 1;
        if (signals > 1) {
          this.#log.warn({ signal }, 'second signal: exiting at once');
          this.#process.exit(SIGNAL_EXIT_CODES[signal]);
          return;
        }
        this.#log.info({ signal }, 'stopping; a second signal exits at once');
        void this.stop().then(() => {
          if (this.#crashing) return;
          this.#log.info({}, 'stopped');
          this.#process.exit(0);
        });
      });
    }
  }

  /** Ends the process because it cannot go on; its supervisor starts it again. */
  crash(reason: string, exitCode = 1): void {
    if (this.#crashing) return;
    this.#crashing = true;
    this.#log.error({ reason, exitCode }, 'cannot go on; exiting');
    void within(this.stop('crash'), CRASH_LIMIT_MS).then(() => this.#process.exit(exitCode));
  }

  async #runSteps(reason: StopReason): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        const running = Promise.resolve(step.run(reason));
        if (!(await within(running, step.timeLimitMs))) {
          this.#log.error({ step: step.name, timeLimitMs: step.timeLimitMs }, 'a part did not stop in time; going on without it');
        }
      } catch (error) {
        this.#log.error({ step: step.name, reason: messageOf(error) }, 'a part failed to stop; going on');
      }
    }
  }
}

/** Whether the work ended within the time. Rejects when the work does so in time; a later rejection has nobody to tell. */
async function within(work: Promise<void>, timeLimitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeLimitMs);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
