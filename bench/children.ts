import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/**
 * The processes that a run starts. Whatever happens to the run, they end with it: a server that is left over would
 * disturb the next measurement.
 */

/** Each with the signal that ends it and all that it started. */
const living = new Map<ChildProcess, NodeJS.Signals>();
process.on('exit', () => {
  for (const [child, signal] of living) child.kill(signal);
  // Who is asked and not killed may still write into folders that are removed next.
  for (const [child, signal] of living) if (signal !== 'SIGKILL' && child.pid !== undefined) waitUntilDead(child.pid);
});

const DEATH_STEP_MS = 10;
const DEATH_LIMIT_MS = 5000;

/** Blocks: nothing else happens any more at the end of a process. */
function waitUntilDead(pid: number): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < DEATH_LIMIT_MS && !isDead(pid); waitedMs += DEATH_STEP_MS) Atomics.wait(clock, 0, 0, DEATH_STEP_MS);
}

/** Also of a process that has ended and whose parent does not know yet. */
function isDead(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

export interface ChildOptions {
  /** What ends it when this process ends; a process that has children of its own needs a signal that it hands on. */
  readonly lastSignal?: NodeJS.Signals;
  /** A file for what it says on standard error; ours, when it is not given. */
  readonly complaintsFile?: string;
}

/** Nobody's own configuration of the server may come into a measurement. */
const OUR_ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_')));

/** A process whose standard output is read line by line; its complaints go to ours. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #stdout: Readable;
  readonly #reader: Interface;
  readonly #lines: string[] = [];
  readonly #lineWaiters: (() => void)[] = [];
  #over = false;

  constructor(command: string, args: readonly string[], { lastSignal = 'SIGKILL', complaintsFile }: ChildOptions = {}) {
    const complaints = complaintsFile === undefined ? 'inherit' : openSync(complaintsFile, 'a');
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', complaints], env: OUR_ENVIRONMENT });
    if (complaints !== 'inherit') closeSync(complaints);
    const { stdout } = child;
    if (stdout === null) throw new Error('standard output is a pipe');
    this.#process = child;
    living.set(child, lastSignal);
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => {
        living.delete(child);
        this.#over = true;
        this.#wake();
        resolve();
      });
    });
    // Whoever waits for the exit hears of a failed start; until somebody does, it must not count as unheard.
    this.#exited.catch(() => undefined);
    this.#reader = createInterface({ input: stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#stdout = stdout;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the process did not start');
    return this.#process.pid;
  }

  /** Whether it has ended, and all of its output is here. */
  get over(): boolean {
    return this.#over;
  }

  /** The first line that `wanted` likes. @throws when the process ends without one. */
  async line(wanted: (line: string) => boolean): Promise<string> {
    for (let index = 0; ; ) {
      for (; index < this.#lines.length; index++) {
        const line = this.#lines[index];
        if (line !== undefined && wanted(line)) return line;
      }
      if (this.over) throw new Error(`the process ended early and said: ${this.#lines.join('\n')}`);
      await new Promise<void>((resolve) => this.#lineWaiters.push(resolve));
    }
  }

  /** Takes what else it says without looking at it: reading a log line by line would cost time that is being measured. */
  discard(): void {
    this.#reader.close();
    this.#stdout.resume();
  }

  /** All of its output, when it has ended by itself with success. */
  async output(): Promise<string> {
    await this.#exited;
    if (this.#process.exitCode !== 0) throw new Error(`${this.#process.spawnargs.join(' ')} ended with ${this.#process.exitCode ?? this.#process.signalCode}`);
    return this.#lines.join('\n');
  }

  /** Sends the signal and waits for the end. */
  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void> {
    this.#process.kill(signal);
    await this.#exited;
  }

  #wake(): void {
    for (const wake of this.#lineWaiters.splice(0)) wake();
  }
}

/** A program of ours in a process of its own, with one argument as JSON. */
export function startProgram(program: URL, argument: unknown, nodeOptions: readonly string[] = []): Child {
  return new Child(process.execPath, [...nodeOptions, fileURLToPath(program), JSON.stringify(argument)]);
}

/** Runs a program of ours that prints one JSON value and ends. */
export async function runProgram(program: URL, argument: unknown): Promise<unknown> {
  return JSON.parse(await startProgram(program, argument).output());
}

/** Where a load generator and a server sit so that they don't take each other's time. Undefined: the system decides. */
export interface Cores {
  readonly server: string;
  readonly generator: string;
}

/** The last core for the generator, the others for the server. */
export function separateCores(): Cores | undefined {
  const cores = availableParallelism();
  if (cores < 2 || !hasCommand('taskset')) return undefined;
  return { server: cores === 2 ? '0' : `0-${cores - 2}`, generator: String(cores - 1) };
}

/** Binds all threads of a process to cores, or with undefined lets them loose. */
export function bindTo(pid: number, cores: string | undefined): void {
  spawnSync('taskset', ['-a', '-p', '-c', cores ?? `0-${availableParallelism() - 1}`, String(pid)], { stdio: 'ignore' });
}

export function hasCommand(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}
