import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TOOL_LIMIT_MS = 5000;
const tried = new Map<string, Promise<string | undefined>>();

/**
 * The absolute path of a command of this machine, or undefined when it does not exist or does not take these arguments. A
 * command is tried once, and what came of it is remembered for as long as the process lives.
 */
export function toolPath(command: string, ...parameters: readonly string[]): Promise<string | undefined> {
  let path = tried.get(command);
  if (path === undefined) {
    path = find(command, parameters);
    tried.set(command, path);
  }
  return path;
}

async function find(command: string, parameters: readonly string[]): Promise<string | undefined> {
  const path = (process.env['PATH'] ?? '/usr/bin:/bin')
    .split(delimiter)
    .map((directory) => join(directory, command))
    .find(isExecutable);
  if (path === undefined) return undefined;
  try {
    await run(path, parameters, { timeout: TOOL_LIMIT_MS });
    return path;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
