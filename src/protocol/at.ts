import { isDateTime } from '../../schemas/formats.ts';

/** A place in the past, as callers name it: wherever there is an `at`, and in the names of snapshots. */
export type At =
  | { readonly type: 'now' | 'latest' | 'earliest' }
  | { readonly type: 'snapshot'; readonly name: string }
  | { readonly type: 'sequence'; readonly sequence: number }
  | { readonly type: 'time'; readonly timeMs: number };

const SNAPSHOT_NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z-\d{12,16}$/;
const SEQUENCE = /^\d{1,16}$/;

/** For whoever wrote something else. */
export const AT_FORMS = 'the name of a snapshot, "latest", "earliest", "now", an RFC 3339 time like 2026-11-22T10:00:00Z, or a sequence';

/** Undefined when the text is no such place. */
export function parseAt(text: string): At | undefined {
  if (text === 'now' || text === 'latest' || text === 'earliest') return { type: text };
  if (SNAPSHOT_NAME.test(text)) return { type: 'snapshot', name: text };
  if (SEQUENCE.test(text)) return Number.isSafeInteger(Number(text)) ? { type: 'sequence', sequence: Number(text) } : undefined;
  return isDateTime(text) ? { type: 'time', timeMs: Date.parse(text.toUpperCase()) } : undefined;
}

interface Placed {
  readonly name: string;
  readonly time: string;
  readonly sequence: number;
}

/** The snapshot that is meant, of a list with the newest first; of times and sequences the newest at or before them. */
export function snapshotAt<T extends Placed>(newestFirst: readonly T[], at: At): T | undefined {
  switch (at.type) {
    case 'snapshot':
      return newestFirst.find(({ name }) => name === at.name);
    case 'sequence':
      return newestFirst.find(({ sequence }) => sequence <= at.sequence);
    case 'time':
      return newestFirst.find(({ time }) => Date.parse(time) <= at.timeMs);
    case 'earliest':
      return newestFirst.at(-1);
    default:
      return newestFirst[0];
  }
}
