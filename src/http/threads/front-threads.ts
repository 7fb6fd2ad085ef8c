import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { done, fail, type Result, StartFailure } from '../../faults.ts';
import type { FrontCounts, RouteCounts } from '../front-counts.ts';
import type { FrontLog } from '../front-log.ts';
import type { Server } from '../server.ts';
import type { RequestHandler } from '../transport.ts';
import { bytesOf } from './mailbox.ts';
import type { ThreadCounts, TlsOrder } from './messages.ts';
import { Standstill } from './standstill.ts';
import { ThreadLink } from './thread-link.ts';
import { TAKEN_SHARED_BYTES, type ThreadStart, takenIn } from './thread-options.ts';

/**
 * The front threads as the main thread sees them: a server whose connections are theirs. Each has a listening socket of its
 * own on the same port, and the kernel gives every new connection to one of them.
 * A thread that ends on its own takes the process with it: its connections are lost anyway, what it was doing is not known,
 * and a restart takes a second.
 */

export interface FrontThreadsOptions extends Omit<ThreadStart, 'shared' | 'sharing' | 'taken' | 'threads' | 'beats' | 'beatMs'> {
  readonly threads: number;
  readonly threadStillMsMax: number;
  readonly counts: FrontCounts;
  /** Where reads of one record are counted, by what stands before the name of the kind. */
  readonly readCountsAt: (base: string) => RouteCounts;
  readonly log: FrontLog;
  /** Has the owner show its memory at the other end of the port. */
  readonly showOwnersMemory: (port: MessagePort) => Promise<void>;
  /** Called once, when a thread has ended that should not. */
  readonly died: (reason: string) => void;
}

/** Threads that have been told to let go have this long, also while the process exits. */
const CLOSE_LIMIT_MS = 2000;
/** Whether one that has not let go by then comes to its work at all is seen in so much less time than otherwise. */
const CLOSING_HASTE = 5;
/** Numbers that all front threads see: open connections, and threads that have let go. */
const OPEN = 0;
const CLOSED = 1;
const SHARED_BYTES = 8;

/** @throws StartFailure when the port can't be had. */
export async function startFrontThreads(options: FrontThreadsOptions, handler: RequestHandler): Promise<Server> {
  const threads = new FrontThreads(options, handler);
  await threads.start();
  return threads;
}

interface FrontThread {
  readonly worker: Worker;
  readonly link: ThreadLink;
  readonly ended: Promise<void>;
  readonly standstill: Standstill;
  /** @returns why it could not obey; empty: it has. */
  readonly orderTls: (order: TlsOrder) => Promise<string>;
}

const HAS_ENDED = 'the thread has ended';

