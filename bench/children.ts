import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/**
 * The processes that a run starts. Whatever happens to the run, they end with it: a server that is left over would
 * disturb the next measurement.
 */

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

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

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'], env: OUR_ENVIRONMENT });
    this.#process = child;
    living.add(child);
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
    this.#reader = createInterface({ input: child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#stdout = child.stdout;
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
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
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
