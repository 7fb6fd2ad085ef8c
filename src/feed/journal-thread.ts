import { ThreadPool } from '../thread-pool.ts';
import type { Replayed, ReplayRequest } from './replay.ts';

/** The thread that reads the journal back for subscribers. There is none while nobody needs it. */

const IDLE_MS = 60_000;

export class JournalThread {
  readonly #pool: ThreadPool;

  /** @param directory the data folder. @param queueLengthMax parts that may be asked for at once. */
  constructor(directory: string, queueLengthMax: number) {
    this.#pool = new ThreadPool({
      filename: new URL('../../workers/journal.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      maxQueue: queueLengthMax,
      idleTimeout: IDLE_MS,
      atomics: 'disabled',
      workerData: { directory },
    });
    // A thread that dies fails its calls, and those say what happened; without a listener the event would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** Rejects when the journal cannot be read. */
  replay(request: ReplayRequest): Promise<Replayed> {
    return this.#pool.run(request) as Promise<Replayed>;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
