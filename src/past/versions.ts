import type { Clock } from '../clock.ts';
import { mergePatchOf } from '../merge-patch.ts';
import type { CommittedChange } from '../protocol/changes.ts';
import type { PastOutput, PastQueries, Present, Version } from '../protocol/past.ts';
import type { Session } from '../store/database.ts';
import type { JournalReader } from '../store/journal-reader.ts';
import { lineOf } from '../store/row-lines.ts';
import type { KeptSnapshot } from '../store/snapshot.ts';
import { parquet, quoted } from '../store/tables.ts';
import type { Archive } from './archive.ts';
import { renderedLine } from './past-list.ts';
import { OutOfTime } from './past-state.ts';

/**
 * The versions of one record, newest first: every one that the journal has, and before it those that snapshots happen to
 * have seen. Between two snapshots several changes may be hidden, and a deletion is only known to have come before one.
 */

export interface VersionParts {
  readonly archive: Archive;
  readonly journal: JournalReader;
  readonly clock: Clock;
  /** Reads rows of snapshots; nothing is kept in it. */
  readonly scratch: Session;
  /** Of the records of one answer, which has one version at least. */
  readonly bytesMax: number;
}

/** With what a patch is made from. */
type Seen = Omit<Version, 'image' | 'patch'> & { readonly image: Uint8Array };

export async function versionsOf(
  parts: VersionParts,
  { kind, key, before = Number.MAX_SAFE_INTEGER, limit, patch }: PastQueries['past.versions']['in'],
  present: Present,
  deadlineMs: number,
): Promise<PastOutput<'past.versions'>> {
  // One more says whether there are more, and is what the last one is a patch of.
  const seen: Seen[] = [];
  let bytes = 0;
  let more = false;
  for await (const version of allVersions(parts, kind, key, Math.min(before - 1, present.sequence), limit + 1, present, deadlineMs)) {
    seen.push(version);
    bytes += version.image.length;
    more = seen.length > limit || (seen.length > 1 && bytes > parts.bytesMax);
    if (more) break;
  }
  const told = more ? seen.slice(0, -1) : seen;
  return { versions: told.map((version, index): Version => (patch ? asPatch(version, seen[index + 1]) : version)), more };
}

/** @param upTo newer ones are left out. @param max so many are asked for, at most */
async function* allVersions(
  parts: VersionParts,
  kind: string,
  key: string,
  upTo: number,
  max: number,
  present: Present,
  deadlineMs: number,
): AsyncGenerator<Seen> {
  const { journal, archive } = parts;
  const first = journal.firstSequence(present.sequence);
  let journaled = 0;
  for (const change of journal.changesOf(kind, key, first, upTo, max, parts.bytesMax)) {
    yield inJournal(change);
    journaled += 1;
  }
  if (journaled >= max || first <= 1) return;
  const snapshots = archive.list(present.storeId);
  const rows = new Rows(parts, kind, key, deadlineMs);
  // The journal's first change of the record says whether there was one before; without any, a snapshot of that time does.
  const nearest = snapshots.findLast((kept) => kept.manifest.sequence >= first - 1 && archive.isSound(kept));
  const oldest = oldestIn(journal, kind, key, first, present.sequence);
  const row = nearest === undefined ? undefined : await rows.of(nearest);
  const wasGone = oldest === undefined ? row === undefined : oldest.type === 'created';
  const end: Stop = { snapshot: nearest, row: row !== undefined && row.sequence < first ? row : undefined };
  const older = snapshots.filter(({ manifest }) => manifest.sequence < first - 1);
  let gone = wasGone ? { sequence: first - 1, time: nearest?.manifest.time ?? timeAt(journal, first, present) } : undefined;
  let last: number | undefined;
  for await (const { snapshot, row: found } of distinct(rows, [end, ...older.map((kept) => ({ snapshot: kept }))])) {
    if (snapshot === undefined) continue;
    if (found === undefined) {
      if (snapshot.manifest.sequence < first) gone = { sequence: snapshot.manifest.sequence, time: snapshot.manifest.time };
      continue;
    }
    if (gone !== undefined && gone.sequence <= upTo) yield { ...found, ...gone, type: 'deleted', source: 'snapshot' };
    gone = undefined;
    if (found.sequence !== last && found.sequence <= upTo) yield found;
    last = found.sequence;
  }
}

function inJournal({ sequence, timeMs, type, image }: CommittedChange): Seen {
  return { sequence, time: new Date(timeMs).toISOString(), type, source: 'journal', image };
}

