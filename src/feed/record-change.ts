import type { CommittedChange } from '../protocol/changes.ts';

type Fields = Record<string, unknown>;

/** A change whose JSON is parsed when somebody needs it, and once for all. */
export class RecordChange {
  readonly kind: string;
  readonly key: string;
  readonly sequence: number;
  readonly timeMs: number;
  readonly type: 'created' | 'updated' | 'deleted';
  readonly image: Uint8Array;
  readonly #source: CommittedChange;
  #record: Fields | undefined;
  #predecessor: { readonly record: Fields | undefined } | undefined;

  constructor(source: CommittedChange) {
    this.kind = source.kind;
    this.key = source.key;
    this.sequence = source.sequence;
    this.timeMs = source.timeMs;
    this.type = source.type;
    this.image = source.image;
    this.#source = source;
  }

  get record(): Fields {
    this.#record ??= parsed(this.image);
    return this.#record;
  }

  /** The record before an update; undefined when nobody has it any more. */
  get predecessor(): Fields | undefined {
    if (this.#predecessor === undefined) {
      const image = this.#source.readPredecessor();
      this.#predecessor = { record: image === undefined ? undefined : parsed(image) };
    }
    return this.#predecessor.record;
  }
}

function parsed(image: Uint8Array): Fields {
  return JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as Fields;
}
