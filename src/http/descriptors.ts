import { readdirSync, readFileSync } from 'node:fs';

/** Files that snapshots, queries and plugins may open beside the connections. */
const RESERVE = 256;
const ROOM_MIN = 8;

/**
 * How many connections there is room for, so that the journal, snapshots and plugins always find a file descriptor.
 * Undefined where the system does not tell.
 */
export function roomForConnections(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    if (limit === undefined) return undefined;
    const free = Number(limit) - readdirSync('/proc/self/fd').length;
    return Math.max(ROOM_MIN, free - Math.min(RESERVE, Math.floor(free / 2)));
  } catch {
    return undefined;
  }
}
