import { Socket } from 'node:net';
import { unreachable } from '../src/faults.ts';
import { JsonLineReader, jsonLine } from '../src/plugin-host/json-lines.ts';
import type { FromRoom, ToRoom } from '../src/plugin-host/messages.ts';
import { thrownText } from '../src/plugin-host/plain-text.ts';
import { PluginRoom } from '../src/plugin-host/plugin-room.ts';

/**
 * A process with a plugin in it. It speaks with the server over the pipe that is its file descriptor 3, and ends when the
 * server's end of it closes. What the plugin prints goes to the other two pipes, as it would anywhere.
 */

const CHANNEL = 3;

const channel = new Socket({ fd: CHANNEL, readable: true, writable: true });
const send = (message: FromRoom): void => {
  channel.write(jsonLine(message));
};
const room = new PluginRoom(send);

function handle(message: ToRoom): void {
  switch (message.type) {
    case 'start':
      void room.start(message.spec).then(send);
      return;
    case 'call':
      void room.run(message.id, message.call).then((outcome) => send({ type: 'ended', id: message.id, outcome }));
      return;
    case 'abort':
      room.abort(message.id);
      return;
    default:
      unreachable(message);
  }
}

const leave = (): never => process.exit(0);
const reader = new JsonLineReader((message) => handle(message as ToRoom), leave);
channel.on('data', (chunk) => reader.push(chunk));
channel.on('end', leave);
channel.on('close', leave);
channel.on('error', leave);
// The write is tried at once, and the pipe has room: the words are out before the exit.
process.on('uncaughtException', (error) => {
  send({ type: 'fatal', message: thrownText(error) });
  process.exit(1);
});
