import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Agent } from 'undici';
import { connectionFailure } from './connection-failure.ts';
import { HoldfastError, refusal } from './error.ts';
import { CALL_RETRIES, pauseAfter, type RetryOptions, type RetryPolicy } from './retry.ts';

/** HTTP as the rest of the client sees it: credentials, time limits, retries, and failures as `HoldfastError`. */

export interface ClientOptions {
  /** `http://` or `https://`, with or without `/inventory`; without credentials in it. */
  readonly url: string;
  /** A JWT, or what gives the one to use now: it is asked before every request. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'>;
  readonly connectTimeoutMs?: number;
  /** For the first byte of an answer, and for each pause in it. Calls that take long by nature have at least ten minutes. */
  readonly answerTimeoutMs?: number;
  /** Connections for calls; each feed has one of its own. What finds none waits. */
  readonly connectionsMax?: number;
  /** Of reads, of writes with an idempotency key, and of all that the server refuses with a time to come back at. */
  readonly retry?: RetryOptions;
}

export interface CallOptions {
  /** Ends the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly answerTimeoutMs?: number;
  readonly retriesMax?: number;
}

/** The part of a method's options that is about the call itself. */
export function callOptions({ signal, answerTimeoutMs, retriesMax }: CallOptions): CallOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
    ...(retriesMax === undefined ? {} : { retriesMax }),
  };
}

export interface Ask extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; already encoded. */
  readonly path: string;
  readonly query?: URLSearchParams;
  /** What is read from a stream can be sent only once, and is not tried again. */
  readonly body?: string | Uint8Array | Readable;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface TextAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
}

export interface StreamAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** To be read to its end, or left with `break`, which ends the connection. */
  readonly body: AsyncIterable<Buffer>;
}

interface Opened {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Readable;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;
/** Plugins have time limits of their own, and an atomic bulk answers when all of it is in. */
export const LONG_ANSWER_TIMEOUT_MS = 600_000;
const CONNECTIONS_MAX = 64;
/** JavaScript has no longer texts. */
const TEXT_BYTES_MAX = 512 * 1024 * 1024 - 1024;

/** When the first connection is made, and not before: commands that need no server load this file, too. */
function undici(): typeof import('undici') {
  return createRequire(import.meta.url)('undici') as typeof import('undici');
}

export class Transport {
  readonly root: string;
  readonly retry: RetryPolicy;
  readonly #token: () => string | undefined | Promise<string | undefined>;
  readonly #answerTimeoutMs: number;
  readonly #calls: Agent;
  readonly #feeds: Agent;
  readonly #closing = new AbortController();

  constructor(options: ClientOptions) {
    const { token, tls, connectTimeoutMs = CONNECT_TIMEOUT_MS, connectionsMax = CONNECTIONS_MAX } = options;
    this.root = rootOf(options.url);
    this.retry = { ...CALL_RETRIES, ...options.retry };
    this.#token = typeof token === 'function' ? token : () => token;
    this.#answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    const connect = { ...tls, timeout: connectTimeoutMs };
    const { Agent } = undici();
    this.#calls = new Agent({ connect, connections: connectionsMax });
    this.#feeds = new Agent({ connect });
  }

  /** Aborts when the client is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** A success (or a 304) and its whole text. @throws HoldfastError */
  send(ask: Ask): Promise<TextAnswer> {
    return this.#patiently(ask, async () => {
      const { status, headers, body } = await this.#once(ask, this.#calls);
      return { status, headers, text: await this.#text(ask, body) };
    });
  }

  /** A success, its body not yet read. Only the beginning is tried again. @throws HoldfastError */
  stream(ask: Ask, isFeed = false): Promise<StreamAnswer> {
    return this.#patiently(ask, async () => {
      const { status, headers, body } = await this.#once(ask, isFeed ? this.#feeds : this.#calls);
      return { status, headers, body: this.#chunks(ask, body) };
    });
  }

  /** Ends every connection, also those that are in use. */
  async close(): Promise<void> {
    this.#closing.abort(new HoldfastError({ code: 'closed', message: 'the client has been closed' }));
    await Promise.all([this.#calls.destroy(), this.#feeds.destroy()]);
  }

  async #patiently<T>(ask: Ask, attempt: () => Promise<T>): Promise<T> {
    const retriesMax = ask.retriesMax ?? this.retry.retriesMax;
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (failures > retriesMax || !mayTryAgain(ask, error)) throw error;
        const signal = ask.signal === undefined ? this.closed : AbortSignal.any([ask.signal, this.closed]);
        await this.retry.wait(pauseAfter(this.retry, failures, error.retryAfterMs), signal);
      }
    }
  }

  async #once(ask: Ask, agent: Agent): Promise<Opened> {
    ask.signal?.throwIfAborted();
    const authorization = authorizationOf(await this.#token());
    const timeoutMs = ask.answerTimeoutMs ?? this.#answerTimeoutMs;
    const query = ask.query === undefined || ask.query.size === 0 ? '' : `?${ask.query}`;
    let opened: Opened;
    try {
      const { statusCode, headers, body } = await undici().request(`${this.root}${ask.path}${query}`, {
        method: ask.method,
        dispatcher: agent,
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          accept: ask.accept ?? 'application/json',
          ...(ask.body === undefined ? {} : { 'content-type': ask.contentType ?? 'application/json' }),
          ...ask.headers,
        },
        body: ask.body ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: ask.signal ?? null,
      });
      opened = { status: statusCode, headers, body };
    } catch (error) {
      throw this.#failure(ask, error);
    }
    const { status, headers, body } = opened;
    if ((status >= 200 && status <= 299) || status === 304) return opened;
    throw refusal(status, headers, await this.#text(ask, body));
  }

  async #text(ask: Ask, body: Readable): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#chunks(ask, body)) {
      bytes += chunk.length;
      if (bytes > TEXT_BYTES_MAX)
        throw new HoldfastError({ code: 'unexpected-answer', message: `the answer to ${ask.method} ${ask.path} is larger than ${TEXT_BYTES_MAX} bytes` });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  async *#chunks(ask: Ask, body: Readable): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw this.#failure(ask, error);
    }
  }

  #failure({ signal }: Ask, error: unknown): unknown {
    if (this.closed.aborted) return this.closed.reason;
    if (signal?.aborted === true) return signal.reason;
    return connectionFailure(this.root, error);
  }
}

/** Whether the same request can do no harm a second time. */
function mayTryAgain({ method, body, headers }: Ask, error: unknown): error is HoldfastError {
  if (!(error instanceof HoldfastError) || body instanceof Readable) return false;
  // The server says so only where it has not begun.
  if (error.retryAfterMs !== undefined) return true;
  const isLost = error.code === 'unreachable' || error.code === 'connection-lost';
  return isLost && (method === 'GET' || headers?.['idempotency-key'] !== undefined);
}

function rootOf(url: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new TypeError('the url of a client begins with http:// or https://');
  const { username, password } = new URL(url);
  // It would be shown in every message about the connection.
  if (username !== '' || password !== '') throw new TypeError('the url of a client has no user and no password; give it a token');
  return url.replace(/\/+$/, '').replace(/\/inventory$/, '');
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

function authorizationOf(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const bare = token.trim().replace(/^Bearer\s+/i, '');
  if (!VISIBLE_ASCII.test(bare)) {
    throw new HoldfastError({ code: 'unauthorized', message: 'the token is empty, or has characters that no header can have' });
  }
  return `Bearer ${bare}`;
}
