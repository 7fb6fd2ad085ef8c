/** Reads the `Authorization` header of HTTP Digest (RFC 7616, 3.4). */

/** What a client answers to a challenge; all values without their quotes. */
export interface DigestAnswer {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly qop: string;
  /** Eight hexadecimal digits, once the authenticator has looked. */
  readonly nc: string;
  readonly cnonce: string;
  /** Clients from before RFC 7616 leave it out and mean MD5. */
  readonly algorithm: string | undefined;
  readonly opaque: string | undefined;
}

const HEADER_LENGTH_MAX = 4096;
const SCHEME = 'digest ';

const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;

/** Whether it is this scheme's header, well-formed or not. */
export function isDigestHeader(authorization: string | undefined): authorization is string {
  return authorization !== undefined && authorization.slice(0, SCHEME.length).toLowerCase() === SCHEME;
}

/** Undefined when it is malformed, too long, says something twice, or lacks what `qop="auth"` needs. */
export function parseDigestHeader(header: string): DigestAnswer | undefined {
  if (header.length > HEADER_LENGTH_MAX || !isDigestHeader(header)) return undefined;
  const found = nothing();
  let at = SCHEME.length;
  while (at < header.length) {
    const code = header.charCodeAt(at);
    if (code === COMMA || code === SPACE || code === TAB) {
      at++;
      continue;
    }
    const equals = header.indexOf('=', at);
    if (equals === -1) return undefined;
    const name = header.slice(at, equals).trimEnd().toLowerCase();
    const start = afterSpace(header, equals + 1);
    const isQuoted = header.charCodeAt(start) === QUOTE;
    const end = isQuoted ? closingQuote(header, start + 1) : endOfToken(header, start);
    if (end === -1) return undefined;
    const value = isQuoted ? unescaped(header.slice(start + 1, end)) : header.slice(start, end);
    at = afterSpace(header, isQuoted ? end + 1 : end);
    if (at < header.length && header.charCodeAt(at) !== COMMA) return undefined;
    // A name in another encoding: not offered, and two names in one header could be two people.
    if (name === 'username*') return undefined;
    if (!isKnown(name)) continue;
    if (found[name] !== undefined) return undefined;
    found[name] = value;
  }
  return complete(found);
}

type Found = { -readonly [K in keyof DigestAnswer]: string | undefined };

function nothing(): Found {
  return {
    username: undefined,
    realm: undefined,
    nonce: undefined,
    uri: undefined,
    response: undefined,
    qop: undefined,
    nc: undefined,
    cnonce: undefined,
    algorithm: undefined,
    opaque: undefined,
  };
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(nothing()));

function isKnown(name: string): name is keyof Found {
  return KNOWN.has(name);
}

function complete(found: Found): DigestAnswer | undefined {
  const { username, realm, nonce, uri, response, qop, nc, cnonce, algorithm, opaque } = found;
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined) return undefined;
  if (qop === undefined || nc === undefined || cnonce === undefined || cnonce === '') return undefined;
  return { username, realm, nonce, uri, response, qop, nc, cnonce, algorithm, opaque };
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB) at++;
  return at;
}

/** -1 for a token that is empty or has a quote or an equals sign in it. */
function endOfToken(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === SPACE || code === TAB) break;
    if (code === QUOTE || code === EQUALS) return -1;
  }
  return at === from ? -1 : at;
}

/** Where the quoted string ends, -1 when it doesn't. A backslash takes the next character along. */
function closingQuote(text: string, from: number): number {
  const end = text.indexOf('"', from);
  const backslash = text.indexOf('\\', from);
  if (backslash === -1 || backslash > end) return end;
  for (let at = backslash; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return -1;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text;
}
