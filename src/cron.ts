import { createRequire } from 'node:module';

/** Times that a cron expression says (local time). The scheduler is loaded for the first of them: most servers have none. */

/** Asks the scheduler itself, so that nothing passes here that it would refuse later. */
export function isCron(expression: string): boolean {
  const probe = new (scheduler().Job)('probe', () => undefined);
  try {
    return probe.schedule(expression);
  } finally {
    probe.cancel();
  }
}

/** @returns what ends it. */
export function atCron(expression: string, work: () => void): () => void {
  const job = scheduler().scheduleJob(expression, work);
  return () => void job.cancel();
}

function scheduler(): typeof import('node-schedule') {
  return createRequire(import.meta.url)('node-schedule') as typeof import('node-schedule');
}
