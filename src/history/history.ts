import { done, fail, messageOf, type Result } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import { letsGo, type PastKind, type PastOutput, type PastQueries, type PastReply, type PastTask, type Present } from '../protocol/past.ts';
import { ThreadPool } from '../thread-pool.ts';

/**
 * The main thread's end of the history thread. There is none before somebody asks about the past; it takes one question
 * after the other, and when it dies its questions fail and the next one gets another thread.
 * Invariant: it is only ended when it has closed its databases: a native call that is under way would take the process with it.
 */

export interface HistoryOptions {
  /** The data folder. */
  readonly directory: string;
  readonly schemaDirectory?: string;
  /** What all past states may take together. */
  readonly memoryBytes: number;
  /** Undefined while the store is being recovered. */
  present(): Present | undefined;
  log(line: LogLine): void;
}

/** Questions that may wait; each is a bounded piece of work. */
const QUEUE_LENGTH_MAX = 64;
/** Room for what is never refused: ends of holds. Only one restore at a time holds anything. */
const QUEUE_RESERVE = 8;
/** Without a question for so long, what the thread keeps is given back. */
const IDLE_MS = 300_000;
/** A question that waits longer is not worked on any more. */
const TIME_LIMIT_MS = 25_000;

export class History {
  readonly #options: HistoryOptions;
  readonly #pool: ThreadPool;
  readonly #running = new Set<Promise<unknown>>();
  #isClosing = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    const { directory, schemaDirectory, memoryBytes } = options;
    this.#pool = new ThreadPool({
      filename: new URL('../../workers/history.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      maxQueue: QUEUE_LENGTH_MAX + QUEUE_RESERVE,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      workerData: { directory, memoryBytes, ...(schemaDirectory === undefined ? {} : { schemaDirectory }) },
    });
    // A thread that dies fails its calls, and those say what happened; without a listener the event would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** Questions that wait for those before them. */
  get waiting(): { readonly length: number; readonly lengthMax: number } {
    return { length: this.#pool.queueSize, lengthMax: QUEUE_LENGTH_MAX };
  }

  /** Never rejects. */
  async ask<K extends PastKind>(kind: K, input: PastQueries[K]['in']): Promise<Result<PastOutput<K>>> {
    if (this.#isClosing) return fail('stopping', 'the server is stopping');
    const present = this.#options.present();
    if (present === undefined) return fail('recovering', 'the store is being recovered');
    if (this.#pool.queueSize >= QUEUE_LENGTH_MAX && !letsGo(kind, input))
      return fail('overloaded', `${this.#pool.queueSize} questions about the past are waiting`);
    const task: PastTask = { query: { kind, input } as PastTask['query'], present, deadlineMs: present.timeMs + TIME_LIMIT_MS };
    const running: Promise<PastReply> = this.#pool.run(task);
    this.#running.add(running);
    try {
      const { result, log } = await running;
      for (const line of log) this.#options.log(line);
      return (result.ok ? done(result.value) : result) as Result<PastOutput<K>>;
    } catch (error) {
      return fail('internal', `the thread that reads the past ended: ${messageOf(error)}`);
    } finally {
      this.#running.delete(running);
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => void this.#rest(), IDLE_MS).unref();
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#idle);
    await Promise.allSettled(this.#running);
    await this.#rest();
    await this.#pool.destroy();
  }

  /** Ends what it does behind its answers, and gives back what it keeps. Where there is no thread none is begun for it. */
  async #rest(): Promise<void> {
    if (this.#pool.threads.length > 0) await this.#pool.run('close').catch(() => undefined);
  }
}
