import { type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { AuthConfig } from '../config/config.ts';
import { done, type Fault, fail, type Result, StartFailure } from '../faults.ts';
import { parseJson } from './json.ts';
import { createKeySet, type KeySet, type KeySetEvents } from './key-set.ts';
import type { Scope } from './scopes.ts';

/**
 * Who asks, and what they may do. The algorithm and the keys come from the configuration, never from the token.
 * Invariant: a refused token gets one constant text, whatever is wrong with it.
 */

export type { Scope };

export interface Caller {
  readonly subject: string;
  /** `unscoped`: the token has no scope claim at all, as those of node-orchestrator. */
  readonly scopes: ReadonlySet<string> | 'unscoped';
  /** When the token ends, the leeway included; absent: whoever knows a password may go on. */
  readonly expiresMs?: number;
}

export interface Authenticator {
  /**
   * The caller that an `Authorization` header names, undefined without one. Known tokens are answered at once, without a promise.
   * @param onlyKnown tokens that were not good before are not looked at.
   */
  authenticate(authorization: string | undefined, onlyKnown?: boolean): Result<Caller | undefined> | Promise<Result<Caller | undefined>>;
}

export interface TokenAuthority extends Authenticator {
  /** With HS256: from now on only tokens of these are accepted. @throws StartFailure when one is too weak; then all stays as it is. */
  replaceSecrets(secrets: readonly Uint8Array[]): void;
}

export const TOKEN_BYTES_MAX = 8192;
export const SECRET_BYTES_MIN = 32;
/** How long a verified token is believed without looking again. */
const CACHED_MS = 60_000;
const CACHED_TOKENS_MAX = 20_000;
const CACHED_BYTES_MAX = 16 * 1024 * 1024;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const REFUSED = fail('unauthorized', 'the token is not valid here');
const UNJUDGED = fail('too-many-failures', 'too many tokens from this address were not valid');
const OTHER_SCHEME = fail('unauthorized', 'the Authorization header must be "Bearer" and a token');

/** What a token without a scope claim may do: what node-orchestrator let it do. */
const UNSCOPED: ReadonlySet<Scope> = new Set<Scope>(['inventory:read', 'inventory:write']);

/** Goes with a refusal for want of a scope (RFC 6750). */
export const INSUFFICIENT_SCOPE: readonly [string, string] = ['WWW-Authenticate', 'Bearer realm="holdfast", error="insufficient_scope"'];

/** Undefined when the caller may, else the fault to answer with. */
export function permits(caller: Caller | undefined, scope: Scope): Fault | undefined {
  if (caller === undefined) return { code: 'unauthorized', detail: 'this needs a token: send it as "Authorization: Bearer"' };
  const allowed = caller.scopes === 'unscoped' ? UNSCOPED.has(scope) : caller.scopes.has(scope);
  return allowed ? undefined : { code: 'forbidden', detail: `the token lacks the scope ${scope}` };
}

/** @throws StartFailure when a secret is too weak, or the key file is unusable. */
export async function createAuthenticator(
  config: AuthConfig,
  tokenSecrets: readonly Uint8Array[],
  clock: Clock,
  events?: KeySetEvents,
): Promise<TokenAuthority> {
  if (config.algorithm === 'HS256') {
    const authenticator = new TokenAuthenticator(config, clock, undefined);
    authenticator.replaceSecrets(tokenSecrets);
    return authenticator;
  }
  const cache: { clear(): void } = { clear: () => undefined };
  const keySet = await createKeySet(config, clock, { warn: (message) => events?.warn(message), changed: () => cache.clear() });
  const authenticator = new TokenAuthenticator(config, clock, keySet);
  cache.clear = () => authenticator.forget();
  return authenticator;
}

/** A secret that can be guessed is worse than none, because it looks like one. */
export function refuseWeakSecret(secret: Uint8Array): void {
  if (secret.length < SECRET_BYTES_MIN) {
    throw new StartFailure(`the token secret has ${secret.length} bytes and needs at least ${SECRET_BYTES_MIN} (make one with: openssl rand -base64 48)`);
  }
  const letters = Buffer.from(secret).toString('latin1').toLowerCase().replaceAll('secret', '');
  if (new Set(letters).size <= 1)
    throw new StartFailure('the token secret is the word "secret" or one character, padded: make one with openssl rand -base64 48');
}

interface Known {
  readonly result: Result<Caller>;
  readonly untilMs: number;
  readonly untilMonotonicMs: number;
}

class TokenAuthenticator implements TokenAuthority {
  readonly #clock: Clock;
  /** Each is tried: a signature fits one of them or none. */
  #keys: readonly JWTVerifyGetKey[];
  readonly #options: Omit<JWTVerifyOptions, 'currentDate'>;
  readonly #leewaySeconds: number;
  readonly #keySet: KeySet | undefined;
  readonly #known = new LRUCache<string, Known>({
    max: CACHED_TOKENS_MAX,
    maxSize: CACHED_BYTES_MAX,
    sizeCalculation: (_, token) => token.length,
  });
  /** The header that was good last. */
  #last: { readonly authorization: string; readonly known: Known } | undefined;
  readonly #underWay = new Map<string, Promise<Result<Caller>>>();
  #generation = 0;

  constructor(config: AuthConfig, clock: Clock, keySet: KeySet | undefined) {
    this.#clock = clock;
    this.#keys = keySet === undefined ? [] : [(header) => keySet.keyFor(header.kid)];
    this.#keySet = keySet;
    this.#leewaySeconds = config.leewaySeconds;
    this.#options = {
      algorithms: [config.algorithm],
      clockTolerance: config.leewaySeconds,
      requiredClaims: ['exp', 'sub', 'iss', 'aud'],
      ...(config.issuer === undefined ? {} : { issuer: config.issuer }),
      ...(config.audience === undefined ? {} : { audience: config.audience }),
    };
  }

  authenticate(authorization: string | undefined, onlyKnown = false): Result<Caller | undefined> | Promise<Result<Caller | undefined>> {
    if (authorization === undefined || authorization === '') return done(undefined);
    // Mostly the same caller asks again: comparing is cheaper than taking the header apart and hashing the token.
    if (authorization === this.#last?.authorization && this.#isBelieved(this.#last.known)) return this.#last.known.result;
    if (authorization.length > TOKEN_BYTES_MAX + 16) return REFUSED;
    const match = /^Bearer +(\S+)$/i.exec(authorization.trim());
    const token = match?.[1];
    if (token === undefined) return OTHER_SCHEME;
    const known = this.#known.get(token);
    if (known !== undefined && this.#isBelieved(known)) {
      this.#last = { authorization, known };
      return known.result;
    }
    // One that was good a while ago is looked at again, however many bad ones come from there.
    if (onlyKnown && known === undefined) return UNJUDGED;
    if (token.length > TOKEN_BYTES_MAX || !COMPACT_JWS.test(token)) return REFUSED;
    // Many requests come with the same new token at once.
    let verdict = this.#underWay.get(token);
    if (verdict === undefined) {
      verdict = this.#verify(token).finally(() => this.#underWay.delete(token));
      this.#underWay.set(token, verdict);
    }
    return verdict;
  }

  replaceSecrets(secrets: readonly Uint8Array[]): void {
    // A key set knows by itself which keys there are.
    if (this.#keySet !== undefined) return;
    for (const secret of secrets) refuseWeakSecret(secret);
    this.#keys = secrets.map((secret) => () => secret);
    this.forget();
  }

  /** Drops every verdict: the keys have changed. */
  forget(): void {
    this.#generation += 1;
    this.#known.clear();
    this.#last = undefined;
    this.#underWay.clear();
  }

  #isBelieved({ untilMs, untilMonotonicMs }: Known): boolean {
    return this.#clock.nowMs() < untilMs && this.#clock.monotonicMs() < untilMonotonicMs;
  }

  async #verify(token: string): Promise<Result<Caller>> {
    const [header = '', payload = ''] = token.split('.');
    // Stricter than the library: of two members with one name, readers disagree which one counts.
    if (!isSoundJson(header) || !isSoundJson(payload)) return REFUSED;
    await this.#keySet?.refreshIfOld();
    const generation = this.#generation;
    const nowMs = this.#clock.nowMs();
    const claims = await this.#claimsOf(token, nowMs);
    const caller = claims === undefined ? undefined : this.#callerOf(claims, nowMs);
    if (claims === undefined || caller === undefined) return REFUSED;
    const result = done(caller);
    const untilMs = Math.min((claims['exp'] as number) * 1000, nowMs + CACHED_MS);
    if (untilMs > nowMs && generation === this.#generation) {
      this.#known.set(token, { result, untilMs, untilMonotonicMs: this.#clock.monotonicMs() + (untilMs - nowMs) });
    }
    return result;
  }

  /** Undefined when the token is not of these keys, or not of this time or place. */
  async #claimsOf(token: string, nowMs: number): Promise<Readonly<Record<string, unknown>> | undefined> {
    for (const key of this.#keys) {
      try {
        return (await jwtVerify(token, key, { ...this.#options, currentDate: new Date(nowMs) })).payload;
      } catch {
        // Whatever is wrong with it, the caller learns one text only, and the log would fill with other people's mistakes.
      }
    }
    return undefined;
  }

  /** The caller of a token whose signature is right, or undefined when a claim is not what it must be. */
  #callerOf(claims: Readonly<Record<string, unknown>>, nowMs: number): Caller | undefined {
    const { sub, iss, aud, exp, nbf, iat, scope } = claims;
    if (!isText(sub) || !isText(iss)) return undefined;
    if (!isText(aud) && !(Array.isArray(aud) && aud.length > 0 && aud.every(isText))) return undefined;
    // `1e400` reads as Infinity: a token without end.
    if (!isTime(exp) || (nbf !== undefined && !isTime(nbf)) || (iat !== undefined && !isTime(iat))) return undefined;
    if (iat !== undefined && iat > nowMs / 1000 + this.#leewaySeconds) return undefined;
    const expiresMs = (exp + this.#leewaySeconds) * 1000;
    if (scope === undefined) return { subject: sub, scopes: 'unscoped', expiresMs };
    if (typeof scope === 'string') return { subject: sub, scopes: new Set(scope.split(' ').filter((word) => word !== '')), expiresMs };
    if (Array.isArray(scope) && scope.every((word) => typeof word === 'string')) return { subject: sub, scopes: new Set(scope), expiresMs };
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isSoundJson(part: string): boolean {
  return parseJson(Buffer.from(part, 'base64url')).ok;
}

export interface TokenContent {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly ttlSeconds: number;
  readonly issuer: string;
  readonly audience: string;
}

/** A token that an HS256 authenticator with this secret accepts. */
export function signToken(secret: Uint8Array, content: TokenContent, clock: Clock): Promise<string> {
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  return new SignJWT({ scope: content.scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(content.subject)
    .setIssuer(content.issuer)
    .setAudience(content.audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + content.ttlSeconds)
    .sign(secret);
}
