import type { PluginAnswer, PluginOutcome, Properties } from '../protocol/plugin-calls.ts';
import { described, hasControlCharacters, isWellFormed, plainText, thrownText } from './plain-text.ts';

/**
 * Judges what a plugin returned. Runs in the plugin's room, before anything crosses, and again on the main side, because a
 * process may send what it likes. Everything is read once and copied: getters and proxies cannot change their mind later.
 */

export const PROPERTIES_MAX = 1024;
export const PROPERTIES_BYTES_MAX = 262_144;
export const PROPERTY_NAME_CHARS_MAX = 256;
export const RESERVATION_ID_CHARS_MAX = 255;
export const ERROR_MESSAGE_CHARS_MAX = 4096;
export const LISTED_IDS_MAX = 100_000;
export const LISTED_CHARS_MAX = 8_388_608;
/** The clients' integer. */
const STATUS_MAX = 2_147_483_647;

/** Says what is wrong with a return; caught below, and never leaves this file. */
class Junk extends Error {}

/** @param needsId the return of a join that went well must say which reservation it made. Whether another id fits its call is the agent's to judge. */
export function checkReturn(operation: string, value: unknown, needsId: boolean): PluginOutcome {
  try {
    return { type: 'returned', answer: readReturn(value, needsId) };
  } catch (error) {
    return { type: 'junk', message: plainText(`${operation} returned something that is no PluginReturn: ${thrownText(error)}`) };
  }
}

export function checkList(value: unknown): PluginOutcome {
  try {
    return { type: 'listed', reservationIds: readIds(value) };
  } catch (error) {
    return { type: 'junk', message: plainText(`list returned something that is no list of reservation ids: ${thrownText(error)}`) };
  }
}

function readReturn(value: unknown, needsId: boolean): PluginAnswer {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Junk(`it is ${described(value)}`);
  const { status, properties, reservationId, errorMessage } = value as Record<string, unknown>;
  if (typeof status !== 'number' || !Number.isInteger(status) || Math.abs(status) > STATUS_MAX) {
    throw new Junk(`its status is ${described(status)}; it must be a whole number of at most 32 bits`);
  }
  const id = readId(reservationId);
  if (needsId && status === 0 && id === null) throw new Junk('its status is 0 and it has no reservationId');
  return { status, properties: readProperties(properties), reservationId: id, errorMessage: readErrorMessage(errorMessage) };
}

function readId(id: unknown): string | null {
  if (id === undefined || id === null) return null;
  if (typeof id !== 'string') throw new Junk(`its reservationId is ${described(id)}; it must be text`);
  const flaw = idFlaw(id);
  if (flaw !== undefined) throw new Junk(`its reservationId ${flaw}`);
  return id;
}

function idFlaw(id: string): string | undefined {
  if (id.length === 0) return 'is empty';
  if (id.length > RESERVATION_ID_CHARS_MAX) return `has ${id.length} characters; ${RESERVATION_ID_CHARS_MAX} are allowed`;
  if (hasControlCharacters(id)) return 'has a control character';
  if (!isWellFormed(id)) return 'has half of a surrogate pair, which is no character';
  return undefined;
}

function readErrorMessage(message: unknown): string | null {
  if (message === undefined || message === null) return null;
  if (typeof message !== 'string') throw new Junk(`its errorMessage is ${described(message)}; it must be text`);
  return plainText(message, ERROR_MESSAGE_CHARS_MAX);
}

function readProperties(properties: unknown): Properties | null {
  if (properties === undefined || properties === null) return null;
  if (typeof properties !== 'object' || Array.isArray(properties)) throw new Junk(`its properties are ${described(properties)}; they must be an object`);
  if (properties instanceof Map) throw new Junk('its properties are a Map; they must be an object');
  const names = Object.keys(properties);
  if (names.length > PROPERTIES_MAX) throw new Junk(`it has ${names.length} properties; ${PROPERTIES_MAX} are allowed`);
  const copy: Record<string, string> = {};
  let bytes = 0;
  for (const name of names) {
    const value = (properties as Record<string, unknown>)[name];
    if (typeof value !== 'string') throw new Junk(`its property ${described(name)} is ${described(value)}; it must be text`);
    bytes += checkedBytes(name, value);
    if (bytes > PROPERTIES_BYTES_MAX) throw new Junk(`its properties have more than ${PROPERTIES_BYTES_MAX} bytes`);
    copy[name] = value;
  }
  return copy;
}

/** The size of one property in UTF-8. */
function checkedBytes(name: string, value: string): number {
  if (name === '__proto__') throw new Junk('it has a property __proto__');
  if (name.length > PROPERTY_NAME_CHARS_MAX) throw new Junk(`a property's name has ${name.length} characters; ${PROPERTY_NAME_CHARS_MAX} are allowed`);
  // Cheap first: a huge text is refused before anything walks through it.
  if (value.length > PROPERTIES_BYTES_MAX) throw new Junk(`its properties have more than ${PROPERTIES_BYTES_MAX} bytes`);
  if (!isWellFormed(name) || !isWellFormed(value)) throw new Junk(`its property ${described(name)} has half of a surrogate pair, which is no character`);
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}

function readIds(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Junk(`it is ${described(value)}`);
  if (value.length > LISTED_IDS_MAX) throw new Junk(`it has ${value.length} entries; ${LISTED_IDS_MAX} are allowed`);
  const ids: string[] = [];
  let chars = 0;
  for (let index = 0; index < value.length; index++) {
    const id: unknown = value[index];
    if (typeof id !== 'string') throw new Junk(`entry ${index} is ${described(id)}`);
    const flaw = idFlaw(id);
    if (flaw !== undefined) throw new Junk(`entry ${index} ${flaw}`);
    chars += id.length;
    if (chars > LISTED_CHARS_MAX) throw new Junk(`it has more than ${LISTED_CHARS_MAX} characters`);
    ids.push(id);
  }
  return ids;
}
