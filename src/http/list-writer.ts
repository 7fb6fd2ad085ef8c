import type { RecordView } from '../dispatch/record-view.ts';
import type { ListForm } from './media-type.ts';
import { type Projection, project } from './projection.ts';
import type { Parts } from './reply-in-parts.ts';

/** Large enough that a chunk's overhead does not count, small enough that a slow client holds little. */
const CHUNK_BYTES = 256 * 1024;

/** Writes records as one JSON array or as lines, chunk by chunk, copying their images as they are. */
export class ListWriter implements Parts {
  readonly #view: RecordView;
  readonly #locations: Int32Array;
  readonly #isArray: boolean;
  readonly #projection: Projection | undefined;
  #index = 0;
  isDone = false;

  constructor(view: RecordView, locations: Int32Array, form: ListForm, projection: Projection | undefined) {
    this.#view = view;
    this.#locations = locations;
    this.#isArray = form === 'json';
    this.#projection = projection;
  }

  /** The next chunk; `isDone` is true when it was the last. It is the caller's to keep. */
  next(): Buffer {
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
