import { messageOf } from '../faults.ts';

/**
 * Text of foreign origin, made fit for logs, problems and the journal. Plugins throw whatever they like: objects whose
 * `toString` throws, errors whose message is no text or is a gigabyte long. Nothing here throws.
 */

export const MESSAGE_CHARS_MAX = 4096;

const LONE_SURROGATES = /\p{Surrogate}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is looking for
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const LINE_BREAKS = /[\t\n\u2028\u2029]/g;

/** Cut to `charsMax` characters; control characters (but tab and line feed) become blanks, halves of surrogate pairs U+FFFD. */
export function plainText(text: string, charsMax: number = MESSAGE_CHARS_MAX): string {
  const cut = text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text;
  return cut.replace(CONTROL_CHARACTERS, ' ').replace(LONE_SURROGATES, '\uFFFD');
}

/** The same as one line: in a log a line feed of a caller's choice would begin a line that looks like the server's own. */
export function logText(text: string, charsMax: number = MESSAGE_CHARS_MAX): string {
  return plainText(text, charsMax).replace(LINE_BREAKS, ' ');
}

/** What was thrown, in words. */
export function thrownText(thrown: unknown): string {
  try {
    const text: unknown = messageOf(thrown);
    if (typeof text === 'string' && text.trim() !== '') return plainText(text);
    return `something without a message was thrown (${nameOf(thrown)})`;
  } catch {
    return 'something was thrown that cannot be put into words';
  }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? plainText(String(thrown.name), 100) : typeof thrown;
}

/** A value for a message: its type, or its beginning if it is short text or a number. */
export function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(plainText(value, 60));
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'undefined';
    case 'function':
      return 'a function';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

export function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATES) === -1;
}

/** Neither C0 nor C1 control characters, tab and line feed included. */
export function hasControlCharacters(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}
