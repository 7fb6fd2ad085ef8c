import { done, fail, type Result } from '../faults.ts';

/**
 * The decoded segments of a raw path. Each is decoded once and on its own, so that an encoded slash stays inside its
 * segment; a slash at the end says nothing.
 */
export function segmentsOf(path: string): Result<readonly string[]> {
  const raw = path.split('/');
  raw.shift();
  if (raw.length > 0 && raw[raw.length - 1] === '') raw.pop();
  const segments: string[] = [];
  for (const text of raw) {
    const segment = text.includes('%') ? decoded(text) : text;
    if (segment === undefined) return refused(segments, 'is not percent-encoded UTF-8');
    if (segment.includes('\0')) return refused(segments, 'contains NUL');
    if (segment === '.' || segment === '..') return refused(segments, 'is a relative one');
    segments.push(segment);
  }
  return done(segments);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Malformed escapes are the caller's; there is nothing more to learn from the error.
    return undefined;
  }
}

/** From the second segment on a segment may name a record. */
function refused(before: readonly string[], reason: string): Result<never> {
  return fail(before.length === 0 ? 'invalid-request' : 'invalid-id', `segment ${before.length + 1} of the path ${reason}`);
}

/** The first word of a raw path. */
export function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return end === -1 ? path.slice(1) : path.slice(1, end);
}
