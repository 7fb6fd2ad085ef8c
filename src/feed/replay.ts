import type { ReplayableJournal } from '../protocol/changes.ts';
import { changeEvent, type EventForm, eventId, type Origin, type ResetReason, sseMessage } from './event.ts';
import { type FeedFilter, Matcher } from './filter.ts';
import { RecordChange } from './record-change.ts';

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

  constructor(journal: ReplayableJournal) {
    this.#journal = journal;
  }

  part({ after, upTo, filter, form, origin }: ReplayRequest): Replayed {
    const matcher = this.#matcherOf(filter);
    const pieces: Buffer[] = [];
    const ends: number[] = [];
    let bytes = 0;
    let reached = after;
    const startedMs = performance.now();
    const changes = this.#journal.changes(after, upTo);
    try {
      while (bytes < PART_BYTES && reached - after < PART_CHANGES_MAX && (reached === after || performance.now() - startedMs < PART_MS)) {
        const next = changes.next();
        if (next.done === true) {
          if (next.value === 'pruned' && reached === after) return { reset: 'too-old' };
          break;
        }
        const change = new RecordChange(next.value);
        reached = change.sequence;
        const fit = matcher.fitOf(change);
        if (fit === 'out') continue;
        const event = changeEvent(change, fit, filter.patch, origin);
        const piece = form === 'sse' ? sseMessage(event, eventId(origin.epoch, change.sequence)) : event;
        pieces.push(piece);
        bytes += piece.length;
        ends.push(bytes);
      }
    } finally {
      // The journal's file is closed, whatever happened.
      changes.return(undefined);
    }
    // Not from a pool: the memory is handed over to another thread.
    const events = new Uint8Array(bytes);
    let offset = 0;
    for (const piece of pieces) {
      events.set(piece, offset);
      offset += piece.length;
    }
    return { events, ends: Uint32Array.from(ends), reached };
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
