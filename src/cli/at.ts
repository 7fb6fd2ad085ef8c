import { Option } from 'commander';
import { asOfIn } from '../client/as-of.ts';
import type { AnswerHeaders, AsOf } from '../client/client.ts';
import { say } from './output.ts';

/** `--at`: as it was then. */
export interface AtOptions {
  readonly at?: string;
}

export function atOption(): Option {
  return new Option('--at <when>', 'as it was: a time (RFC 3339), a sequence, the name of a snapshot, latest or earliest');
}

export function atQuery({ at }: AtOptions): URLSearchParams {
  return new URLSearchParams(at === undefined ? {} : { at });
}

/** Says so when what was asked for is not kept any more, and the answer is what was before it. */
export function tellInexact(headers: AnswerHeaders): void {
  tellInexactState(asOfIn(headers));
}

export function tellInexactState(asOf: AsOf | undefined): void {
  if (asOf === undefined || asOf.exact) return;
  say(`the nearest that is kept: snapshot ${asOf.snapshot ?? ''}, change ${asOf.sequence}${asOf.time === undefined ? '' : ` of ${asOf.time}`}`);
}
