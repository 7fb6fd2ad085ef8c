import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type Cores, hasCommand, runProgram } from '../children.ts';
import { SOCKETS_PROGRAM, type SocketsTask } from './sockets.ts';
import { WRK_SCRIPT } from './wrk-script.ts';

/** Load from a process of its own: many connections, each with one request under way, drawn at random from a set. */

export interface Load {
  readonly port: number;
  /** Whole requests as they go over the wire. */
  readonly requests: readonly Buffer[];
  readonly seconds: number;
  readonly seed: number;
  /** A folder for files that the generator reads. */
  readonly scratch: string;
  readonly cores: Cores | undefined;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  readonly generator: 'wrk' | 'sockets';
}

export const CONNECTIONS = 64;

/** What a generator prints. */
interface Outcome {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
}

/** @throws when a request failed: a figure of failures means nothing. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const file = join(load.scratch, 'requests');
  writeFileSync(file, Buffer.concat(load.requests.flatMap((request) => [Buffer.from(`${request.length}\n`), request])));
  const generator = hasCommand('wrk') ? 'wrk' : 'sockets';
  const outcome = await (generator === 'wrk' ? runWrk(load, file) : runSockets(load, file));
  rmSync(file);
  if (outcome.errors > 0) throw new Error(`${outcome.errors} of ${outcome.requests} requests failed`);
  const { requests, seconds, p50Ms, p99Ms } = outcome;
  return { perSecond: requests / seconds, p50Ms, p99Ms, requests, generator };
}

async function runWrk({ port, seconds, seed, scratch, cores }: Load, file: string): Promise<Outcome> {
  const script = join(scratch, 'load.lua');
  writeFileSync(script, WRK_SCRIPT);
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}`, '--', file, String(seed)];
  const child = cores === undefined ? new Child('wrk', args) : new Child('taskset', ['-c', cores.generator, 'wrk', ...args]);
  const output = await child.output();
  return JSON.parse(output.slice(output.indexOf('{'))) as Outcome;
}

async function runSockets({ port, seconds, seed, cores }: Load, file: string): Promise<Outcome> {
  const task: SocketsTask = { port, file, seconds, seed, connections: CONNECTIONS, ...(cores === undefined ? {} : { core: cores.generator }) };
  return (await runProgram(SOCKETS_PROGRAM, task)) as Outcome;
}
