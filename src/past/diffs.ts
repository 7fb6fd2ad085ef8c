import type { Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import { jsonPatchOf } from '../json-patch.ts';
import type { DiffPart, DiffPlace, PastQueries, Present } from '../protocol/past.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';
import { isOutOfMemory, type Session, type Statements } from '../store/database.ts';
import { Diff, type Difference, typeOf, type Window } from './diff.ts';
import type { SideParts } from './diff-side.ts';
import type { PastLimits } from './limits.ts';
import { Pruned } from './past-state.ts';
import type { Timeline } from './timeline.ts';

/** Comparisons that were asked for last, and their answers part by part: each begins behind a record. */

/** Their files are held open, and what differs is known by key. */
const KEPT_MAX = 4;
/** With those whose answer may still be under way: a client may take its time between two parts. */
const HELD_MAX = 16;
const REST_MS = 60_000;
/** Of the memory that all of the past may take, what they may take beside it. */
const MEMORY_SHARE = 1 / 4;
/** Retention may delete what an answer is about to be built from. */
const ATTEMPTS_MAX = 3;
/** For the images of one side. */
const IMAGES_SHARE = 1 / 16;

type Input = PastQueries['past.diff']['in'];

interface Page {
  readonly parts: Uint8Array[];
  rows: number;
  bytes: number;
  /** The last record in it. */
  last: { readonly kind: string; readonly key: string } | undefined;
}

export class Diffs {
  readonly #parts: SideParts;
  readonly #timeline: Timeline;
  readonly #limits: PastLimits;
  readonly #kindsNow: readonly Kind[];
  /** By what they compare; used last at the end. */
  readonly #kept = new Map<string, Diff>();

  constructor(parts: Omit<SideParts, 'imageBytesMax'>, timeline: Timeline, limits: PastLimits, kindsNow: readonly Kind[]) {
    this.#parts = { ...parts, imageBytesMax: Math.trunc(limits.memoryBytes * IMAGES_SHARE) };
    this.#timeline = timeline;
    this.#limits = limits;
    this.#kindsNow = kindsNow;
  }

  /** A part of the differences, by kind and key; the next one begins behind its last record. */
  async part(input: Input, scratch: Session, present: Present, deadlineMs: number): Promise<Result<DiffPart>> {
    for (const sequence of [input.from, input.to]) {
      if (sequence > present.sequence) return fail('invalid-parameter', `change ${sequence} is in the future: the newest is ${present.sequence}`);
    }
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      try {
        const diff = this.#diffOf(input, present);
        if (!diff.ok) return diff;
        return done(await scratch.alone((sql) => this.#partOf(sql, diff.value, input, deadlineMs)));
      } catch (error) {
        if (error instanceof Pruned) this.#drop(nameOf(input));
        else if (!isOutOfMemory(error)) throw error;
        else if (this.#kept.get(nameOf(input))?.readFewer() !== true) return fail('overloaded', 'what differs does not fit into the memory of a comparison');
      }
    }
    return fail('not-found', `the states after change ${input.from} and change ${input.to} are not both kept any more`);
  }

  close(): void {
    for (const name of [...this.#kept.keys()]) this.#drop(name);
  }

  /** @throws Pruned */
  #diffOf(input: Input, present: Present): Result<Diff> {
    const name = nameOf(input);
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    if (kept !== undefined) {
      this.#kept.set(name, kept);
      kept.usedMs = this.#parts.clock.monotonicMs();
      return done(kept);
    }
    const from = this.#timeline.planOf(input.from, present);
    const to = this.#timeline.planOf(input.to, present);
    if (from === undefined || to === undefined) {
      return fail('not-found', `the state after change ${from === undefined ? input.from : input.to} is not kept any more`);
    }
    const then = new Set([...from.kinds, ...to.kinds].map((kind) => kind.name));
    const unknown = input.kinds?.find((kind) => !then.has(kind) && !this.#kindsNow.some((now) => now.name === kind));
    if (unknown !== undefined) return fail('invalid-parameter', `"kind" names "${unknown}", which is no kind, and was none then`);
    const kinds = input.kinds ?? [...new Set([...then, ...this.#kindsNow.map((kind) => kind.name)])].filter((kind) => kind !== RESERVATIONS);
    const diff = Diff.open(this.#parts, from, to, kinds);
    this.#kept.set(name, diff);
    diff.usedMs = this.#parts.clock.monotonicMs();
    return done(diff);
  }

  /** All but the one that was used last may go. */
  #evict(): void {
    const rested = this.#parts.clock.monotonicMs() - REST_MS;
    let bytes = [...this.#kept.values()].reduce((sum, diff) => sum + diff.bytes, 0);
    for (const [name, diff] of this.#kept) {
      const isTooMuch = this.#kept.size > HELD_MAX || bytes > this.#limits.memoryBytes * MEMORY_SHARE;
      const isTooMany = this.#kept.size > KEPT_MAX && diff.usedMs < rested;
      if (this.#kept.size === 1 || !(isTooMuch || isTooMany)) return;
      bytes -= diff.bytes;
      this.#drop(name);
    }
  }

  #drop(name: string): void {
    this.#kept.get(name)?.close();
    this.#kept.delete(name);
  }

  async #partOf(
    sql: Statements,
    diff: Diff,
    { after, limit = Number.POSITIVE_INFINITY, rowsMax, form, separator }: Input,
    deadlineMs: number,
  ): Promise<DiffPart> {
    await diff.compare(sql, deadlineMs);
    this.#evict();
    const page: Page = { parts: [], rows: 0, bytes: 0, last: undefined };
    const most = Math.min(rowsMax, limit);
    let isWhole = true;
    for (const kind of diff.kinds) {
      const all = diff.differences(kind);
      let next = placeBehind(all, kind, after);
      while (next < all.length && page.rows < most && page.bytes < this.#limits.partBytes) {
        const window = await diff.window(sql, kind, next, form === 'patch');
        next += this.#render(kind, all.slice(next, Math.min(window.end, next + most - page.rows)), window, form, separator, page);
      }
      isWhole = next === all.length;
      if (!isWhole) break;
    }
    const next = endOfPage(diff, after, limit);
    return {
      // Not from a pool: it goes to another thread as it is.
      bytes: Uint8Array.from(Buffer.concat(page.parts)),
      rows: page.rows,
      counts: diff.counts(),
      ...(isWhole || page.last === undefined || page.rows === limit ? {} : { more: page.last }),
      ...(next === undefined ? {} : { next }),
    };
  }

  /** @returns how many of them have been written */
  #render(kind: string, records: readonly Difference[], { before, after }: Window, form: Input['form'], separator: string, page: Page): number {
    let written = 0;
    for (const record of records) {
      const line = lineOf(kind, record, before.get(record.key), after.get(record.key), form);
      if (page.rows > 0) page.parts.push(Buffer.from(separator));
      page.parts.push(...line);
      page.bytes += line.reduce((sum, { length }) => sum + length, 1);
      page.rows += 1;
      page.last = { kind, key: record.key };
      written += 1;
      if (page.bytes >= this.#limits.partBytes) break;
    }
    return written;
  }
}

function nameOf({ from, to, kinds }: Input): string {
  return [from, to, ...(kinds ?? [])].join(' ');
}

/** The first difference of a kind that comes behind a record. */
function placeBehind(all: readonly Difference[], kind: string, after: DiffPlace | undefined): number {
  if (after === undefined || kind > after.kind) return 0;
  const place = kind < after.kind ? -1 : all.findIndex(({ key }) => key > after.key);
  return place === -1 ? all.length : place;
}

/** The last record of a page; undefined when nothing comes behind it. */
function endOfPage(diff: Diff, after: DiffPlace | undefined, limit: number): DiffPlace | undefined {
  let left = limit;
  let last: DiffPlace | undefined;
  for (const kind of diff.kinds) {
    const all = diff.differences(kind);
    const first = placeBehind(all, kind, after);
    const end = all[Math.min(first + left, all.length) - 1];
    if (end !== undefined && first < all.length && left > 0) last = { kind, key: end.key };
    if (all.length - first > left) return last;
    left -= all.length - first;
  }
  return undefined;
}

/** One change as JSON, in pieces. What is only there once is told as a whole. @throws Pruned */
function lineOf(kind: string, record: Difference, before: Uint8Array | undefined, after: Uint8Array | undefined, form: Input['form']): readonly Uint8Array[] {
  const { key, from, to } = record;
  if ((from !== 0 && before === undefined) || (to !== 0 && after === undefined)) throw new Pruned();
  const type = typeOf(record);
  const head = JSON.stringify({ kind, key, type, ...(from === 0 ? {} : { fromRevision: from }), ...(to === 0 ? {} : { toRevision: to }) }).slice(0, -1);
  if (form === 'patch' && before !== undefined && after !== undefined) {
    return [Buffer.from(`${head},"patch":${JSON.stringify(jsonPatchOf(parsed(before), parsed(after)))}}`)];
  }
  return [Buffer.from(head), ...(before === undefined ? [] : [BEFORE, before]), ...(after === undefined ? [] : [AFTER, after]), END];
}

const BEFORE = Buffer.from(',"before":');
const AFTER = Buffer.from(',"after":');
const END = Buffer.from('}');

function parsed(image: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as Readonly<Record<string, unknown>>;
}
