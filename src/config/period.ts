import { type Period, periodMs, type TimeUnit, UNIT_MS } from '../agent/endpoint-config.ts';
import { parseDurationMs } from './units.ts';

/** NodeAgent2's periods as people write them: `3m`, `90s`, `1w`, or a length and a unit. */

const UNIT_OF_LETTER: Readonly<Record<string, TimeUnit>> = { w: 'WEEK', d: 'DAY', h: 'HOUR', m: 'MINUTE', s: 'SECOND' };
const LARGEST_FIRST = ['WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] as const satisfies readonly TimeUnit[];
const ONE_PART = /^(\d{1,9})([wdhms])$/;
/** Ends that lie further away than this are typing mistakes. */
const PERIOD_YEARS_MAX = 10;
const PERIOD_MS_MAX = PERIOD_YEARS_MAX * 365 * 86_400_000;

/**
 * The period, or the reason why the text is none. A text of one part keeps its unit, because clients are told of it
 * (`60m` is 60 minutes and not an hour); otherwise the largest unit that divides is taken.
 */
export function parsePeriod(text: string): Period | string {
  const trimmed = text.trim();
  const [, length, letter] = ONE_PART.exec(trimmed) ?? [];
  const unit = UNIT_OF_LETTER[letter ?? ''];
  if (length !== undefined && unit !== undefined) return withinLimit({ length: Number(length), unit });
  const durationMs = trimmed === '0' ? 0 : parseDurationMs(trimmed);
  if (durationMs === undefined || durationMs % UNIT_MS.SECOND !== 0) return `"${text}" is no period like 90s, 3m, 12h, 1d or 1w`;
  if (durationMs === 0) return { length: 0, unit: 'SECOND' };
  const largest = LARGEST_FIRST.find((each) => durationMs % UNIT_MS[each] === 0) ?? 'SECOND';
  return withinLimit({ length: durationMs / UNIT_MS[largest], unit: largest });
}

/** The period of a length and a unit as XML has them, or the reason why they make none. */
export function periodOf(length: string, unit: string): Period | string {
  const known = parseUnit(unit);
  if (!/^\+?\d{1,9}$/.test(length.trim())) return `"${length}" is no whole number of units`;
  if (known === undefined) return `"${unit}" is none of week, day, hour, minute, second`;
  return withinLimit({ length: Number(length), unit: known });
}

/** The text of a period that was written as a number or as `{length, unit}`, or the reason why it is none. */
export function periodTextOf(value: unknown): { readonly text: string } | string {
  if (value === 0) return { text: '0s' };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${JSON.stringify(value)} is no period like 90s, 3m, 12h, 1d or 1w`;
  const { length, unit, ...others } = value as { length?: unknown; unit?: unknown };
  const [stranger] = Object.keys(others);
  if (stranger !== undefined) return `${stranger} is unknown; a period has length and unit`;
  const period = periodOf(String(length ?? ''), String(unit ?? ''));
  return typeof period === 'string' ? period : { text: periodText(period) };
}

/** As `parsePeriod` reads it. */
export function periodText({ length, unit }: Period): string {
  return `${length}${unit.charAt(0).toLowerCase()}`;
}

/** `3 minutes`. */
export function periodWords({ length, unit }: Period): string {
  return `${length} ${unit.toLowerCase()}${length === 1 ? '' : 's'}`;
}

/** In any case, singular or plural. */
function parseUnit(text: string): TimeUnit | undefined {
  const singular = text.trim().toUpperCase().replace(/S$/, '');
  return LARGEST_FIRST.find((unit) => unit === singular);
}

function withinLimit(period: Period): Period | string {
  return periodMs(period) > PERIOD_MS_MAX ? `${periodWords(period)} are longer than ${PERIOD_YEARS_MAX} years` : period;
}
