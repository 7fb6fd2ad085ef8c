import { strict as assert } from 'node:assert';
import type { Clock } from '../clock.ts';
import { FAULTS, type Fault, type Result, unreachable } from '../faults.ts';
import { type Authenticator, type Caller, permits, type Scope } from './auth.ts';
import type { DigestAuthenticator } from './digest.ts';
import { isDigestHeader } from './digest-header.ts';
import type { Exchange } from './exchange.ts';
import { FailureLimit, TOKEN_FAILURES_PER_SECOND_MAX } from './failure-limit.ts';
import { FailureLog } from './failure-log.ts';
import type { FrontCounts } from './front-counts.ts';
import type { FrontLog } from './front-log.ts';
import type { FrontLimits } from './limits.ts';
import type { Headers } from './reply.ts';
import { accessOf, type Route } from './route.ts';

/** Who may call a route: by a token, or by HTTP Digest where the scope `reservations` is enough. */

export interface AccessOptions {
  readonly authenticator: Authenticator;
  /** Undefined: tokens only. */
  readonly digest?: DigestAuthenticator | undefined;
  /** GETs of records and schemas need no token. */
  readonly publicReads: boolean;
  readonly limits: FrontLimits;
  readonly counts: FrontCounts;
  readonly log: FrontLog;
}

export type Admission =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly fault: Fault /** Of the answer. */; readonly headers: Headers };

const BEARER = 'Bearer realm="holdfast"';
const NO_CREDENTIALS: Fault = { code: 'unauthorized', detail: 'this needs the password of admin, by HTTP Digest, or a token' };
const WRONG_DIGEST: Fault = { code: 'unauthorized', detail: 'the name or the password is not valid here' };
const STALE_DIGEST: Fault = { code: 'unauthorized', detail: 'the nonce is too old or was used before: answer the new challenge' };
const MISDIRECTED_DIGEST: Fault = { code: 'invalid-request', detail: 'the uri in the Authorization header is not that of the request' };
const TOO_MANY_FAILURES: Fault = { code: 'too-many-failures', detail: 'too many wrong names or passwords from this address' };

export class Access {
  readonly #options: AccessOptions;
  readonly #failures: FailureLimit;
  readonly #tokenFailures: FailureLimit;
  readonly #failureLog: FailureLog;

  constructor(options: AccessOptions, clock: Clock) {
    this.#options = options;
    this.#failures = new FailureLimit(clock);
    this.#tokenFailures = new FailureLimit(clock, TOKEN_FAILURES_PER_SECOND_MAX);
    this.#failureLog = new FailureLog(options.log, clock);
  }

  /** To be called every now and then: the log is told of wrong passwords. */
  tellFailures(isLast = false): void {
    this.#failureLog.flush(isLast);
  }

  /** Undefined when the route is open to everybody. */
  scopeOf(route: Route, query: string): Scope | undefined {
    const access = accessOf(route, query);
    if (access === 'public') return undefined;
    if (access === 'read') return this.#options.publicReads ? undefined : 'inventory:read';
    return access;
  }

  /** A promise only when a token has to be verified. */
  admit(exchange: Exchange, scope: Scope): Admission | Promise<Admission> {
    const { authorization } = exchange.head.headers;
    const { digest } = this.#options;
    if (digest !== undefined && this.#offersDigest(scope)) {
      if (isDigestHeader(authorization)) return this.#admitDigest(exchange, authorization, digest);
      if (!isTokenHeader(authorization)) return this.#refuse(exchange, scope, NO_CREDENTIALS);
    }
    const authenticated = this.#authenticate(exchange);
    if (!(authenticated instanceof Promise)) return this.#admitToken(exchange, scope, authenticated);
    return authenticated.then((caller) => this.#admitToken(exchange, scope, caller));
  }

  /** Who sent the token, where none is needed. A wrong one is refused: whoever sends it believes to be somebody. */
  identify(exchange: Exchange): Admission | Promise<Admission> {
    const { authorization } = exchange.head.headers;
    const { digest } = this.#options;
    if (digest !== undefined && isDigestHeader(authorization)) return this.#admitDigest(exchange, authorization, digest);
    const authenticated = this.#authenticate(exchange);
    if (!(authenticated instanceof Promise)) return this.#identified(exchange, authenticated);
    return authenticated.then((caller) => this.#identified(exchange, caller));
  }

  #identified(exchange: Exchange, authenticated: Result<Caller | undefined>): Admission {
    if (!authenticated.ok) return this.#refuseToken(exchange, 'inventory:read', authenticated.fault);
    const caller = authenticated.value;
    assert(caller !== undefined, 'there is an Authorization header');
    return { ok: true, caller };
  }

  #admitToken(exchange: Exchange, scope: Scope, authenticated: Result<Caller | undefined>): Admission {
    const { refusals } = this.#options.counts;
    if (!authenticated.ok) return this.#refuseToken(exchange, scope, authenticated.fault);
    const caller = authenticated.value;
    const refused = permits(caller, scope);
    if (refused !== undefined) {
      if (refused.code === 'forbidden') refusals.scope += 1;
      return this.#refuse(exchange, scope, refused);
    }
    assert(caller !== undefined, 'nobody is permitted nothing');
    return { ok: true, caller };
  }

