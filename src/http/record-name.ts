import { keyNamed } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import { done, fail, type Result } from '../faults.ts';
import { nameFlaw, parseUuid } from '../ids.ts';

/** A record's name from a path, in the form in which it is looked up: a key is one key in any spelling. */
export function recordName(kind: Kind, name: string): Result<string> {
  const uuid = kind.keyIsServerSet ? parseUuid(name) : undefined;
  if (uuid !== undefined) return done(uuid);
  const flaw = nameFlaw(name);
  if (flaw !== undefined) return fail('invalid-id', `the name of the record ${flaw}`);
  if (!kind.keyIsServerSet) return done(keyNamed(kind, name));
  if (kind.naturalKeys.length === 0) return fail('invalid-id', `a ${kind.name} is named by its ${kind.key}, a UUID`);
  return done(name);
}

export function pathOf(kind: Kind, key: string): string {
  return `/inventory/${kind.name}/${encodeURIComponent(key)}`;
}

export function noRecord(kind: Kind, name: string): { ok: false; fault: { code: 'not-found'; detail: string } } {
  return { ok: false, fault: { code: 'not-found', detail: `there is no ${kind.name} "${name}"` } };
}
