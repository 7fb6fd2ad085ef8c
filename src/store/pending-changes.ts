import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { COLD, type KeyIndex } from './key-index.ts';

/** Changes that are journaled and that the tables of the working set do not have yet. */

/** What the tables of one kind are to follow. */
export interface Staged {
  readonly kind: Kind;
  /** Keys whose row is there and goes. */
  readonly gone: readonly string[];
  /** Addresses of the images that come. */
  readonly locations: readonly number[];
}

export class PendingChanges {
  readonly #index: KeyIndex;
  /** Per kind: key → whether the table has a row for it. */
  #kinds = new Map<string, Map<string, boolean>>();
  /** When the oldest of those was made. */
  #sinceMs: number | undefined;
  /** The same of what is being applied. */
  #applyingSinceMs: number | undefined;
  count = 0;

  constructor(index: KeyIndex) {
    this.#index = index;
  }

  /** When the oldest change was made that the tables do not have. */
  get behindSinceMs(): number | undefined {
    return this.#applyingSinceMs ?? this.#sinceMs;
  }

  note(kind: string, key: string, existed: boolean, nowMs: number): void {
    let keys = this.#kinds.get(kind);
    if (keys === undefined) {
      keys = new Map();
      this.#kinds.set(kind, keys);
    }
    if (!keys.has(key)) keys.set(key, existed);
    this.#sinceMs ??= nowMs;
    this.count += 1;
  }

  /** Takes all of them out, as their records are now. */
  drain(): readonly Staged[] {
    const kinds = this.#kinds;
    this.#kinds = new Map();
    this.#applyingSinceMs = this.#sinceMs;
    this.#sinceMs = undefined;
    this.count = 0;
    return Array.from(kinds, ([name, keys]) => this.#staged(name, keys));
  }

  /** The tables have what was drained. */
  applied(): void {
    this.#applyingSinceMs = undefined;
  }

  #staged(name: string, keys: ReadonlyMap<string, boolean>): Staged {
    const { kind, addresses } = this.#index.of(name);
    const gone: string[] = [];
    const locations: number[] = [];
    for (const [key, existed] of keys) {
      if (existed) gone.push(key);
      const location = addresses.get(key);
      assert(location !== COLD, 'a changed record has its image in the record log');
      if (location !== undefined) locations.push(location);
    }
    return { kind, gone, locations };
  }
}
