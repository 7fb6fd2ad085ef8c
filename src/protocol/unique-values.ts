import { columnAt, type Kind, NORMAL_FORMS, type Unique } from '../../schemas/kind.ts';
import type { Find } from './commands.ts';
import { textIn } from './image-text.ts';
import { hashOf } from './key-table.ts';
import { HEADER_BYTES, offsetOf, type Slab } from './slab.ts';

/** Values that only one record of a kind has, in the form in which they are compared. */

export function normalOf(unique: Unique, text: string): string {
  return NORMAL_FORMS[unique.normalForm](text);
}

/** What a table keeps of a value. @param normal the value in normal form; undefined: there is none, which is 0 */
export function valueHashOf(normal: string | undefined, seed: number): number {
  return normal === undefined ? 0 : hashOf(normal, seed) || 1;
}

/** Whether the record at an address has this value. Not of a stub: nobody can say that of it. */
export function hasValueAt(slab: Slab, address: number, unique: Unique, normal: string): boolean {
  const offset = offsetOf(address);
  const start = offset + HEADER_BYTES;
  const text = textIn(slab.bytes, start, start + slab.view.getUint32(offset, true), unique.property);
  return text !== undefined && (text === normal || normalOf(unique, text) === normal);
}

/** The properties by whose values a record can be named instead of by its key, in the order in which they are tried. */
export function naturalKeysOf({ naturalKeys, uniques }: Pick<Kind, 'naturalKeys' | 'uniques'>): readonly Unique[] {
  return naturalKeys.flatMap((property) => uniques.filter((unique) => unique.property === property));
}

/** A unique property, and some of its values. */
export interface UniqueCondition {
  readonly unique: Unique;
  readonly normals: readonly string[];
}

/** What a list asks for that needs no search: values of a unique property, and nothing beside. */
export function uniqueConditionOf(kind: Kind, { conditions, sort, after, limit }: Find): UniqueCondition | undefined {
  const [condition] = conditions;
  if (condition === undefined || conditions.length > 1 || sort.length > 0 || after !== undefined || limit !== undefined) return undefined;
  if (condition.operator !== 'equal' || condition.path.length !== 1 || condition.orPaths !== undefined) return undefined;
  const unique = kind.uniques.find(({ property }) => property === condition.path[0]);
  if (unique === undefined || columnAt(kind, condition.path)?.column.type !== 'string') return undefined;
  return { unique, normals: condition.values.map((value) => normalOf(unique, String(value))) };
}
