import type { Kind } from '../../schemas/kind.ts';
import { done, type Result } from '../faults.ts';
import type { Find } from '../protocol/commands.ts';
import type { PastPart } from '../protocol/past.ts';
import { AT, asOfHeader, type PastReads, type Resolved, resolveAt } from './as-of.ts';
import { cursorSequenceIn, cursorText } from './cursor.ts';
import type { Exchange } from './exchange.ts';
import { type ListQuery, SEQUENCE_HEADER } from './list-query.ts';
import type { ListForm } from './media-type.ts';
import type { Projection } from './projection.ts';
import { type QueryParameters, valueIn } from './query.ts';

/** A list as it was: the same grammar and the same forms as now, read part by part from the history thread. */

export interface PastList {
  readonly kind: Kind;
  /** Of the list, for links. */
  readonly path: string;
  readonly form: ListForm;
  readonly at: string;
  readonly query: QueryParameters;
  /** Reads the rest of the query by the kind as it was. */
  parse(kind: Kind, query: QueryParameters, sequence: number): Result<ListQuery>;
}

/** Records in one part; the thread has other questions in between. */
const PART_ROWS = 8192;

export async function listPast(history: PastReads, exchange: Exchange, list: PastList): Promise<void> {
  // Pages agree: the first one says which change they are all of.
  const sequence = cursorSequenceIn(valueIn(list.query, 'after'));
  const resolved = await resolveAt(history, list.kind, sequence === undefined ? list.at : String(sequence), sequence !== undefined);
  if (!resolved.ok) return exchange.fail(resolved.fault);
  const { asOf } = resolved.value;
  const parsed = list.parse(
    resolved.value.kind,
    list.query.filter(([name]) => name !== AT),
    asOf.sequence,
  );
  if (!parsed.ok) return exchange.fail(parsed.fault, [asOfHeader(asOf)]);
  const { find, fields } = parsed.value;
  const parts = new Parts(history, list.form, asOf.sequence, find, fields);
  const first = await parts.next();
  if (!first.ok) return exchange.fail(first.fault, [asOfHeader(asOf)]);
  const headers = headersOf(list, resolved.value, find, first.value);
  if (exchange.head.method === 'HEAD') return exchange.reply({ status: 200, headers });
  if (parts.isDone) return exchange.reply({ status: 200, headers, body: parts.framed(first.value) });
  if (await exchange.begin(200, headers)) await streamParts(exchange, parts, first.value);
}

/** An answer of the history thread, part by part. */
export interface PastParts<P> {
  next(): Promise<Result<P>>;
  /** What goes out of a part: once for each, before the next one is asked for. */
  framed(part: P): Buffer;
  /** There is none behind the one that came last. */
  readonly isDone: boolean;
}

/** While a part goes out the next one is read. */
export async function streamParts<P>(exchange: Exchange, parts: PastParts<P>, first: P): Promise<void> {
  for (let part = first; ; ) {
    const isLast = parts.isDone;
    const bytes = parts.framed(part);
    const coming = isLast ? undefined : parts.next();
    if (!(await exchange.write(bytes))) return;
    if (coming === undefined) return exchange.finish();
    const next = await coming;
    // A list that is broken off must not look complete.
    if (!next.ok) return exchange.cut();
    part = next.value;
  }
}

class Parts implements PastParts<PastPart> {
  readonly #history: PastReads;
  readonly #form: ListForm;
  readonly #sequence: number;
  readonly #fields: readonly (readonly string[])[] | undefined;
  #find: Find;
  #isBegun = false;
  isDone = false;

  constructor(history: PastReads, form: ListForm, sequence: number, find: Find, fields: Projection | undefined) {
    this.#history = history;
    this.#form = form;
    this.#sequence = sequence;
    this.#find = find;
    this.#fields = fields === undefined ? undefined : pathsOf(fields, []);
  }

  async next(): Promise<Result<PastPart>> {
    const find = this.#find;
    const separator = this.#form === 'json' ? ',' : '\n';
    const fields = this.#fields === undefined ? {} : { fields: this.#fields };
    const part = await this.#history.ask('past.find', { sequence: this.#sequence, find, ...fields, rowsMax: PART_ROWS, separator });
    if (!part.ok) return part;
    const { more, rows } = part.value;
    this.isDone = more === undefined;
    if (more !== undefined) this.#find = { ...find, count: false, after: more, ...(find.limit === undefined ? {} : { limit: find.limit - rows }) };
    return done(part.value);
  }

  /** A part with what stands around it: once for each part, before the next one is asked for. */
  framed({ bytes, rows }: PastPart): Buffer {
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    if (this.#form === 'ndjson') return Buffer.concat(rows === 0 ? [] : [bytes, NEWLINE]);
    return Buffer.concat([isFirst ? OPEN : COMMA, bytes, ...(this.isDone ? [CLOSE] : [])]);
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');
const NEWLINE = Buffer.from('\n');

function headersOf({ form, path, query }: PastList, { asOf, kind }: Resolved, find: Find, { count, next }: PastPart): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    ['Content-Type', form === 'json' ? 'application/json' : 'application/x-ndjson'],
    [SEQUENCE_HEADER, String(asOf.sequence)],
    asOfHeader(asOf),
  ];
  if (count !== undefined) headers.push(['X-Total-Count', String(count)]);
  if (next !== undefined) {
    const pairs = query.filter(([name]) => name !== 'after' && name !== AT).map(([name, value]): [string, string] => [name, value]);
    const after = cursorText(kind, find.sort, next, asOf.sequence);
    headers.push(['Link', `<${path}?${new URLSearchParams([...pairs, [AT, String(asOf.sequence)], ['after', after]]).toString()}>; rel="next"`]);
  }
  return headers;
}

function pathsOf({ branches }: Projection, before: readonly string[]): readonly (readonly string[])[] {
  return [...branches].flatMap(([name, inner]) => (inner.branches.size === 0 ? [[...before, name]] : pathsOf(inner, [...before, name])));
}
