import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import { HIDDEN_PROPERTIES, RESERVATIONS } from '../protocol/reservations.ts';
import { bytesOf, type Statements } from '../store/database.ts';
import type { JournalReader } from '../store/journal-reader.ts';
import { lineOf, linesIn, reparsed } from '../store/row-lines.ts';
import { parquet } from '../store/tables.ts';
import type { Archive, OpenSnapshot } from './archive.ts';
import { shownOf } from './past-list.ts';
import { OutOfTime, Pruned } from './past-state.ts';
import type { ColumnFile } from './same-columns.ts';
import type { Plan } from './timeline.ts';

/**
 * One of the two states of a comparison, without ever being built: the files of its snapshot, which are held open, and
 * what the journal has changed since then, by key. Files and the newest images stay at hand, so that retention may delete
 * snapshot and journal while the comparison is still being read.
 */

export interface SideParts {
  readonly archive: Archive;
  readonly journal: JournalReader;
  readonly clock: Clock;
  /** Of images that are kept; others are read again from the journal. */
  readonly imageBytesMax: number;
}

/** What a record became by changes of the journal. */
interface Overlaid {
  /** 0: it was deleted. */
  readonly revision: number;
  /** Undefined: not kept. */
  readonly image: Uint8Array | undefined;
}

/** One version of a record. */
export interface Place {
  readonly key: string;
  readonly revision: number;
}

const NOTHING: ReadonlyMap<string, Overlaid> = new Map();
/** Changes between two looks at the clock. */
const CHANGES_AT_ONCE = 4096;
/** Where fewer changes than this lie between two that are looked for, all are read through. */
const SPARSE = 32;

export class DiffSide {
  readonly plan: Plan;
  readonly #parts: SideParts;
  readonly #kinds: readonly string[];
  readonly #snapshot: OpenSnapshot | undefined;
  readonly #overlaid = new Map<string, Map<string, Overlaid>>();
  #reached: number;
  #imageBytes = 0;

  private constructor(parts: SideParts, plan: Plan, kinds: readonly string[], snapshot: OpenSnapshot | undefined) {
    this.#parts = parts;
    this.plan = plan;
    this.#kinds = kinds;
    this.#snapshot = snapshot;
    this.#reached = snapshot?.manifest.sequence ?? 0;
  }

  /** @param kinds that are compared: no others are looked at. @throws Pruned */
  static open(parts: SideParts, plan: Plan, kinds: readonly string[]): DiffSide {
    const snapshot = plan.snapshot === undefined ? undefined : parts.archive.open(plan.snapshot);
    if (plan.snapshot !== undefined && snapshot === undefined) throw new Pruned();
    return new DiffSide(parts, plan, kinds, snapshot);
  }

  /** The last change that is in the files. */
  get base(): number {
    return this.#snapshot?.manifest.sequence ?? 0;
  }

  /** The rows of a kind as the snapshot has them; undefined when it has none. */
  rowsOf(kindName: string): { readonly kind: Kind; readonly from: string } | undefined {
    const table = this.#snapshot?.table(kindName);
    return table === undefined || table.entry.rows === 0 ? undefined : { kind: table.kind, from: parquet(table.path) };
  }

  /** The file of a kind, for whoever looks at its bytes. */
  fileOf(kindName: string): ColumnFile | undefined {
    const snapshot = this.#snapshot;
    const table = snapshot?.table(kindName);
    if (snapshot === undefined || table === undefined || table.entry.rows === 0) return undefined;
    const { schemaHash, key } = table.kind;
    return { path: table.path, schemaHash, key, bytes: (offset, length) => snapshot.bytes(kindName, offset, length) };
  }

  /** Of images that are kept. */
  get imageBytes(): number {
    return this.#imageBytes;
  }

  /** What came after the snapshot, by key. Good when the journal has been read. */
  overlaid(kindName: string): ReadonlyMap<string, Overlaid> {
    return this.#overlaid.get(kindName) ?? NOTHING;
  }

