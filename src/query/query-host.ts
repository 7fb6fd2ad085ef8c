import { availableParallelism } from 'node:os';
import { done, fail, messageOf, type Result } from '../faults.ts';
import type { Log } from '../log.ts';
import type { AsOf, Contents, Plan, Prepared } from './contents.ts';
import { prlimitPath } from './launch.ts';
import type { ResultForm } from './messages.ts';
import { QueryChild } from './query-child.ts';
import { Turns } from './turns.ts';

/**
 * The server's end of users' SQL: a few processes, each with the tables of one content, and one query at a time in each. A
 * process whose query failed, was too late or was not wanted any more is replaced; nothing of a query outlives it.
 */

export interface QueryLimits {
  readonly timeLimitMs: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** Of one process, beside what Node itself needs. */
  readonly memoryBytes: number;
  readonly children: number;
}

export interface QueryRequest {
  readonly sql: string;
  /** What `Contents.plan` takes. */
  readonly at: string;
  readonly form: ResultForm;
  /** Less than the limits allow. */
  readonly rowsMax?: number;
  readonly bytesMax?: number;
}

/** The answer to a query. It is fetched to its end, to a fault, or cancelled. */
export interface QueryAnswer {
  readonly asOf: AsOf | undefined;
  /** The next part, undefined at the end. */
  next(): Promise<Result<Buffer | undefined>>;
  cancel(): void;
}

/** Queries that may wait for a process. */
const WAITING_MAX = 16;
export const WAIT_LIMIT_MS = 30_000;
/** For the tables of a content. */
export const LOAD_LIMIT_MS = 120_000;
/** A client that reads ever so slowly does not keep a process for longer. */
const FETCH_LIMIT_MS = 300_000;
/** A process without a query is ended after this; the next query starts another one. */
const IDLE_LIMIT_MS = 600_000;
/** A snapshot that was deleted while it was loaded, or an export that was overtaken: so often it is looked again. */
const ATTEMPTS_MAX = 5;
const THREADS_MAX = 4;
const MS_PER_SECOND = 1000;
/** Processor time of one process, in queries that use all of their time. */
const QUERIES_PER_PROCESS = 4;

interface Idle {
  readonly child: QueryChild;
  readonly prepared: Prepared;
  readonly timer: NodeJS.Timeout;
}

interface Seat {
  readonly child: QueryChild;
  readonly prepared: Prepared;
}

/** A process that has what one query asks over. */
interface Found {
  readonly seat: Seat;
  /** Of this query: the same tables may be exactly what one asked for, and only near to what another did. */
  readonly asOf: AsOf | undefined;
}

export class QueryHost {
  readonly #contents: Contents;
  readonly #limits: QueryLimits;
  readonly #log: Log;
  readonly #turns: Turns;
  readonly #threads: number;
  readonly #all = new Set<QueryChild>();
  #idle: Idle[] = [];
  #isClosed = false;

  constructor(contents: Contents, limits: QueryLimits, log: Log) {
    this.#contents = contents;
    this.#limits = limits;
    this.#log = log;
    this.#turns = new Turns(limits.children, WAITING_MAX, WAIT_LIMIT_MS);
    this.#threads = Math.max(1, Math.min(THREADS_MAX, Math.floor(availableParallelism() / 2)));
    void prlimitPath().then((path) => {
      if (path === undefined) log.warn({}, 'SQL cannot be run here: the command prlimit of util-linux is missing');
    });
  }

