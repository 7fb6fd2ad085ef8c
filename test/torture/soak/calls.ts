import { Pool } from 'undici';

/** Requests of the load, and what became of them. */

export interface Wanted {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx that are nothing to wonder about. */
  readonly also?: readonly number[];
}

export interface Heard {
  readonly status: number;
  readonly text: string;
}

/** Nothing may wait longer for its answer than the server's own limits let it. */
const ANSWER_LIMIT_MS = 60_000;
const CONNECTIONS = 64;
const WONDERS_MAX = 20;

export class Calls {
  readonly #pool: Pool;
  readonly #token: string;
  readonly #counts = new Map<string, number>();
  /** Answers that nobody can explain. */
  readonly wonders: string[] = [];

  constructor(url: string, token: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS, headersTimeout: ANSWER_LIMIT_MS, bodyTimeout: ANSWER_LIMIT_MS });
    this.#token = token;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** @throws never: a request without an answer is something to wonder about, and has the status 0. */
  async send(name: string, { method, path, body, headers = {}, also = [] }: Wanted): Promise<Heard> {
    const isText = typeof body === 'string';
    const type = body === undefined ? {} : { 'content-type': isText ? 'application/x-ndjson' : 'application/json' };
    try {
      const answer = await this.#pool.request({
        method,
        path,
        headers: { authorization: `Bearer ${this.#token}`, ...type, ...headers },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const { statusCode: status } = answer;
      const isBusy = status === 503 && answer.headers['retry-after'] !== undefined;
      if (status >= 300 && !also.includes(status) && !isBusy) this.wonder(`${name}: ${status} ${text.slice(0, 300)}`);
      this.count(`${name} ${status}`);
      return { status, text };
    } catch (error) {
      this.count(`${name} without an answer`);
      this.wonder(`${name}: ${String(error)}`);
      return { status: 0, text: '' };
    }
  }

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  wonder(text: string): void {
    if (this.wonders.length < WONDERS_MAX) this.wonders.push(text);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
