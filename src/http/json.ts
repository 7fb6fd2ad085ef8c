import { strict as assert } from 'node:assert';
import { isAscii, isUtf8 } from 'node:buffer';
import { done, fail, type Result } from '../faults.ts';
import { type Flaw, findFlaw } from './json-flaw.ts';

/**
 * Reads JSON that a client sent. What different readers would understand differently is refused here, before anything
 * else sees it: duplicate members, lone surrogates, numbers beyond the double, `__proto__`, nesting that breaks the stack
 * of whoever comes next. On the good path that costs one pass over the bytes and one over the parsed members; which
 * place is wrong is found out only when something is.
 */

/** Levels of arrays and objects in one body. */
export const JSON_DEPTH_MAX = 64;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** `[` and `{` become `{` with this bit, `]` and `}` become `}`. */
const BRACKET_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const TOO_DEEP = -1;
const BYTE_ORDER_MARK = 0xfe_ff;

/**
 * The value of a body, or of a line of NDJSON.
 * @returns a fault `invalid-encoding` or `malformed-json`; its texts name places and member names, never values.
 */
export function parseJson(bytes: Buffer): Result<unknown> {
  const text = textOf(bytes);
  if (text === undefined) return fail('invalid-encoding', 'JSON is read as UTF-8, and this is not');
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) return fail('invalid-encoding', 'the text begins with a byte order mark, which JSON must not have');

  const scanned = scan(bytes);
  if (scanned === TOO_DEEP) return fail('malformed-json', `nested deeper than ${JSON_DEPTH_MAX}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const flaw = findFlaw(text);
    assert(flaw !== undefined, 'what JSON.parse refuses has a flaw');
    return faultOf(flaw);
  }
  const members = scanned >> 1;
  const hasUnicodeEscape = (scanned & 1) === 1;
  if (soundMembers(value) !== members || hasUnicodeEscape) {
    const flaw = findFlaw(text);
    if (flaw !== undefined) return faultOf(flaw);
  }
  return done(value);
}

/** ASCII is by far the commonest, and the cheapest to make a string of. */
function textOf(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/**
 * Twice the number of members (colons outside strings), plus one when a string has a `\u` escape; `TOO_DEEP` instead.
 * Right for valid JSON; of other text it only has to make an end.
 */
function scan(bytes: Buffer): number {
  const { length } = bytes;
  let depth = 0;
  let members = 0;
  let hasUnicodeEscape = 0;
  for (let index = 0; index < length; index++) {
    const byte = bytes[index] as number;
    if (byte === QUOTE) {
      for (index++; index < length; index++) {
        const inside = bytes[index] as number;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && bytes[++index] === LETTER_U) hasUnicodeEscape = 1;
      }
    } else if (byte === COLON) {
      members++;
    } else if ((byte | BRACKET_BIT) === OPENING) {
      if (++depth > JSON_DEPTH_MAX) return TOO_DEEP;
    } else if ((byte | BRACKET_BIT) === CLOSING) {
      depth--;
    }
  }
  return members * 2 + hasUnicodeEscape;
}

/** The number of members at all levels, or NaN when there is one named `__proto__` or a number that is not finite. */
function soundMembers(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const element: unknown = value[index];
      if (typeof element !== 'string') count += soundMembers(element);
    }
    return count;
  }
  for (const name in value) {
    if (name === '__proto__') return Number.NaN;
    const member = (value as Record<string, unknown>)[name];
    count += typeof member === 'string' ? 1 : 1 + soundMembers(member);
  }
  return count;
}

function faultOf(flaw: Flaw): Result<never> {
  if (flaw.pointer === undefined) return fail('malformed-json', flaw.detail);
  const place = flaw.pointer === '' ? 'the value' : flaw.pointer;
  return fail('malformed-json', `${place} ${flaw.detail}`, [{ pointer: flaw.pointer, detail: flaw.detail }]);
}
