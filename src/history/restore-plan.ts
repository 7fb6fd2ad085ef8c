import type { RecordView } from '../dispatch/record-view.ts';
import { done, fail, type Result } from '../faults.ts';
import type { RestoreEntry } from '../protocol/commands.ts';
import type { PastKind, PastOutput, PastQueries } from '../protocol/past.ts';
import { packMessage, unpackMessage } from '../protocol/wire.ts';

/**
 * What a restore stages: how records were that are not as they were. An entry says only how a record was, so it stays
 * right whatever is written meanwhile; what is written only decides whether there has to be one. Which is why a plan is
 * brought up to date by the keys of what has moved, and a superfluous entry does no harm. Only where a filter chooses, by
 * how a record is as well, what has moved is judged again, and its entry may have to go.
 */

export interface PlanParts {
  readonly view: RecordView;
  ask<K extends PastKind>(kind: K, input: PastQueries[K]['in']): Promise<Result<PastOutput<K>>>;
}

/** Which records may go back. */
export interface Selection {
  readonly kinds: readonly string[];
  /** Whether a record is meant, as it was or as it is. Absent: all of them. */
  readonly fits?: (record: unknown) => boolean;
}

export interface Part {
  readonly packedEntries: Uint8Array;
  readonly entries: number;
}

const KEYS_PER_PART = 4096;
/** Beyond it, comparing all revisions takes less time than to read so much of the journal. */
const JOURNAL_CHANGES_MAX = 100_000;
/** All entries of a restore, packed: about twice the inventory of a large site. */
const PLAN_BYTES_MAX: number = 1024 * 1024 * 1024;

export class RestorePlan {
  readonly #parts: PlanParts;
  readonly #sequence: number;
  readonly #selection: Selection;
  /** The kinds that there were. */
  readonly #kindsThen: ReadonlySet<string>;
  /** Those that the filter rejected are not among them. */
  readonly #planned = new Map<string, Set<string>>();
  /** By `Kind/key`, planned records that moved so that they do not fit any more. */
  readonly #dropped = new Set<string>();
  #bytes = 0;
  /** Records that go. They are staged first, because what follows from a deletion must not change what comes back. */
  readonly #going: Part[] = [];
  readonly #coming: Part[] = [];

  constructor(parts: PlanParts, sequence: number, kindsThen: readonly string[], selection: Selection) {
    this.#parts = parts;
    this.#sequence = sequence;
    this.#kindsThen = new Set(kindsThen);
    this.#selection = selection;
  }

  get kinds(): readonly string[] {
    return this.#selection.kinds;
  }

