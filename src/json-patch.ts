import { createPatch, type Operation, type Pointer } from 'rfc6902';

/** JSON patches (RFC 6902) between two versions of a record, in time that does not explode with the length of its lists. */

/** To find the shortest patch of two lists takes time and memory in proportion to the product of their lengths, and more. */
const LENGTH_MAX = 32;
/** Of two lists that are compared element by element with each other. */
const TEXT_LENGTH_MAX = 32_768;
/** Behind so many operations the whole list is shorter. */
const OPERATIONS_MAX = 256;

export function jsonPatchOf(before: Fields, after: Fields): readonly Operation[] {
  // Most of a record stays as it was, and to find that out from its text is cheap.
  const same = new Set(Object.keys(before).filter((name) => Object.hasOwn(after, name) && isSame(before[name], after[name])));
  return createPatch(without(same, before), without(same, after), costlyLists);
}

function without(names: ReadonlySet<string>, record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));
}

type Fields = Readonly<Record<string, unknown>>;

/** Lists that are long or large, or have lists in them; undefined leaves others to the library, which compares each with each. */
function costlyLists(before: unknown, after: unknown, pointer: Pointer): Operation[] | undefined {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  const isCostly = Math.max(before.length, after.length) > LENGTH_MAX || [...before, ...after].some(hasList) || textLengthOf(before, after) > TEXT_LENGTH_MAX;
  return isCostly ? listPatch(before, after, pointer) : undefined;
}

function textLengthOf(...values: readonly unknown[]): number {
  return JSON.stringify(values).length;
}

/** The work for each list is multiplied by that for those in it. */
function hasList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.values(value).some(hasList);
}

/** What is the same at both ends stays; what is between is replaced place by place. */
function listPatch(before: readonly unknown[], after: readonly unknown[], pointer: Pointer): Operation[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const old = before.length - start - end;
  const now = after.length - start - end;
  if (Math.max(old, now) > OPERATIONS_MAX) return [{ op: 'replace', path: pointer.toString(), value: after }];
  const at = (index: number): string => pointer.add(String(index)).toString();
  const operations: Operation[] = [];
  for (let index = start; index < start + Math.min(old, now); index++) operations.push({ op: 'replace', path: at(index), value: after[index] });
  for (let index = start + old; index < start + now; index++) operations.push({ op: 'add', path: at(index), value: after[index] });
  for (let count = now; count < old; count++) operations.push({ op: 'remove', path: at(start + now) });
  return operations;
}

/** Records are canonical: what is the same has the same text. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
