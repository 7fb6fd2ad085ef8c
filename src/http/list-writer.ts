import type { Images } from '../protocol/images.ts';
import { HEADER_BYTES, UNIT_BYTES } from '../protocol/slab.ts';
import type { ListForm } from './media-type.ts';
import { type Projection, project } from './projection.ts';
import type { Parts } from './reply-in-parts.ts';

/** Large enough that a chunk's overhead does not count, small enough that a slow client holds little. */
const CHUNK_BYTES = 256 * 1024;
/** Fewer are not worth a chunk's memory. */
const COPIED_RECORDS_MIN = 64;

/** Writes records as one JSON array or as lines, chunk by chunk, copying their images as they are. */
export class ListWriter implements Parts {
  readonly #view: Images;
  readonly #locations: Int32Array;
  readonly #isArray: boolean;
  readonly #projection: Projection | undefined;
  /** Filled again for each part. Undefined where every record is a piece of its own. */
  readonly #chunk: Buffer | undefined;
  #index = 0;
  isDone = false;

  constructor(view: Images, locations: Int32Array, form: ListForm, projection: Projection | undefined) {
    this.#view = view;
    this.#locations = locations;
    this.#isArray = form === 'json';
    this.#projection = projection;
    this.#chunk = projection === undefined && locations.length >= COPIED_RECORDS_MIN ? Buffer.allocUnsafeSlow(CHUNK_BYTES) : undefined;
  }

  next(): Buffer {
    // A record that is larger than a chunk is joined to what belongs around it.
    return (this.#chunk === undefined ? undefined : this.#copied(this.#chunk)) ?? this.#joined();
  }

  /** The records that there is room for in the chunk; undefined when not even the next one fits. */
  #copied(chunk: Buffer): Buffer | undefined {
    let length = 0;
    while (this.#index < this.#locations.length) {
      // What threads share is copied byte by byte, five times slower, unless it goes from the beginning of a unit to that of one.
      const at = Math.ceil(length / UNIT_BYTES) * UNIT_BYTES;
      const found = this.#view.neighboursAt(this.#locations, this.#index, chunk.length - at - 1);
      if (found === undefined) break;
      chunk.set(found.bytes, at);
      length = this.#closeUp(chunk, length, at, found.count);
    }
    if (length === 0) return undefined;
    this.isDone = this.#index === this.#locations.length;
    if (this.isDone && this.#isArray) chunk[length++] = CLOSE_BYTE;
    return chunk.subarray(0, length);
  }

  /** Moves the images of neighbours, which have been copied to `at` with all that lies between them, to where they belong. */
  #closeUp(chunk: Buffer, from: number, at: number, count: number): number {
    const first = this.#locations[this.#index] as number;
    let length = from;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const header = at + ((this.#locations[this.#index] as number) - first) * UNIT_BYTES;
      const imageBytes = chunk.readUInt32LE(header);
      if (this.#isArray) chunk[length++] = this.#index === 0 ? OPEN_BYTE : COMMA_BYTE;
      chunk.copyWithin(length, header + HEADER_BYTES, header + HEADER_BYTES + imageBytes);
      length += imageBytes;
      if (!this.#isArray) chunk[length++] = NEWLINE_BYTE;
      this.#index += 1;
    }
    return length;
  }

  #joined(): Buffer {
    const parts: Buffer[] = [];
    let bytes = 0;
    while (this.#index < this.#locations.length && bytes < CHUNK_BYTES) {
      const image = this.#view.imageAt(this.#locations[this.#index] as number).bytes;
      const record = this.#projection === undefined ? image : project(this.#projection, image);
      if (this.#isArray) parts.push(this.#index === 0 ? OPEN : COMMA, record);
      else parts.push(record, NEWLINE);
      bytes += record.length + 1;
      this.#index += 1;
    }
    this.isDone = this.#index === this.#locations.length;
    if (this.isDone && this.#isArray) parts.push(this.#index === 0 ? EMPTY : CLOSE);
    return Buffer.concat(parts);
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');
const EMPTY = Buffer.from('[]');
const NEWLINE = Buffer.from('\n');
const [OPEN_BYTE, COMMA_BYTE, CLOSE_BYTE, NEWLINE_BYTE] = [0x5b, 0x2c, 0x5d, 0x0a] as const;
