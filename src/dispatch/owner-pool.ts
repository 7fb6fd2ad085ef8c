import { Piscina } from 'piscina';
import { StartFailure } from '../faults.ts';
import type { OwnerReply, OwnerTask } from '../protocol/commands.ts';
import type { OwnerData, OwnerStart } from '../protocol/owner.ts';

/**
 * The owner's thread: a Piscina pool of exactly one. It never gets an AbortSignal, because aborting a running task kills
 * the thread, and with it everything that was not journaled yet.
 */

/** A batch, a snapshot, filling, and queries beside them; what is beyond waits in the pool's queue. */
const CONCURRENT_TASKS = 64;
const YOUNG_GENERATION_MIB = 64;

export class OwnerPool {
  readonly #pool: Piscina;
  #starting: Promise<unknown> = Promise.resolve();
  /** Calls that say it when the thread dies. */
  #underWay = 0;
  #isClosing = false;

  constructor(data: OwnerData) {
    this.#pool = new Piscina({
      filename: new URL('../../workers/owner.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: CONCURRENT_TASKS,
      // The default would freeze the thread's event loop between tasks, and with it every query that is running.
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: data,
      // A bulk makes garbage by the gigabyte: with the default, much of it is copied twice before it is let go.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    // A thread that dies fails its calls, and those say what happened; without a listener the event would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** @param tell hears of a death that no call is there to tell of. */
  onIdleDeath(tell: (reason: string) => void): void {
    this.#pool.on('workerDestroy', () => {
      if (this.#underWay > 0 || this.#isClosing) return;
      // Not before the pool has let go of it, but before anybody else has a turn.
      queueMicrotask(() => tell('the thread ended while it had nothing to do'));
    });
  }

  /** Waits for recovery. @throws StartFailure when it failed; or whatever ended the thread. */
  async start(): Promise<OwnerReply> {
    const running = this.#counted<OwnerStart>(this.#pool.run('start'));
    this.#starting = running.catch(() => undefined);
    const start = await running;
    if ('failed' in start) throw new StartFailure(start.stack === '' ? start.failed : `recovery failed: ${start.stack}`, start.exitCode);
    return start.reply;
  }

  run(task: OwnerTask): Promise<OwnerReply> {
    return this.#counted(this.#pool.run(task, task.lane === 'write' ? { transferList: [task.commands.buffer as ArrayBuffer] } : {}));
  }

  async #counted<T>(running: Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await running;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A thread that is ended while it loads DuckDB's native part aborts the whole process, so a start under way ends first. */
  async close(): Promise<void> {
    await this.#starting;
    this.#isClosing = true;
    await this.#pool.destroy();
  }
}
