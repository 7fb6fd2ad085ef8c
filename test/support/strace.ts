import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { lacks } from './lacks.ts';

/** System calls of a running process that fail, or take their time. */

const ATTACH_LIMIT_MS = 10_000;

/** Skips the test, and says why, where processes cannot be traced. */
export function lacksStrace(context: TestContext): boolean {
  return lacks(context, 'strace', ['-f', '-o', '/dev/null', 'true']);
}

/**
 * @param injections as strace takes them: `fdatasync:error=EIO:when=1`; counted for each thread.
 * @param paths only calls that are about one of these very files or folders.
 * @returns what ends it; the process goes on untraced.
 */
export async function injectInto(
  context: TestContext,
  pid: number,
  injections: readonly string[],
  paths: readonly string[] = [],
): Promise<() => Promise<void>> {
  const calls = injections.map((injection) => injection.split(':')[0]).join();
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, ...injections.flatMap((each) => ['-e', `inject=${each}`])];
  const tracer = spawn('strace', [...args, ...paths.flatMap((path) => ['-P', path]), '-p', String(pid)], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => tracer.on('exit', () => resolve()));
  const end = async (): Promise<void> => {
    tracer.kill('SIGINT');
    await ended;
  };
  context.after(end);
  for (const startedMs = Date.now(); !isTraced(pid); ) {
    if (Date.now() - startedMs > ATTACH_LIMIT_MS) throw new Error(`strace did not attach to ${pid}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return end;
}

/** All of its threads are. */
function isTraced(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')));
}
