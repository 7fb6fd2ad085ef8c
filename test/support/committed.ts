import type { RecordView } from '../../src/dispatch/record-view.ts';
import type { CommittedChange } from '../../src/protocol/changes.ts';
import type { OwnerReply } from '../../src/protocol/commands.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';

/** A change in a form that compares. */
export interface Told {
  readonly kind: string;
  readonly key: string;
  readonly sequence: number;
  readonly type: 'created' | 'updated' | 'deleted';
  readonly image: string;
  /** The record before an update. */
  readonly before: string | undefined;
}

export function toldOf(change: CommittedChange): Told {
  const { kind, key, sequence, type, image } = change;
  const before = type === 'updated' ? change.readPredecessor() : undefined;
  return { kind, key, sequence, type, image: textOf(image), before: before === undefined ? undefined : textOf(before) };
}

/** What a reply of the owner tells, while the view still has the images; empty where an image was gone before the reply. */
export function committedIn({ changes }: OwnerReply, view: RecordView): readonly Told[] {
  const imageAt = (location: number): string => textOf(view.imageIfThere(location)?.bytes ?? Buffer.alloc(0));
  const images = view.pinned();
  return changes.flatMap(({ kind, goneKeys, locations, committed }) =>
    [...locations].flatMap((location, index): readonly Told[] => {
      const key = goneKeys.get(index) ?? images.keyIfThere(location) ?? '';
      const before = committed.predecessors[index] as number;
      const type = location === NOWHERE ? 'deleted' : before === NOWHERE ? 'created' : 'updated';
      const image = imageAt(location === NOWHERE ? before : location);
      return [{ kind, key, sequence: committed.sequences[index] as number, type, image, before: type === 'updated' ? imageAt(before) : undefined }];
    }),
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
