import type { RetentionRules } from '../protocol/commands.ts';

/** Which snapshots stay: the newest few, and the newest of each of the last hours, days and weeks that have one. */

export interface Aged {
  readonly name: string;
  readonly timeMs: number;
  readonly sequence: number;
}

/** The promise that losing the newest snapshot loses nothing needs a second one to fall back on. */
const NEWEST_MIN = 2;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-01 was a Thursday; weeks begin on Monday, as in ISO 8601. */
const MONDAY_OFFSET_MS = 3 * DAY_MS;

/** The names of the snapshots to delete. */
export function superfluous(snapshots: readonly Aged[], rules: RetentionRules): readonly string[] {
  const newestFirst = [...snapshots].sort((a, b) => b.sequence - a.sequence || b.timeMs - a.timeMs);
  const kept = new Set(newestFirst.slice(0, Math.max(rules.newest, NEWEST_MIN)).map(({ name }) => name));
  keepNewestOfEach(newestFirst, rules.hourly, (timeMs) => Math.floor(timeMs / HOUR_MS), kept);
  keepNewestOfEach(newestFirst, rules.daily, (timeMs) => Math.floor(timeMs / DAY_MS), kept);
  keepNewestOfEach(newestFirst, rules.weekly, (timeMs) => Math.floor((timeMs + MONDAY_OFFSET_MS) / WEEK_MS), kept);
  return newestFirst.filter(({ name }) => !kept.has(name)).map(({ name }) => name);
}

function keepNewestOfEach(newestFirst: readonly Aged[], periods: number, periodOf: (timeMs: number) => number, kept: Set<string>): void {
  const seen = new Set<number>();
  for (const { name, timeMs } of newestFirst) {
    if (seen.size >= periods) return;
    const period = periodOf(timeMs);
    if (seen.has(period)) continue;
    seen.add(period);
    kept.add(name);
  }
}
