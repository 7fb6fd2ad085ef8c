import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { JsonLineReader } from '../src/plugin-host/json-lines.ts';
import { QueryRoom } from '../src/query/inside/query-room.ts';
import { CHANNEL, type ToProcess } from '../src/query/messages.ts';

/**
 * The process that users' SQL runs in. It speaks with the server over the pipe that is its file descriptor 3, and ends when
 * the server's end of it closes. Whatever goes wrong outside of a query ends it: the server starts another one.
 */

try {
  // When the machine runs out of memory, the kernel ends this process before any other.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Some containers do not let it; its own limit holds all the same.
}

const channel = new Socket({ fd: CHANNEL, readable: true, writable: true });
const room = new QueryRoom((frame) => void channel.write(frame));
const leave = (): never => process.exit(0);
let turn: Promise<void> = Promise.resolve();
const reader = new JsonLineReader((message) => {
  turn = turn.then(() => room.handle(message as ToProcess));
}, leave);
channel.on('data', (chunk) => reader.push(chunk));
channel.on('end', leave);
channel.on('close', leave);
channel.on('error', leave);