class FrontThreads implements Server {
  port: number;
  readonly #options: FrontThreadsOptions;
  readonly #handler: RequestHandler;
  readonly #shared = new SharedArrayBuffer(SHARED_BYTES);
  readonly #numbers = new Int32Array(this.#shared);
  readonly #threads: FrontThread[] = [];
  readonly #onExit = (): void => this.#closeNow();
  readonly #looking: NodeJS.Timeout;
  readonly #lookMs: number;
  #isStopping = false;
  #isClosing = false;
  #isStill = false;
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(options: FrontThreadsOptions, handler: RequestHandler) {
    this.port = options.port;
    this.#options = options;
    this.#handler = handler;
    this.#lookMs = Standstill.lookMs(options.threadStillMsMax);
    this.#looking = setInterval(() => this.#lookAtThreads(), this.#lookMs);
    this.#looking.unref();
    options.counts.connections = () => Atomics.load(this.#numbers, OPEN);
  }

  async start(): Promise<void> {
    // A thread that has connections when the process exits would end it with SIGABRT instead of its exit code.
    process.on('exit', this.#onExit);
    try {
      this.port = await this.#startThread('first');
      await Promise.all(Array.from({ length: this.#options.threads - 1 }, () => this.#startThread('further')));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  publish(channel: string, message: Uint8Array): void {
    const bytes = bytesOf(message);
    for (const { link } of this.#threads) link.publish(channel, bytes);
  }

  showRecords(): void {
    for (const { worker } of this.#threads) {
      const { port1: shown, port2: theirs } = new MessageChannel();
      worker.postMessage(shown, [shown]);
      // An owner that dies meanwhile is followed by another one, which is shown again; until then all is handed over.
      this.#options.showOwnersMemory(theirs).catch(() => undefined);
    }
  }

  stopListening(): void {
    this.#isStopping = true;
    for (const { link } of this.#threads) link.mailbox.post(['stop']);
  }

  reloadTls(): Promise<Result<undefined>> {
    const reloaded = this.#reloading.then(() => this.#reloadTls());
    this.#reloading = reloaded;
    return reloaded;
  }

  async close(): Promise<void> {
    this.#askToClose();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    });
    await Promise.race([Promise.all(this.#threads.map(({ ended }) => ended)), late]);
    clearTimeout(timer);
  }

  /** When one thread cannot use the files, none does: which certificate a client gets must not be a matter of luck. */
  async #reloadTls(): Promise<Result<undefined>> {
    if (this.#options.tls === undefined) return done(undefined);
    const unread = await this.#orderTls('read');
    if (unread !== '') {
      await this.#orderTls('drop');
      return fail('internal', unread);
    }
    const unused = await this.#orderTls('use');
    if (unused === '') return done(undefined);
    return fail(this.#isStopping ? 'stopping' : 'internal', unused);
  }

  /** @returns why one of the threads could not obey; empty: all have. */
  async #orderTls(order: TlsOrder): Promise<string> {
    const reasons = await Promise.all(this.#threads.map((thread) => thread.orderTls(order)));
    return reasons.find((reason) => reason !== '') ?? '';
  }

  #askToClose(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#looking);
    for (const { link } of this.#threads) {
      link.mailbox.post(['close']);
      link.mailbox.flush();
    }
  }

  /** The process exits: nothing of this thread runs any more but this. */
  #closeNow(): void {
    this.#askToClose();
    const untilMs = performance.now() + CLOSE_LIMIT_MS;
    for (;;) {
      const closed = Atomics.load(this.#numbers, CLOSED);
      if (closed >= this.#threads.length) return;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) {
        this.#look();
        // A thread with connections aborts the process when it is ended, and one that hangs in native code would keep it for ever.
        if (this.#isStill) process.abort();
        if (!this.#threads.some(({ standstill }) => standstill.isSilent)) return;
      }
      Atomics.wait(this.#numbers, CLOSED, closed, leftMs > 0 ? leftMs : this.#lookMs / CLOSING_HASTE);
    }
  }

  #look(): void {
    // Of all of them: whichever is the first to be noticed, each look counts for each.
    const still = this.#threads.filter(({ standstill }) => standstill.isReached);
    if (still.length > 0) this.#isStill = true;
  }

  #lookAtThreads(): void {
    this.#look();
    if (!this.#isStill) return;
    this.#died(`it has not come to its work for ${this.#options.threadStillMsMax} ms`);
  }

  /** @returns where it listens. */
  #startThread(sharing: 'first' | 'further'): Promise<number> {
    return new Promise((resolve, reject) => {
      const { host, tls, kinds, limits, relayLimits, trustedProxies, allowedHosts, mayReadFast, vitalPaths, agentWords, threads } = this.#options;
      const taken = new SharedArrayBuffer(TAKEN_SHARED_BYTES);
      const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
      const beating = new Int32Array(beats);
      const workerData: ThreadStart = {
        host,
        port: this.port,
        ...(tls === undefined ? {} : { tls }),
        sharing,
        kinds: kinds.map(({ name, aliases, key, keyIsServerSet, columns, naturalKeys, uniques }) => {
          return { name, aliases, key, keyIsServerSet, columns, naturalKeys, uniques };
        }),
        limits: { connectionsMax: limits.connectionsMax, connectionsPerAddressMax: limits.connectionsPerAddressMax },
        relayLimits,
        trustedProxies,
        allowedHosts,
        mayReadFast,
        vitalPaths,
        agentWords,
        shared: this.#shared,
        taken,
        threads,
        beats,
        beatMs: this.#lookMs / 2,
      };
      const worker = new Worker(new URL('../../../workers/front.js', import.meta.url), { workerData, name: 'front' });
      const tlsOrders: ((reason: string) => void)[] = [];
      let isOver = false;
      const events = {
        listening: resolve,
        failed: (reason: string) => reject(new StartFailure(reason)),
        counted: (counts: ThreadCounts) => this.#count(counts),
        tlsObeyed: (reason: string) => tlsOrders.shift()?.(reason),
        logged: (stack: string) => this.#options.log.error({ stack }, 'a request could not be read'),
        broken: (reason: string) => this.#died(reason),
      };
      const link = new ThreadLink(worker, this.#handler, events, takenIn(taken), relayLimits);
      worker.on('message', (piece) => link.take(piece));
      worker.on('error', (error) => this.#died(error.message));
      const ended = new Promise<void>((finished) => {
        worker.once('exit', (code) => {
          link.gone();
          Standstill.letGo(beating);
          isOver = true;
          for (const obeyed of tlsOrders.splice(0)) obeyed(HAS_ENDED);
          reject(new StartFailure(`a front thread ended with ${code} while it started`));
          this.#died(`it ended with ${code}`);
          finished();
        });
      });
      const orderTls = (order: TlsOrder): Promise<string> => {
        if (isOver) return Promise.resolve(HAS_ENDED);
        link.mailbox.post(['tls', order]);
        return new Promise((resolve) => tlsOrders.push(resolve));
      };
      this.#threads.push({ worker, link, ended, standstill: new Standstill(beating), orderTls });
    });
  }

  #died(reason: string): void {
    if (this.#isClosing) return;
    this.#askToClose();
    this.#options.died(`a front thread has ended: ${reason}`);
  }

  #count({ turnedAway, reads }: ThreadCounts): void {
    const sums: Record<string, number> = this.#options.counts.turnedAway;
    for (const [reason, count] of Object.entries(turnedAway)) sums[reason] = (sums[reason] ?? 0) + count;
    for (const { base, statuses, seconds, secondsSum } of reads) {
      const counts = this.#options.readCountsAt(base);
      for (const [status, count] of statuses) counts.answered(status, count);
      counts.seconds.addAll(seconds, secondsSum);
    }
  }
}
