import { createHash } from 'node:crypto';
import type { Answer } from './server-process.ts';

/**
 * HTTP Digest as NodeAgent2's Java client does it: MD5, one nonce for as long as it is taken, each request with the next
 * count. It is written from RFC 7616 and shares nothing with the server.
 */
export class DigestClient {
  readonly #url: string;
  readonly #password: string;
  #challenge: ReadonlyMap<string, string> | undefined;
  #count = 0;
  /** Requests that were sent, those that were challenged too. */
  requests = 0;

  constructor(url: string, password: string) {
    this.#url = url;
    this.#password = password;
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('POST', path, body, headers);
  }

  /** @param body text is sent as it is, anything else as JSON. A 401 comes back when the second try is refused as well. */
  async request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const first = await this.#send(method, path, body, headers);
    if (first.status !== 401) return first;
    this.#challenge = challengeIn(first.headers.get('www-authenticate') ?? '');
    this.#count = 0;
    return this.#send(method, path, body, headers);
  }

  async #send(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
    this.requests += 1;
    const authorization = this.#authorization(method, path);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  #authorization(method: string, uri: string): string | undefined {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    this.#count += 1;
    const value = (name: string): string => challenge.get(name) ?? '';
    const nc = this.#count.toString(16).padStart(8, '0');
    const cnonce = md5(`${Math.random()}`).slice(0, 16);
    const secret = md5(`admin:${value('realm')}:${this.#password}`);
    const response = md5([secret, value('nonce'), nc, cnonce, 'auth', md5(`${method}:${uri}`)].join(':'));
    const quoted = { username: 'admin', realm: value('realm'), nonce: value('nonce'), uri, response, cnonce, opaque: value('opaque') };
    const parameters = Object.entries(quoted).map(([name, text]) => `${name}="${text}"`);
    return `Digest ${[...parameters, 'algorithm=MD5', 'qop=auth', `nc=${nc}`].join(', ')}`;
  }
}

/** The first challenge that asks for MD5. */
function challengeIn(header: string): ReadonlyMap<string, string> {
  for (const challenge of header.split(/(?:^|,\s*)Digest\s+/i)) {
    const values = new Map([...challenge.matchAll(/(\w+)=(?:"([^"]*)"|([\w-]+))/g)].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']));
    if ((values.get('algorithm') ?? 'MD5') === 'MD5' && values.has('nonce')) return values;
  }
  return new Map();
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON; `text` has it.
    return undefined;
  }
}
