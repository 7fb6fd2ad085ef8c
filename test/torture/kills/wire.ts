import { Pool } from 'undici';

/** The connections of all clients of one server: kept alive, and cheap, because the server is what is to be busy. */

export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers have every shape
  readonly json: any;
  header(name: string): string | undefined;
}

const CONNECTIONS = 32;
/** Every request has an answer by then, or its server is dead. */
const ANSWER_LIMIT_MS = 30_000;

export class Wire {
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;
  #isClosed = false;

  constructor(url: string, token: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS, headersTimeout: ANSWER_LIMIT_MS, bodyTimeout: ANSWER_LIMIT_MS });
    this.#headers = { authorization: `Bearer ${token}` };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns undefined when the connection ended before the answer was whole: what became of it nobody has told. */
  async send(method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<WireAnswer | undefined> {
    if (this.#isClosed) return undefined;
    try {
      const answer = await this.#pool.request({
        method: method as 'GET',
        path,
        headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body ?? null,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, text, json: parsed(text), header: (name) => one(answer.headers[name]) };
    } catch (error) {
      if (isTimeout(error)) throw new Error(`${method} ${path} had no answer after ${ANSWER_LIMIT_MS} ms`);
      return undefined;
    }
  }

  /** Nothing goes out any more, and who waits hears nothing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.destroy();
  }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The lines of a partial bulk, and empty bodies.
    return undefined;
  }
}
