import { progress } from './progress.ts';

/** What the two command lines of the benchmarks have in common: how they end, and what they say meanwhile. */

const INTERRUPTED = 130;
const WRONG_USAGE = 2;

/** Runs the whole of one. Flags that are wrong end it with its usage; an interrupt by `exit`, and with that what was started and written. */
export async function runCommand(main: (argv: readonly string[]) => Promise<void>, usage: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(INTERRUPTED));
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
    if (!isUsage) throw error;
    progress(`${error.message}\n${usage}`);
    process.exitCode = WRONG_USAGE;
  }
}

/** Says what is measured, and how long it took. */
export async function told<T>(name: string, measure: () => Promise<T>): Promise<T> {
  progress(name);
  const startMs = performance.now();
  const measured = await measure();
  progress(`  took ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return measured;
}
