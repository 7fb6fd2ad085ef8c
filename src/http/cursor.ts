import type { Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import type { SortKey } from '../protocol/commands.ts';

/**
 * Where a page of a list ended, as clients carry it: opaque to them, and good only for the list that it came from.
 */
export type CursorValues = readonly (string | number | boolean | null)[];

/** Raised when cursors change their meaning: old ones are then refused instead of misread. */
const VERSION = 1;
const CURSOR_LENGTH_MAX = 4096;

/** @param sequence of a list of the past: of which change all its pages are. */
export function cursorText(kind: Kind, sort: readonly SortKey[], values: CursorValues, sequence?: number): string {
  const parts = [VERSION, kind.name, sortText(sort), values];
  return Buffer.from(JSON.stringify(sequence === undefined ? parts : [...parts, sequence])).toString('base64url');
}

/** Of a cursor of the past, its sequence; undefined of all others, and of what is no cursor. */
export function cursorSequenceIn(text: string | undefined): number | undefined {
  const sequence = text === undefined ? undefined : partsOf(text)?.[4];
  return Number.isSafeInteger(sequence) ? (sequence as number) : undefined;
}

export function cursorIn(kind: Kind, sort: readonly SortKey[], text: string | undefined, sequence?: number): Result<CursorValues | undefined> {
  if (text === undefined) return done(undefined);
  const parts = partsOf(text);
  if (parts === undefined) return fail('invalid-parameter', '"after" is not a cursor that a list gave');
  const [, kindName, sortedBy, values, takenAt] = parts;
  if (takenAt !== sequence) return fail('invalid-parameter', '"after" belongs to a list of another time; give its "at" with it');
  if (kindName !== kind.name || sortedBy !== sortText(sort)) return fail('invalid-parameter', '"after" belongs to a list of another kind or in another order');
  // One value for each sort key, and the record's key.
  if (!isValues(values) || values.length !== sort.length + 1) return fail('invalid-parameter', '"after" is not a cursor that a list gave');
  return done(values);
}

function partsOf(text: string): readonly unknown[] | undefined {
  if (text.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    // Any text can come here; which one it was does not matter.
    return undefined;
  }
  return Array.isArray(parts) && (parts.length === 4 || parts.length === 5) && parts[0] === VERSION ? parts : undefined;
}

function isValues(values: unknown): values is CursorValues {
  if (!Array.isArray(values)) return false;
  return values.every((value) => value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean');
}

function sortText(sort: readonly SortKey[]): string {
  return sort.map(({ path, descending }) => (descending ? '-' : '') + path.join('.')).join(',');
}