  /** Goes on where it was when the time was over. @throws Pruned, OutOfTime */
  readJournal(deadlineMs: number): void {
    const [only] = this.#kinds;
    const mentioning = this.#kinds.length === 1 && only !== undefined ? Buffer.from(only) : undefined;
    const reach = (sequence: number, isLook: boolean): void => {
      this.#reached = sequence;
      if (isLook && this.#parts.clock.nowMs() > deadlineMs) throw new OutOfTime();
    };
    const changes = this.#parts.journal.changes(this.#reached, this.plan.sequence, mentioning, (through) => reach(through, true));
    for (let untilLook = CHANGES_AT_ONCE; ; untilLook--) {
      const next = changes.next();
      if (next.done === true && next.value === 'pruned') throw new Pruned();
      if (next.done === true) break;
      const { kind, key, type, image, sequence } = next.value;
      if (this.#kinds.includes(kind)) this.#overlay(kind, key, sequence, type === 'deleted' ? undefined : image);
      reach(sequence, untilLook <= 0);
      if (untilLook <= 0) untilLook = CHANGES_AT_ONCE;
    }
    this.#reached = this.plan.sequence;
  }

  /** Images of versions that are in this state, by key. @param without columns that are left out of those from the file. @throws Pruned */
  async images(sql: Statements, kindName: string, places: readonly Place[], without: ReadonlySet<string>): Promise<ReadonlyMap<string, Uint8Array>> {
    const images = new Map<string, Uint8Array>();
    const inFile = places.filter(({ revision }) => revision <= this.base);
    const inJournal = places.filter(({ revision }) => revision > this.base);
    for (const { key, image } of await this.#imagesInFile(sql, kindName, inFile, without)) images.set(key, image);
    for (const { key, image } of this.#imagesInJournal(kindName, inJournal)) images.set(key, image);
    return images;
  }

  close(): void {
    this.#snapshot?.close();
  }

  #overlay(kind: string, key: string, sequence: number, image: Uint8Array | undefined): void {
    let ofKind = this.#overlaid.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#overlaid.set(kind, ofKind);
    }
    this.#imageBytes -= ofKind.get(key)?.image?.length ?? 0;
    const isKept = image !== undefined && this.#imageBytes + image.length <= this.#parts.imageBytesMax;
    // A copy: images are views of whole blocks of the journal.
    ofKind.set(key, { revision: image === undefined ? 0 : sequence, image: isKept ? Uint8Array.from(image) : undefined });
    if (isKept) this.#imageBytes += image.length;
  }

  async #imagesInFile(
    sql: Statements,
    kindName: string,
    places: readonly Place[],
    without: ReadonlySet<string>,
  ): Promise<readonly { key: string; image: Uint8Array }[]> {
    const rows = this.rowsOf(kindName);
    if (places.length === 0 || rows === undefined) return [];
    const whole = shownOf(rows.kind);
    const shown = { ...whole, columns: whole.columns.filter(({ name }) => !without.has(name)) };
    // By the revision: to compare numbers takes a tenth of what it takes to compare keys.
    const query = `SELECT encode(${lineOf(shown)}) FROM ${rows.from} WHERE "revision" IN (SELECT unnest(from_json($1, '["BIGINT"]')))`;
    const found: { key: string; image: Uint8Array }[] = [];
    for (const [blob] of await sql.rows(query, [JSON.stringify(places.map(({ revision }) => revision))])) {
      const bytes = bytesOf(blob);
      for (const { key, image, needsReparse } of linesIn(shown, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
        found.push({ key, image: needsReparse ? Buffer.from(reparsed(image)) : image });
      }
    }
    return found;
  }

  #imagesInJournal(kindName: string, places: readonly Place[]): readonly { key: string; image: Uint8Array }[] {
    const overlaid = this.overlaid(kindName);
    const missing = new Set(places.filter(({ key }) => overlaid.get(key)?.image === undefined).map(({ revision }) => revision));
    const read = this.#readAgain([...missing].sort((a, b) => a - b));
    return places.map(({ key, revision }) => {
      const image = overlaid.get(key)?.image ?? read.get(revision);
      if (image === undefined) throw new Pruned();
      return { key, image: kindName === RESERVATIONS ? publicReservation(image) : image };
    });
  }

  #readAgain(revisions: readonly number[]): ReadonlyMap<number, Uint8Array> {
    const { journal } = this.#parts;
    const read = new Map<number, Uint8Array>();
    const [first] = revisions;
    const last = revisions.at(-1);
    if (first === undefined || last === undefined) return read;
    if (last - first > revisions.length * SPARSE) {
      for (const revision of revisions) {
        const image = journal.imageOf(revision);
        if (image !== undefined) read.set(revision, Uint8Array.from(image));
      }
      return read;
    }
    const wanted = new Set(revisions);
    for (const { sequence, image } of journal.changes(first - 1, last)) if (wanted.has(sequence)) read.set(sequence, Uint8Array.from(image));
    return read;
  }
}

function publicReservation(image: Uint8Array): Uint8Array {
  const members = Object.entries(JSON.parse(Buffer.from(image).toString('utf8')) as Record<string, unknown>);
  return Buffer.from(JSON.stringify(Object.fromEntries(members.filter(([name]) => !HIDDEN_PROPERTIES.has(name)))));
}
