import { done, type Fault, fail, type Result } from '../faults.ts';
import { pointerInto } from '../json-pointer.ts';
import type { AsOf } from '../query/contents.ts';
import type { ResultForm } from '../query/messages.ts';
import type { QueryAnswer, QueryRequest } from '../query/query-host.ts';
import { asOfHeader } from './as-of.ts';
import type { Exchange } from './exchange.ts';
import { parseJson } from './json.ts';
import { FRONT_LIMITS } from './limits.ts';
import { SEQUENCE_HEADER } from './list-query.ts';
import { acceptedResultForm, mediaTypeOf } from './media-type.ts';
import { QUERY_ABOUT } from './openapi/about-query.ts';
import type { Headers } from './reply.ts';
import type { Route } from './route.ts';

/** SQL over HTTP. */

export interface QueryActions {
  /** An abort ends the query. */
  query(request: QueryRequest, signal: AbortSignal): Promise<Result<QueryAnswer>>;
}

export interface QueryContext {
  readonly host: QueryActions;
  /** Until an answer begins: waiting, loading and running. */
  readonly answerLimitMs: number;
}

const BODY_BYTES_MAX = 1_048_576;
export const SQL_LENGTH_MAX = 100_000;
const AT_LENGTH_MAX = 100;

const TYPES: Readonly<Record<ResultForm, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
};
const NOT_ACCEPTABLE = `a result comes as ${Object.values(TYPES)
  .map((type) => type.split(';')[0])
  .join(', ')}`;

export function queryRoutes({ host, answerLimitMs }: QueryContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/query',
      access: 'query',
      about: QUERY_ABOUT,
      share: 'queries',
      parameters: [],
      timeLimitMs: answerLimitMs,
      handler: (exchange) => answer(host, exchange),
    },
  ];
}

async function answer(host: QueryActions, exchange: Exchange): Promise<void> {
  const form = acceptedResultForm(exchange.head.headers.accept);
  if (form === undefined) return exchange.fail({ code: 'not-acceptable', detail: NOT_ACCEPTABLE });
  const request = await requestIn(exchange);
  if (!request.ok) return exchange.fail(request.fault);
  const ending = new AbortController();
  exchange.onGone = () => ending.abort();
  if (exchange.aborted) return;
  const opened = await host.query({ ...request.value, form }, ending.signal);
  if (!opened.ok) return exchange.fail(opened.fault);
  try {
    await send(exchange, [['Content-Type', TYPES[form]], ...asOfHeaders(opened.value.asOf)], opened.value);
  } finally {
    opened.value.cancel();
  }
}

/** A short result is one answer with its length. A long one goes out as fast as the client reads it, and the query waits for that. */
async function send(exchange: Exchange, headers: Headers, result: QueryAnswer): Promise<void> {
  const first = await result.next();
  if (!first.ok) return exchange.fail(first.fault);
  const second = first.value === undefined ? first : await result.next();
  if (!second.ok) return exchange.fail(second.fault);
  if (second.value === undefined) return exchange.reply({ status: 200, headers, body: first.value ?? '' });
  // From here on being late means that the client does not read.
  exchange.timeLimitMs = FRONT_LIMITS.requestTimeLimitMs;
  if (!(await exchange.begin(200, headers))) return;
  let part = first.value;
  let next: Result<Buffer | undefined> = second;
  while (part !== undefined) {
    if (!(await exchange.write(part))) return;
    // Half a result must not look like a whole one.
    if (!next.ok) return exchange.cut();
    part = next.value;
    if (part !== undefined) next = await result.next();
  }
  exchange.finish();
}

function asOfHeaders(asOf: AsOf | undefined): Headers {
  if (asOf === undefined) return [];
  return [[SEQUENCE_HEADER, String(asOf.sequence)], asOfHeader(asOf)];
}

async function requestIn(exchange: Exchange): Promise<Result<{ readonly sql: string; readonly at: string }>> {
  if (mediaTypeOf(exchange.head.headers.contentType) !== 'application/json') {
    return fail('unsupported-media-type', 'the Content-Type must be application/json');
  }
  if (exchange.body === undefined) return refused('', 'must be an object with sql');
  const bytes = await exchange.body.readAll(BODY_BYTES_MAX);
  if (!bytes.ok) return bytes;
  const parsed = parseJson(bytes.value);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('', 'must be an object with sql');
  const { sql, at = 'now', ...others } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) return refused(pointerInto('', other), 'is not known here');
  if (typeof sql !== 'string' || sql.length > SQL_LENGTH_MAX) return refused('/sql', `must be a text of at most ${SQL_LENGTH_MAX} characters`);
  if (typeof at !== 'string' || at.length > AT_LENGTH_MAX) return refused('/at', `must be a text of at most ${AT_LENGTH_MAX} characters`);
  return done({ sql, at });
}

function refused(pointer: string, detail: string): { ok: false; fault: Fault } {
  return fail('invalid', `the body ${pointer === '' ? '' : `has a wrong ${pointer.slice(1)}: it `}${detail}`, [{ pointer, detail }]);
}