  get staged(): readonly Part[] {
    const parts = [...this.#going, ...this.#coming];
    if (this.#dropped.size === 0) return parts;
    return parts.map(({ packedEntries }) => {
      const entries = unpackMessage(packedEntries) as readonly RestoreEntry[];
      return partOf(entries.filter(([kind, key]) => !this.#dropped.has(`${kind}/${key}`)));
    });
  }

  /** Finds what differs, by the journal or record by record. What is written meanwhile has to be told to `extend`. */
  async compare(present: number): Promise<Result<undefined>> {
    const isNear = present - this.#sequence <= JOURNAL_CHANGES_MAX;
    const journal = isNear ? await this.#parts.ask('past.moved', { after: this.#sequence }) : done({ moved: undefined });
    if (!journal.ok) return journal;
    for (const kind of this.#selection.kinds) {
      const moved = journal.value.moved === undefined ? await this.#keysThatDiffer(kind) : done([...(journal.value.moved.get(kind) ?? [])]);
      if (!moved.ok) return moved;
      const added = await this.#add(kind, moved.value);
      if (!added.ok) return added;
    }
    return done(undefined);
  }

  /** Takes up what has moved. @returns whether there was anything new. */
  async extend(moved: ReadonlyMap<string, ReadonlySet<string>>): Promise<Result<boolean>> {
    let isNew = false;
    for (const [kind, keys] of moved) {
      if (!this.#selection.kinds.includes(kind)) continue;
      const planned = this.#planned.get(kind);
      const fresh = this.#selection.fits !== undefined ? [...keys] : [...keys].filter((key) => planned?.has(key) !== true);
      if (fresh.length === 0) continue;
      isNew = true;
      const added = await this.#add(kind, fresh);
      if (!added.ok) return added;
    }
    return done(isNew);
  }

  /** A revision is given to one change only: records with the same key and revision are the same. */
  async #keysThatDiffer(kind: string): Promise<Result<readonly string[]>> {
    const { view } = this.#parts;
    if (!this.#kindsThen.has(kind)) return done([...view.keysOf(kind)]);
    const answer = await this.#parts.ask('past.revisions', { sequence: this.#sequence, kind });
    if (!answer.ok) return answer;
    const differing: string[] = [];
    let there = 0;
    for (const lines of answer.value.lines) {
      for (const [revision, key] of revisionsIn(lines)) {
        const location = view.locationOf(kind, key);
        if (location !== undefined) there += 1;
        if (location === undefined || view.revisionAt(location) !== revision) differing.push(key);
      }
      await turn();
    }
    // Mostly every record of today was there then, too.
    if (view.countOf(kind) > there) differing.push(...(await this.#keysThatCame(kind, answer.value.lines)));
    return done(differing);
  }

  async #keysThatCame(kind: string, lines: readonly Uint8Array[]): Promise<readonly string[]> {
    const then = new Set<string>();
    for (const each of lines) {
      for (const [, key] of revisionsIn(each)) then.add(key);
      await turn();
    }
    const came: string[] = [];
    let seen = 0;
    for (const key of this.#parts.view.keysOf(kind)) {
      if (!then.has(key)) came.push(key);
      seen += 1;
      if (seen % KEYS_PER_PART === 0) await turn();
    }
    return came;
  }

  async #add(kind: string, keys: readonly string[]): Promise<Result<undefined>> {
    let planned = this.#planned.get(kind);
    if (planned === undefined) {
      planned = new Set();
      this.#planned.set(kind, planned);
    }
    for (let first = 0; first < keys.length; first += KEYS_PER_PART) {
      const part = keys.slice(first, first + KEYS_PER_PART);
      const entries = await this.#entriesOf(kind, part);
      if (!entries.ok) return entries;
      const fitting = entries.value.filter((entry) => this.#takeUp(entry, planned));
      const going = fitting.filter(([, , image]) => image === null);
      const coming = going.length === 0 ? fitting : fitting.filter(([, , image]) => image !== null);
      if (going.length > 0) this.#push(this.#going, going);
      if (coming.length > 0) this.#push(this.#coming, coming);
      if (this.#bytes > PLAN_BYTES_MAX) return fail('too-large', `what goes back is more than ${PLAN_BYTES_MAX} bytes: restore kind by kind`);
      await turn();
    }
    return done(undefined);
  }

  /** @returns whether the entry is to be added. */
  #takeUp(entry: RestoreEntry, planned: Set<string>): boolean {
    const [kind, key] = entry;
    const isPlanned = planned.has(key);
    if (!this.#isMeant(entry)) {
      if (isPlanned) this.#dropped.add(`${kind}/${key}`);
      return false;
    }
    this.#dropped.delete(`${kind}/${key}`);
    planned.add(key);
    return !isPlanned;
  }

  #push(into: Part[], entries: readonly RestoreEntry[]): void {
    const part = partOf(entries);
    this.#bytes += part.packedEntries.length;
    into.push(part);
  }

  async #entriesOf(kind: string, keys: readonly string[]): Promise<Result<readonly RestoreEntry[]>> {
    if (!this.#kindsThen.has(kind)) return done(keys.map((key): RestoreEntry => [kind, key, null]));
    const images = await this.#parts.ask('past.images', { sequence: this.#sequence, kind, keys });
    return images.ok ? done(unpackMessage(images.value.packedEntries) as readonly RestoreEntry[]) : images;
  }

  #isMeant([kind, key, image]: RestoreEntry): boolean {
    const { fits } = this.#selection;
    if (fits === undefined) return true;
    if (image !== null && fits(parsed(image))) return true;
    const { view } = this.#parts;
    const location = view.locationOf(kind, key);
    return location !== undefined && fits(parsed(view.imageAt(location).bytes));
  }
}

function partOf(entries: readonly RestoreEntry[]): Part {
  return { packedEntries: packMessage(entries), entries: entries.length };
}

function parsed(image: Uint8Array): unknown {
  return JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8'));
}

/** A revision, a space, the key as a JSON string. */
function* revisionsIn(lines: Uint8Array): Generator<readonly [revision: number, key: string]> {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8');
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const json = line.slice(space + 1);
    yield [Number(line.slice(0, space)), json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1)];
  }
}

/** Requests come in between. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
