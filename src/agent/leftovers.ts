import { readdirSync, readFileSync } from 'node:fs';

import { INSTANCE_VARIABLE, OPERATION_VARIABLE } from '../plugin-host/messages.ts';

/**
 * Processes that plugins started and that outlived whoever waited for them: those of a server that was killed, and those of
 * calls whose thread was ended. They are known by their environment, which children inherit. On Linux only.
 * A process that is meant to stay, a daemon that is the reservation, must be started without HOLDFAST_INSTANCE.
 */

export interface LeftoverLog {
  warn(fields: object, message: string): void;
}

const PROCESSES_MAX = 100_000;
/** A process may start another while it is being killed, so it is looked again, but not for ever. */
const ROUNDS_MAX = 5;
const LISTED_PIDS_MAX = 20;

/**
 * Kills what an earlier server of the same instance left behind. Only for a server that holds the lock of its data folder:
 * it says that no other server of this instance runs. @returns how many were killed.
 */
export function killLeftovers(instance: string, log: LeftoverLog): number {
  const wanted = `${INSTANCE_VARIABLE}=${instance}`;
  const killed = killAll((variables) => variables.includes(wanted));
  if (killed.length > 0) {
    log.warn({ instance, pids: killed.slice(0, LISTED_PIDS_MAX) }, `${killed.length} processes of plugins outlived an earlier server, and were killed`);
  }
  return killed.length;
}

/** Kills what is left of calls that have been given up, so that nothing of them runs on. @returns how many were killed. */
export function killLeftoversOfCalls(instance: string, operationIds: readonly string[], log: LeftoverLog): number {
  if (operationIds.length === 0) return 0;
  const ours = `${INSTANCE_VARIABLE}=${instance}`;
  const calls = new Set(operationIds.map((id) => `${OPERATION_VARIABLE}=${id}`));
  const killed = killAll((variables) => variables.includes(ours) && variables.some((variable) => calls.has(variable)));
  if (killed.length > 0) log.warn({ instance, pids: killed.slice(0, LISTED_PIDS_MAX) }, `${killed.length} processes of calls that were ended were killed`);
  return killed.length;
}

function killAll(belongs: (variables: readonly string[]) => boolean): readonly number[] {
  if (process.platform !== 'linux') return [];
  const killed = new Set<number>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    let found = 0;
    for (const pid of processes()) {
      if (pid === process.pid || killed.has(pid) || !belongs(environmentOf(pid))) continue;
      found += 1;
      if (kill(pid)) killed.add(pid);
    }
    if (found === 0) break;
  }
  return [...killed];
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .slice(0, PROCESSES_MAX)
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for kernel threads, for processes of other users, and for those that have ended meanwhile. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
