import { done, fail, type Result } from '../faults.ts';
import type { AsOf, DiffPart, DiffPlace } from '../protocol/past.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';
import { asOfText, type PastReads } from './as-of.ts';
import { diffCursorIn, diffCursorText } from './diff-cursor.ts';
import type { Exchange } from './exchange.ts';
import { FRONT_LIMITS } from './limits.ts';
import { limitIn } from './list-query.ts';
import { acceptedListForm, type ListForm } from './media-type.ts';
import { DIFF_ABOUT } from './openapi/about-diff.ts';
import { type PastParts, streamParts } from './past-list.ts';
import { parseQuery, type QueryParameters, unknownParameter, valueIn } from './query.ts';
import type { Route, RouteAccess } from './route.ts';
import type { KindNames } from './router.ts';

/** What is different between two moments, read part by part from the history thread. */

export interface DiffContext {
  readonly kinds: KindNames;
  readonly history: PastReads;
}

const PATH = '/diff';
const PARAMETERS: readonly string[] = ['from', 'to', 'kind', 'form', 'limit', 'after'];
const FORMS = ['patch', 'records', 'counts'] as const;
const KINDS_MAX = 100;
/** Changes in one part; the thread has other questions in between. */
const PART_ROWS = 8192;

export function diffRoutes(context: DiffContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: PATH,
      access: accessOf,
      about: DIFF_ABOUT,
      share: 'past',
      parameters: 'any',
      handler: (exchange, call) => answer(context, exchange, call.query),
    },
  ];
}

function accessOf(query: string): RouteAccess {
  const parsed = parseQuery(query, FRONT_LIMITS);
  return parsed.ok && parsed.value.some(([name, value]) => name === 'kind' && value === RESERVATIONS) ? 'reservations' : 'read';
}

interface Question {
  readonly from: string;
  readonly to: string;
  /** Undefined: the whole inventory. */
  readonly kinds: readonly string[] | undefined;
  readonly form: (typeof FORMS)[number];
  readonly limit: number | undefined;
  readonly after: string | undefined;
}

/** Both states, and where the answer begins. */
interface Span {
  readonly from: AsOf;
  readonly to: AsOf;
  readonly after: DiffPlace | undefined;
}

async function answer({ kinds, history }: DiffContext, exchange: Exchange, query: QueryParameters): Promise<void> {
  const accepted = acceptedListForm(exchange.head.headers.accept);
  if (accepted === undefined) return exchange.fail({ code: 'not-acceptable', detail: 'a diff comes as application/json or application/x-ndjson' });
  const question = questionIn(kinds, query);
  if (!question.ok) return exchange.fail(question.fault);
  const span = await spanOf(history, question.value);
  if (!span.ok) return exchange.fail(span.fault);
  const parts = new Parts(history, accepted, question.value, span.value);
  const first = await parts.next();
  if (!first.ok) return exchange.fail(first.fault);
  const headers = headersOf(accepted, query, question.value, span.value, first.value);
  if (exchange.head.method === 'HEAD') return exchange.reply({ status: 200, headers });
  if (parts.isDone) return exchange.reply({ status: 200, headers, body: parts.framed(first.value) });
  if (await exchange.begin(200, headers)) await streamParts(exchange, parts, first.value);
}

function questionIn(kinds: KindNames, query: QueryParameters): Result<Question> {
  for (const [name] of query) {
    if (!PARAMETERS.includes(name)) return unknownParameter(name, PARAMETERS);
    if (name !== 'kind' && query.filter(([other]) => other === name).length > 1) return fail('invalid-parameter', `the parameter "${name}" is given twice`);
  }
  const from = valueIn(query, 'from');
  if (from === undefined) return fail('invalid-parameter', '"from" is missing: since when?');
  const named = new Set(query.filter(([name]) => name === 'kind').map(([, value]) => (value === RESERVATIONS ? value : (kinds.find(value)?.name ?? value))));
  if (named.size > KINDS_MAX) return fail('invalid-parameter', `"kind" is given more than ${KINDS_MAX} times`);
  if (named.has(RESERVATIONS) && named.size > 1) return fail('invalid-parameter', 'reservations are compared alone: leave the other kinds out');
  const form = FORMS.find((each) => each === (valueIn(query, 'form') ?? 'patch'));
  if (form === undefined) return fail('invalid-parameter', `"form" is one of ${FORMS.join(', ')}`);
  const limit = limitIn(valueIn(query, 'limit'));
  if (!limit.ok) return limit;
  const question = { from, to: valueIn(query, 'to') ?? 'now', form, limit: limit.value, after: valueIn(query, 'after') };
  return done({ ...question, kinds: named.size === 0 ? undefined : [...named].sort() });
}

