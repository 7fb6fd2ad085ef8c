import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type Cores, hasCommand, runProgram } from '../children.ts';
import { medianOf } from '../figure.ts';
import { processorMsOf } from '../process-facts.ts';
import { SOCKETS_PROGRAM, type SocketsTask } from './sockets.ts';
import { WRK_SCRIPT } from './wrk-script.ts';

/** Load from a process of its own: many connections, each with one request under way, drawn from a set. */

export interface Load {
  readonly port: number;
  /** Whole requests as they go over the wire. */
  readonly requests: readonly Buffer[];
  /** At random when it is not given; `once`: each in its turn, and the load is over when none is left. */
  readonly order?: 'random' | 'once';
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

/** A load, and what it took of the process that answers. */
export interface ServedLoad extends LoadResult {
  /** For each request. */
  readonly processorUs: number;
}

export const CONNECTIONS = 64;
/** Writes are counted once the same load has run for so many times as long, at the server and at what it is compared with alike. */
export const WARM_UP_TIMES = 2;
/** A machine that stands still for a moment shows in the 99th percentile, and is no failure. */
const PATIENCE_SECONDS = 30;

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

/** The same, and what it takes of the process that answers. */
export async function runLoadOn(pid: number, load: Load): Promise<ServedLoad> {
  const beforeMs = processorMsOf(pid);
  const result = await runLoad(load);
  return { ...result, processorUs: ((processorMsOf(pid) - beforeMs) * 1000) / result.requests };
}

/** What a figure of loads tells besides its value. */
export function loadDetails(results: readonly LoadResult[], seconds: number): Readonly<Record<string, number | string>> {
  return {
    generator: results[0]?.generator ?? '',
    connections: CONNECTIONS,
    seconds,
    p50Ms: medianOf(results, 'p50Ms'),
    p99Ms: medianOf(results, 'p99Ms'),
  };
}

async function runWrk({ port, order = 'random', seconds, seed, scratch, cores }: Load, file: string): Promise<Outcome> {
  const script = join(scratch, 'load.lua');
  writeFileSync(script, WRK_SCRIPT);
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${Math.ceil(seconds)}s`,
    '--timeout',
    `${PATIENCE_SECONDS}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}`,
    '--',
    file,
    String(seed),
    order,
  ];
  const child = cores === undefined ? new Child('wrk', args) : new Child('taskset', ['-c', cores.generator, 'wrk', ...args]);
  const output = await child.output();
  return JSON.parse(output.slice(output.indexOf('{'))) as Outcome;
}

async function runSockets({ port, order = 'random', seconds, seed, cores }: Load, file: string): Promise<Outcome> {
  const task: SocketsTask = { port, file, order, seconds, seed, connections: CONNECTIONS, ...(cores === undefined ? {} : { core: cores.generator }) };
  return (await runProgram(SOCKETS_PROGRAM, task)) as Outcome;
}
