import { createHmac, type Hmac } from 'node:crypto';
import { done, fail, type Result } from '../faults.ts';
import type { Caller } from './auth.ts';
import type { RequestHead } from './exchange.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The caller's Idempotency-Key, undefined without one. */
export function idempotencyKeyOf(head: RequestHead): Result<string | undefined> {
  const key = head.headers.idempotencyKey;
  if (key === undefined || VISIBLE_ASCII.test(key)) return done(key);
  return fail('invalid-parameter', 'Idempotency-Key is 1 to 255 visible ASCII characters, given once');
}

/** What stands for a key in the journal and in snapshots: who may read those could otherwise ask under it. */
export function storedKey(key: string, secret: Buffer): string {
  return createHmac('sha256', secret).update(`key\n${key}`).digest('base64url');
}

/**
 * Begins the hash that tells a repeated request from another one under the same key; the body follows by `update`. It is
 * keyed, because bodies have passwords and a plain hash of a short one could be searched for. The caller is part of what was
 * asked: an answer is for whoever got it the first time.
 */
export function beginRequestHash(head: RequestHead, caller: Caller | undefined, secret: Buffer): Hmac {
  return createHmac('sha256', secret).update(`${head.method}\n${head.path}\n${head.query}\n${JSON.stringify(caller?.subject ?? '')}\n`);
}

export function endRequestHash(hash: Hmac): string {
  return hash.digest('base64url');
}
