import { type Kind, kindOf } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import type { AsOf, PastKind, PastOutput, PastQueries } from '../protocol/past.ts';
import type { QueryParameters } from './query.ts';

/** Reads of the past: the parameter `at`, and the header that says what it came to. */

export interface PastReads {
  ask<K extends PastKind>(kind: K, input: PastQueries[K]['in']): Promise<Result<PastOutput<K>>>;
}

export const AT = 'at';
export const AS_OF_HEADER = 'X-Holdfast-As-Of';

/** Undefined: the present is asked. A fault when it is given twice. */
export function atIn(query: QueryParameters): Result<string | undefined> {
  const given = query.filter(([name]) => name === AT).map(([, value]) => value);
  return given.length > 1 ? fail('invalid-parameter', `the parameter "${AT}" is given twice`) : done(given[0]);
}

/** As the history thread says it, or a query, which may also have asked all snapshots. */
type Asked = Omit<AsOf, 'source'> & { readonly source: string };

export function asOfHeader(asOf: Asked): readonly [string, string] {
  return [AS_OF_HEADER, asOfText(asOf)];
}

export function asOfText({ sequence, time, source, snapshot, exact }: Asked): string {
  const members = [String(sequence), ...(time === undefined ? [] : [`time=${time}`]), `source=${source}`];
  if (snapshot !== undefined) members.push(`snapshot=${snapshot}`);
  return [...members, `exact=${exact}`].join('; ');
}

export interface Resolved {
  readonly asOf: AsOf;
  /** The kind as it was then; as it is now when there was none. */
  readonly kind: Kind;
  /** It is the kind as it is now: so are the bytes of records that have not changed since. */
  readonly isSameKind: boolean;
}

/** @param exactly refuses what is only near `at`. */
export async function resolveAt(history: PastReads, kind: Kind, at: string, exactly = false): Promise<Result<Resolved>> {
  const resolved = await history.ask('past.resolve', { at, exactly, kind: kind.name, schemaHash: kind.schemaHash });
  if (!resolved.ok) return resolved;
  const { asOf, schema } = resolved.value;
  if (schema === undefined) return done({ asOf, kind, isSameKind: true });
  return done({ asOf, kind: schema === null ? kind : kindOf(kind.name, schema), isSameKind: false });
}
