import type { Changes } from '../protocol/commands.ts';
import { NOWHERE } from '../protocol/slab.ts';
import type { StagedChange } from './overlay.ts';

/** What was committed since the last reply: it travels with the next one, for those who tell others of it. */
export class ChangeList {
  /** In the order in which they happened. */
  #changes: Changes[] = [];

  /** What a batch has changed, with what the feed needs to tell of it. */
  committed(timeMs: number, staged: readonly StagedChange[]): void {
    const kinds = new Map<string, StagedChange[]>();
    for (const change of staged) {
      const changes = kinds.get(change.kind);
      if (changes === undefined) kinds.set(change.kind, [change]);
      else changes.push(change);
    }
    for (const [kind, changes] of kinds) this.#changes.push(changesOf(kind, timeMs, changes));
  }

  take(): readonly Changes[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}

function changesOf(kind: string, timeMs: number, staged: readonly StagedChange[]): Changes {
  const locations = new Int32Array(staged.length);
  const sequences = new Float64Array(staged.length);
  const predecessors = new Int32Array(staged.length);
  const goneKeys = new Map<number, string>();
  // One loop: typed arrays made from an iterator cost several times as much.
  for (let index = 0; index < staged.length; index++) {
    const { key, location, revision, predecessor } = staged[index] as StagedChange;
    locations[index] = location;
    sequences[index] = revision;
    predecessors[index] = predecessor;
    if (location === NOWHERE) goneKeys.set(index, key);
  }
  return { kind, locations, goneKeys, committed: { timeMs, sequences, predecessors } };
}
