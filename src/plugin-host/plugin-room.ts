import { type CallContext, OUTCOME_UNKNOWN, type Plugin, type PluginLog } from '../../plugins/plugin.ts';
import { unreachable } from '../faults.ts';
import type { PluginCall, PluginOutcome } from '../protocol/plugin-calls.ts';
import { checkList, checkReturn } from './check-return.ts';
import { LineBudget } from './line-budget.ts';
import { LINE_CHARS_MAX } from './line-splitter.ts';
import { loadPlugin } from './load-plugin.ts';
import type { LogLevel, PluginSpec, Said, StartAnswer } from './messages.ts';
import { logText, thrownText } from './plain-text.ts';

/**
 * The inside of a room: one plugin, and the calls that run in it. The same in a thread and in a process. Nothing here
 * rejects: what a plugin throws or returns comes back as data.
 */
export class PluginRoom {
  readonly #say: (said: Said) => void;
  readonly #budget = new LineBudget();
  readonly #running = new Map<number, RunningContext>();
  #plugin: Plugin | undefined;
  #instance = '';

  /** @param say sends one line to the server's log. */
  constructor(say: (said: Said) => void) {
    this.#say = say;
  }

  async start(spec: PluginSpec): Promise<StartAnswer> {
    this.#instance = spec.instance;
    try {
      const { plugin, features } = await loadPlugin(spec);
      this.#plugin = plugin;
      return { type: 'started', features };
    } catch (error) {
      return { type: 'not-started', message: thrownText(error) };
    }
  }

  async run(id: number, call: PluginCall): Promise<PluginOutcome> {
    if (this.#plugin === undefined) return { type: 'refused', message: 'the plugin has not started' };
    const context = new RunningContext(call.operationId, this.#instance, (level, message) => this.log(level, message, call.operationId));
    this.#running.set(id, context);
    try {
      return await invoke(this.#plugin, call, context);
    } catch (error) {
      return { type: saysUnknown(error) ? 'junk' : 'threw', message: thrownText(error) };
    } finally {
      this.#running.delete(id);
    }
  }

  /** Raises the signal of a call that has not ended. */
  abort(id: number): void {
    this.#running.get(id)?.raise();
  }

  log(level: LogLevel, message: unknown, operationId: string | null = null): void {
    const text = typeof message === 'string' ? message : thrownText(message);
    if (!this.#budget.take()) return;
    const leftOut = this.#budget.takeLeftOut();
    if (leftOut > 0) this.#say({ type: 'said', level: 'warn', message: `${leftOut} lines of the plugin were left out`, operationId: null });
    this.#say({ type: 'said', level, message: logText(text, LINE_CHARS_MAX), operationId });
  }
}

async function invoke(plugin: Plugin, call: PluginCall, context: CallContext): Promise<PluginOutcome> {
  switch (call.operation) {
    case 'join': {
      const { untilMs, callerProperties } = call.input;
      return checkReturn('join', await plugin.join(new Date(untilMs), callerProperties, context), true);
    }
    case 'leave':
    case 'modify': {
      const { reservationId, callerProperties, schedProperties } = call.input;
      return checkReturn(call.operation, await plugin[call.operation](reservationId, callerProperties, schedProperties, context), false);
    }
    case 'renew': {
      const { reservationId, untilMs, joinProperties, schedProperties } = call.input;
      return checkReturn('renew', await plugin.renew(reservationId, new Date(untilMs), joinProperties, schedProperties, context), false);
    }
    case 'status': {
      const { reservationId, schedProperties } = call.input;
      return checkReturn('status', await plugin.status(reservationId, schedProperties, context), false);
    }
    case 'find': {
      if (plugin.find === undefined) return { type: 'refused', message: 'the plugin has no find' };
      const value = await plugin.find(call.input.joinOperationId, context);
      return value === undefined || value === null ? { type: 'nothing' } : checkReturn('find', value, true);
    }
    case 'list':
      return plugin.list === undefined ? { type: 'refused', message: 'the plugin has no list' } : checkList(await plugin.list(context));
    default:
      return unreachable(call);
  }
}

function saysUnknown(error: unknown): boolean {
  try {
    return typeof error === 'object' && error !== null && 'name' in error && error.name === OUTCOME_UNKNOWN;
  } catch {
    return false;
  }
}

/** What a call is told. Most calls never look at their signal, so it is made when they do. */
class RunningContext implements CallContext {
  readonly operationId: string;
  readonly instance: string;
  readonly log: PluginLog;
  #controller: AbortController | undefined;
  #isRaised = false;

  constructor(operationId: string, instance: string, log: (level: LogLevel, message: unknown) => void) {
    this.operationId = operationId;
    this.instance = instance;
    this.log = {
      debug: (message) => log('debug', message),
      info: (message) => log('info', message),
      warn: (message) => log('warn', message),
      error: (message) => log('error', message),
    };
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isRaised) this.#controller.abort(new Error('the time limit of the call has passed'));
    }
    return this.#controller.signal;
  }

  raise(): void {
    this.#isRaised = true;
    this.#controller?.abort(new Error('the time limit of the call has passed'));
  }
}
