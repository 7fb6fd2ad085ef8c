import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import { AT_FORMS, type At, parseAt, snapshotAt } from '../protocol/at.ts';
import type { AsOf, Present } from '../protocol/past.ts';
import type { JournalReader } from '../store/journal-reader.ts';
import { schemaIdOf } from '../store/recovery.ts';
import type { KeptSnapshot } from '../store/snapshot.ts';
import { type Archive, schemaIdOfManifest } from './archive.ts';
import { TimeIndex } from './time-index.ts';

/**
 * Where a place in the past lies, and what there is to rebuild it from: the newest sound snapshot at or before it, and the
 * journal from there on. Where the journal does not reach that snapshot any more, the snapshot is as near as one can get.
 */

/** What a state is built from. It is the state after precisely the change `sequence`. */
export interface Plan {
  readonly sequence: number;
  /** Undefined: the journal reaches back to the first change. */
  readonly snapshot: KeptSnapshot | undefined;
  /** The kinds as they were then. */
  readonly kinds: readonly Kind[];
  readonly schemaId: string;
}

interface Reached {
  readonly plan: Plan;
  readonly exact: boolean;
}

export class Timeline {
  readonly #archive: Archive;
  readonly #journal: JournalReader;
  readonly #kindsNow: readonly Kind[];
  readonly #times = new TimeIndex();

  /** @param kindsNow in the order that the journal names schemas by. */
  constructor(archive: Archive, journal: JournalReader, kindsNow: readonly Kind[]) {
    this.#archive = archive;
    this.#journal = journal;
    this.#kindsNow = kindsNow;
  }

  /** What `at` comes to. @param exactly refuses what is only near it */
  resolve(text: string, exactly: boolean, present: Present): Result<{ readonly asOf: AsOf; readonly plan: Plan }> {
    const at = parseAt(text);
    if (at === undefined) return fail('invalid-parameter', `"at" is ${AT_FORMS}`);
    const snapshots = this.#archive.list(present.storeId);
    const target = this.#targetOf(at, text, snapshots, present);
    if (!target.ok) return target;
    const reached = this.#reach(target.value.sequence, snapshots, present);
    if (reached === undefined) return this.#tooEarly(text, snapshots, present);
    const exact = reached.exact && target.value.isCertain;
    if (exactly && !exact) return fail('not-found', `the state after change ${target.value.sequence} is not kept any more; ask anew`);
    return done({ asOf: this.#describe(reached.plan, exact, present), plan: reached.plan });
  }

  /** What the state after precisely this change is built from; undefined when that is not kept any more. */
  planOf(sequence: number, present: Present): Plan | undefined {
    const reached = this.#reach(sequence, this.#archive.list(present.storeId), present);
    return reached?.exact === true ? reached.plan : undefined;
  }

  /** All changes between the plan's snapshot and its end were written by the schemas that it ends with. */
  hasOneSchema({ sequence, snapshot, schemaId }: Plan): boolean {
    const after = snapshot?.manifest.sequence ?? 0;
    return sequence === after || this.#journal.schemaIds(after, sequence).every((id) => id === schemaId);
  }

  /** `isCertain`: no change is known or possible between what was asked for and this one. */
  #targetOf(at: At, text: string, snapshots: readonly KeptSnapshot[], present: Present): Result<{ sequence: number; isCertain: boolean }> {
    switch (at.type) {
      case 'now':
        return done({ sequence: present.sequence, isCertain: true });
      case 'earliest': {
        const sequence = this.#earliest(snapshots, present);
        return sequence === undefined ? fail('not-found', 'nothing that is past is kept') : done({ sequence, isCertain: true });
      }
      case 'latest':
      case 'snapshot': {
        const snapshot = snapshotAt(
          snapshots.map(({ manifest }) => manifest),
          at,
        );
        if (snapshot !== undefined) return done({ sequence: snapshot.sequence, isCertain: true });
        return fail('not-found', at.type === 'latest' ? 'there is no snapshot' : `there is no snapshot ${text}`);
      }
      case 'sequence':
        if (at.sequence <= present.sequence) return done({ sequence: at.sequence, isCertain: true });
        return fail('invalid-parameter', `"at" is in the future: the newest change is ${present.sequence}`);
      case 'time': {
        if (at.timeMs > present.timeMs) return fail('invalid-parameter', `"at" is in the future: here it is ${new Date(present.timeMs).toISOString()}`);
        return this.#targetAt(at, text, snapshots, present);
      }
    }
  }

  /** The journal knows the time of each change; before it begins, snapshots say when they were taken. */
  #targetAt(at: At & { type: 'time' }, text: string, snapshots: readonly KeptSnapshot[], present: Present): Result<{ sequence: number; isCertain: boolean }> {
    const first = this.#journal.firstSequence(present.sequence);
    this.#times.extend(this.#journal.times(this.#times.reached, present.sequence));
    const change = this.#times.newestAt(at.timeMs);
    if (change !== undefined && change.sequence >= first) return done({ sequence: change.sequence, isCertain: true });
    const older = snapshots.map(({ manifest }) => manifest).filter(({ sequence }) => sequence < first);
    const snapshot = snapshotAt(older, at);
    if (snapshot === undefined) return this.#tooEarly(text, snapshots, present);
    return done({ sequence: snapshot.sequence, isCertain: snapshot.sequence + 1 === first });
  }

