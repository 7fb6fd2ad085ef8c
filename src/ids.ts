import { createRequire } from 'node:module';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

let uuid: typeof import('uuid') | undefined;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The canonical (lower-case, dashed) form of a UUID of any version, or undefined. */
export function parseUuid(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}

const NAME_LENGTH_MAX = 1024;
const CONTROL = /\p{Cc}/u;

/** What keeps a text from being the name of a record in a path, as the rest of a sentence; undefined when nothing does. */
export function nameFlaw(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > NAME_LENGTH_MAX) return `has more than ${NAME_LENGTH_MAX} characters`;
  if (name === '.' || name === '..') return 'is a relative segment of a path';
  return CONTROL.test(name) ? 'has control characters' : undefined;
}

/** Of the last id that was made with a source of randomness. */
interface Last {
  readonly ms: number;
  /** Begins at random in each millisecond, in the lower half of 32 bits. */
  readonly counter: number;
}

const lasts = new WeakMap<Random, Last>();

/**
 * UUID version 7 (RFC 9562): ordered by creation, so that a list by id is a list by age, Parquet packs it well, and what was
 * imported need not be sorted for a snapshot. Within one millisecond a counter orders them.
 */
export function newUuid(clock: Clock, random: Random): string {
  // Most of what reads this file makes no new one.
  uuid ??= createRequire(import.meta.url)('uuid') as typeof import('uuid');
  const bytes = random.bytes(16);
  const ms = clock.nowMs();
  const last = lasts.get(random);
  const counter = last?.ms === ms ? (last.counter + 1) >>> 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) >>> 1;
  lasts.set(random, { ms, counter });
  return uuid.v7({ msecs: ms, random: bytes, seq: counter });
}
