import type { CallAnswer, ScheduleEntry } from '../agent/agent-api.ts';
import type { EndpointConfig } from '../agent/endpoint-config.ts';
import { maskSecrets } from '../secret-names.ts';
import { asciiJson } from './agent-problem.ts';

/**
 * Bodies as NodeAgent2 wrote them: its Java beans as JSON, with their members in its order. Its clients pick members by
 * name, and some of its scripts by place, so nothing is added and nothing left out. They read the bytes in the encoding
 * of their machine, so the bodies are ASCII.
 */

/** What NodeAgent2 says for an exception of a plugin. */
const EXCEPTION_STATUS = 255;

export type AgentOperation = 'join' | 'leave' | 'modify' | 'status';

/**
 * The PluginReturn of a call.
 * @param id of the reservation that was asked for, which never changes: undefined for a join, where the plugin chooses it.
 */
export function pluginReturn(operation: AgentOperation, id: string | undefined, call: CallAnswer): string {
  if (call.type === 'threw') {
    return asciiJson({ status: EXCEPTION_STATUS, properties: null, resId: resIdOf(id), errorMsg: `${operation} error: ${call.message}` });
  }
  const { status, properties, reservationId, errorMessage } = call.answer;
  return asciiJson({ status, properties, resId: resIdOf(id ?? reservationId), errorMsg: errorMessage });
}

function resIdOf(id: string | null | undefined): { id: string } | null {
  return id === undefined || id === null ? null : { id };
}

/** One entry of a schedule. Everything on the schedule is well: an entry that failed is not on it any more. */
export function scheduleEntry(entry: ScheduleEntry): string {
  return asciiJson({
    status: 0,
    errorMsg: null,
    name: entry.endpoint,
    reservationId: entry.reservationId,
    deadline: entry.renewDeadlineMs,
    joinProperties: entry.joinProperties,
    schedProperties: entry.schedProperties,
  });
}

/** @param name as it was asked for: null for all plugins, or a name of them, or `all`. */
export function pluginList(name: string | null, endpoints: readonly EndpointConfig[]): string {
  return asciiJson({ name, plugins: endpoints.map(pluginOf) });
}

function pluginOf(endpoint: EndpointConfig): object {
  const { jar, mainClass, schedulePeriod, renewAdvanceTicks, config, properties, description, name } = endpoint;
  return {
    jar,
    mainClass,
    schedulePeriod: { length: schedulePeriod.length, unit: schedulePeriod.unit },
    renewAdvanceTicks,
    config: config ?? null,
    properties: { property: Object.entries(maskSecrets(properties)).map(([property, value]) => ({ name: property, value })) },
    description: description ?? null,
    name,
  };
}

export function descriptionOf({ description, name }: EndpointConfig): string {
  return description ?? `No description provided for ${name}`;
}
