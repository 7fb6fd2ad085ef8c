import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** Says in the log when the main thread did not come to its work for a while: nobody was answered meanwhile. */

const EVERY_MS = 250;
/** Shorter ones are seen in the metrics. */
const STALL_MS = 1000;

/** @returns what stops it. */
export function watchLoop(clock: Clock, log: Log): () => void {
  let lastMs = clock.monotonicMs();
  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs();
    const lateMs = Math.round(nowMs - lastMs - EVERY_MS);
    lastMs = nowMs;
    if (lateMs >= STALL_MS) log.warn({ lateMs }, 'the main thread was held up, or the process was stopped: nobody was answered meanwhile');
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
