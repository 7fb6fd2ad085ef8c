import { checkList, checkReturn } from '../../plugin-host/check-return.ts';
import type { LogLevel, Said, StartAnswer } from '../../plugin-host/messages.ts';
import { logText, plainText } from '../../plugin-host/plain-text.ts';
import type { PluginCall, PluginOutcome } from '../../protocol/plugin-calls.ts';

/**
 * Reads what a room sent. Its own code judges what a plugin returned before it sends it, but a plugin shares the thread or
 * the process with that code and may send what it likes: nothing is believed that has not been looked at here.
 */

export function readOutcome(raw: unknown, call: PluginCall): PluginOutcome {
  if (typeof raw !== 'object' || raw === null || !('type' in raw)) return junk('an answer without a type');
  const fields = raw as Record<string, unknown>;
  const needsId = call.operation === 'join' || call.operation === 'find';
  switch (fields['type']) {
    case 'returned':
      return call.operation === 'list' ? junk('a return where a list was asked for') : checkReturn(call.operation, fields['answer'], needsId);
    case 'nothing':
      return call.operation === 'find' ? { type: 'nothing' } : junk('nothing where a return was asked for');
    case 'listed':
      return call.operation === 'list' ? checkList(fields['reservationIds']) : junk('a list where a return was asked for');
    case 'threw':
      return { type: 'threw', message: textOf(fields['message']) };
    case 'junk':
      return { type: 'junk', message: textOf(fields['message']) };
    case 'refused':
      return { type: 'refused', message: textOf(fields['message']) };
    default:
      return junk('an answer of no known type');
  }
}

export function readStartAnswer(raw: unknown): StartAnswer {
  if (typeof raw !== 'object' || raw === null || !('type' in raw)) return { type: 'not-started', message: 'its room sent no answer to the start' };
  const fields = raw as Record<string, unknown>;
  if (fields['type'] !== 'started') return { type: 'not-started', message: textOf(fields['message']) };
  const features = typeof fields['features'] === 'object' && fields['features'] !== null ? (fields['features'] as Record<string, unknown>) : {};
  return { type: 'started', features: { find: features['find'] === true, list: features['list'] === true } };
}

/** undefined when it is none. */
export function readSaid(raw: unknown): Said | undefined {
  if (typeof raw !== 'object' || raw === null || !('type' in raw) || raw.type !== 'said') return undefined;
  const { level, message, operationId } = raw as Record<string, unknown>;
  if (!isLevel(level)) return undefined;
  const text = typeof message === 'string' ? logText(message) : 'no message';
  return { type: 'said', level, message: text, operationId: typeof operationId === 'string' ? logText(operationId, 100) : null };
}

function isLevel(level: unknown): level is LogLevel {
  return level === 'debug' || level === 'info' || level === 'warn' || level === 'error';
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? plainText(message) : 'no message';
}

function junk(what: string): PluginOutcome {
  return { type: 'junk', message: `the plugin's room sent ${what}` };
}