/** Pages agree: the first one says of which two states they all are. */
async function spanOf(history: PastReads, question: Question): Promise<Result<Span>> {
  if (question.after !== undefined) return diffCursorIn(askedIn(question), question.after);
  const [from, to] = [await resolve(history, 'from', question.from), await resolve(history, 'to', question.to)];
  if (!from.ok) return from;
  return to.ok ? done({ from: from.value, to: to.value, after: undefined }) : to;
}

async function resolve(history: PastReads, parameter: 'from' | 'to', at: string): Promise<Result<AsOf>> {
  const resolved = await history.ask('past.resolve', { at, exactly: false, kind: '', schemaHash: '', parameter });
  return resolved.ok ? done(resolved.value.asOf) : resolved;
}

function askedIn({ from, to, kinds = [] }: Question): readonly string[] {
  return [from, to, ...kinds];
}

class Parts implements PastParts<DiffPart> {
  readonly #history: PastReads;
  readonly #accepted: ListForm;
  readonly #question: Question;
  readonly #span: Span;
  /** Undefined: no limit. */
  #left: number | undefined;
  #after: DiffPlace | undefined;
  #hasRows = false;
  #isBegun = false;
  isDone = false;

  constructor(history: PastReads, accepted: ListForm, question: Question, span: Span) {
    this.#history = history;
    this.#accepted = accepted;
    this.#question = question;
    this.#span = span;
    this.#after = span.after;
    this.#left = question.form === 'counts' ? 0 : question.limit;
  }

  async next(): Promise<Result<DiffPart>> {
    const { kinds, form } = this.#question;
    const { from, to } = this.#span;
    const part = await this.#history.ask('past.diff', {
      from: from.sequence,
      to: to.sequence,
      ...(kinds === undefined ? {} : { kinds }),
      ...(this.#after === undefined ? {} : { after: this.#after }),
      rowsMax: PART_ROWS,
      ...(this.#left === undefined ? {} : { limit: this.#left }),
      form: form === 'records' ? 'records' : 'patch',
      separator: this.#accepted === 'json' ? ',' : '\n',
    });
    if (!part.ok) return part;
    const { rows, more } = part.value;
    if (this.#left !== undefined) this.#left -= rows;
    this.#after = more;
    this.isDone = more === undefined;
    return part;
  }

  /** A part with what stands around it: once for each part, before the next one is asked for. */
  framed({ bytes, rows, counts }: DiffPart): Buffer {
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    if (this.#accepted === 'ndjson') return Buffer.concat(rows === 0 ? [] : [bytes, NEWLINE]);
    const isListed = this.#question.form !== 'counts';
    const { from, to } = this.#span;
    const begin = isFirst ? `${JSON.stringify({ from, to, counts }).slice(0, -1)}${isListed ? ',"changes":[' : ''}` : '';
    const comma = this.#hasRows && rows > 0 ? ',' : '';
    if (rows > 0) this.#hasRows = true;
    return Buffer.concat([Buffer.from(begin + comma), bytes, Buffer.from(this.isDone ? `${isListed ? ']' : ''}}` : '')]);
  }
}

const NEWLINE = Buffer.from('\n');

function headersOf(
  accepted: ListForm,
  query: QueryParameters,
  question: Question,
  { from, to }: Span,
  { counts, next }: DiffPart,
): readonly (readonly [string, string])[] {
  const total = Object.values(counts).reduce((sum, { created, changed, deleted }) => sum + created + changed + deleted, 0);
  const headers: (readonly [string, string])[] = [
    ['Content-Type', accepted === 'json' ? 'application/json' : 'application/x-ndjson'],
    ['X-Holdfast-From', asOfText(from)],
    ['X-Holdfast-To', asOfText(to)],
    ['X-Total-Count', String(total)],
  ];
  if (next !== undefined && question.form !== 'counts') {
    const pairs = query.filter(([name]) => name !== 'after').map(([name, value]): [string, string] => [name, value]);
    const after = diffCursorText(askedIn(question), { from, to, after: next });
    headers.push(['Link', `<${PATH}?${new URLSearchParams([...pairs, ['after', after]]).toString()}>; rel="next"`]);
  }
  return headers;
}
