import type { AsOf } from '../protocol/past.ts';
import type { AnswerHeaders, CallOptions } from './transport.ts';

export type { AsOf };

/** A place in the past: a time, a sequence (of a revision, an event, a snapshot), or what the server knows by a word. */
export type At = Date | number | 'latest' | 'earliest' | 'now' | (string & {});

export interface PastOptions extends CallOptions {
  /** As it was then: a time, a sequence, the name of a snapshot, `latest` (snapshot) or `earliest`. */
  readonly at?: At;
}

export function addAt(query: URLSearchParams, at: At | undefined): URLSearchParams {
  if (at !== undefined) query.set('at', atText(at));
  return query;
}

export function atText(at: At): string {
  return at instanceof Date ? at.toISOString() : String(at);
}

const MEMBERS = /^(\d{1,16})((?:; *[a-z]+=[^;]*)*)$/;

/** `X-Holdfast-As-Of: 812; time=…; source=…; snapshot=…; exact=…`. */
export function asOfIn(headers: AnswerHeaders): AsOf | undefined {
  const text = headers['x-holdfast-as-of'];
  const match = typeof text === 'string' ? MEMBERS.exec(text) : null;
  if (match === null) return undefined;
  const members = new Map(
    (match[2] ?? '').split(';').map((member): [string, string] => [member.split('=')[0]?.trim() ?? '', member.slice(member.indexOf('=') + 1)]),
  );
  const time = members.get('time');
  const snapshot = members.get('snapshot');
  return {
    sequence: Number(match[1]),
    ...(time === undefined ? {} : { time }),
    source: members.get('source') === 'snapshot' ? 'snapshot' : 'journal',
    ...(snapshot === undefined ? {} : { snapshot }),
    exact: members.get('exact') === 'true',
  };
}
