import { type DigestAlgorithm, digestHa1, digestResponse } from '../../src/http/digest.ts';

/** The client's half of HTTP Digest, for tests: right unless it is told to be wrong. */

export interface AnswerOptions {
  readonly password?: string;
  readonly user?: string;
  readonly method?: string;
  readonly uri?: string;
  readonly count?: number;
  readonly algorithm?: DigestAlgorithm;
  /** Other values for single parameters, after the response was computed; null leaves one out. */
  readonly change?: Readonly<Record<string, string | null>>;
}

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string;
}

export function challengeIn(header: string): Challenge {
  const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  return { realm: value('realm'), nonce: value('nonce'), opaque: value('opaque') };
}

/** The value of `Authorization` that answers a challenge, for `POST /join/nulls` unless told otherwise. */
export function answerTo(challenge: string, options: AnswerOptions = {}): string {
  const { password = 'pass', user = 'admin', method = 'POST', uri = '/join/nulls', count = 1, algorithm = 'SHA-256', change = {} } = options;
  const { realm, nonce, opaque } = challengeIn(challenge);
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv';
  const response = digestResponse(algorithm, digestHa1(algorithm, user, realm, password), { nonce, nc, cnonce, method, uri });
  const quoted = { username: user, realm, nonce, uri, response, cnonce, opaque };
  const parameters: Record<string, string | null> = { qop: 'auth', nc, algorithm, ...change };
  for (const [name, value] of Object.entries(quoted)) parameters[name] ??= name in change ? null : `"${value}"`;
  return `Digest ${Object.entries(parameters)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}`;
}
