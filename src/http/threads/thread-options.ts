import type { ConnectionLimits, OpenCount } from '../connections.ts';
import type { NamingKind } from '../fast-read.ts';
import type { ServerOptions } from '../server.ts';
import type { Taken } from './mailbox.ts';
import type { RelayLimits } from './relay-limits.ts';

/** What a front thread is started with: plain data that crosses between threads. */
export interface ThreadStart extends ServerOptions {
  readonly kinds: readonly NamingKind[];
  readonly limits: ConnectionLimits;
  readonly relayLimits: RelayLimits;
  readonly trustedProxies: readonly string[];
  readonly allowedHosts?: readonly string[] | undefined;
  /** Reads are public, and nothing wants to know of each of them. */
  readonly mayReadFast: boolean;
  /** Where the server is to be asked how it is, however much waits. */
  readonly vitalPaths: readonly string[];
  /** First words of the paths of NodeAgent2's protocol, whose faults look different. */
  readonly agentWords: readonly string[];
  /** Of all front threads; the first number is that of open connections. */
  readonly shared: SharedArrayBuffer;
  /** Of this thread: two numbers, bytes of messages that it has taken, and bytes of its messages that the main thread has taken. */
  readonly taken: SharedArrayBuffer;
  readonly threads: number;
  /** One number, which this thread raises whenever it comes to it. */
  readonly beats: SharedArrayBuffer;
  readonly beatMs: number;
}

/** The same in the thread itself. */
export interface ThreadOptions extends Omit<ThreadStart, 'shared' | 'threads' | 'taken' | 'beats' | 'beatMs'> {
  readonly opened: OpenCount;
  readonly taken: Taken;
  /** Called when everything has been let go because the main thread said so. */
  closed(): void;
}

export const TAKEN_SHARED_BYTES = 8;

/** What each side has taken of the other's messages, in the memory of `ThreadStart.taken`. */
export function takenIn(memory: SharedArrayBuffer): Taken {
  return { byThread: new Int32Array(memory, 0, 1), byMain: new Int32Array(memory, Int32Array.BYTES_PER_ELEMENT, 1) };
}
