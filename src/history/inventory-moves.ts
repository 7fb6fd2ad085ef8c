import type { OwnerReply } from '../protocol/commands.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';

/**
 * When the inventory moved last, and which records moved while somebody watches. Reservations do not count: they are
 * renewed all the time, and no restore touches them.
 */

/** Records that are remembered for one watch: about as many as a large inventory has. */
const WATCHED_MAX = 1_000_000;

export class InventoryMoves {
  /** Of the last change of a record of the inventory. Right after a start nobody knows it: then it is that of any change. */
  sequence = 0;
  #watched: Map<string, Set<string>> | undefined;
  #count = 0;
  /** More moved than is remembered, or the owner died, and nobody knows what moved. */
  isBeyondReach = false;

  /** To be told of every answer of the owner. */
  changed({ changes, recovery, status }: OwnerReply): void {
    if (recovery !== undefined) {
      this.sequence = status.sequence;
      this.isBeyondReach = true;
    }
    for (const { kind, keys, committed } of changes) {
      if (committed === undefined || kind === RESERVATIONS) continue;
      this.sequence = Math.max(this.sequence, committed.sequences.at(-1) ?? 0);
      if (this.#watched !== undefined) this.#watch(kind, keys);
    }
  }

  /** From here on what moves is remembered. */
  begin(): void {
    this.#watched = new Map();
    this.#count = 0;
    this.isBeyondReach = false;
  }

  end(): void {
    this.#watched = undefined;
  }

  /** Keys by kind of what has moved since the last call. */
  take(): ReadonlyMap<string, ReadonlySet<string>> {
    const taken = this.#watched ?? new Map<string, Set<string>>();
    this.#watched = new Map();
    return taken;
  }

  #watch(kind: string, keys: readonly string[]): void {
    this.#count += keys.length;
    if (this.#count > WATCHED_MAX) {
      this.isBeyondReach = true;
      return;
    }
    let watched = this.#watched?.get(kind);
    if (watched === undefined) {
      watched = new Set();
      this.#watched?.set(kind, watched);
    }
    for (const key of keys) watched.add(key);
  }
}
