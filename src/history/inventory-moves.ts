import type { RecordView } from '../dispatch/record-view.ts';
import type { Changes, OwnerReply } from '../protocol/commands.ts';
import type { Images } from '../protocol/images.ts';
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

  /** To be told of every answer of the owner, while the images that it speaks of are still readable. */
  changed({ changes, recovery, status }: OwnerReply, images: Pick<RecordView, 'pinned'>): void {
    if (recovery !== undefined) {
      this.sequence = status.sequence;
      this.isBeyondReach = true;
    }
    for (const change of changes) {
      if (change.kind === RESERVATIONS) continue;
      this.sequence = Math.max(this.sequence, change.committed.sequences.at(-1) ?? 0);
      if (this.#watched !== undefined) this.#watch(change, images.pinned());
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

  #watch({ kind, locations, goneKeys }: Changes, images: Images): void {
    this.#count += locations.length;
    if (this.#count > WATCHED_MAX) {
      this.isBeyondReach = true;
      return;
    }
    let watched = this.#watched?.get(kind);
    if (watched === undefined) {
      watched = new Set();
      this.#watched?.set(kind, watched);
    }
    for (const key of goneKeys.values()) watched.add(key);
    for (const location of locations) {
      // What is not there any more was changed again, further behind in this list.
      const key = images.keyIfThere(location);
      if (key !== undefined) watched.add(key);
    }
  }
}