  /** After too many bad tokens from one address only those are heard there that are known already. */
  #authenticate({ head, address }: Exchange): ReturnType<Authenticator['authenticate']> {
    const { authorization } = head.headers;
    return this.#options.authenticator.authenticate(authorization, authorization !== undefined && this.#tokenFailures.isReachedBy(address));
  }

  #refuseToken(exchange: Exchange, scope: Scope, fault: Fault): Admission {
    const { refusals } = this.#options.counts;
    if (fault.code === 'too-many-failures') refusals.limited += 1;
    else {
      refusals.token += 1;
      this.#tokenFailures.count(exchange.address);
    }
    return this.#refuse(exchange, scope, fault);
  }

  #admitDigest(exchange: Exchange, authorization: string, digest: DigestAuthenticator): Admission {
    const { method, path, query } = exchange.head;
    const { address } = exchange;
    // Judged, even a right answer would tell a guesser something. Whoever is logged in goes on: behind a proxy everybody has one address.
    const isLimited = this.#failures.isReachedBy(address);
    const verdict = digest.verify(authorization, method, path, query, isLimited);
    switch (verdict.type) {
      case 'accepted':
        return { ok: true, caller: verdict.caller };
      case 'stale':
        return this.#refuse(exchange, 'reservations', STALE_DIGEST, true);
      case 'misdirected':
        return this.#refuse(exchange, 'reservations', MISDIRECTED_DIGEST);
      case 'wrong':
        this.#options.counts.refusals.password += 1;
        this.#failures.count(address);
        this.#failureLog.count(address, 'wrong');
        return this.#refuse(exchange, 'reservations', isLimited ? TOO_MANY_FAILURES : WRONG_DIGEST);
      case 'unjudged':
        this.#options.counts.refusals.limited += 1;
        // It costs no allowance, or one who guesses without a pause would keep everybody else at his address out for good.
        this.#failureLog.count(address, 'refused');
        return this.#refuse(exchange, 'reservations', TOO_MANY_FAILURES);
      default:
        return unreachable(verdict);
    }
  }

  #refuse(exchange: Exchange, scope: Scope, fault: Fault, isStale = false): Admission {
    const { authorization, chunked, contentLength = 0 } = exchange.head.headers;
    const { status } = FAULTS[fault.code];
    const isOffered = this.#offersDigest(scope);
    // Clients of Digest send their body with the first, unauthenticated request too, and go on with the same connection.
    if (isOffered && (chunked || contentLength > this.#options.limits.unauthenticatedBodyBytesMax)) exchange.closeAfterwards();
    if (status === 403) return { ok: false, fault, headers: [['WWW-Authenticate', `${BEARER}, error="insufficient_scope"`]] };
    if (status !== 401) return { ok: false, fault, headers: [] };
    return { ok: false, fault, headers: this.#challenges(isOffered, authorization, isStale).map((challenge) => ['WWW-Authenticate', challenge]) };
  }

  /** Whoever sent a token hears of tokens. Beside Digest they are not offered: wget, for one, then sends the password in clear text. */
  #challenges(isDigestOffered: boolean, authorization: string | undefined, isStale: boolean): readonly string[] {
    if (isDigestOffered && !isTokenHeader(authorization)) return this.#options.digest?.challenges(isStale) ?? [];
    return [authorization === undefined ? BEARER : `${BEARER}, error="invalid_token"`];
  }

  #offersDigest(scope: Scope): boolean {
    return scope === 'reservations' && this.#options.digest?.isOffered === true;
  }
}

function isTokenHeader(authorization: string | undefined): boolean {
  return authorization !== undefined && /^bearer /i.test(authorization);
}
