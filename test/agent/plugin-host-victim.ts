import { openPluginHost } from '../../src/agent/plugin-host/plugin-host.ts';
import { endpointConfig, TestLog } from './plugin-host-rig.ts';

/** A server to be killed: it opens a plugin in a process, tells its pid, and makes the call that its first argument names. */
const [behaviour = '', instance = ''] = process.argv.slice(2);
const opened = await openPluginHost(endpointConfig({ isolation: 'process', concurrentCalls: 2 }), { instance, log: new TestLog() });
if (!opened.ok) throw new Error(opened.fault.detail);
const join = (what: string): Promise<unknown> =>
  opened.value.host.call({ operation: 'join', operationId: 'op', input: { untilMs: 0, callerProperties: { do: what } } }, 60_000).ended;
process.stdout.write(`${JSON.stringify(await join('identity'))}\n`);
await join(behaviour);
