import { done, fail, type Result } from '../faults.ts';

/** A record's ETag is its revision in quotes: `"42"`. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

const TAG_LIST = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*$/;
const TAGS = /(W\/)?"([^"]*)"/g;
const REVISION = /^\d{1,15}$/;

/**
 * The revisions that `If-Match` names, `'*'` for any. Tags that are weak or no revision never match (RFC 9110, 13.1.1):
 * they are left out, and an empty list fits no record.
 */
export function parseIfMatch(header: string): Result<readonly number[] | '*'> {
  if (header.trim() === '*') return done('*');
  if (!TAG_LIST.test(header)) return fail('invalid-parameter', 'If-Match is "*" or a list of entity tags, like "42"');
  const revisions: number[] = [];
  for (const [, weak, tag] of header.matchAll(TAGS)) {
    if (weak === undefined && REVISION.test(tag ?? '')) revisions.push(Number(tag));
  }
  return done(revisions);
}

/** Whether `If-None-Match` names this tag. The comparison is weak, so `W/"42"` fits too. */
export function noneMatchFits(header: string, etag: string): boolean {
  if (header === etag) return true;
  if (header.trim() === '*') return true;
  for (const [, , tag] of header.matchAll(TAGS)) {
    if (`"${tag}"` === etag) return true;
  }
  return false;
}
