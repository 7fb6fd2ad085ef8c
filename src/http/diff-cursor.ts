import { isDateTime } from '../../schemas/formats.ts';
import { done, fail, type Result } from '../faults.ts';
import { parseAt } from '../protocol/at.ts';
import type { AsOf, DiffPlace } from '../protocol/past.ts';

/**
 * Where a page of a diff ended, and of which two states all of its pages are: opaque to clients, and good only for the
 * question that it came from. What it says of the states is said again by the next page, though they may be gone by then.
 */
export interface DiffCursor {
  readonly from: AsOf;
  readonly to: AsOf;
  readonly after: DiffPlace;
}

/** Raised when cursors change their meaning: old ones are then refused instead of misread. */
const VERSION = 1;
const CURSOR_LENGTH_MAX = 4096;

/** @param question what was asked: from, to and kinds. */
export function diffCursorText(question: readonly string[], { from, to, after }: DiffCursor): string {
  return Buffer.from(JSON.stringify([VERSION, question, asOfValues(from), asOfValues(to), after.kind, after.key])).toString('base64url');
}

export function diffCursorIn(question: readonly string[], text: string): Result<DiffCursor> {
  const parts = partsOf(text);
  if (parts === undefined) return fail('invalid-parameter', '"after" is not a cursor that a diff gave');
  const [, asked, fromValues, toValues, kind, key] = parts;
  if (JSON.stringify(asked) !== JSON.stringify(question))
    return fail('invalid-parameter', '"after" belongs to another diff: give its "from", "to" and "kind" with it');
  const from = asOfIn(fromValues);
  const to = asOfIn(toValues);
  if (from === undefined || to === undefined || typeof kind !== 'string' || typeof key !== 'string') {
    return fail('invalid-parameter', '"after" is not a cursor that a diff gave');
  }
  return done({ from, to, after: { kind, key } });
}

function partsOf(text: string): readonly unknown[] | undefined {
  if (text.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) && parts.length === 6 && parts[0] === VERSION ? parts : undefined;
  } catch {
    // Any text can come here; which one it was does not matter.
    return undefined;
  }
}

function asOfValues({ sequence, time, source, snapshot, exact }: AsOf): readonly unknown[] {
  return [sequence, time ?? null, source, snapshot ?? null, exact];
}

/** Anybody can write a cursor, and what it says goes into headers. */
function asOfIn(values: unknown): AsOf | undefined {
  if (!Array.isArray(values)) return undefined;
  const [sequence, time, source, snapshot, exact] = values as readonly unknown[];
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 0 || typeof exact !== 'boolean') return undefined;
  if (source !== 'snapshot' && source !== 'journal') return undefined;
  if (time !== null && !(typeof time === 'string' && isDateTime(time))) return undefined;
  if (snapshot !== null && !(typeof snapshot === 'string' && parseAt(snapshot)?.type === 'snapshot')) return undefined;
  return { sequence: Number(sequence), ...(time === null ? {} : { time }), source, ...(snapshot === null ? {} : { snapshot }), exact };
}
