import { isUtf8 } from 'node:buffer';
import { done, type FaultDetail, fail, type Result } from '../faults.ts';
import { pointerInto } from '../json-pointer.ts';
import type { Properties } from '../protocol/plugin-calls.ts';
import type { Exchange } from './exchange.ts';
import { parseJson } from './json.ts';

/** Properties as callers send them: a flat JSON object whose values are all text. */

/** Of one body, as it comes. Some plugins return what the caller gave, beside what was there: a return holds several of these. */
const PROPERTIES_BYTES_MAX: number = 64 * 1024;
const PROPERTIES_MAX = 512;
const PROPERTY_NAME_CHARACTERS_MAX = 256;

/** What nearly all send. */
const PLAIN_JSON = 'application/json';
const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i;
const LATIN1 = /;\s*charset\s*=\s*"?(?:iso-8859-1|latin1|windows-1252)"?\s*(?:;|$)/i;

export interface PropertiesBody {
  readonly properties: Properties;
  /** As they came, for the hash that tells a repeated request from another one. */
  readonly bytes: Buffer;
}

/**
 * The properties in a request's body; no body at all means none. ORCA's client sends ISO-8859-1 without saying so:
 * what is no UTF-8 is read as that, in which every byte is a character.
 */
export async function readProperties(exchange: Exchange): Promise<Result<PropertiesBody>> {
  const contentType = exchange.head.headers.contentType ?? '';
  if (contentType !== PLAIN_JSON && !JSON_TYPE.test(contentType)) return fail('unsupported-media-type', 'the Content-Type must be application/json');
  if (exchange.body === undefined) return done({ properties: {}, bytes: NOTHING });
  const read = await exchange.body.readAll(PROPERTIES_BYTES_MAX);
  if (!read.ok) return read;
  const bytes = read.value;
  if (bytes.length === 0) return done({ properties: {}, bytes });
  const isLatin1 = (contentType !== PLAIN_JSON && LATIN1.test(contentType)) || !isUtf8(bytes);
  const parsed = parseJson(isLatin1 ? Buffer.from(bytes.toString('latin1')) : bytes);
  if (!parsed.ok) return parsed;
  const properties = propertiesOf(parsed.value);
  return properties.ok ? done({ properties: properties.value, bytes }) : properties;
}

const NOTHING = Buffer.alloc(0);

/** @param pointer where the value stands in the body. */
export function propertiesOf(value: unknown, pointer = ''): Result<Properties> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused([{ pointer, detail: 'must be an object of texts' }]);
  const entries = Object.entries(value);
  if (entries.length > PROPERTIES_MAX) return refused([{ pointer, detail: `has ${entries.length} properties; at most ${PROPERTIES_MAX} are taken` }]);
  const errors: FaultDetail[] = [];
  for (const [name, text] of entries) {
    const flaw = flawOf(name, text);
    if (flaw !== undefined) errors.push({ pointer: pointerInto(pointer, name.slice(0, PROPERTY_NAME_CHARACTERS_MAX)), detail: flaw });
  }
  return errors.length === 0 ? done(value as Properties) : refused(errors);
}

function flawOf(name: string, text: unknown): string | undefined {
  if (name.length > PROPERTY_NAME_CHARACTERS_MAX) return `has a name of ${name.length} characters; at most ${PROPERTY_NAME_CHARACTERS_MAX} are taken`;
  // JavaScript plugins would set an object's prototype by it.
  if (name === '__proto__') return 'is no name for a property';
  return typeof text === 'string' ? undefined : 'must be a text';
}

/** Places that one answer names. */
const ERRORS_MAX = 100;

function refused(errors: readonly FaultDetail[]): Result<never> {
  const [first] = errors;
  const summary =
    errors.length === 1 ? `${first?.pointer === '' ? 'the body' : first?.pointer} ${first?.detail}` : `${errors.length} properties cannot be taken`;
  return fail('invalid', summary, errors.slice(0, ERRORS_MAX));
}
