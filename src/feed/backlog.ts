import type { RecordView } from '../dispatch/record-view.ts';
import type { CommittedChange } from '../protocol/changes.ts';
import type { Changes } from '../protocol/commands.ts';
import type { Images } from '../protocol/images.ts';
import { NOWHERE } from '../protocol/slab.ts';

/** Changes of one reply, read one by one in the order of their sequences. */
interface Part {
  readonly lists: readonly Changes[];
  /** How far each list is read. */
  readonly read: number[];
  /** Keeps the images readable that these changes speak of. */
  readonly images: Images;
}

/** Changes that are committed and not told yet, in order. */
export class Backlog {
  #parts: Part[] = [];
  /** How many changes wait. */
  length = 0;

  add(lists: readonly Changes[], view: RecordView): void {
    this.#parts.push({ lists, read: lists.map(() => 0), images: view.pinned() });
    for (const { locations } of lists) this.length += locations.length;
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
    const { kind, locations, goneKeys, committed } = part.lists[position] as Changes;
    const index = part.read[position] as number;
    part.read[position] = index + 1;
    this.length -= 1;
    if (part.lists.every((list, at) => part.read[at] === list.locations.length)) this.#parts.shift();
    const location = locations[index] as number;
    const before = committed.predecessors[index] as number;
    const at = location === NOWHERE ? before : location;
    const image = part.images.imageIfThere(at)?.bytes;
    const key = goneKeys.get(index) ?? part.images.keyIfThere(at);
    if (image === undefined || key === undefined) return undefined;
    return {
      kind,
      key,
      sequence: committed.sequences[index] as number,
      timeMs: committed.timeMs,
      type: location === NOWHERE ? 'deleted' : before === NOWHERE ? 'created' : 'updated',
      image,
      readPredecessor: () => part.images.imageIfThere(before)?.bytes,
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
