import type { RecordView } from '../dispatch/record-view.ts';
import type { CommittedChange } from '../protocol/changes.ts';
import type { Changes, Committed } from '../protocol/commands.ts';
import { NOWHERE } from '../protocol/slab.ts';

/** What the owner has told of one batch for one kind. */
type CommittedChanges = Changes & { readonly committed: Committed };

/** Changes of one reply, read one by one in the order of their sequences. */
interface Part {
  readonly lists: readonly CommittedChanges[];
  /** How far each list is read. */
  readonly read: number[];
  /** Keeps the images readable that these changes speak of. */
  readonly view: RecordView;
}

/** Changes that are committed and not told yet, in order. */
export class Backlog {
  #parts: Part[] = [];
  /** How many changes wait. */
  length = 0;

  add(lists: readonly CommittedChanges[], view: RecordView): void {
    this.#parts.push({ lists, read: lists.map(() => 0), view: view.pinned() });
    for (const { keys } of lists) this.length += keys.length;
  }

  clear(): void {
    this.#parts = [];
    this.length = 0;
  }

  /** The sequence of the next change, or undefined when nothing waits. */
  get nextSequence(): number | undefined {
    const [part] = this.#parts;
    return part === undefined ? undefined : sequenceAt(part, nextList(part));
  }

  /** Takes the next change; undefined when its image is nowhere any more, which only the journal can mend. */
  take(): CommittedChange | undefined {
    const part = this.#parts[0] as Part;
    const position = nextList(part);
    const { kind, keys, locations, committed } = part.lists[position] as CommittedChanges;
    const index = part.read[position] as number;
    part.read[position] = index + 1;
    this.length -= 1;
    if (part.lists.every((list, at) => part.read[at] === list.keys.length)) this.#parts.shift();
    const location = locations[index] as number;
    const before = committed.predecessors[index] as number;
    const at = location === NOWHERE ? before : location;
    const image = part.view.imageIfThere(at)?.bytes;
    if (image === undefined) return undefined;
    return {
      kind,
      key: keys[index] as string,
      sequence: committed.sequences[index] as number,
      timeMs: committed.timeMs,
      type: location === NOWHERE ? 'deleted' : before === NOWHERE ? 'created' : 'updated',
      image,
      readPredecessor: () => part.view.imageIfThere(before)?.bytes,
    };
  }
}

/** The list whose next change comes first. */
function nextList(part: Part): number {
  let first = 0;
  for (let position = 1; position < part.lists.length; position++) if (sequenceAt(part, position) < sequenceAt(part, first)) first = position;
  return first;
}

function sequenceAt({ lists, read }: Part, position: number): number {
  return lists[position]?.committed.sequences[read[position] as number] ?? Number.POSITIVE_INFINITY;
}
