import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { messageOf } from '../faults.ts';
import type { Connection } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';

/** The server as the commands see it. What it refuses and what keeps us from it are thrown as `CliFailure`. */

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; already encoded. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: string | Buffer | Readable;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

const CONNECT_LIMIT_MS = 10_000;
/** An atomic bulk answers when all of it is in. */
const ANSWER_LIMIT_MS = 600_000;
const PROBLEM_ERRORS_SHOWN = 20;
const RETRIES_MAX = 8;
const RETRY_WAIT_MAX_MS = 10_000;

export class Api {
  readonly #connection: Connection;
  readonly #agent = new Agent({ connect: { timeout: CONNECT_LIMIT_MS }, headersTimeout: ANSWER_LIMIT_MS, bodyTimeout: ANSWER_LIMIT_MS });

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The answer when it is a success, its body not yet read. */
  async open(asked: ApiRequest): Promise<ApiAnswer> {
    const authorization = await this.#connection.authorization();
    const query = asked.query === undefined || asked.query.size === 0 ? '' : `?${asked.query}`;
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(`${this.#connection.root}${asked.path}${query}`, {
        method: asked.method,
        dispatcher: this.#agent,
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          accept: asked.accept ?? 'application/json',
          ...(asked.body === undefined ? {} : { 'content-type': asked.contentType ?? 'application/json' }),
          ...asked.headers,
        },
        body: asked.body ?? null,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    const { statusCode: status, headers, body } = answer;
    if (status < 200 || status > 299) throw new Refusal(status, headers['retry-after'], await this.text({ status, headers, body }));
    return { status, headers, body };
  }

  /** The text of a success. */
  async send(asked: ApiRequest): Promise<string> {
    return this.text(await this.open(asked));
  }

  /** Like `send`, but waits and tries again while the server says that it will have time later. */
  async sendPatiently(asked: ApiRequest & { readonly body?: string | Buffer }): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send(asked);
      } catch (error) {
        if (!(error instanceof Refusal) || error.retryAfterMs === undefined || attempt > RETRIES_MAX) throw error;
        const waitMs = Math.min(error.retryAfterMs, RETRY_WAIT_MAX_MS);
        await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  async text(answer: ApiAnswer): Promise<string> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of answer.body) chunks.push(chunk);
    } catch (error) {
      throw this.#unreachable(error);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** Ends the connections, which would keep the process alive. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #unreachable(error: unknown): CliFailure {
    return new CliFailure(EXIT.unreachable, `cannot reach ${this.#connection.root}: ${causeOf(error)}`);
  }
}

/** The server said no; the message is its problem in plain words. */
export class Refusal extends CliFailure {
  readonly status: number;
  /** How long to wait before the same request may succeed; undefined when it never will. */
  readonly retryAfterMs: number | undefined;
  constructor(status: number, retryAfter: string | string[] | undefined, body: string) {
    super(EXIT.refused, describeProblem(status, body));
    this.status = status;
    const seconds = Number(retryAfter);
    this.retryAfterMs = status === 503 && retryAfter !== undefined && Number.isFinite(seconds) ? Math.max(100, seconds * 1000) : undefined;
  }
}

/** Runs a command's work with the server and ends the connections afterwards. */
export async function withApi<T>(connection: Connection, work: (api: Api) => Promise<T>): Promise<T> {
  const api = new Api(connection);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

export function collectionPath(kind: string): string {
  return `/inventory/${encodeURIComponent(kind)}`;
}

export function recordPath(kind: string, id: string): string {
  return `${collectionPath(kind)}/${encodeURIComponent(id)}`;
}

/** Title, detail and every error of a problem; the bare text when it is no problem. */
export function describeProblem(status: number, body: string): string {
  let problem: unknown;
  try {
    problem = JSON.parse(body);
  } catch {
    // A proxy in between answers in HTML.
    problem = undefined;
  }
  if (typeof problem !== 'object' || problem === null) return `the server answered ${status}${body.trim() === '' ? '' : `: ${body.trim().slice(0, 500)}`}`;
  const { title, detail, errors } = problem as { title?: unknown; detail?: unknown; errors?: unknown };
  const lines = [`${typeof title === 'string' ? title : 'refused'} (${status})`];
  const isSaidAgain = Array.isArray(errors) && errors.length === 1 && describeDetail(errors[0]).replace(': ', ' ') === detail;
  if (typeof detail === 'string' && detail !== '' && !isSaidAgain) lines.push(`  ${detail}`);
  if (Array.isArray(errors)) {
    for (const each of errors.slice(0, PROBLEM_ERRORS_SHOWN)) lines.push(`  ${describeDetail(each)}`);
    if (errors.length > PROBLEM_ERRORS_SHOWN) lines.push(`  and ${errors.length - PROBLEM_ERRORS_SHOWN} more`);
  }
  return lines.join('\n');
}

/** One `{pointer, detail}` in words. */
export function describeDetail(each: unknown): string {
  if (typeof each !== 'object' || each === null) return String(each);
  const { pointer, detail } = each as { pointer?: unknown; detail?: unknown };
  return typeof pointer === 'string' && pointer !== '' ? `${pointer}: ${String(detail)}` : String(detail);
}

/** Connecting to a name with several addresses fails with an AggregateError that says nothing itself. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return messageOf(error);
}
