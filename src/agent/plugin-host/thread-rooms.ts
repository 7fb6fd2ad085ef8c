import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { type Piscina, queueOptionsSymbol } from 'piscina';
import { systemCodeOf } from '../../faults.ts';
import type { PluginSpec, ThreadTask, ToPlugin } from '../../plugin-host/messages.ts';
import { thrownText } from '../../plugin-host/plain-text.ts';
import type { PluginCall } from '../../protocol/plugin-calls.ts';
import { ThreadPool } from '../../thread-pool.ts';
import type { EndpointConfig } from '../endpoint-config.ts';
import type { Room, RoomListener, Rooms } from './room.ts';

/**
 * Rooms that are threads: one Piscina pool per endpoint, with a fixed number of threads, which replaces what dies. The pool
 * chooses no thread and queues nothing: the host knows which call runs where, and the balancer only looks up that thread.
 * A thread is ended as Piscina ends one: by aborting a task on it. Every other task on that thread is then rejected.
 * Only start and end are tasks. Calls and their outcomes go through a port that the start hands over: as tasks they would
 * cost three times as much, and a call of a plugin that does little costs hardly anything else.
 */

/** When the pool has given up making threads, it is built anew after this time. */
const REBUILD_PAUSE_MS = 1000;

/** What the balancer gets to see of a task; symbols stay behind when a task crosses. */
interface Route {
  readonly threadId: number;
}

export class ThreadRooms implements Rooms {
  readonly #endpoint: EndpointConfig;
  readonly #spec: PluginSpec;
  readonly #environment: Readonly<Record<string, string>>;
  #pool: Piscina | undefined;
  #isClosed = false;

  constructor(endpoint: EndpointConfig, spec: PluginSpec, environment: Readonly<Record<string, string>>) {
    this.#endpoint = endpoint;
    this.#spec = spec;
    this.#environment = environment;
  }

  open(listener: RoomListener): void {
    const { threads, concurrentCalls, queueLengthMax, memoryMiB } = this.#endpoint;
    const pool = new ThreadPool({
      filename: new URL('../../../workers/plugin-host.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: concurrentCalls,
      maxQueue: queueLengthMax,
      // The default would freeze the thread's event loop between tasks: timers and connections of plugins would stand still.
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      env: { ...this.#environment },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
      loadBalancer: (task, threads) => {
        const route = (task as unknown as Record<symbol, Route | undefined>)[queueOptionsSymbol];
        const thread = threads.find(({ id }) => id === route?.threadId);
        // Thrown out of `run`: a task that no thread takes would stay in the pool's queue, and hold up those behind it.
        if (thread === undefined) throw new Error('the thread has ended');
        return thread;
      },
    });
    this.#pool = pool;
    pool.on('workerCreate', ({ id }: { id: number }) => {
      // The pool counts a thread as ready only after this event.
      queueMicrotask(() => {
        const worker = pool.threads.find(({ threadId }) => threadId === id);
        if (worker !== undefined && !this.#isClosed) listener.opened(new ThreadRoom(pool, worker, this.#spec, this.#endpoint.memoryMiB, listener));
      });
    });
    pool.on('workerDestroy', () => this.#rebuildLater(pool, listener));
    pool.on('message', (message: unknown) => listener.said(message));
    // Deaths are seen at the threads themselves; without a listener the event would end the server.
    pool.on('error', () => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool?.destroy();
  }

  /** Piscina replaces what dies, until a thread dies while it boots (the machine is short of memory, say): then never again. */
  #rebuildLater(pool: Piscina, listener: RoomListener): void {
    const check = (): void => {
      if (this.#isClosed || pool !== this.#pool || pool.threads.length > 0) return;
      this.open(listener);
    };
    setTimeout(check, REBUILD_PAUSE_MS).unref();
  }
}

class ThreadRoom implements Room {
  readonly #pool: Piscina;
  readonly #worker: Worker;
  readonly #route: Route;
  readonly #spec: PluginSpec;
  readonly #listener: RoomListener;
  readonly #answered = new Map<number, (outcome: unknown) => void>();
  /** What this turn of the event loop has for the thread. */
  readonly #outbox: ToPlugin[] = [];
  #port: MessagePort | undefined;
  #isEnding = false;
  #why: string | undefined;

  constructor(pool: Piscina, worker: Worker, spec: PluginSpec, memoryMiB: number, listener: RoomListener) {
    this.#pool = pool;
    this.#worker = worker;
    this.#route = { threadId: worker.threadId };
    this.#spec = spec;
    this.#listener = listener;
    worker.once('error', (error: unknown) => {
      this.#why ??=
        systemCodeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `its thread needed more than its ${memoryMiB} MiB of memory`
          : `an error outside of its calls ended its thread: ${thrownText(error)}`;
      this.#startEnding();
    });
    worker.once('exit', (code) => {
      this.#why ??= `the plugin ended its thread with exit code ${code}`;
      // Answers that were sent before the end still count.
      this.#receive();
      this.#port?.close();
      this.#startEnding();
      listener.ended(this, this.#why);
    });
  }

  async start(): Promise<unknown> {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (first: unknown) => {
      this.#take(first);
      this.#receive();
    });
    try {
      return await this.#pool.run(this.#task({ type: 'start', spec: this.#spec, port: port2 }), { transferList: [port2] });
    } catch (error) {
      // It may never have got its end of the channel.
      port1.close();
      throw error;
    }
  }

  run(id: number, call: PluginCall, answered: (outcome: unknown) => void): void {
    this.#answered.set(id, answered);
    this.#send({ type: 'call', id, call });
  }

  abort(id: number): void {
    this.#send({ type: 'abort', id });
  }

  end(): void {
    if (this.#isEnding) return;
    this.#why ??= 'its thread was ended';
    this.#startEnding();
    const killer = new AbortController();
    // The pool replaces an aborted thread at once, also when it hangs in native code and does not end before that returns.
    this.#killed(killer.signal).catch(() => this.#worker.terminate());
    killer.abort();
  }

  async #killed(signal: AbortSignal): Promise<void> {
    await this.#pool.run(this.#task({ type: 'end' }), { signal });
  }

  #task(message: ThreadTask): object {
    return { ...message, [queueOptionsSymbol]: this.#route };
  }

  #send(message: ToPlugin): void {
    this.#outbox.push(message);
    if (this.#outbox.length === 1) setImmediate(() => this.#port?.postMessage(this.#outbox.splice(0)));
  }

  /** Takes what has come meanwhile as well: each message that Node tells of by itself costs as much as reading it. */
  #receive(): void {
    if (this.#port === undefined) return;
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) this.#take(next.message);
  }

  /** Nobody but our own code in the thread has the port, but nothing that comes from there is believed. */
  #take(message: unknown): void {
    const { id, outcome } = (typeof message === 'object' && message !== null ? message : {}) as Readonly<Record<string, unknown>>;
    const answered = typeof id === 'number' ? this.#answered.get(id) : undefined;
    if (typeof id !== 'number' || answered === undefined) return;
    this.#answered.delete(id);
    answered(outcome);
  }

  #startEnding(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#listener.ending(this);
  }
}
