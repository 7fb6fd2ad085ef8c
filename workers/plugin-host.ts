import { parentPort } from 'node:worker_threads';
import { unreachable } from '../src/faults.ts';
import { captureOutput } from '../src/plugin-host/captured-output.ts';
import type { StartAnswer, ToRoom } from '../src/plugin-host/messages.ts';
import { PluginRoom } from '../src/plugin-host/plugin-room.ts';
import type { PluginOutcome } from '../src/protocol/plugin-calls.ts';

/** A thread with a plugin in it. The plugin is loaded by the first task, not with this module: a plugin that breaks is then an answer. */

const room = new PluginRoom((said) => parentPort?.postMessage(said));
captureOutput(process.stdout, (line) => room.log('info', line));
captureOutput(process.stderr, (line) => room.log('warn', line));

export default function run(message: ToRoom): Promise<StartAnswer | PluginOutcome> | undefined {
  switch (message.type) {
    case 'start':
      return room.start(message.spec);
    case 'call':
      return room.run(message.id, message.call);
    case 'abort':
      room.abort(message.id);
      return undefined;
    default:
      return unreachable(message);
  }
}
