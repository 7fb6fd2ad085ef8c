import { type At, atText } from './as-of.ts';
import { HoldfastError } from './error.ts';
import { type AnswerHeaders, type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type StreamAnswer, type Transport } from './transport.ts';

export interface QueryOptions extends CallOptions {
  /**
   * `now` (the default), `all` snapshots, `latest`, `earliest`, the name of a snapshot, a time or a sequence.
   */
  readonly at?: At;
}

/** Which moment a result is of. */
export interface QueryMoment {
  /** Every change up to this one is in it, none after. */
  readonly sequence: number;
  /** RFC 3339. */
  readonly time: string | undefined;
  /** That it is, or was built from; undefined for the records as they were when it was asked. */
  readonly snapshot: string | undefined;
  /** The state after precisely the change that was asked for. */
  readonly exact: boolean;
}

export type QueryRow = Readonly<Record<string, unknown>>;

const PATH = '/query';
/** One row: the server has a limit for all of them. */
const LINE_LENGTH_MAX = 256 * 1024 * 1024;

/**
 * The rows of one SELECT, as the server sends them. It is asked when the rows are first iterated over, and ended when that
 * is left with `break`. A result that breaks off throws `connection-lost`: it never looks complete.
 */
export class QueryRows<R = QueryRow> implements AsyncIterable<R> {
  readonly #transport: Transport;
  readonly #sql: string;
  readonly #options: QueryOptions;
  #moment: QueryMoment | undefined;

  constructor(transport: Transport, sql: string, options: QueryOptions) {
    this.#transport = transport;
    this.#sql = sql;
    this.#options = options;
  }

  /** Known when the first row is; undefined before, and for all snapshots. */
  get moment(): QueryMoment | undefined {
    return this.#moment;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, void> {
    const { headers, body } = await askQuery(this.#transport, this.#sql, this.#options, 'application/x-ndjson');
    this.#moment = momentIn(headers);
    for await (const line of linesOf(body)) yield rowIn(line) as R;
  }

  /** All of them, in memory. */
  async toArray(): Promise<R[]> {
    const all: R[] = [];
    for await (const row of this) all.push(row);
    return all;
  }
}

/** @param accept one of the types that docs/query.md lists */
export function askQuery(transport: Pick<Transport, 'stream'>, sql: string, { at, ...options }: QueryOptions, accept: string): Promise<StreamAnswer> {
  const body = JSON.stringify({ sql, ...(at === undefined ? {} : { at: atText(at) }) });
  return transport.stream({ answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(options), method: 'POST', path: PATH, body, accept });
}

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LENGTH_MAX) throw unexpected('a row is longer than any that the server makes');
    yield* lines;
  }
  if (rest !== '') throw unexpected('the last row is cut off');
}

function rowIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw unexpected('a row is no JSON', cause);
  }
}

function unexpected(message: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'unexpected-answer', message: `${PATH}: ${message}`, ...(cause === undefined ? {} : { cause }) });
}

function momentIn(headers: AnswerHeaders): QueryMoment | undefined {
  const [sequence, ...members] = String(headers['x-holdfast-as-of'] ?? '').split('; ');
  if (sequence === undefined || !/^\d{1,16}$/.test(sequence)) return undefined;
  const member = (name: string): string | undefined => members.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  return { sequence: Number(sequence), time: member('time'), snapshot: member('snapshot'), exact: member('exact') === 'true' };
}
