import { type MessagePort, parentPort } from 'node:worker_threads';
import { unreachable } from '../src/faults.ts';
import { captureOutput } from '../src/plugin-host/captured-output.ts';
import type { Ended, StartAnswer, ThreadTask, ToPlugin } from '../src/plugin-host/messages.ts';
import { PluginRoom } from '../src/plugin-host/plugin-room.ts';

/** A thread with a plugin in it. The plugin is loaded by the first task, not with this module: a plugin that breaks is then an answer. */

const room = new PluginRoom((said) => parentPort?.postMessage(said));
captureOutput(process.stdout, (line) => room.log('info', line));
captureOutput(process.stderr, (line) => room.log('warn', line));

export default function run(task: ThreadTask): Promise<StartAnswer> | undefined {
  if (task.type === 'end') return undefined;
  listen(task.port);
  return room.start(task.spec);
}

/**
 * Each call has a turn of its own, and its outcome goes out by itself: what a plugin has answered must be on its way before
 * the next call can loop for ever.
 */
function listen(port: MessagePort): void {
  port.on('message', (messages: readonly ToPlugin[]) => {
    for (const message of messages) setImmediate(take, port, message);
  });
}

function take(port: MessagePort, message: ToPlugin): void {
  switch (message.type) {
    case 'call':
      void room.run(message.id, message.call).then((outcome) => port.postMessage({ type: 'ended', id: message.id, outcome } satisfies Ended));
      return;
    case 'abort':
      room.abort(message.id);
      return;
    default:
      unreachable(message);
  }
}
