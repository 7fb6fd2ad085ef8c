import type { TakenOver } from '../agent/agent-api.ts';
import { done, type Fault, fail, type Result } from '../faults.ts';
import { pointerInto } from '../json-pointer.ts';
import type { Properties } from '../protocol/plugin-calls.ts';
import { isSecretName, MASK } from '../secret-names.ts';
import { parseJson } from './json.ts';
import { propertiesOf } from './reservation-properties.ts';
import { TIME_MS_MAX } from './reservation-view.ts';

/** One entry of a NodeAgent2's schedule, as it comes to be taken over. */
export interface ImportItem {
  /** What it says it is, as far as that can be read. */
  readonly endpoint: string | undefined;
  readonly reservationId: string | undefined;
  /** Undefined when it cannot be taken over, and `fault` says why. */
  readonly entry: TakenOver | undefined;
  readonly fault?: Fault;
}

export function importItem(bytes: Buffer): ImportItem {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return { endpoint: undefined, reservationId: undefined, entry: undefined, fault: parsed.fault };
  const members = isObject(parsed.value) ? parsed.value : {};
  const named = { endpoint: textOf(members['name']), reservationId: textOf(members['reservationId']) };
  const entry = entryOf(members);
  return entry.ok ? { ...named, entry: entry.value } : { ...named, entry: undefined, fault: entry.fault };
}

/** `status` and `errorMsg` are not looked at: what NodeAgent2 had on its schedule, it meant to renew. */
function entryOf(members: Readonly<Record<string, unknown>>): Result<TakenOver> {
  const { name, reservationId, deadline } = members;
  if (typeof name !== 'string' || name === '') return refused('/name', 'must be the name of an endpoint');
  if (typeof reservationId !== 'string' || reservationId === '') return refused('/reservationId', 'must be a text');
  if (typeof deadline !== 'number' || !Number.isInteger(deadline) || deadline < 0 || deadline > TIME_MS_MAX) {
    return refused('/deadline', 'must be a time in epoch milliseconds');
  }
  const joinProperties = propertiesIn(members, 'joinProperties');
  if (!joinProperties.ok) return joinProperties;
  const schedProperties = propertiesIn(members, 'schedProperties');
  if (!schedProperties.ok) return schedProperties;
  return done({
    endpoint: name,
    reservationId,
    renewDeadlineMs: deadline,
    joinProperties: joinProperties.value,
    schedProperties: schedProperties.value,
  });
}

/** Java's maps may hold null where a property has no value. */
function propertiesIn(members: Readonly<Record<string, unknown>>, member: string): Result<Properties> {
  const value = members[member] ?? {};
  const pointer = `/${member}`;
  const properties = propertiesOf(isObject(value) ? withoutNulls(value) : value, pointer);
  if (!properties.ok) return properties;
  // A schedule of this server has masks: renewed with them, the reservation would be lost.
  const masked = Object.entries(properties.value).find(([name, text]) => text === MASK && isSecretName(name));
  return masked === undefined ? properties : refused(pointerInto(pointer, masked[0]), 'is a mask and not the secret itself');
}

function withoutNulls(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, text]) => text !== null));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function refused(pointer: string, detail: string): Result<never> {
  return fail('invalid', `${pointer} ${detail}`, [{ pointer, detail }]);
}
