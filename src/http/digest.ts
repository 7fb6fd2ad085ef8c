import { hash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Caller } from './auth.ts';
import { type DigestAnswer, parseDigestHeader } from './digest-header.ts';
import { Nonces } from './digest-nonces.ts';

/**
 * HTTP Digest (RFC 7616) as NodeAgent2's clients know it: one user, one realm, `qop="auth"`. The password is not kept,
 * only what it hashes to.
 * Invariant: an answer is accepted once. The worst case is one that comes after its nonce was forgotten: the client is
 * told to answer a new challenge, which clients do by themselves.
 */

export const DIGEST_USER = 'admin';
export const DIGEST_REALM = 'NA2 Digest Authentication Realm';

export interface DigestOptions {
  /** Undefined: Digest is not offered. */
  readonly password: string | undefined;
  /** Also MD5, which is all that old clients know. */
  readonly md5: boolean;
  readonly nonceLifetimeMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

export type DigestVerdict =
  | { readonly type: 'accepted'; readonly caller: Caller }
  /** The password is right, but the nonce is old, foreign, or has been used like this: a new challenge will do. */
  | { readonly type: 'stale' }
  /** The password is right, but the answer was made for another request. */
  | { readonly type: 'misdirected' }
  | { readonly type: 'wrong' }
  /** It was not looked at, and may be right or wrong. */
  | { readonly type: 'unjudged' };

export interface DigestAuthenticator {
  /** There is a password. */
  readonly isOffered: boolean;
  /** Values of `WWW-Authenticate`, a header line each; none when there is no password. */
  challenges(stale: boolean): readonly string[];
  /**
   * @param path as it came, as is `query`, without its question mark.
   * @param onlyUsedNonces answers to a nonce that has not been accepted before are not judged.
   */
  verify(authorization: string, method: string, path: string, query: string, onlyUsedNonces?: boolean): DigestVerdict;
  /** From now on this is the password, and none is the end of Digest; nonces live on. */
  replacePassword(password: string | undefined): void;
}

export function createDigest(options: DigestOptions): DigestAuthenticator {
  return new PasswordDigest(options);
}

export type DigestAlgorithm = 'MD5' | 'SHA-256';

interface AlgorithmSecret {
  /** Hash of user, realm and password. */
  readonly ha1: string;
  /** Stands in for `ha1` when the user is unknown: that answer must take as long. */
  readonly decoy: string;
}

const HASH_NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
/** The same after a restart, or no answer from before it could be called stale. */
const OPAQUE = hash('sha256', DIGEST_REALM).slice(0, 32);
const MD5_LENGTH = 32;
/** Hashes of method and path that are kept, and how long such a path may be. */
const KEPT_HASHES_MAX = 256;
const KEPT_URI_LENGTH_MAX = 256;
const COUNT = /^[0-9A-Fa-f]{8}$/;

const ACCEPTED: DigestVerdict = { type: 'accepted', caller: { subject: DIGEST_USER, scopes: new Set(['reservations']) } };
const STALE: DigestVerdict = { type: 'stale' };
const MISDIRECTED: DigestVerdict = { type: 'misdirected' };
const WRONG: DigestVerdict = { type: 'wrong' };
const UNJUDGED: DigestVerdict = { type: 'unjudged' };

class PasswordDigest implements DigestAuthenticator {
  /** In the order in which they are offered. */
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #nonces: Nonces;
  readonly #random: Random;
  readonly #ha2s = new LRUCache<string, string>({ max: KEPT_HASHES_MAX });
  #secrets: ReadonlyMap<DigestAlgorithm, AlgorithmSecret> | undefined;

  constructor({ password, md5, nonceLifetimeMs, clock, random }: DigestOptions) {
    this.#algorithms = md5 ? ['MD5', 'SHA-256'] : ['SHA-256'];
    this.#nonces = new Nonces({ lifetimeMs: nonceLifetimeMs, clock, random });
    this.#random = random;
    this.replacePassword(password);
  }