function oldestIn(journal: JournalReader, kind: string, key: string, first: number, upTo: number): CommittedChange | undefined {
  for (const change of journal.changes(first - 1, upTo, Buffer.from(key))) if (change.kind === kind && change.key === key) return change;
  return undefined;
}

function timeAt(journal: JournalReader, sequence: number, present: Present): string {
  for (const { timeMs } of journal.times(sequence - 1, sequence)) return new Date(timeMs).toISOString();
  return new Date(present.timeMs).toISOString();
}

interface Stop {
  /** Undefined: it cannot be read, and says nothing. */
  readonly snapshot: KeptSnapshot | undefined;
  readonly row?: Seen | undefined;
}

/**
 * The same snapshots with the record's rows. Where the record is the same in two of them it is the same in all between,
 * and those need not be read.
 */
async function* distinct(rows: Rows, stops: readonly Stop[]): AsyncGenerator<Stop> {
  const [newest] = stops;
  if (newest === undefined) return;
  yield newest;
  // The first to come is at the end.
  const waiting: { readonly from: Stop; readonly at: number; readonly to: number }[] = [{ from: newest, at: 0, to: stops.length - 1 }];
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    const { from, at, to } = span;
    if (to <= at) continue;
    const end = await rows.at(stops[to], from);
    const isSame = from.row !== undefined && end.row?.sequence === from.row.sequence;
    if (isSame || to === at + 1) {
      yield end;
      continue;
    }
    const middle = (at + to) >> 1;
    const between = await rows.at(stops[middle], from);
    waiting.push({ from: between, at: middle, to }, { from, at, to: middle });
  }
}

/** The record's rows in snapshots. */
class Rows {
  readonly #parts: VersionParts;
  readonly #kind: string;
  readonly #key: string;
  readonly #deadlineMs: number;
  readonly #read = new Map<KeptSnapshot, Seen | undefined>();

  constructor(parts: VersionParts, kind: string, key: string, deadlineMs: number) {
    this.#parts = parts;
    this.#kind = kind;
    this.#key = key;
    this.#deadlineMs = deadlineMs;
  }

  /** A stop with its row; one that cannot be read passes for the newer one. */
  async at(stop: Stop | undefined, newer: Stop): Promise<Stop> {
    if (stop?.snapshot === undefined || !this.#parts.archive.isSound(stop.snapshot)) return { ...newer, snapshot: undefined };
    return { snapshot: stop.snapshot, row: await this.of(stop.snapshot) };
  }

  async of(snapshot: KeptSnapshot): Promise<Seen | undefined> {
    if (this.#read.has(snapshot)) return this.#read.get(snapshot);
    if (this.#parts.clock.nowMs() > this.#deadlineMs) throw new OutOfTime();
    const row = await rowIn(this.#parts, snapshot, this.#kind, this.#key);
    const seen = row === undefined ? undefined : asSeen(row.revision, row.image, snapshot.manifest.name);
    this.#read.set(snapshot, seen);
    return seen;
  }
}

function asSeen(sequence: number, image: Uint8Array, snapshot: string): Seen {
  const { created_at, updated_at } = recordIn(image) as { readonly created_at?: string; readonly updated_at?: string };
  return { sequence, time: updated_at ?? '', type: created_at === updated_at ? 'created' : 'updated', source: 'snapshot', snapshot, image };
}

/** One record as a snapshot has it, straight from its file. Undefined also when the snapshot cannot be read. */
export async function rowIn(
  { archive, scratch }: Pick<VersionParts, 'archive' | 'scratch'>,
  snapshot: KeptSnapshot,
  kindName: string,
  key: string,
): Promise<{ readonly revision: number; readonly image: Uint8Array } | undefined> {
  const open = archive.open(snapshot);
  const table = open?.table(kindName);
  try {
    if (table === undefined || table.entry.rows === 0) return undefined;
    const { kind, path } = table;
    const query = `SELECT encode(${lineOf(kind)}) FROM ${parquet(path)} WHERE ${quoted(kind.key)} = $1`;
    const [line] = await scratch.alone((sql) => sql.rows(query, [key]));
    return line === undefined ? undefined : renderedLine(kind, line[0]);
  } finally {
    open?.close();
  }
}

/** As the feed has it: an update is a patch where the version before it is known, all others are whole. */
function asPatch({ image, ...version }: Seen, before: Seen | undefined): Version {
  if (version.type !== 'updated' || before === undefined) return { ...version, image };
  if (before.type === 'deleted') return { ...version, image };
  return { ...version, patch: JSON.stringify(mergePatchOf(recordIn(before.image), recordIn(image))) };
}

function recordIn(image: Uint8Array): Record<string, unknown> {
  return JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as Record<string, unknown>;
}
