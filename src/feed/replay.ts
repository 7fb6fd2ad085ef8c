import type { ReplayableJournal } from '../protocol/changes.ts';
import { type EventForm, eventId, type Origin, type ResetReason, SSE_END, sseStart, writeChangeEvent } from './event.ts';
import { type FeedFilter, Matcher } from './filter.ts';
import { RecordChange } from './record-change.ts';
import { Sink } from './sink.ts';

/**
 * Events out of the journal, for subscribers who come back or fell behind: a part at a time, each a bounded piece of work.
 * It runs in a thread of its own, so that nobody who is up to date waits for it.
 */

export interface ReplayRequest {
  /** The subscriber has everything up to here. */
  readonly after: number;
  /** Committed, and durable. */
  readonly upTo: number;
  readonly filter: FeedFilter;
  readonly form: EventForm;
  readonly origin: Origin;
}

/** A part of a replay, ready to be sent. */
export interface ReplayPart {
  readonly events: Uint8Array;
  /** Where each event ends in `events`. */
  readonly ends: Uint32Array;
  /** Everything up to here is in this part or is not wanted. */
  readonly reached: number;
}

export type Replayed = ReplayPart | { readonly reset: ResetReason };

/** A part ends when its events have so many bytes … */
const PART_BYTES = 256 * 1024;
/** … or when so many changes were looked at, wanted or not … */
const PART_CHANGES_MAX = 16_384;
/** … or when it took so long: records before a change lie all over the journal, and others wait for this thread too. */
const PART_MS = 50;
/** Filters that are prepared once for many parts. */
const MATCHERS_MAX = 256;

export class Replay {
  readonly #journal: ReplayableJournal;
  readonly #matchers = new Map<string, Matcher>();
  readonly #sink = new Sink(2 * PART_BYTES);

  constructor(journal: ReplayableJournal) {
    this.#journal = journal;
  }

  part({ after, upTo, filter, form, origin }: ReplayRequest): Replayed {
    const matcher = this.#matcherOf(filter);
    const sink = this.#sink;
    sink.clear();
    const ends: number[] = [];
    let reached = after;
    const startedMs = performance.now();
    const changes = this.#journal.changes(after, upTo);
    try {
      while (sink.length < PART_BYTES && reached - after < PART_CHANGES_MAX && (reached === after || performance.now() - startedMs < PART_MS)) {
        const next = changes.next();
        if (next.done === true) {
          if (next.value === 'pruned' && reached === after) return { reset: 'too-old' };
          break;
        }
        const change = new RecordChange(next.value);
        reached = change.sequence;
        const fit = matcher.fitOf(change);
        if (fit === 'out') continue;
        if (form === 'sse') sink.text(sseStart(eventId(origin.epoch, change.sequence)));
        writeChangeEvent(sink, change, fit, filter.patch, origin);
        if (form === 'sse') sink.text(SSE_END);
        ends.push(sink.length);
      }
    } finally {
      // The journal's file is closed, whatever happened.
      changes.return(undefined);
    }
    return { events: sink.take(), ends: Uint32Array.from(ends), reached };
  }

  #matcherOf(filter: FeedFilter): Matcher {
    const name = JSON.stringify(filter);
    let matcher = this.#matchers.get(name);
    if (matcher === undefined) {
      matcher = new Matcher(filter);
      if (this.#matchers.size >= MATCHERS_MAX) this.#matchers.clear();
      this.#matchers.set(name, matcher);
    }
    return matcher;
  }
}
