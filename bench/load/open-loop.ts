import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { quantile } from '../figure.ts';
import { Prng } from '../prng.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * Load that does not wait for its answers: requests are due at their times, whatever becomes of those before, as from very
 * many callers who do not know of each other. Without a rate each connection asks again as soon as it has its answer.
 */

export interface OpenLoopTask {
  readonly port: number;
  /** Whole requests as they go over the wire. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Absent: as many as are answered. */
  readonly perSecond?: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface OpenLoopOutcome {
  readonly sent: number;
  /** Answered with 2xx. */
  readonly accepted: number;
  /** Answered with 503 or 429, and with Retry-After. */
  readonly refused: number;
  /** No answer, or any other. */
  readonly failed: number;
  /** Due when no connection was free for longer than anybody waits. */
  readonly unsent: number;
  /** Until the last answer. */
  readonly seconds: number;
  /** Of those that were accepted, from when they were due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What failed, as it came. */
  readonly examples: readonly string[];
}

/** Nobody waits longer. */
const PATIENCE_MS = 10_000;
const STEP_MS = 1;
const EXAMPLES_MAX = 5;
/** Longer than any head, with something of the body. */
const HEAD_BYTES_MAX = 4000;

export async function runOpenLoop(task: OpenLoopTask): Promise<OpenLoopOutcome> {
  const run = new OpenLoop(task);
  return await run.toItsEnd();
}

class OpenLoop {
  readonly #task: OpenLoopTask;
  readonly #prng: Prng;
  readonly #startMs = performance.now();
  readonly #free: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly #due: number[] = [];
  readonly #times: number[] = [];
  readonly #examples: string[] = [];
  #made = 0;
  #sent = 0;
  #refused = 0;
  #failed = 0;
  #unsent = 0;
  #underWay = 0;
  #endMs = 0;

  constructor(task: OpenLoopTask) {
    this.#task = task;
    this.#prng = new Prng(task.seed);
  }

  async toItsEnd(): Promise<OpenLoopOutcome> {
    const { port, connections, perSecond, seconds } = this.#task;
    for (let count = 0; count < connections; count++) this.#all.push(new Connection(port, (connection, answer) => this.#answered(connection, answer)));
    await Promise.all(this.#all.map((connection) => connection.opened));
    this.#free.push(...this.#all);
    const startMs = performance.now();
    const endMs = startMs + seconds * 1000;
    for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
      if (perSecond === undefined) while (this.#free.length > this.#due.length) this.#due.push(nowMs);
      else for (; this.#made < ((nowMs - startMs) / 1000) * perSecond; this.#made++) this.#due.push(startMs + (this.#made / perSecond) * 1000);
      this.#send();
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    this.#unsent += this.#due.splice(0).length;
    while (this.#underWay > 0 && performance.now() < endMs + PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    for (const connection of this.#all) connection.close();
    return {
      sent: this.#sent,
      accepted: this.#times.length,
      refused: this.#refused,
      failed: this.#failed + this.#underWay,
      unsent: this.#unsent,
      seconds: (Math.max(this.#endMs, endMs) - startMs) / 1000,
      p50Ms: this.#times.length === 0 ? 0 : quantile(this.#times, 0.5),
      p99Ms: this.#times.length === 0 ? 0 : quantile(this.#times, 0.99),
      examples: this.#examples,
    };
  }

  #send(): void {
    const nowMs = performance.now();
    while (this.#due.length > 0 && nowMs - (this.#due[0] ?? nowMs) > PATIENCE_MS) {
      this.#due.shift();
      this.#unsent += 1;
    }
    while (this.#due.length > 0) {
      const connection = this.#free.pop();
      if (connection === undefined) return;
      const { requests } = this.#task;
      this.#sent += 1;
      this.#underWay += 1;
      connection.send(requests[this.#prng.below(requests.length)] ?? '', this.#due.shift() ?? nowMs);
    }
  }

  #answered(connection: Connection, { head, dueMs }: Answer): void {
    this.#underWay -= 1;
    this.#endMs = performance.now();
    const status = Number(head.slice(9, 12));
    if (status >= 200 && status < 300) this.#times.push(this.#endMs - dueMs);
    else if ((status === 503 || status === 429) && /\r\nretry-after: /i.test(head)) this.#refused += 1;
    else {
      this.#failed += 1;
      if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(head.slice(0, 300));
    }
    if (head !== '') this.#free.push(connection);
    const isOver = this.#task.perSecond === undefined && this.#endMs > this.#startMs + this.#task.seconds * 1000 + PATIENCE_MS;
    if (!isOver && this.#due.length > 0) this.#send();
  }
}

interface Answer {
  /** With the beginning of the body; empty when the connection was closed. */
  readonly head: string;
  readonly dueMs: number;
}

/** One connection with at most one request under way. */
class Connection {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #answered: (connection: Connection, answer: Answer) => void;
  #dueMs: number | undefined;
  #head = '';
  #hasHead = false;
  #got = 0;
  /** Undefined: chunked, or not known yet. */
  #whole: number | undefined;
  #tail = '';

  constructor(port: number, answered: (connection: Connection, answer: Answer) => void) {
    this.#answered = answered;
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.opened = new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject));
    this.#socket.on('data', (part: Buffer) => this.#take(part));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#end(''));
  }

  send(request: string, dueMs: number): void {
    this.#dueMs = dueMs;
    this.#head = '';
    this.#hasHead = false;
    this.#got = 0;
    this.#whole = undefined;
    this.#tail = '';
    this.#socket.write(request);
  }

  close(): void {
    this.#dueMs = undefined;
    this.#socket.destroy();
  }

  #take(part: Buffer): void {
    if (!this.#hasHead) {
      this.#head = (this.#head + part.toString('latin1')).slice(0, HEAD_BYTES_MAX);
      const headEnd = this.#head.indexOf('\r\n\r\n') + 4;
      this.#got += part.length;
      // It may come in several parts.
      if (headEnd < 4) return;
      this.#hasHead = true;
      const length = /\r\ncontent-length: (\d+)/i.exec(this.#head)?.[1];
      if (length !== undefined) this.#whole = headEnd + Number(length);
      else if (!/\r\ntransfer-encoding: chunked/i.test(this.#head)) this.#whole = headEnd;
    } else this.#got += part.length;
    if (this.#whole === undefined) this.#tail = (this.#tail + part.toString('latin1', Math.max(0, part.length - 5))).slice(-5);
    if (this.#whole === undefined ? this.#tail === '0\r\n\r\n' : this.#got >= this.#whole) this.#end(this.#head);
  }

  #end(head: string): void {
    const dueMs = this.#dueMs;
    if (dueMs === undefined) return;
    this.#dueMs = undefined;
    this.#answered(this, { head, dueMs });
  }
}

/** In a process of its own. @param scratch a folder for what does not fit on a command line */
export async function runOpenLoopApart({ requests, ...task }: OpenLoopTask, scratch: string): Promise<OpenLoopOutcome> {
  const file = join(scratch, 'open-loop.json');
  writeFileSync(file, JSON.stringify(requests));
  return (await runProgram(PROGRAM, { ...task, file })) as OpenLoopOutcome;
}

const PROGRAM: URL = new URL(import.meta.url);
const told = argumentOf(import.meta.url) as (Omit<OpenLoopTask, 'requests'> & { readonly file: string }) | undefined;
if (told !== undefined) tell(await runOpenLoop({ ...told, requests: JSON.parse(readFileSync(told.file, 'utf8')) as string[] }));