  replacePassword(password: string | undefined): void {
    // An empty password would let everybody in.
    if (password === undefined || password === '') {
      this.#secrets = undefined;
      return;
    }
    const decoy = Buffer.from(this.#random.bytes(32)).toString('hex');
    this.#secrets = new Map(
      this.#algorithms.map((algorithm) => [
        algorithm,
        { ha1: digestHa1(algorithm, DIGEST_USER, DIGEST_REALM, password), decoy: digestHa1(algorithm, DIGEST_USER, DIGEST_REALM, decoy) },
      ]),
    );
  }

  get isOffered(): boolean {
    return this.#secrets !== undefined;
  }

  challenges(stale: boolean): readonly string[] {
    if (this.#secrets === undefined) return [];
    const nonce = this.#nonces.mint();
    const rest = `nonce="${nonce}", opaque="${OPAQUE}", charset=UTF-8${stale ? ', stale=true' : ''}`;
    return this.#algorithms.map((algorithm) => `Digest realm="${DIGEST_REALM}", qop="auth", algorithm=${algorithm}, ${rest}`);
  }

  verify(authorization: string, method: string, path: string, query: string, onlyUsedNonces = false): DigestVerdict {
    const answer = parseDigestHeader(authorization);
    if (onlyUsedNonces && (answer === undefined || !this.#nonces.isUsed(answer.nonce))) return UNJUDGED;
    if (answer === undefined || answer.qop !== 'auth' || answer.realm !== DIGEST_REALM) return WRONG;
    if (answer.opaque !== undefined && answer.opaque !== OPAQUE) return WRONG;
    const count = COUNT.test(answer.nc) ? Number.parseInt(answer.nc, 16) : 0;
    const algorithm = algorithmOf(answer);
    const secret = algorithm === undefined ? undefined : this.#secrets?.get(algorithm);
    if (count === 0 || algorithm === undefined || secret === undefined) return WRONG;
    const isUser = answer.username === DIGEST_USER;
    const expected = responseTo(algorithm, isUser ? secret.ha1 : secret.decoy, answer, this.#ha2Of(algorithm, method, answer.uri));
    if (!isEqual(answer.response, expected) || !isUser) return WRONG;
    // Only who knows the password learns more than that it was wrong.
    if (!isTarget(answer.uri, path, query)) return MISDIRECTED;
    return this.#nonces.take(answer.nonce, count) ? ACCEPTED : STALE;
  }

  /** The same for everybody, and clients ask for few paths again and again: most of all for joins. */
  #ha2Of(algorithm: DigestAlgorithm, method: string, uri: string): string {
    if (uri.length > KEPT_URI_LENGTH_MAX) return ha2Of(algorithm, method, uri);
    const place = `${algorithm} ${method} ${uri}`;
    let ha2 = this.#ha2s.get(place);
    if (ha2 === undefined) {
      ha2 = ha2Of(algorithm, method, uri);
      this.#ha2s.set(place, ha2);
    }
    return ha2;
  }
}

/** H(A1) of RFC 7616, 3.4.2. */
export function digestHa1(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return hash(HASH_NAMES[algorithm], `${user}:${realm}:${password}`);
}

export interface DigestRequest {
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly method: string;
  readonly uri: string;
}

/** The `response` of RFC 7616, 3.4.1, with `qop` `auth`. */
export function digestResponse(algorithm: DigestAlgorithm, ha1: string, { nonce, nc, cnonce, method, uri }: DigestRequest): string {
  return responseTo(algorithm, ha1, { nonce, nc, cnonce }, ha2Of(algorithm, method, uri));
}

function responseTo(algorithm: DigestAlgorithm, ha1: string, { nonce, nc, cnonce }: Pick<DigestRequest, 'nonce' | 'nc' | 'cnonce'>, ha2: string): string {
  return hash(HASH_NAMES[algorithm], `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
}

/** H(A2) of RFC 7616, 3.4.3. */
function ha2Of(algorithm: DigestAlgorithm, method: string, uri: string): string {
  return hash(HASH_NAMES[algorithm], `${method}:${uri}`);
}

function algorithmOf({ algorithm, response }: DigestAnswer): DigestAlgorithm | undefined {
  const name = algorithm?.toUpperCase() ?? 'MD5';
  // Clients of before RFC 7616 answer whichever challenge they look at with MD5, and repeat the algorithm that it named.
  if (name === 'SHA-256') return response.length === MD5_LENGTH ? 'MD5' : 'SHA-256';
  return name === 'MD5' ? 'MD5' : undefined;
}

/** In a time that does not depend on where they differ. */
function isEqual(given: string, expected: string): boolean {
  const bytes = Buffer.from(given, 'utf8');
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected, 'latin1'));
}

function isTarget(uri: string, path: string, query: string): boolean {
  if (query === '') return uri === path || uri === `${path}?`;
  return uri.length === path.length + 1 + query.length && uri[path.length] === '?' && uri.startsWith(path) && uri.endsWith(query);
}
