import { done, fail, type Result } from '../faults.ts';

/**
 * Cuts a body that comes in pieces into its records: the lines of NDJSON, or the elements of one JSON array. It looks at
 * bytes only: what stands inside an element is the parser's to judge, and a body of a gigabyte is never in memory whole.
 */
export interface ItemSplitter {
  /** The items that this piece completes. They may share memory with the piece. */
  push(piece: Buffer): Result<readonly Buffer[]>;
  /** What was left when the body ended. */
  end(): Result<readonly Buffer[]>;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** `[` and `{` become `{` with this bit, `]` and `}` become `}`. */
const BRACKET_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

/** The beginning of an item whose end has not come yet. */
class Unfinished {
  readonly #bytesMax: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Keeps a piece of the item; refuses when the item has become too large. */
  add(piece: Buffer): Result<undefined> {
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMax) return fail('too-large', `a record may have ${this.#bytesMax} bytes`);
    if (piece.length > 0) this.#pieces.push(piece);
    return done(undefined);
  }

  take(): Buffer {
    const item = this.#pieces.length === 1 && this.#pieces[0] !== undefined ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return item;
  }
}

/** Where the first line begins, from there on, that is not blank or does not end in this piece. */
function afterBlankLines(piece: Buffer, from: number): number {
  let start = from;
  for (let at = from; at < piece.length && isBlank(piece[at] as number); at++) if (piece[at] === NEWLINE) start = at + 1;
  return start;
}

/** One record a line; blank lines are passed over. */
export class LineSplitter implements ItemSplitter {
  readonly #unfinished: Unfinished;

  constructor(itemBytesMax: number) {
    this.#unfinished = new Unfinished(itemBytesMax);
  }

  push(piece: Buffer): Result<readonly Buffer[]> {
    const items: Buffer[] = [];
    let from = 0;
    for (;;) {
      if (this.#unfinished.isEmpty) from = afterBlankLines(piece, from);
      const at = piece.indexOf(NEWLINE, from);
      const kept = this.#unfinished.add(piece.subarray(from, at === -1 ? piece.length : at));
      if (!kept.ok) return kept;
      if (at === -1) return done(items);
      this.#takeInto(items);
      from = at + 1;
    }
  }

  end(): Result<readonly Buffer[]> {
    const items: Buffer[] = [];
    this.#takeInto(items);
    return done(items);
  }

  #takeInto(items: Buffer[]): void {
    const line = this.#unfinished.take();
    if (!line.every(isBlank)) items.push(line);
  }
}

/** The elements of the one array that the body is. */
export class ArraySplitter implements ItemSplitter {
  readonly #unfinished: Unfinished;
  #place: 'before' | 'first' | 'element' | 'after' = 'before';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(itemBytesMax: number) {
    this.#unfinished = new Unfinished(itemBytesMax);
  }

  push(piece: Buffer): Result<readonly Buffer[]> {
    const items: Buffer[] = [];
    /** Where the element that is being read begins in this piece. */
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] as number;
      if (this.#place === 'element' && this.#isInside(byte)) continue;
      if (isBlank(byte)) continue;
      switch (this.#place) {
        case 'before':
          if (byte !== OPEN_ARRAY) return malformed('the body must be one array');
          this.#place = 'first';
          from = at + 1;
          break;
        case 'first':
          if (byte === CLOSE_ARRAY) {
            this.#place = 'after';
            break;
          }
          this.#place = 'element';
          from = at;
          // This byte may open a bracket or a string, so it is read again as part of the element.
          at -= 1;
          break;
        case 'element': {
          // Only what ends an element at the top level comes here.
          const kept = this.#unfinished.add(piece.subarray(from, at));
          if (!kept.ok) return kept;
          const item = this.#unfinished.take();
          if (item.every(isBlank)) return malformed('an element is missing between two commas, or before the end');
          items.push(item);
          this.#place = byte === COMMA ? 'element' : 'after';
          from = at + 1;
          break;
        }
        case 'after':
          return malformed('something follows the end of the array');
      }
    }
    if (this.#place === 'element') {
      const kept = this.#unfinished.add(piece.subarray(from));
      if (!kept.ok) return kept;
    }
    return done(items);
  }

  end(): Result<readonly Buffer[]> {
    return this.#place === 'after' ? done([]) : malformed('the array does not end');
  }

  /** Whether a byte belongs to the element; false for what ends it. */
  #isInside(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return true;
    }
    if (byte === QUOTE) {
      this.#isInString = true;
      return true;
    }
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) return false;
    const bracket = byte | BRACKET_BIT;
    if (bracket === OPENING) this.#depth += 1;
    // A closing brace too many stays inside, where the parser finds it.
    else if (bracket === CLOSING && this.#depth > 0) this.#depth -= 1;
    return true;
  }
}

function malformed(detail: string): Result<never> {
  return fail('malformed-json', detail);
}
