import { done, fail, type Result } from '../faults.ts';
import type { FrontLimits } from './limits.ts';

/** Query parameters, decoded, in the order in which they came; a name may come several times. */
export type QueryParameters = readonly (readonly [name: string, value: string])[];

/** Reads a raw query string. What does not decode is refused, not guessed. */
export function parseQuery(raw: string, limits: FrontLimits): Result<QueryParameters> {
  if (raw === '') return done(NO_PARAMETERS);
  const parameters: [string, string][] = [];
  for (const part of raw.split('&')) {
    if (part === '') continue;
    if (parameters.length >= limits.queryParametersMax) return fail('invalid-parameter', `more than ${limits.queryParametersMax} query parameters`);
    const equals = part.indexOf('=');
    const name = decoded(equals === -1 ? part : part.slice(0, equals));
    const value = decoded(equals === -1 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return fail('invalid-parameter', 'the query string is not properly percent-encoded UTF-8');
    if (value.length > limits.queryValueBytesMax) {
      return fail('invalid-parameter', `a value of "${name.slice(0, NAME_SHOWN_MAX)}" is longer than ${limits.queryValueBytesMax}`);
    }
    parameters.push([name, value]);
  }
  return done(parameters);
}

const NO_PARAMETERS: QueryParameters = [];
const KNOWN = done(undefined);
/** A long name is cut in the answer that complains about it. */
const NAME_SHOWN_MAX = 100;

function decoded(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Malformed escapes are the caller's; there is nothing more to learn from the error.
    return undefined;
  }
}

/** The fault for the first parameter that is not among `known`, or that comes twice. */
export function refuseUnknown(query: QueryParameters, known: readonly string[]): Result<undefined> {
  if (query.length === 0) return KNOWN;
  const seen = new Set<string>();
  for (const [name] of query) {
    if (!known.includes(name)) return unknownParameter(name, known);
    if (seen.has(name)) return fail('invalid-parameter', `the parameter "${name}" is given twice`);
    seen.add(name);
  }
  return done(undefined);
}

export function unknownParameter(name: string, known: readonly string[]): { ok: false; fault: { code: 'invalid-parameter'; detail: string } } {
  const hint = known.length === 0 ? 'there are none here' : `known here: ${known.join(', ')}`;
  return { ok: false, fault: { code: 'invalid-parameter', detail: `unknown query parameter "${name.slice(0, NAME_SHOWN_MAX)}" (${hint})` } };
}

export function valueIn(query: QueryParameters, name: string): string | undefined {
  for (const [candidate, value] of query) if (candidate === name) return value;
  return undefined;
}

/** A parameter that is `true` or `false`, false when absent. */
export function flagIn(query: QueryParameters, name: string): Result<boolean> {
  const value = valueIn(query, name);
  if (value === undefined || value === 'false') return done(false);
  return value === 'true' ? done(true) : fail('invalid-parameter', `"${name}" must be true or false`);
}
