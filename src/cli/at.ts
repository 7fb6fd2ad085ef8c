import { Option } from 'commander';
import { asOfIn } from '../client/as-of.ts';
import type { AnswerHeaders, AsOf } from '../client/client.ts';
import { say } from './output.ts';

/** `--at`: as it was then. */
export interface AtOptions {
  readonly at?: string;
}

export function atOption(): Option {
  return new Option('--at <when>', 'as it was: a time, "2h" ago, a sequence, the name of a snapshot, latest or earliest');
}

export function atQuery({ at }: AtOptions): URLSearchParams {
  return new URLSearchParams(at === undefined ? {} : { at: momentText(at) });
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const AGO = /^(\d{1,6})([smhdw])$/;
/** Without seconds, a zone, or a time of day: what people write, in the zone of this machine. */
const SHORT_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** Durations, "today", "yesterday" and short times as the RFC 3339 that the server takes; anything else as it is. */
export function momentText(text: string, now: Date = new Date()): string {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return new Date(now.getTime() - Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
  if (text === 'today' || text === 'yesterday') {
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (text === 'today' ? 0 : 1));
    return midnight.toISOString();
  }
  if (!SHORT_TIME.test(text)) return text;
  // A date alone would be taken for midnight in UTC.
  const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

/** Says so when what was asked for is not kept any more, and the answer is what was before it. */
export function tellInexact(headers: AnswerHeaders): void {
  tellInexactState(asOfIn(headers));
}

export function tellInexactState(asOf: AsOf | undefined): void {
  if (asOf === undefined || asOf.exact) return;
  say(`the nearest that is kept: snapshot ${asOf.snapshot ?? ''}, change ${asOf.sequence}${asOf.time === undefined ? '' : ` of ${asOf.time}`}`);
}
