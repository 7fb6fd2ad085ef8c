import { CliFailure, EXIT } from './failure.ts';

/** One JSON value of a file, not parsed, and where it stands. */
export interface JsonItem {
  readonly bytes: Buffer;
  /** From 0. */
  readonly index: number;
  /** From 1, where the item begins. */
  readonly line: number;
  /** Bytes of the file up to the item's end. */
  readonly endByte: number;
}

const ITEM_BYTES_MAX = 16 * 1024 * 1024;
const [NEWLINE, QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x0a, 0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The items of a JSON array, of NDJSON, or of one object, while the file is being read: a file of any size takes the
 * memory of one item. What is no JSON comes out as an item, too: whoever parses it says so, with its line.
 */
export async function* jsonItems(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonItem> {
  const splitter = new Splitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

class Splitter {
  /** In a list, items end at commas; in lines, at line ends; a first object that spans lines makes `objects`. */
  #form: 'unknown' | 'list' | 'lines' | 'objects' = 'unknown';
  #pending: Buffer = Buffer.alloc(0);
  #position = 0;
  #itemStart = -1;
  #itemLine = 1;
  #line = 1;
  #index = 0;
  #depth = 0;
  #inString = false;
  #passedBytes = 0;
  #afterList = false;

  *push(chunk: Buffer): Generator<JsonItem> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    yield* this.#scan();
    const keepFrom = this.#itemStart === -1 ? this.#position : this.#itemStart;
    this.#pending = this.#pending.subarray(keepFrom);
    this.#position -= keepFrom;
    this.#passedBytes += keepFrom;
    if (this.#itemStart !== -1) this.#itemStart = 0;
    if (this.#pending.length > ITEM_BYTES_MAX) throw new CliFailure(EXIT.usage, `the item in line ${this.#itemLine} is larger than ${ITEM_BYTES_MAX} bytes`);
  }

  *end(): Generator<JsonItem> {
    if (this.#itemStart !== -1) yield* this.#emit(this.#pending.length);
    else if (this.#form === 'list' && !this.#afterList) throw new CliFailure(EXIT.usage, `the file ends inside its array (line ${this.#line})`);
  }

  *#scan(): Generator<JsonItem> {
    const bytes = this.#pending;
    while (this.#position < bytes.length) {
      const byte = bytes[this.#position] as number;
      if (this.#inString) {
        if (byte === BACKSLASH) {
          // The escaped byte may be in the next chunk.
          if (this.#position + 1 >= bytes.length) return;
          this.#position += 2;
          continue;
        }
        // No JSON string spans lines: whatever this is, it ends here.
        if (byte === QUOTE || byte === NEWLINE) this.#inString = false;
        if (byte !== NEWLINE) {
          this.#position += 1;
          continue;
        }
      }
      if (this.#itemStart === -1) this.#between(byte);
      else yield* this.#inside(byte);
      if (byte === NEWLINE) this.#line += 1;
      this.#position += 1;
    }
  }

  #between(byte: number): void {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE) return;
    if (this.#form === 'unknown') {
      // Editors of another system put a byte order mark there.
      if ((byte === 0xef || byte === 0xbb || byte === 0xbf) && this.#passedBytes + this.#position < 3) return;
      if (byte === OPEN_LIST) {
        this.#form = 'list';
        return;
      }
    }
    if (this.#form === 'list') {
      if (byte === COMMA) return;
      if (byte === CLOSE_LIST) {
        this.#afterList = true;
        return;
      }
    }
    this.#itemStart = this.#position;
    this.#itemLine = this.#line;
    this.#depth = 0;
    this.#count(byte);
  }

  *#inside(byte: number): Generator<JsonItem> {
    const atEnd = this.#depth <= 0;
    if (this.#form === 'list') {
      if (atEnd && (byte === COMMA || byte === CLOSE_LIST)) {
        if (byte === CLOSE_LIST) this.#afterList = true;
        yield* this.#emit(this.#position);
        return;
      }
    } else if (byte === NEWLINE) {
      if (this.#form === 'unknown') this.#form = atEnd ? 'lines' : 'objects';
      if (this.#form === 'lines' || atEnd) {
        yield* this.#emit(this.#position);
        return;
      }
    }
    this.#count(byte);
  }

  #count(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
  }

  *#emit(end: number): Generator<JsonItem> {
    const bytes = Buffer.from(this.#pending.subarray(this.#itemStart, end));
    this.#itemStart = -1;
    this.#inString = false;
    yield { bytes, index: this.#index++, line: this.#itemLine, endByte: this.#passedBytes + end };
  }
}