  /** Queries that wait for a process. */
  get waiting(): { readonly length: number; readonly lengthMax: number } {
    return { length: this.#turns.waiting, lengthMax: WAITING_MAX };
  }

  /** Resolves when the answer can begin. An abort ends the query, whatever it is doing. */
  async query(request: QueryRequest, signal: AbortSignal): Promise<Result<QueryAnswer>> {
    const turn = await this.#turns.take(signal);
    if (!turn.ok) return turn;
    let giveBack: (() => void) | undefined = turn.value;
    try {
      const startedMs = performance.now();
      const found = await this.#seatFor(request.at, signal);
      const opened = found.ok ? await this.#run(found.value, request, signal) : found;
      if (!opened.ok) {
        if (found.ok) this.#leave(found.value.seat, request.at);
        const { code } = opened.fault;
        if (code === 'timeout' || code.startsWith('query-'))
          this.#log.info({ code, detail: opened.fault.detail.slice(0, 200), ms: Math.round(performance.now() - startedMs) }, 'a query failed');
        return opened;
      }
      // From here on the turn is the answer's.
      const answer = opened.value(giveBack);
      giveBack = undefined;
      return done(answer);
    } finally {
      giveBack?.();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    for (const child of this.#all) child.kill();
    this.#contents.close();
  }

  /** A process that has the tables. */
  async #seatFor(at: string, signal: AbortSignal): Promise<Result<Found>> {
    for (let attempt = 1; ; attempt++) {
      const plan = await this.#contents.plan(at);
      if (!plan.ok) return plan;
      const idle = this.#takeIdle(plan.value.key);
      if (idle !== undefined) return done({ seat: idle, asOf: asOfIn(plan.value, idle) });
      const loaded = await this.#load(plan.value, signal);
      if (loaded.ok) return done({ seat: loaded.value, asOf: asOfIn(plan.value, loaded.value) });
      if (attempt === ATTEMPTS_MAX || signal.aborted || loaded.exists) return loaded;
    }
  }

  async #load(plan: Plan, signal: AbortSignal): Promise<(Result<Seat> & { ok: true }) | (Result<Seat> & { ok: false; exists: boolean })> {
    if (this.#isClosed) return { ...fail('stopping', 'the server is stopping'), exists: true };
    this.#makeRoom(plan.key);
    const { memoryBytes, timeLimitMs } = this.#limits;
    // Both take their time, and neither needs the other.
    const [starting, preparing] = await Promise.allSettled([this.#start(), plan.prepare()]);
    const started = starting.status === 'fulfilled' ? starting.value : fail('query-failed', messageOf(starting.reason));
    if (!started.ok) {
      if (preparing.status === 'fulfilled' && preparing.value.ok) preparing.value.value.release();
      return { ...started, exists: true };
    }
    const child = started.value;
    if (preparing.status === 'rejected') {
      child.kill();
      throw preparing.reason;
    }
    const prepared = preparing.value;
    if (!prepared.ok) {
      child.kill();
      // What is gone since it was planned is planned anew: something near to it may be left.
      return { ...prepared, exists: prepared.fault.code !== 'not-found' };
    }
    const stop = (): void => child.kill();
    signal.addEventListener('abort', stop);
    if (signal.aborted || this.#isClosed) stop();
    const loaded = await child
      .load(prepared.value.content, { memoryBytes, threads: this.#threads }, Math.max(LOAD_LIMIT_MS, timeLimitMs))
      .finally(() => prepared.value.release());
    signal.removeEventListener('abort', stop);
    if (!loaded.ok) {
      child.kill();
      const { lastWords } = child;
      if (!signal.aborted && !this.#isClosed)
        this.#log.warn({ key: plan.key.slice(0, 100), reason: loaded.fault.detail, lastWords }, 'the tables for SQL could not be loaded');
      return { ...loaded, exists: prepared.value.exists() };
    }
    if (loaded.value.leftOut.length > 0 && !prepared.value.exists()) {
      child.kill();
      return { ...fail('query-failed', 'a snapshot was deleted while it was read'), exists: false };
    }
    for (const reason of loaded.value.leftOut) this.#log.warn({ reason }, 'a snapshot was left out of the history');
    const { asOf } = prepared.value;
    const { time } = loaded.value;
    return { ok: true, value: { child, prepared: asOf === undefined || time === undefined ? prepared.value : { ...prepared.value, asOf: { ...asOf, time } } } };
  }

  /** A process that is ended with the host, whatever becomes of the query that it is started for. */
  async #start(): Promise<Result<QueryChild>> {
    const { memoryBytes } = this.#limits;
    const started = await QueryChild.start({ memoryBytes, cpuSeconds: Math.ceil(this.#cpuLimitMs() / MS_PER_SECOND) });
    if (!started.ok) return started;
    const child = started.value;
    this.#all.add(child);
    void child.ended.then(() => this.#forget(child));
    if (this.#isClosed) child.kill();
    return started;
  }

  async #run({ seat, asOf }: Found, request: QueryRequest, signal: AbortSignal): Promise<Result<(giveBack: () => void) => QueryAnswer>> {
    const { child } = seat;
    const { timeLimitMs } = this.#limits;
    const rowsMax = Math.min(request.rowsMax ?? this.#limits.rowsMax, this.#limits.rowsMax);
    const bytesMax = Math.min(request.bytesMax ?? this.#limits.bytesMax, this.#limits.bytesMax);
    const stop = (): void => child.kill();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const ready = await child.run({ sql: request.sql, form: request.form, rowsMax, bytesMax, timeLimitMs });
    if (!ready.ok) {
      signal.removeEventListener('abort', stop);
      return ready;
    }
    return done((giveBack) => {
      const timer = setTimeout(stop, FETCH_LIMIT_MS);
      let isOver = false;
      const finish = (): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.#leave(seat, request.at);
        giveBack();
      };
      void child.ended.then(finish);
      return {
        asOf,
        async next() {
          const part = await child.next();
          if (!part.ok || part.value === undefined) finish();
          return part;
        },
        cancel() {
          if (!isOver) stop();
          finish();
        },
      };
    });
  }

  /** A process that is still good waits for the next query; one that is gone is replaced, so that the next one finds its tables. */
  #leave({ child, prepared }: Seat, at: string): void {
    if (this.#isClosed) return;
    if (!child.isGone && child.cpuMs + this.#limits.timeLimitMs * this.#threads < this.#cpuLimitMs()) {
      this.#idle.push({ child, prepared, timer: setTimeout(() => child.kill(), IDLE_LIMIT_MS).unref() });
      return;
    }
    child.kill();
    // After the caller has given its turn back.
    setImmediate(() => {
      this.#replace(prepared.key, at).catch((error: unknown) => this.#log.warn({ reason: messageOf(error) }, 'a process for SQL could not be replaced'));
    });
  }

  async #replace(key: string, at: string): Promise<void> {
    const plan = await this.#contents.plan(at);
    const isWanted = plan.ok && plan.value.key === key && !this.#idle.some(({ prepared }) => prepared.key === key);
    if (!isWanted || this.#turns.free === 0 || this.#isClosed) return;
    const signal = new AbortController().signal;
    const turn = await this.#turns.take(signal);
    if (!turn.ok) return;
    try {
      const loaded = await this.#load(plan.value, signal);
      if (loaded.ok) this.#leave(loaded.value, at);
    } finally {
      turn.value();
    }
  }

  #takeIdle(key: string): Seat | undefined {
    const idle = this.#idle.find(({ prepared }) => prepared.key === key);
    if (idle === undefined) return undefined;
    this.#drop(idle);
    return idle;
  }

  /** No more processes than are allowed: one with older tables of the same sort goes first, then the one that has waited longest. */
  #makeRoom(key: string): void {
    const sortOf = (of: string): string => of.slice(0, of.indexOf(':'));
    while (this.#idle.length > this.#turns.free) {
      const victim = this.#idle.find(({ prepared }) => sortOf(prepared.key) === (key === 'export' ? 'live' : sortOf(key))) ?? this.#idle[0];
      if (victim === undefined) return;
      this.#drop(victim);
      victim.child.kill();
    }
  }

  #drop(idle: Idle): void {
    clearTimeout(idle.timer);
    this.#idle = this.#idle.filter((other) => other !== idle);
  }

  #forget(child: QueryChild): void {
    this.#all.delete(child);
    const idle = this.#idle.find((candidate) => candidate.child === child);
    if (idle !== undefined) this.#drop(idle);
  }

  #cpuLimitMs(): number {
    return (LOAD_LIMIT_MS + QUERIES_PER_PROCESS * this.#limits.timeLimitMs) * this.#threads;
  }
}

/** What is answered is what was asked now; the time of a snapshot may be known only to whoever has read it. */
function asOfIn({ asOf }: Plan, { prepared }: Seat): AsOf | undefined {
  const time = asOf?.time ?? prepared.asOf?.time;
  return asOf === undefined || time === undefined ? (asOf ?? prepared.asOf) : { ...asOf, time };
}
