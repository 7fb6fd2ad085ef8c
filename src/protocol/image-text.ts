/** What stands in an image, without parsing all of it: images are JSON objects without white space. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET] = [0x7b, 0x5b, 0x7d, 0x5d] as const;

/**
 * The text of a property of the image's object itself; undefined when it has none, or it is no text.
 * @param property a name that JSON spells as it is, as those of all schemas' properties
 */
export function textIn(bytes: Buffer, start: number, end: number, property: string): string | undefined {
  for (let at = start + 1; at < end && bytes[at] === QUOTE; ) {
    const nameEnd = stringEnd(bytes, at, end);
    const valueStart = nameEnd + 1;
    const valueEnd = endOfValue(bytes, valueStart, end);
    if (nameEnd - at === property.length + 2 && isSame(bytes, at + 1, property)) {
      return bytes[valueStart] === QUOTE ? unescaped(bytes.toString('utf8', valueStart + 1, valueEnd - 1)) : undefined;
    }
    at = valueEnd + 1;
  }
  return undefined;
}

function isSame(bytes: Buffer, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (bytes[start + index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** Behind the quote that ends the string whose first quote is here. */
function stringEnd(bytes: Buffer, quote: number, end: number): number {
  let at = quote + 1;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Behind a value: where the comma or the brace stands that follows it. */
function endOfValue(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; ) {
    switch (bytes[at]) {
      case QUOTE:
        at = stringEnd(bytes, at, end);
        continue;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 0) return at;
        depth -= 1;
        break;
      case COMMA:
        if (depth === 0) return at;
    }
    at += 1;
  }
  return end;
}

function unescaped(text: string): string {
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
