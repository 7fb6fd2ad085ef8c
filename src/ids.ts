import { v7 } from 'uuid';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The canonical (lower-case, dashed) form of a UUID of any version, or undefined. */
export function parseUuid(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}

/** UUID version 7 (RFC 9562): ordered by creation, so that a list by id is a list by age and Parquet packs it well. */
export function newUuid(clock: Clock, random: Random): string {
  return v7({ msecs: clock.nowMs(), random: random.bytes(16) });
}
