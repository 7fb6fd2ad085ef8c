import type { Changes, Committed, OwnerReply } from '../protocol/commands.ts';
import type { StagedChange } from './overlay.ts';
import type { RecordLog } from './record-log.ts';

/** Addresses that changed since the last reply: they travel with the next one, before anybody is told of the changes. */
export class ChangeList {
  readonly #log: RecordLog;
  /** In the order in which they happened: a later one may take back what an earlier one says of a key. */
  #changes: Changes[] = [];
  #moved = new Map<string, { keys: string[]; locations: number[] }>();

  constructor(log: RecordLog) {
    this.#log = log;
  }

  /** The record is as it was, and its image lies elsewhere; or it was not in memory before. */
  moved(kind: string, key: string, location: number): void {
    let moved = this.#moved.get(kind);
    if (moved === undefined) {
      moved = { keys: [], locations: [] };
      this.#moved.set(kind, moved);
    }
    moved.keys.push(key);
    moved.locations.push(location);
  }

  /** What a batch has changed, with what the feed needs to tell of it. */
  committed(timeMs: number, staged: readonly StagedChange[]): void {
    this.#endMoves();
    const kinds = new Map<string, StagedChange[]>();
    for (const change of staged) {
      const changes = kinds.get(change.kind);
      if (changes === undefined) kinds.set(change.kind, [change]);
      else changes.push(change);
    }
    for (const [kind, changes] of kinds) {
      const committed: Committed = {
        timeMs,
        sequences: Float64Array.from(changes, ({ revision }) => revision),
        predecessors: Int32Array.from(changes, ({ predecessor }) => predecessor),
      };
      this.#changes.push({ kind, keys: changes.map(({ key }) => key), locations: Int32Array.from(changes, ({ location }) => location), committed });
    }
  }

  take(): Pick<OwnerReply, 'changes' | 'slabs' | 'releasedSlabs'> {
    this.#endMoves();
    const changes = this.#changes;
    this.#changes = [];
    const { slabs, released } = this.#log.takeNews();
    return { changes, slabs, releasedSlabs: released };
  }

  #endMoves(): void {
    if (this.#moved.size === 0) return;
    for (const [kind, { keys, locations }] of this.#moved) this.#changes.push({ kind, keys, locations: Int32Array.from(locations) });
    this.#moved = new Map();
  }
}
