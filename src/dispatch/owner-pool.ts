import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { messageOf, StartFailure } from '../faults.ts';
import type { OwnerReply, OwnerTask } from '../protocol/commands.ts';
import type { OwnerData, OwnerStart } from '../protocol/owner.ts';
import { StopFlag } from '../protocol/stop-flag.ts';
import { ThreadPool } from '../thread-pool.ts';

/**
 * The owner's thread: a Piscina pool of exactly one. It never gets an AbortSignal, because aborting a running task kills
 * the thread, and with it everything that was not journaled yet.
 */

/** A batch, a snapshot, filling, and queries beside them; what is beyond waits in the pool's queue. */
const CONCURRENT_TASKS = 64;
const YOUNG_GENERATION_MIB = 64;

/** An owner that has recovered: its first answer, and where it shows the memory that it shares. */
export interface StartedOwner {
  readonly reply: OwnerReply;
  readonly shown: MessagePort;
}

export class OwnerPool {
  readonly #pool: ThreadPool;
  readonly #stop = new StopFlag();
  #starting: Promise<unknown> = Promise.resolve();
  /** Calls that say it when the thread dies. */
  #underWay = 0;
  /** Why the thread ended, where no call was there to say it. */
  #idleDeath: string | undefined;
  /** Deaths that nobody has been told of yet. */
  readonly #untold: string[] = [];
  #tell: (reason: string) => void = (reason) => void this.#untold.push(reason);
  #isClosing = false;

  constructor(data: Omit<OwnerData, 'stop'>) {
    this.#pool = new ThreadPool({
      filename: new URL('../../workers/owner.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: CONCURRENT_TASKS,
      // The default would freeze the thread's event loop between tasks, and with it every query that is running.
      atomics: 'disabled',
      // Nobody asks the pool how long its tasks took.
      recordTiming: false,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: { ...data, stop: this.#stop.memory } satisfies OwnerData,
      // A bulk makes garbage by the gigabyte: with the default, much of it is copied twice before it is let go.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    // A thread that dies fails its calls, and those say what happened: this is of one that had none.
    this.#pool.on('error', (error: unknown) => {
      this.#idleDeath = messageOf(error);
    });
    this.#pool.on('workerDestroy', () => {
      if (this.#underWay > 0 || this.#isClosing) return;
      // Not before the pool has let go of it and said why, but before anybody else has a turn.
      queueMicrotask(() => {
        this.#tell(this.#idleDeath ?? 'the thread ended while it had nothing to do');
        this.#idleDeath = undefined;
      });
    });
  }

  /** @param tell hears of a death that no call is there to tell of, also of one that was before. */
  onIdleDeath(tell: (reason: string) => void): void {
    this.#tell = tell;
    for (const reason of this.#untold.splice(0)) tell(reason);
  }

  /** Waits for recovery. @throws StartFailure when it failed; or whatever ended the thread. */
  async start(): Promise<StartedOwner> {
    const { port1: theirs, port2: shown } = new MessageChannel();
    const running = this.#counted<OwnerStart>(this.#pool.run({ lane: 'start', shown: theirs }, { transferList: [theirs] }));
    this.#starting = running.catch(() => undefined);
    const start = await running;
    if ('failed' in start) throw new StartFailure(start.stack === '' ? start.failed : `recovery failed: ${start.stack}`, start.exitCode);
    return { reply: start.reply, shown };
  }

  /** From here on the owner shows its memory at the other end of this port as well: to a reader in another thread. */
  async show(port: MessagePort): Promise<void> {
    await this.#counted(this.#pool.run({ lane: 'show', shown: port }, { transferList: [port] }));
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

  /** Ends what the thread is at: a recovery before it has changed anything, a store with its journal closed. */
  async end(): Promise<void> {
    this.#isClosing = true;
    this.#stop.raise();
    await this.#starting;
    // Also of one that took the place of another and was not asked for anything yet: it has recovered all the same.
    if (this.#pool.threads.length > 0) await this.run({ lane: 'read', query: { kind: 'store.close', input: {} } }).catch(() => undefined);
  }

  /** A thread that is ended while it loads DuckDB's native part, or while that works, aborts the whole process. */
  async close(): Promise<void> {
    await this.end();
    await this.#pool.destroy();
  }
}
