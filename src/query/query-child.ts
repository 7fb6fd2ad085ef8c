import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { done, type Fault, type FaultCode, fail, type Result } from '../faults.ts';
import { jsonLine } from '../plugin-host/json-lines.ts';
import { closeDoors, type LaunchLimits, launch } from './launch.ts';
import { CHANNEL, type Content, FrameReader, type ResultForm, type ToProcess } from './messages.ts';

/**
 * One process for users' SQL, as the server sees it. It is asked one thing at a time; what takes too long, says something
 * that it should not, or is not wanted any more is killed, and with it everything that it was doing.
 */

export interface RunRequest {
  readonly sql: string;
  readonly form: ResultForm;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly timeLimitMs: number;
}

export interface LoadSettings {
  readonly memoryBytes: number;
  readonly threads: number;
}

interface LoadedAnswer {
  readonly leftOut: readonly string[];
  readonly time: string | undefined;
}

const LAST_WORDS_LENGTH_MAX = 500;

export class QueryChild {
  readonly #process: ChildProcess;
  readonly #channel: Socket;
  #answer: ((frame: unknown) => void) | undefined;
  #lastWords = '';
  #isGone = false;
  #ended: () => void = () => undefined;
  readonly ended: Promise<void> = new Promise((resolve) => {
    this.#ended = resolve;
  });
  /** What it has left of the time for the query, in milliseconds; the client's reading does not count. */
  #leftMs = 0;
  /** What is told of it when that time is over. */
  #lateDetail = '';
  /** Processor time that it has had, as it says. */
  cpuMs = 0;

  private constructor(process: ChildProcess, channel: Socket) {
    this.#process = process;
    this.#channel = channel;
    const reader = new FrameReader(
      (frame) => this.#take(frame),
      () => this.kill(),
    );
    channel.on('data', (chunk: Buffer) => reader.push(chunk));
    channel.on('error', () => undefined);
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_LENGTH_MAX);
    });
    process.once('error', () => this.#finish());
    process.once('exit', () => this.#finish());
  }

  static async start(limits: LaunchLimits): Promise<Result<QueryChild>> {
    const launched = await launch(limits);
    if (!launched.ok) return launched;
    // Without a free descriptor there is a process that never began, and it has no `stdio` at all.
    const channel = launched.value.stdio?.[CHANNEL];
    if (!(channel instanceof Socket)) return fail('query-failed', 'its process could not be started');
    return done(new QueryChild(launched.value, channel));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** What it has printed last, for the log. */
  get lastWords(): string {
    return this.#lastWords.trim();
  }

  /** Makes the tables and closes the process; nothing that a user wrote has reached it before that. */
  async load(content: Content, settings: LoadSettings, timeLimitMs: number): Promise<Result<LoadedAnswer>> {
    this.#leftMs = timeLimitMs;
    this.#lateDetail = `the tables were not loaded within ${timeLimitMs} ms`;
    const answer = await this.#ask({ type: 'load', content, ...settings });
    if (!answer.ok) return answer;
    const fields = fieldsOf(answer.value);
    if (fields['type'] !== 'loaded') {
      const reason = textOf(fields['reason']);
      if (/Out of Memory|bad_alloc|bad allocation/.test(reason)) return fail('query-resources', 'the tables do not fit into the memory of query.memory');
      return fail('query-failed', `the tables could not be loaded: ${reason}`);
    }
    const closed = this.#process.pid === undefined ? fail('query-failed', 'its process is gone') : await closeDoors(this.#process.pid);
    if (!closed.ok) return closed;
    const leftOut = Array.isArray(fields['leftOut']) ? fields['leftOut'].map(textOf) : [];
    const { time } = fields;
    return done({ leftOut, time: typeof time === 'string' && RFC_3339_UTC.test(time) ? time : undefined });
  }

  /** Resolves when the beginning of the result can be fetched. A process that is not killed can be asked again. */
  async run({ timeLimitMs, ...request }: RunRequest): Promise<Result<undefined>> {
    this.#leftMs = timeLimitMs;
    this.#lateDetail = `the query was ended after ${timeLimitMs} ms (query.timeLimit)`;
    const answer = await this.#ask({ type: 'run', ...request });
    if (!answer.ok) return answer;
    return fieldsOf(answer.value)['type'] === 'ready' ? done(undefined) : this.#failed(answer.value);
  }

  /** The next part of the result, undefined at its end. After a fault there is no more. */
  async next(): Promise<Result<Buffer | undefined>> {
    const answer = await this.#ask({ type: 'more' });
    if (!answer.ok) return answer;
    if (answer.value instanceof Buffer) return done(answer.value);
    const fields = fieldsOf(answer.value);
    if (fields['type'] !== 'end') return this.#failed(answer.value);
    this.cpuMs = Number(fields['cpuMs']);
    return done(undefined);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
    this.#channel.destroy();
    this.#finish();
  }

  async #ask(message: ToProcess): Promise<Result<unknown>> {
    if (this.#isGone) return this.#goneFault();
    const startedMs = performance.now();
    const limitMs = this.#leftMs;
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<unknown>((resolve) => {
      this.#answer = resolve;
      timer = setTimeout(() => resolve(TOO_LATE), limitMs);
      this.#channel.write(jsonLine(message));
    });
    const answer = await answered;
    clearTimeout(timer);
    this.#answer = undefined;
    this.#leftMs -= performance.now() - startedMs;
    if (answer === TOO_LATE) {
      this.kill();
      return fail('timeout', this.#lateDetail);
    }
    return answer === GONE ? this.#goneFault() : done(answer);
  }

  #goneFault(): { ok: false; fault: Fault } {
    const { exitCode, signalCode } = this.#process;
    // A process that cannot get memory is ended by an abort of Node or of DuckDB.
    if (signalCode === 'SIGABRT' || signalCode === 'SIGTRAP' || exitCode === 134)
      return fail('query-resources', 'its process was ended because it needed more memory than it may have (query.memory)');
    if (signalCode === 'SIGXCPU') return fail('timeout', 'the query was ended because it used too much processor time');
    return fail('query-failed', signalCode === null ? 'its process ended' : `its process was ended by ${signalCode}`);
  }

  #take(frame: unknown): void {
    const answer = this.#answer;
    // Nothing was asked: whoever speaks now is not our code.
    if (answer === undefined) this.kill();
    else answer(frame);
  }

  #failed(message: unknown): { ok: false; fault: Fault } {
    const fields = fieldsOf(message);
    if (fields['hasRun'] !== false) this.kill();
    const { code, detail } = fieldsOf(fields['fault']);
    return fail(QUERY_FAULTS.has(code as FaultCode) ? (code as FaultCode) : 'query-failed', textOf(detail));
  }

  #finish(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#answer?.(GONE);
    this.#channel.destroy();
    this.#ended();
  }
}

const TOO_LATE = Symbol('too late');
const GONE = Symbol('gone');
const DETAIL_LENGTH_MAX = 4000;
const RFC_3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

const QUERY_FAULTS: ReadonlySet<FaultCode> = new Set(['invalid-sql', 'forbidden-sql', 'result-too-large', 'query-resources', 'query-failed']);

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, DETAIL_LENGTH_MAX) : 'it gave no reason';
}
