import { pointerInto } from '../json-pointer.ts';

/**
 * Says what is wrong with JSON text and where. It reads the text again, slowly and strictly, once it is known that
 * something is wrong; V8's own messages differ between versions and quote the text, which may hold a password.
 */

export interface Flaw {
  /** The value or member that is wrong; undefined when the text is no JSON, and `detail` says where. */
  readonly pointer?: string;
  readonly detail: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = ['true', 'false', 'null'];
const ESCAPES = '"\\/bfnrtu';

/** The first flaw of the text, or undefined. The text must not be nested deeper than the stack allows. */
export function findFlaw(text: string): Flaw | undefined {
  const reader: Reader = { text, offset: 0 };
  const flaw = readValue(reader, '');
  if (flaw !== undefined) return flaw;
  skipSpace(reader);
  return reader.offset < text.length ? syntax(reader, 'the end of the text') : undefined;
}

interface Reader {
  readonly text: string;
  offset: number;
}

function readValue(reader: Reader, pointer: string): Flaw | undefined {
  skipSpace(reader);
  const { text, offset } = reader;
  switch (text[offset]) {
    case '{':
      return readObject(reader, pointer);
    case '[':
      return readArray(reader, pointer);
    case '"': {
      const string = readString(reader);
      if (typeof string !== 'string') return string;
      return LONE_SURROGATE.test(string) ? { pointer, detail: 'has half of a surrogate pair, which is no character' } : undefined;
    }
    default:
      return readLiteral(reader, pointer);
  }
}

function readLiteral(reader: Reader, pointer: string): Flaw | undefined {
  const { text, offset } = reader;
  const literal = LITERALS.find((word) => text.startsWith(word, offset));
  if (literal !== undefined) {
    reader.offset += literal.length;
    return undefined;
  }
  NUMBER.lastIndex = offset;
  const number = NUMBER.exec(text)?.[0];
  if (number === undefined) return syntax(reader, 'a value');
  reader.offset += number.length;
  return Number.isFinite(Number(number)) ? undefined : { pointer, detail: 'is a number too large to be held' };
}

function readArray(reader: Reader, pointer: string): Flaw | undefined {
  reader.offset++;
  if (takes(reader, ']')) return undefined;
  for (let index = 0; ; index++) {
    const flaw = readValue(reader, pointerInto(pointer, index));
    if (flaw !== undefined) return flaw;
    if (takes(reader, ']')) return undefined;
    if (!takes(reader, ',')) return syntax(reader, '"," or "]"');
  }
}

function readObject(reader: Reader, pointer: string): Flaw | undefined {
  reader.offset++;
  if (takes(reader, '}')) return undefined;
  const names = new Set<string>();
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.offset] !== '"') return syntax(reader, 'a member name in double quotes');
    const name = readString(reader);
    if (typeof name !== 'string') return name;
    const member = pointerInto(pointer, name);
    const flaw = flawOfName(name, names, member);
    if (flaw !== undefined) return flaw;
    names.add(name);
    if (!takes(reader, ':')) return syntax(reader, '":"');
    const inside = readValue(reader, member);
    if (inside !== undefined) return inside;
    if (takes(reader, '}')) return undefined;
    if (!takes(reader, ',')) return syntax(reader, '"," or "}"');
  }
}

function flawOfName(name: string, names: ReadonlySet<string>, pointer: string): Flaw | undefined {
  if (names.has(name)) return { pointer, detail: 'stands twice in its object' };
  if (name === '__proto__') return { pointer, detail: 'is a name that no member may have' };
  if (LONE_SURROGATE.test(name)) return { pointer, detail: 'has half of a surrogate pair in its name, which is no character' };
  return undefined;
}

function readString(reader: Reader): string | Flaw {
  const { text } = reader;
  const start = reader.offset;
  for (reader.offset++; reader.offset < text.length; reader.offset++) {
    const character = text[reader.offset] as string;
    if (character === '"') {
      reader.offset++;
      return JSON.parse(text.slice(start, reader.offset)) as string;
    }
    if (character < ' ') return syntax(reader, 'no control character inside a string (write it as an escape)');
    if (character !== '\\') continue;
    reader.offset++;
    const escaped = text[reader.offset] ?? '';
    if (escaped === '' || !ESCAPES.includes(escaped)) return syntax(reader, 'one of "\\/bfnrtu after a backslash');
    if (escaped === 'u' && !/^[0-9a-fA-F]{4}$/.test(text.slice(reader.offset + 1, reader.offset + 5)))
      return syntax(reader, 'four hexadecimal digits after \\u');
  }
  return syntax(reader, 'the end of a string');
}

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.offset;
  SPACE.exec(reader.text);
  reader.offset = SPACE.lastIndex;
}

/** Skips white space, and `character` when it comes next. */
function takes(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.offset] !== character) return false;
  reader.offset++;
  return true;
}

function syntax({ text, offset }: Reader, expected: string): Flaw {
  if (text.trim() === '') return { detail: 'the text is empty' };
  const before = text.slice(0, offset).split('\n');
  const found = offset >= text.length ? ', but the text ends' : '';
  return { detail: `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: expected ${expected}${found}` };
}
