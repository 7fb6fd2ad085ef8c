import { StartFailure } from '../faults.ts';

/** A start that is refused because of what is on disk, and the way out of that. */

/** Because of which file a start is refused: what an override would have to do without. */
export type Damage =
  /** From `offset` on nothing of this segment can be used where it stands. */
  | { readonly type: 'segment'; readonly name: string; readonly offset: number }
  /** The journal begins too late for what snapshots there are. */
  | { readonly type: 'gap' }
  /** These folders, though nobody can tell from their files that they are damaged. */
  | { readonly type: 'snapshots'; readonly folders: readonly string[] };

/** A start that the data itself refuses; `damage` is undefined where another key, schema or version is all that is needed. */
export class DataRefused extends StartFailure {
  readonly damage: Damage | undefined;
  constructor(message: string, damage: Damage | undefined) {
    super(message, DATA_ERROR);
    this.damage = damage;
  }
}

/** For every refusal that damage in a file caused. */
export const WAY_OUT = 'Put the file back from a copy, or let `holdfast doctor` say what can be kept without it.';

/** EX_DATAERR of sysexits.h. */
const DATA_ERROR = 65;

/** @throws DataRefused always. */
export function refuseDamage(message: string, damage?: Damage): never {
  throw new DataRefused(message, damage);
}
