import { patched } from '../../src/store/patch.ts';
import type { Told } from '../support/committed.ts';
import type { Heard } from './fake-outlet.ts';

/** What a subscriber must have been told, judged from the list of all changes and from nothing of the feed's own code. */

export interface Wish {
  readonly subtype?: string;
  readonly keys?: readonly string[];
  readonly patch?: boolean;
  readonly signalsOnly?: boolean;
  /** As in the URL; only where signals are what is looked at. */
  readonly kinds?: string;
  readonly endpoint?: string;
}

export interface Bounds {
  /** The oldest change that the journal still has. */
  readonly firstKept: number;
  /** Everything up to here must have been told; undefined: the subscriber was ended, and may come back. */
  readonly last: number | undefined;
  /** The sequence of the first position, or why the subscriber must begin with a reset. */
  readonly firstIs: string;
}

/**
 * Invariant that is checked: between a position (or a reset) and the next, each change that is wanted comes once, in
 * order, with the right content; a position says nothing that is not so.
 */
export function wrongWith(heard: readonly Heard[], wish: Wish, history: readonly Told[], { firstKept, last, firstIs }: Bounds): string | undefined {
  const [first] = heard;
  if (first === undefined) return last === undefined ? undefined : 'nothing was told';
  const began = first.type === 'holdfast.feed.reset' ? first.data?.['reason'] : first.sequence;
  if (began !== firstIs) return `began with ${first.type} ${began} and not with ${firstIs}`;
  let at = Number(first.sequence);
  const ids = new Set<string>();
  for (const event of heard.slice(1)) {
    if (event.sequence === undefined) {
      if (ids.has(event.id)) return `the signal ${event.id} came twice`;
      ids.add(event.id);
      continue;
    }
    const sequence = Number(event.sequence);
    if (event.type === 'holdfast.feed.reset') {
      if (event.data?.['reason'] !== 'too-old' || at + 1 >= firstKept) return `was reset by ${event.data?.['reason']} at ${at}, and ${firstKept} is there`;
      at = sequence;
      continue;
    }
    const missed = missedBetween(history, wish, at, sequence - 1);
    if (missed !== undefined) return `${event.type} ${sequence} came, but ${missed.type} ${missed.sequence} was not told before (from ${at})`;
    if (event.type === 'holdfast.feed.position') {
      if (sequence < at) return `position ${sequence} after ${at}`;
      // The change at a position is told already.
      const own = missedBetween(history, wish, Math.max(at, sequence - 1), sequence);
      if (own !== undefined) return `position ${sequence} came before its change`;
      at = Math.max(at, sequence);
      continue;
    }
    if (sequence <= at) return `${sequence} came after ${at}`;
    const wrong = wrongContent(event, wish, history, firstKept);
    if (wrong !== undefined) return `${event.type} ${sequence}: ${wrong}`;
    at = sequence;
  }
  const missed = last === undefined ? undefined : missedBetween(history, wish, at, last);
  return missed === undefined ? undefined : `${missed.type} ${missed.sequence} was never told (told up to ${at} of ${last})`;
}

function missedBetween(history: readonly Told[], wish: Wish, after: number, upTo: number): Told | undefined {
  return history.slice(after, Math.max(after, upTo)).find((change) => fitOf(change, wish) !== 'out');
}

function fitOf(change: Told, { subtype, keys, signalsOnly }: Wish): 'fits' | 'left' | 'out' {
  if (signalsOnly === true || keys?.includes(change.key) === false) return 'out';
  if (subtype === undefined || subtypeOf(change.image) === subtype) return 'fits';
  return change.before !== undefined && subtypeOf(change.before) === subtype ? 'left' : 'out';
}

function subtypeOf(image: string): unknown {
  return (JSON.parse(image) as { Subtype?: string }).Subtype;
}

function wrongContent(event: Heard, wish: Wish, history: readonly Told[], firstKept: number): string | undefined {
  const change = history[Number(event.sequence) - 1];
  if (change === undefined) return 'there is no such change';
  if (change.sequence !== Number(event.sequence)) return 'the history has gaps';
  if (event.type !== `holdfast.${change.kind}.${change.type}` || event.subject !== change.key) return 'another type or subject';
  if (event.lastEventId !== undefined && event.lastEventId !== event.id) return `a stream's id is ${event.lastEventId}`;
  const before = history.slice(0, change.sequence - 1).findLast(({ key }) => key === change.key);
  // Without the record before, an update is rather told than left out.
  const mayLackPredecessor = change.type === 'updated' && (before?.sequence ?? 0) < firstKept;
  const fit = fitOf(change, wish);
  if (fit === 'out' && !(mayLackPredecessor && event.matches === false)) return 'was not wanted';
  if (event.matches !== (fit === 'fits' ? undefined : false)) return `matches is ${event.matches}`;
  const isPatch = event.datacontenttype === 'application/merge-patch+json';
  if (isPatch !== (wish.patch === true && change.type === 'updated') && !mayLackPredecessor) return `is ${event.datacontenttype}`;
  if (!isPatch) return JSON.stringify(event.data) === change.image ? undefined : 'other data than the record';
  const merged = patched(JSON.parse(change.before ?? '{}') as Record<string, unknown>, { type: 'merge', document: event.data });
  const after = JSON.parse(change.image) as Record<string, unknown>;
  return merged.ok && sorted(merged.value) === sorted(after) ? undefined : 'a patch that does not lead to the record';
}

function sorted(record: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
