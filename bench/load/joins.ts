import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentServer, PASSWORD } from '../agent-server.ts';
import { type Child, startProgram } from '../children.ts';
import { quantile } from '../figure.ts';
import type { Site } from '../site.ts';
import { BEGUN, DIGEST_JOINS_PROGRAM, type DigestJoinsOutcome, type DigestJoinsTask } from './digest-joins.ts';

/** Joins from a process of their own, and what they took. */

export interface JoinLoad {
  readonly endpoint: string;
  readonly connections: number;
  /** Undefined: until it is stopped. */
  readonly seconds?: number;
}

/** One join. */
export interface JoinSample {
  /** Epoch milliseconds. */
  readonly endedMs: number;
  readonly tookMs: number;
}

export interface JoinsResult {
  readonly samples: readonly JoinSample[];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

let files = 0;

/** Joins that are under way until they are stopped, or their time is over. */
export class RunningJoins {
  readonly #child: Child;
  readonly #file: string;

  constructor(site: Site, { port }: Pick<AgentServer, 'port'>, { endpoint, connections, seconds }: JoinLoad) {
    files += 1;
    this.#file = join(site.scratch, `joins-${files}`);
    const task: DigestJoinsTask = { port, endpoint, password: PASSWORD, connections, seconds, samplesFile: this.#file };
    this.#child = startProgram(DIGEST_JOINS_PROGRAM, task);
  }

  /** Resolves when the first ones are under way. */
  async begun(): Promise<void> {
    await this.#child.line((line) => line === JSON.stringify(BEGUN));
  }

  /** Lets the joins that are under way end. */
  async stop(): Promise<JoinsResult> {
    await this.#child.end('SIGTERM');
    return this.result();
  }

  /** For joins that never end. */
  kill(): Promise<void> {
    return this.#child.end('SIGKILL');
  }

  /** @throws when a join failed: a figure of failures means nothing. */
  async result(): Promise<JoinsResult> {
    const { seconds, errors, firstError } = JSON.parse(lastLineOf(await this.#child.output())) as DigestJoinsOutcome;
    if (errors > 0) throw new Error(`${errors} joins failed, the first with: ${firstError}`);
    const bytes = readFileSync(this.#file);
    rmSync(this.#file);
    const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const count = numbers.length / 2;
    const samples = Array.from({ length: count }, (_, index) => ({ endedMs: numbers[index] ?? 0, tookMs: numbers[count + index] ?? 0 }));
    const times = samples.map(({ tookMs }) => tookMs);
    return { samples, perSecond: count / seconds, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
  }
}

function lastLineOf(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** @param server where they go; the peers of a figure are asked in the same way. */
export function runJoins(site: Site, server: Pick<AgentServer, 'port'>, load: JoinLoad & { readonly seconds: number }): Promise<JoinsResult> {
  return new RunningJoins(site, server, load).result();
}
