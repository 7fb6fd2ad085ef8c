import { done, fail, messageOf, type Result } from '../faults.ts';
import { type At, snapshotAt } from '../protocol/at.ts';
import type { LogLine, Queries, RetentionRules, SnapshotDescription, SnapshotDetail, SnapshotTaken } from '../protocol/commands.ts';
import { quietly } from './files.ts';
import type { Journal } from './journal.ts';
import { damageOf, describe, describeWithFiles } from './manifest.ts';
import { superfluous } from './retention.ts';
import { deleteSnapshot, type KeptSnapshot, listSnapshots, type SnapshotParts, takeSnapshot } from './snapshot.ts';

/**
 * The snapshot cycle: take, keep what retention says, and let the journal go as far as two snapshots have it.
 * Invariant: the journal reaches back to the second newest snapshot, because the newest may turn out to be damaged.
 */
export class Snapshots {
  readonly #parts: SnapshotParts;
  readonly #journal: Journal;
  readonly #tell: (line: LogLine) => void;
  readonly #known: Map<string, KeptSnapshot>;
  /** What the tables were loaded from or last written to. */
  #base: KeptSnapshot | undefined;
  #isTaking = false;
  /** The newest. */
  last: SnapshotDescription | undefined;
  /** Of the store key of the newest. */
  #lastKeyId: string | undefined;

  /**
   * @param known those whose manifests have been read, by folder
   * @param loaded the name of the one that the tables were loaded from
   */
  constructor(parts: SnapshotParts, journal: Journal, tell: (line: LogLine) => void, known: Map<string, KeptSnapshot>, loaded: string | undefined) {
    this.#parts = parts;
    this.#journal = journal;
    this.#tell = tell;
    this.#known = known;
    this.#base = [...known.values()].find(({ manifest }) => manifest.name === loaded);
    this.#lookForNewest();
  }

  /** Takes one, lets the superfluous go, and the part of the journal that two snapshots have. Never two at once. */
  async take({ reason, note, retention, skipUnchanged }: Queries['snapshot.take']['in']): Promise<Result<SnapshotTaken>> {
    const journal = this.#journal;
    if (this.#isTaking) return fail('snapshot-failed', 'a snapshot is being taken already');
    // After a rotation nothing has changed either, but secrets are to be under the new key.
    const isSame = this.#parts.sequenceNow() === this.last?.sequence && this.#lastKeyId === this.#parts.identity.keyId;
    if (skipUnchanged && isSame) return done({ taken: undefined, pruned: [] });
    this.#isTaking = true;
    try {
      const taken = await takeSnapshot(this.#parts, reason, note, this.#base);
      this.last = taken;
      this.#base = this.#kept().find(({ manifest }) => manifest.name === taken.name);
      this.#lastKeyId = this.#parts.identity.keyId;
      journal.bytesSinceSnapshot = 0;
      journal.roll();
      // Where the end of the segment could not be made durable the store is over, and deletes nothing any more.
      return done({ taken, pruned: journal.broken === undefined ? this.#prune(retention, taken.name) : [] });
    } catch (error) {
      return fail('snapshot-failed', `${messageOf(error)}; the snapshots and the journal before it are as they were`);
    } finally {
      this.#isTaking = false;
    }
  }

  #prune(retention: RetentionRules, taken: string): readonly string[] {
    const pruned: string[] = [];
    try {
      this.#pruneNow(retention, taken, pruned);
    } catch (error) {
      // The new snapshot stands; what could not go now goes after the next one.
      this.#tell({ level: 'warn', message: `old snapshots or journal segments could not be deleted: ${messageOf(error)}`, fields: {} });
    }
    return pruned;
  }

  #pruneNow(retention: RetentionRules, taken: string, pruned: string[]): void {
    const parts = this.#parts;
    const kept = this.#kept();
    const aged = kept.map(({ manifest }) => ({ name: manifest.name, sequence: manifest.sequence, timeMs: Date.parse(manifest.time) }));
    for (const name of superfluous(aged, retention)) {
      // After a clock that went back it looks older than others of the same change, and somebody was just told its name.
      if (name === taken) continue;
      deleteSnapshot(parts.files, parts.directory, name);
      pruned.push(name);
      this.#tell({ level: 'info', message: `deleted the snapshot ${name}, as retention says`, fields: { snapshot: name } });
    }
    // The journal reaches back to the second newest: the newest may turn out to be damaged.
    const second = kept[1];
    if (second === undefined) return;
    const dropped = this.#journal.dropThrough(second.manifest.sequence);
    if (dropped.length > 0)
      this.#tell({ level: 'info', message: `dropped ${dropped.length} journal segments that snapshots have`, fields: { segments: dropped.length } });
  }

  /** Newest first. */
  #kept(): readonly KeptSnapshot[] {
    return listSnapshots(this.#parts.files, this.#parts.directory, this.#known);
  }

  /** The one that is meant, with its files. */
  read(at: At): Result<SnapshotDetail | undefined> {
    const { files } = this.#parts;
    try {
      const kept = this.#kept();
      const manifest = snapshotAt(
        kept.map((each) => each.manifest),
        at,
      );
      const found = kept.find((each) => each.manifest === manifest);
      return done(found === undefined ? undefined : describeWithFiles(files, found.folder, found.manifest, found.checksum));
    } catch (error) {
      return fail('snapshot-failed', `the snapshot cannot be read: ${messageOf(error)}`);
    }
  }

  /**
   * Deletes one that the store can do without: another one is sound, and the journal reaches back to the second newest of
   * those that stay, or to the first change when only one does.
   */
  delete(name: string): Result<{ deleted: string } | undefined> {
    const { files, directory } = this.#parts;
    try {
      const kept = this.#kept();
      if (!kept.some(({ manifest }) => manifest.name === name)) return done(undefined);
      const staying = kept.filter(({ manifest }) => manifest.name !== name);
      const sound = staying.find(({ folder, manifest }) => damageOf(files, folder, manifest) === undefined);
      if (sound === undefined) return fail('conflict', `${name} is the last sound snapshot; take another one first`);
      const needed = Math.min(sound.manifest.sequence, staying[1]?.manifest.sequence ?? 0) + 1;
      const first = this.#journal.firstSequence();
      if (first > needed) {
        return fail(
          'conflict',
          `without ${name} nothing could stand in for the newest snapshot: the journal begins with change ${first}; take another one first`,
        );
      }
      deleteSnapshot(files, directory, name);
      this.#lookForNewest();
      return done({ deleted: name });
    } catch (error) {
      // It may be out of sight and not away: then there is something to take a snapshot of.
      quietly(() => this.#lookForNewest());
      return fail('snapshot-failed', `the snapshot could not be deleted: ${messageOf(error)}`);
    }
  }

  #lookForNewest(): void {
    const [newest] = this.#kept();
    this.last = newest === undefined ? undefined : describe(newest.manifest, newest.checksum);
    this.#lastKeyId = newest?.manifest.keyId;
  }

  list(): Result<readonly SnapshotDescription[]> {
    try {
      return done(this.#kept().map(({ manifest, checksum }) => describe(manifest, checksum)));
    } catch (error) {
      return fail('snapshot-failed', `the folder of snapshots cannot be read: ${messageOf(error)}`);
    }
  }
}
