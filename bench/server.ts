import { fileURLToPath } from 'node:url';
import { Child } from './children.ts';

/** A Holdfast server of this build in a process of its own, and the token that it takes. */

const PROGRAM = fileURLToPath(new URL('../src/cli/holdfast.js', import.meta.url));
const LISTENING = 'listening on ';

/** Options beside the usual ones. */
export interface Launch {
  readonly nodeOptions?: readonly string[];
  readonly serveOptions?: readonly string[];
}

export class HoldfastServer {
  readonly #child: Child;
  readonly port: number;
  /** When the process was started, on the clock of `performance.now()`. */
  readonly startedMs: number;
  readonly listeningMs: number;

  private constructor(child: Child, port: number, startedMs: number) {
    this.#child = child;
    this.port = port;
    this.startedMs = startedMs;
    this.listeningMs = performance.now();
  }

  /** Starts on any free port; resolves as soon as it listens, which is before it has recovered. */
  static async start(directory: string, { nodeOptions = [], serveOptions = [] }: Launch = {}): Promise<HoldfastServer> {
    const startedMs = performance.now();
    // No snapshot by timer may come into a measurement.
    const args = ['serve', '--data-dir', directory, '--port', '0', '--snapshot-every', '24h', '--log-level', 'info', ...serveOptions];
    const child = new Child(process.execPath, [...nodeOptions, PROGRAM, ...args]);
    const line = await child.line((text) => text.includes(LISTENING));
    child.discard();
    const { url } = JSON.parse(line) as { url: string };
    return new HoldfastServer(child, Number(new URL(url).port), startedMs);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** `SIGKILL` is the crash that recovery is for. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#child.end(signal);
  }
}

/** A header that allows everything, signed with the secret of the data folder. */
export async function authorizationFor(directory: string): Promise<string> {
  const child = new Child(process.execPath, [PROGRAM, 'token', '--data-dir', directory]);
  const token = (await child.output()).trim().split('\n').at(-1);
  return `Bearer ${token}`;
}

/** How long a process of Node takes to come and go, in seconds. */
export async function bareStartSeconds(): Promise<number> {
  const startMs = performance.now();
  await new Child(process.execPath, ['-e', '0']).output();
  return (performance.now() - startMs) / 1000;
}
