import { isCron } from '../cron.ts';
import { parseDurationMs } from './units.ts';

/** When snapshots are taken: every so often, or at the times that a cron expression says (local time). */
export type SnapshotSchedule = { readonly type: 'interval'; readonly intervalMs: number } | { readonly type: 'cron'; readonly expression: string };

/** A snapshot costs a copy of everything: more often than this the server would do little else. */
const INTERVAL_MIN_MS = 1000;
/** Timers cannot wait longer than 2³¹ − 1 ms. */
const INTERVAL_MAX_MS = 20 * 86_400_000;

/** The schedule, or the reason why the text is none. */
export function parseSchedule(text: string): SnapshotSchedule | string {
  const trimmed = text.trim();
  const intervalMs = parseDurationMs(trimmed);
  if (intervalMs !== undefined) {
    if (intervalMs < INTERVAL_MIN_MS || intervalMs > INTERVAL_MAX_MS) return 'an interval lies between 1s and 20d';
    return { type: 'interval', intervalMs };
  }
  const fields = trimmed.split(/\s+/).length;
  if ((fields === 5 || fields === 6) && isCron(trimmed)) return { type: 'cron', expression: trimmed };
  return 'must be an interval like 60s, 5m or 1h, or a cron expression of 5 or 6 fields';
}