  #reach(sequence: number, snapshots: readonly KeptSnapshot[], present: Present): Reached | undefined {
    const first = this.#journal.firstSequence(present.sequence);
    const snapshot = snapshots.find((kept) => kept.manifest.sequence <= sequence && this.#archive.isSound(kept));
    const after = snapshot?.manifest.sequence ?? 0;
    if (snapshot !== undefined && after === sequence) return { plan: this.#planAt(snapshot), exact: true };
    const then = first <= after + 1 ? this.#kindsAt(sequence, snapshots) : undefined;
    if (then !== undefined) return { plan: { sequence, snapshot, ...then }, exact: true };
    return snapshot === undefined ? undefined : { plan: this.#planAt(snapshot), exact: false };
  }

  #planAt(snapshot: KeptSnapshot): Plan {
    const { manifest } = snapshot;
    const kinds = this.#archive.kindsOf(snapshot);
    assert(kinds !== undefined, 'the schemas of a snapshot that was opened are known');
    return { sequence: manifest.sequence, snapshot, kinds, schemaId: schemaIdOfManifest(manifest) };
  }

  /** The kinds that a change of the journal was written by; undefined when nobody knows their schemas any more. */
  #kindsAt(sequence: number, snapshots: readonly KeptSnapshot[]): Pick<Plan, 'kinds' | 'schemaId'> | undefined {
    const now = { kinds: this.#kindsNow, schemaId: schemaIdOf(this.#kindsNow) };
    if (sequence === 0) return now;
    const [schemaId] = this.#journal.schemaIds(sequence - 1, sequence);
    if (schemaId === undefined || schemaId === now.schemaId) return schemaId === undefined ? undefined : now;
    const written = snapshots.find(({ manifest }) => schemaIdOfManifest(manifest) === schemaId);
    const kinds = written === undefined ? undefined : this.#archive.kindsOf(written);
    return kinds === undefined ? undefined : { kinds, schemaId };
  }

  #earliest(snapshots: readonly KeptSnapshot[], present: Present): number | undefined {
    if (this.#journal.firstSequence(present.sequence) <= 1) return Math.min(1, present.sequence);
    return snapshots.findLast((kept) => this.#archive.isSound(kept))?.manifest.sequence;
  }

  #tooEarly(text: string, snapshots: readonly KeptSnapshot[], present: Present): Result<never> {
    const sequence = this.#earliest(snapshots, present);
    const earliest = sequence === undefined ? undefined : this.#reach(sequence, snapshots, present);
    if (earliest === undefined) return fail('not-found', `nothing is kept of ${text}`);
    const { time } = this.#describe(earliest.plan, true, present);
    return fail('not-found', `nothing is kept of ${text}: the earliest is change ${sequence}${time === undefined ? '' : `, of ${time}`}`);
  }

  #describe({ sequence, snapshot }: Plan, exact: boolean, present: Present): AsOf {
    const isSnapshot = snapshot?.manifest.sequence === sequence;
    const time = this.#timeOf(sequence, present) ?? (isSnapshot ? snapshot.manifest.time : undefined);
    return {
      sequence,
      ...(time === undefined ? {} : { time }),
      source: isSnapshot ? 'snapshot' : 'journal',
      ...(snapshot === undefined ? {} : { snapshot: snapshot.manifest.name }),
      exact,
    };
  }

  #timeOf(sequence: number, present: Present): string | undefined {
    if (sequence < this.#journal.firstSequence(present.sequence)) return undefined;
    for (const { timeMs } of this.#journal.times(sequence - 1, sequence)) return new Date(timeMs).toISOString();
    return undefined;
  }
}
