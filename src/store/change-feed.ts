import type { Changes, OwnerReply } from '../protocol/commands.ts';
import type { RecordLog } from './record-log.ts';

/** Addresses that changed since the last reply: they travel with the next one, before anybody is told of the changes. */
export class ChangeFeed {
  readonly #log: RecordLog;
  readonly #changes = new Map<string, { keys: string[]; locations: number[] }>();

  constructor(log: RecordLog) {
    this.#log = log;
  }

  changed(kind: string, key: string, location: number): void {
    let changes = this.#changes.get(kind);
    if (changes === undefined) {
      changes = { keys: [], locations: [] };
      this.#changes.set(kind, changes);
    }
    changes.keys.push(key);
    changes.locations.push(location);
  }

  take(): Pick<OwnerReply, 'changes' | 'slabs' | 'releasedSlabs'> {
    const changes: Changes[] = [];
    for (const [kind, { keys, locations }] of this.#changes) changes.push({ kind, keys, locations: Int32Array.from(locations) });
    this.#changes.clear();
    const { slabs, released } = this.#log.takeNews();
    return { changes, slabs, releasedSlabs: released };
  }
}
