import { readFileSync } from 'node:fs';
import { networkOf } from './addresses.ts';

/** What Linux knows of the connections to a port of ours. */

const FILES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];
/** The states in which a connection has a file descriptor of this process: established, and closed by the other end only. */
const HELD: ReadonlySet<string> = new Set(['01', '08']);
const LINE = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):[0-9A-F]{4} ([0-9A-F]{2})/gm;

/** How many connections each address has; undefined where the system does not tell. */
export function connectionsTo(port: number): ReadonlyMap<string, number> | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const counts = new Map<string, number>();
  try {
    for (const file of FILES) {
      for (const [, local, remote = '', state = ''] of readFileSync(file, 'latin1').matchAll(LINE)) {
        if (local !== wanted || !HELD.has(state)) continue;
        const address = networkOf(addressOf(remote));
        counts.set(address, (counts.get(address) ?? 0) + 1);
      }
    }
  } catch {
    // Another system, or one that hides it: then there is no limit for single addresses.
    return undefined;
  }
  return counts;
}

/** The kernel writes words of four bytes in the byte order of the machine. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').swap32();
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':');
}
