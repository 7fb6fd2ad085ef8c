import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, StartFailure } from '../src/faults.ts';
import { Standstill } from '../src/http/threads/standstill.ts';
import { ThreadFront } from '../src/http/threads/thread-front.ts';
import { type ThreadStart, takenIn } from '../src/http/threads/thread-options.ts';

/**
 * A front thread. The library's sockets must all be closed before it ends: a thread that ends with one takes the process
 * down with SIGABRT. So a defect does not end it, but is told to the main thread, which ends the process in order.
 */

const { shared, threads, taken, beats, beatMs, ...options } = workerData as ThreadStart;
const port = parentPort;
if (port === null) throw new Error('this is started as a thread');
const numbers = new Int32Array(shared);
const ownBeats = new Int32Array(beats);
const beating = setInterval(() => Atomics.add(ownBeats, 0, 1), beatMs).unref();

const front = new ThreadFront(
  {
    ...options,
    taken: takenIn(taken),
    opened: { threads, add: (more) => Atomics.add(numbers, 0, more) + more },
    closed() {
      port.close();
      // The sockets are closed at the end of this turn of the event loop.
      setImmediate(() =>
        setImmediate(() => {
          clearInterval(beating);
          Standstill.letGo(ownBeats);
          Atomics.add(numbers, 1, 1);
          Atomics.notify(numbers, 1);
        }),
      );
    },
  },
  port,
);

process.on('uncaughtException', (error) => front.close(error.stack ?? error.message));

try {
  await front.listen();
} catch (error) {
  front.mailbox.post(['failed', error instanceof StartFailure ? error.message : messageOf(error)]);
}
