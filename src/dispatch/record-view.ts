import type { MessagePort } from 'node:worker_threads';
import type { Unique } from '../../schemas/kind.ts';
import type { OwnerReply } from '../protocol/commands.ts';
import type { Images, RecordImage } from '../protocol/images.ts';
import { RecordReader } from '../protocol/record-reader.ts';
import type { Viewer } from '../protocol/shared-memory.ts';
import { NOWHERE } from '../protocol/slab.ts';

/**
 * The main thread's view of the record log: key or unique value → address, and the bytes there, in memory that it shares
 * with the owner.
 * Invariant: it has every change of a batch before any reply to that batch is sent, so everybody reads their own writes.
 */

interface CommittedImages {
  readonly kind: string;
  readonly locations: Int32Array;
  readonly sequences: Float64Array;
}

export class RecordView {
  readonly #reader = new RecordReader();
  /** Of the newest batch: where each change has put its image. */
  #committed: readonly CommittedImages[] = [];
  #viewer: Viewer | undefined;

  /** Reads from here on what a new owner shows at this port. */
  follow(port: MessagePort): void {
    this.#committed = [];
    this.#reader.follow(port);
  }

  /** The same for an owner in this thread. */
  viewer(): Viewer {
    this.#reader.reset();
    const viewer: Viewer = { postMessage: (shown) => this.#viewer === viewer && this.#reader.take(shown) };
    this.#viewer = viewer;
    return viewer;
  }

  /** Takes what the owner says has changed. */
  merge(reply: OwnerReply): void {
    this.#reader.catchUp();
    if (reply.changes.length === 0) return;
    this.#committed = reply.changes.map(({ kind, locations, committed: { sequences } }) => ({ kind, locations, sequences }));
  }

  /** Lets go what the owner has let go: after everybody who has to see what was there before a change has seen it. */
  release(reply: OwnerReply): void {
    if (reply.releasedSlabs.length > 0) this.#reader.letGo(reply.releasedSlabs);
  }

  /** The owner's thread has died, and its memory with it: everything comes again from the next one. */
  reset(): void {
    this.#reader.end();
    this.#committed = [];
  }

  /** Every record has its image here. False while a start still fills the log. */
  get complete(): boolean {
    return this.#reader.isFilled;
  }

  /** Where a record lies, as a caller may see it: between two batches. Else COLD, NOWHERE or UNSURE. By its key, or else a natural key. */
  locate(kind: string, name: string, naturalKeys?: readonly Unique[]): number {
    return this.#reader.locate(kind, name, naturalKeys);
  }

  /** Where the records lie that have these values, in normal form, of a unique property, between two batches; undefined: ask the owner. */
  locateHolders(kind: string, unique: Unique, normals: readonly string[]): Int32Array | undefined {
    return this.#reader.locateHolders(kind, unique, normals);
  }

  /** Every key and unique value is known here: one that is NOWHERE does not exist. */
  get isIndexed(): boolean {
    return this.#reader.isIndexed;
  }

  /** The address of a record by its key as of now, whatever is being published; or undefined. */
  locationOf(kind: string, key: string): number | undefined {
    const location = this.#reader.find(kind, key);
    return location < 0 ? undefined : location;
  }

  /** The addresses of all records of a kind, in the order in which they came, between two batches; undefined: ask the owner. Only when `complete`. */
  listed(kind: string): Int32Array | undefined {
    return this.#reader.listed(kind);
  }

  /** The same as of now, whatever is being published. */
  locationsOf(kind: string): Int32Array {
    return this.#reader.addressesOf(kind) ?? new Int32Array(0);
  }

  /** The keys of all records of a kind, as of now. */
  *keysOf(kind: string): Generator<string> {
    const locations = this.locationsOf(kind);
    const images = this.pinned();
    for (const location of locations) yield images.keyAt(location);
  }

  countOf(kind: string): number {
    return this.#reader.countOf(kind);
  }

  /** The image at an address that came from this view or from a query's answer. */
  imageAt(location: number): RecordImage {
    return this.#reader.imageAt(location);
  }

  /**
   * The record as a change of the newest batch has made it. Later changes of the same batch are merged already: who wrote
   * first must not be told what somebody else wrote then, or he would take that for his own.
   */
  imageOf(kind: string, key: string, revision: number): RecordImage | undefined {
    const current = this.locationOf(kind, key);
    if (current !== undefined && this.revisionAt(current) === revision) return this.imageAt(current);
    for (const { kind: changed, locations, sequences } of this.#committed) {
      const index = changed === kind ? sequences.indexOf(revision) : -1;
      if (index !== -1) return this.imageIfThere(locations[index] as number);
    }
    return undefined;
  }

  revisionAt(location: number): number {
    return this.#reader.revisionAt(location);
  }

  keyAt(location: number): string {
    return this.#reader.keyAt(location);
  }

  /** The image, or undefined when the owner has let go of it already. */
  imageIfThere(location: number): RecordImage | undefined {
    return location === NOWHERE ? undefined : this.#reader.imageIfThere(location);
  }

  /** Keeps the slabs of today readable, though compaction may let them go meanwhile: for answers that take a while. */
  pinned(): Images {
    return this.#reader.pinned();
  }
}
