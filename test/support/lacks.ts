import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** Skips the test, and says why, when the command does not run on this machine. */
export function lacks(context: TestContext, command: string, args: readonly string[]): boolean {
  if (spawnSync(command, args).status === 0) return false;
  context.skip(`${[command, ...args].join(' ')} does not run here`);
  return true;
}
