import { existsSync } from 'node:fs';
import { startRig } from './front-rig.ts';

/** A front of two threads, one of which stands still by and by: what becomes of it is told on the standard output. */
/** Longer than a thread takes to load what it runs, also on a busy machine. */
const STILL_MS = Number(process.env['STILL_MS'] ?? 3000);
const STOP_MS = process.env['STOP_MS'];

await startRig(
  { after: () => undefined },
  {
    httpThreads: 2,
    limits: { threadStillMsMax: STILL_MS },
    threadDied(reason) {
      process.stdout.write(`${reason}\n`);
      process.exit(70);
    },
  },
);
process.stdout.write('started\n');
if (STOP_MS !== undefined) {
  // Counted from when the thread stands still, whenever a busy machine lets it.
  const looking = setInterval(() => {
    if (!existsSync(process.env['GONE'] ?? '')) return;
    clearInterval(looking);
    setTimeout(() => process.exit(0), Number(STOP_MS));
  }, 20);
}
