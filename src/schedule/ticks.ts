import { scheduleJob } from 'node-schedule';

/** Renewals come by ticks; whether one is due is looked at each second, because ticks may be weeks apart and clocks jump. */

const EVERY_SECOND = '* * * * * *';

/** @param look never throws. @returns what stops it. */
export function startTicks(look: () => void): () => void {
  const job = scheduleJob(EVERY_SECOND, look);
  return () => void job.cancel();
}
