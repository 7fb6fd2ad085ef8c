import type { Kind } from '../../schemas/kind.ts';

/** What the journal came to: the last image of each record that it names, to be put into the tables in bulk. */

export class ReplayedChanges {
  /** Per kind: key → image, or null when it was deleted. Later changes replace earlier ones. */
  readonly #kinds = new Map<string, Map<string, Uint8Array | null>>();
  bytes = 0;

  add(kind: string, key: string, image: Uint8Array | null): void {
    let images = this.#kinds.get(kind);
    if (images === undefined) {
      images = new Map();
      this.#kinds.set(kind, images);
    }
    images.set(key, image);
    this.bytes += image?.length ?? 0;
  }

  /** Of a kind: the last image of each key, null when it was deleted. */
  of({ name }: Pick<Kind, 'name'>): ReadonlyMap<string, Uint8Array | null> {
    return this.#kinds.get(name) ?? NONE;
  }

  /** By kind. */
  get kinds(): ReadonlyMap<string, ReadonlyMap<string, Uint8Array | null>> {
    return this.#kinds;
  }

  /** The images are parts of whole journal files: nothing may hold on to them longer than it must. */
  forget(): void {
    this.#kinds.clear();
    this.bytes = 0;
  }

  /** The same for one kind, of which the table has everything. */
  forgetKind({ name }: Pick<Kind, 'name'>): void {
    this.#kinds.delete(name);
  }
}

const NONE: ReadonlyMap<string, Uint8Array | null> = new Map();
