import { type ChildProcess, execFile, spawn } from 'node:child_process';

/**
 * One run of a script: without a shell and without input, in a process group of its own, both of its pipes read to the end
 * and kept up to a limit. When the signal is raised the whole group is told to stop, and a little later it is killed.
 */

export const OUTPUT_BYTES_MAX = 1_048_576;
/** Of what a script writes to standard error, this much of the end is kept for messages. */
const ERROR_TAIL_BYTES = 2048;
/** From TERM to KILL; less than what the host gives a call whose time limit has passed. */
const TERM_GRACE_MS = 400;
/** A child that outlives its script may keep the pipes open; this long they are read on. */
const PIPE_GRACE_MS = 500;
const TOOL_LIMIT_MS = 5000;

export interface Script {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly directory: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ScriptEnd {
  readonly output: string;
  /** The end of what it wrote to standard error. */
  readonly errors: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it was killed, if it was. */
  readonly killed: 'its time limit passed' | 'it printed more than it may' | undefined;
}

/** The words to put before a command so that it dies with the thread that started it; none where the machine cannot do that. */
export function dyingWithParent(): Promise<readonly string[]> {
  const words = ['setpriv', '--pdeathsig', 'KILL', '--'];
  return new Promise((resolve) => {
    const [command = '', ...parameters] = words;
    execFile(command, [...parameters, 'true'], { timeout: TOOL_LIMIT_MS }, (error) => resolve(error === null ? words : []));
  });
}

/** Rejects when the script could not be started. */
export function runScript(script: Script): Promise<ScriptEnd> {
  return new ScriptRun(script).ended;
}

class ScriptRun {
  readonly ended: Promise<ScriptEnd>;
  readonly #signal: AbortSignal;
  readonly #child: ChildProcess;
  readonly #timers: NodeJS.Timeout[] = [];
  #output: Buffer[] = [];
  #outputBytes = 0;
  #errors: Buffer = Buffer.alloc(0);
  #killed: ScriptEnd['killed'];

  constructor({ command, parameters, directory, environment, signal }: Script) {
    this.#signal = signal;
    const child = spawn(command, parameters, {
      ...(directory === undefined ? {} : { cwd: directory }),
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#addOutput(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = Buffer.concat([this.#errors, chunk.subarray(-ERROR_TAIL_BYTES)]).subarray(-ERROR_TAIL_BYTES);
    });
    signal.addEventListener('abort', this.#stop);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#cleanUp();
        reject(error);
      });
      const finish = (): void => {
        this.#cleanUp();
        resolve(this.#end());
      };
      child.once('exit', () => {
        this.#after(PIPE_GRACE_MS, () => {
          this.#kill('SIGKILL');
          child.stdout?.destroy();
          child.stderr?.destroy();
          finish();
        });
      });
      child.once('close', finish);
    });
    if (signal.aborted) this.#stop();
  }

  readonly #stop = (): void => {
    this.#killed ??= 'its time limit passed';
    this.#kill('SIGTERM');
    this.#after(TERM_GRACE_MS, () => this.#kill('SIGKILL'));
  };

  #addOutput(chunk: Buffer): void {
    if (this.#outputBytes > OUTPUT_BYTES_MAX) return;
    this.#outputBytes += chunk.length;
    this.#output.push(chunk);
    if (this.#outputBytes <= OUTPUT_BYTES_MAX) return;
    this.#output = [];
    this.#killed ??= 'it printed more than it may';
    this.#kill('SIGKILL');
  }

  /** The group: the script leads it, and what it starts is in it. */
  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // There is nothing left of it.
    }
  }

  #after(ms: number, run: () => void): void {
    this.#timers.push(setTimeout(run, ms));
  }

  #end(): ScriptEnd {
    return {
      output: Buffer.concat(this.#output).toString('utf8'),
      errors: this.#errors.toString('utf8').trim(),
      code: this.#child.exitCode,
      signal: this.#child.signalCode,
      killed: this.#killed,
    };
  }

  #cleanUp(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#signal.removeEventListener('abort', this.#stop);
  }
}
