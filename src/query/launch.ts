import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { done, fail, messageOf, type Result } from '../faults.ts';
import { toolPath } from '../tool-path.ts';

/**
 * How the process of users' SQL is started and then closed. The kernel's limits are the wall that holds when DuckDB's own do
 * not: private memory, processor time, no file may grow, no core. Once the tables are loaded it may open nothing more: with
 * a limit of no descriptors every `open`, `socket` and `pipe` fails, and with no further processes every `fork`.
 */

const run = promisify(execFile);
const MIB = 1_048_576;
/** While it loads: the pipe, a few Parquet files, and the modules of a library, which Node opens all at once. */
const LOADING_DESCRIPTORS = 512;
/**
 * What the memory limit of DuckDB leaves out: Node (125 MiB of private memory when it has just started), the part of a
 * result that is held, and what DuckDB does not count while it reads Parquet.
 */
export const OVERHEAD_MIB = 512;
const NODE_HEAP_MIB = 256;
/** Requests come first. */
const NICE = '10';
const CLOSE_LIMIT_MS = 5000;

export interface LaunchLimits {
  readonly memoryBytes: number;
  /** Of the whole process. */
  readonly cpuSeconds: number;
}

/** Fault: query-failed, where the machine has no `prlimit`, or no room for one more process. */
export async function launch({ memoryBytes, cpuSeconds }: LaunchLimits): Promise<Result<ChildProcess>> {
  const prlimit = await prlimitPath();
  if (prlimit === undefined) return fail('query-failed', 'SQL needs the command prlimit of util-linux, and this machine has none');
  const setpriv = await toolPath('setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--', 'true');
  const nice = await toolPath('nice', '-n', NICE, 'true');
  const words = [
    // The process ends by itself when its pipe does, unless it is busy.
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']),
    ...(nice === undefined ? [] : [nice, '-n', NICE]),
    prlimit,
    `--data=${memoryBytes + OVERHEAD_MIB * MIB}`,
    `--cpu=${cpuSeconds}`,
    '--fsize=0',
    '--core=0',
    `--nofile=${LOADING_DESCRIPTORS}`,
    '--',
    process.execPath,
    `--max-old-space-size=${NODE_HEAP_MIB}`,
    fileURLToPath(new URL('../../workers/query-process.js', import.meta.url)),
  ];
  const [command = process.execPath, ...parameters] = words;
  // No variable of the server's is anybody's business; the time zone is that of all times here.
  try {
    const started = spawn(command, parameters, { env: { TZ: 'UTC' }, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
    // Some failures are thrown and some are emitted; an error that nobody hears would end the server.
    started.on('error', () => undefined);
    return done(started);
  } catch (error) {
    return fail('query-failed', `its process could not be started: ${messageOf(error)}`);
  }
}

/** From here on the process can open nothing and start nothing. */
export async function closeDoors(pid: number): Promise<Result<undefined>> {
  const prlimit = await prlimitPath();
  if (prlimit === undefined) return fail('query-failed', 'prlimit is gone');
  try {
    await run(prlimit, ['--pid', String(pid), '--nofile=0:0', '--nproc=0:0'], { timeout: CLOSE_LIMIT_MS });
    return done(undefined);
  } catch {
    return fail('query-failed', 'the limits of its process could not be set');
  }
}

export function prlimitPath(): Promise<string | undefined> {
  return toolPath('prlimit', '--core=0', '--', 'true');
}
