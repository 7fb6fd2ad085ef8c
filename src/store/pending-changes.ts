/** Changes that are journaled and that the tables of the working set do not have yet. */

/** Of one record. What has changed twice since the tables were written is one change. */
export interface PendingChange {
  /** The tables have a row of it, which goes. */
  readonly existed: boolean;
  /** Where its image lies, which comes; NOWHERE when the record is gone. */
  location: number;
}

/** By kind and key. */
export type Staged = ReadonlyMap<string, ReadonlyMap<string, PendingChange>>;

export class PendingChanges {
  #kinds = new Map<string, Map<string, PendingChange>>();
  /** When the oldest of those was made. */
  #sinceMs: number | undefined;
  /** The same of what is being applied. */
  #applyingSinceMs: number | undefined;
  count = 0;

  /** When the oldest change was made that the tables do not have. */
  get behindSinceMs(): number | undefined {
    return this.#applyingSinceMs ?? this.#sinceMs;
  }

  note(kind: string, key: string, location: number, existed: boolean, nowMs: number): void {
    let changes = this.#kinds.get(kind);
    if (changes === undefined) {
      changes = new Map();
      this.#kinds.set(kind, changes);
    }
    const before = changes.get(key);
    if (before === undefined) changes.set(key, { existed, location });
    else before.location = location;
    this.#sinceMs ??= nowMs;
    this.count += 1;
  }

  /** An image lies elsewhere now. */
  moved(kind: string, key: string, location: number): void {
    const change = this.#kinds.get(kind)?.get(key);
    if (change !== undefined) change.location = location;
  }

  /** Takes all of them out, as they are at this moment: however many there are, nobody waits for that. */
  drain(): Staged {
    const kinds = this.#kinds;
    this.#kinds = new Map();
    this.#applyingSinceMs = this.#sinceMs;
    this.#sinceMs = undefined;
    this.count = 0;
    return kinds;
  }

  /** The tables have what was drained. */
  applied(): void {
    this.#applyingSinceMs = undefined;
  }
}
