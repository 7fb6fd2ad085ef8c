import { readFileSync } from 'node:fs';

/** What Linux tells of a running process. */

/** The kernel counts processor time in hundredths of a second for everybody. */
const TICK_MS = 10;
const MIB_KIB = 1024;

export interface MemoryFacts {
  readonly residentMiB: number;
  /** The most that it ever was. */
  readonly peakMiB: number;
}

export function memoryOf(pid: number): MemoryFacts {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { residentMiB: kib('VmRSS') / MIB_KIB, peakMiB: kib('VmHWM') / MIB_KIB };
}

/** Processor time of all threads since the process began. */
export function processorMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may have spaces: user and system time are fields 14 and 15 of the whole.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const REST_STEP_MS = 200;
const REST_PROCESSOR_MS = 20;
const REST_LIMIT_MS = 120_000;

/** Waits until the process does next to nothing any more. */
export async function atRest(pid: number): Promise<void> {
  const endMs = performance.now() + REST_LIMIT_MS;
  for (let before = processorMsOf(pid); ; ) {
    await new Promise((resolve) => setTimeout(resolve, REST_STEP_MS));
    const now = processorMsOf(pid);
    if (now - before <= REST_PROCESSOR_MS) return;
    if (performance.now() > endMs) throw new Error('the server does not come to rest');
    before = now;
  }
}
