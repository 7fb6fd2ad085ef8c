import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { type Fault, fail, messageOf, type Result } from '../faults.ts';
import { Access, type AccessOptions, type Admission } from './access.ts';
import type { Addresses } from './addresses.ts';
import { agentProblemReply } from './agent-problem.ts';
import { AT } from './as-of.ts';
import type { Caller } from './auth.ts';
import { Exchange, type RequestHead } from './exchange.ts';
import { FailureLimit } from './failure-limit.ts';
import { FastRead, isPlainRead } from './fast-read.ts';
import { FastSearch } from './fast-search.ts';
import type { RouteCounts } from './front-counts.ts';
import type { FrontLog } from './front-log.ts';
import { type RequestHeaders, readHeaders } from './headers.ts';
import { isAllowedHost } from './hosts.ts';
import type { FrontLimits } from './limits.ts';
import { segmentsOf } from './path.ts';
import { problemReply } from './problem.ts';
import { parseQuery, refuseUnknown } from './query.ts';
import type { Reply } from './reply.ts';
import { requestIdFrom } from './request-id.ts';
import { RequestLog } from './request-log.ts';
import type { Call, Route } from './route.ts';
import type { KindNames, Match, Router } from './router.ts';
import { holderOf, Shares } from './shares.ts';
import type { HttpRequest, HttpResponse, UpgradeContext } from './transport.ts';
import { authorizationIn } from './web-socket-protocol.ts';

/**
 * Every request goes through here: guards, routing, who may, time limits, the access log. Handlers see a request only
 * when all of that is settled.
 * Invariant: each request gets exactly one answer, whatever its handler does; an exception is a 500, never an exit.
 */

export interface DispatcherOptions extends AccessOptions {
  readonly kinds: KindNames;
  readonly owner: Pick<OwnerClient, 'status'>;
  readonly view: RecordView;
  /** Whom requests are counted for. */
  readonly addresses: Addresses;
  /** What the header Host may be; undefined: anything. */
  readonly allowedHosts?: readonly string[] | undefined;
}

const SWEEP_MS = 250;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #limits: FrontLimits;
  readonly #log: FrontLog;
  readonly #requestLog: RequestLog;
  readonly #router: Router;
  readonly #clock: Clock;
  readonly #access: Access;
  readonly #fastRead: FastRead;
  readonly #fastSearch: FastSearch;
  readonly #pending = new Set<Exchange>();
  /** Those of them that no limit holds for: who asks how many requests there are is none of them. */
  #vitalPending = 0;
  readonly #sweeper: NodeJS.Timeout;
  /** Requests that are in flight, by address. */
  readonly #perAddress: Shares;
  readonly #callerShares: Readonly<Record<'past' | 'queries', Shares>>;
  readonly #rate: FailureLimit | undefined;
  readonly #allowedHosts: ReadonlySet<string> | undefined;
  #isStopping = false;
  #drained: (() => void)[] = [];

  constructor(options: DispatcherOptions, router: Router, clock: Clock) {
    this.#options = options;
    this.#limits = options.limits;
    this.#log = options.log;
    this.#requestLog = new RequestLog(options.log, clock);
    this.#router = router;
    this.#clock = clock;
    this.#access = new Access(options, clock);
    const { owner, view, kinds } = options;
    this.#fastRead = new FastRead(view, kinds.all, (base) => this.readCountsAt(base));
    this.#fastSearch = new FastSearch(
      view,
      kinds.all,
      () => owner.status?.sequence,
      (base) => this.#countsAt(`${base}/{Kind}`),
    );
    const { inFlightPerAddressMax, pastPerCallerMax, queriesPerCallerMax, requestsPerSecondMax } = this.#limits;
    this.#perAddress = new Shares(inFlightPerAddressMax);
    this.#callerShares = { past: new Shares(pastPerCallerMax), queries: new Shares(queriesPerCallerMax) };
    if (requestsPerSecondMax > 0) this.#rate = new FailureLimit(clock, requestsPerSecondMax);
    if (options.allowedHosts !== undefined) this.#allowedHosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
    options.counts.inFlight = () => this.#pending.size - this.#vitalPending;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(SWEEP_MS, options.limits.requestTimeLimitMs));
    this.#sweeper.unref();
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** New requests get 503 from now on; health is still told. */
  stop(): void {
    this.#isStopping = true;
  }

  async drain(timeLimitMs: number): Promise<void> {
    if (this.#pending.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeLimitMs);
      this.#drained.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#access.tellFailures(true);
    this.#requestLog.flush(true);
  }

  /** Takes a request from the library. Never throws: the library would end the process. */
  handle(res: HttpResponse, req: HttpRequest, upgrade?: UpgradeContext): void {
    let exchange: Exchange | undefined;
    try {
      const headers = readHeaders(req);
      if (upgrade !== undefined) headers.authorization ??= authorizationIn(headers.webSocketProtocol);
      const method = req.getCaseSensitiveMethod();
      const path = req.getUrl();
      const query = req.getQuery() ?? '';
      const requestId = requestIdFrom(headers.requestId);
      if (this.#allowedHosts !== undefined && !isAllowedHost(this.#allowedHosts, headers.host)) headers.flaw ??= 'Host is not one of server.allowedHosts';
      const isTooOften = this.#rate !== undefined && isOnceTooOften(this.#rate, this.#options.addresses.of(res, headers.forwardedFor));
      if (!isTooOften && method === 'GET' && this.#mayReadFast(headers)) {
        const fast = query === '' ? this.#fastRead.answer(res, path, headers, requestId) : this.#fastSearch.answer(res, path, query, headers, requestId);
        if (fast) return;
      }
      const address = this.#options.addresses.of(res, headers.forwardedFor);
      exchange = new Exchange(res, { method, path, query, headers, requestId }, address, this.#limits, this, upgrade);
      exchange.isTooOften = isTooOften;
      this.#serve(exchange);
    } catch (error) {
      if (exchange !== undefined) this.#crashed(exchange, error);
      else this.#brokenBeforeExchange(res, error);
    }
  }

  replyFor(fault: Fault, { isAgentCall, head: { path, requestId } }: Exchange): Reply {
    return isAgentCall ? agentProblemReply(fault, path, requestId, this.#clock.nowMs()) : problemReply(fault, path, requestId);
  }

  /** The answer is out, or the client is gone. */
  settled(exchange: Exchange): void {
    const ms = performance.now() - exchange.startedMs;
    const counts = exchange.counts ?? this.#options.counts.unrouted;
    counts.settled(exchange.status, ms, exchange.aborted);
    this.#requestLog.settled(exchange, ms);
  }

  #mayReadFast(headers: RequestHeaders): boolean {
    return isPlainRead(headers) && this.#options.publicReads && !this.#isStopping && !this.#log.isLevelEnabled('debug');
  }

  /** Where reads of one record are counted. @param base what stands before the name of the kind. */
  readCountsAt(base: string): RouteCounts {
    return this.#countsAt(`${base}/{Kind}/{name}`);
  }

  #countsAt(path: string): RouteCounts {
    const route = this.#router.routeAt('GET', path);
    if (route === undefined) throw new Error(`there is no route GET ${path}`);
    return this.#options.counts.of(route);
  }

  #serve(exchange: Exchange): void {
    const found = this.#routeFor(exchange);
    if (!found.ok) {
      exchange.isAgentCall = this.#router.isAgentPath(exchange.head.path);
      exchange.fail(found.fault);
      return;
    }
    const { match, route } = found.value;
    exchange.isAgentCall = route === undefined ? this.#router.isAgentPath(exchange.head.path) : route.isAgentCall === true;
    if (route === undefined) {
      answerWithoutRoute(exchange, match.allow);
      return;
    }
    if (route.timeLimitMs !== undefined) exchange.timeLimitMs = route.timeLimitMs;
    const running = this.#start(exchange, match, route);
    if (running !== undefined) this.#track(exchange, running, route.isVital === true);
    else if (!exchange.answered) throw new Error(`${route.method} ${route.path} gave no answer`);
  }

  /** What is at the path, when the request can be trusted and there is time for it. */
  #routeFor(exchange: Exchange): Result<{ match: Match; route: Route | undefined }> {
    const { head } = exchange;
    if (head.headers.flaw !== undefined) {
      // Where this request ends is not certain, and so neither is where the next one begins.
      exchange.closeAfterwards();
      return fail('invalid-request', head.headers.flaw);
    }
    if (head.path.length + head.query.length + 1 > this.#limits.urlBytesMax) return fail('uri-too-long', `a URL may have ${this.#limits.urlBytesMax} bytes`);
    const match = this.#matchOf(head);
    if (!match.ok) return match;
    const { route } = match.value;
    if (route !== undefined) exchange.counts = this.#options.counts.of(route);
    const busy = route === undefined || route.isVital === true ? undefined : this.#busyFault(exchange);
    if (busy === undefined) return { ok: true, value: { match: match.value, route } };
    if (busy.code === 'stopping') exchange.closeAfterwards();
    return { ok: false, fault: busy };
  }

  #matchOf(head: RequestHead): Result<Match> {
    const segments = segmentsOf(head.path);
    if (!segments.ok) return segments;
    const match = this.#router.match(head.method, segments.value);
    return match === undefined ? fail('not-found', 'there is nothing at this path') : { ok: true, value: match };
  }

  #busyFault({ address, isTooOften }: Exchange): Fault | undefined {
    const { turnedAway } = this.#options.counts;
    if (this.#isStopping) return { code: 'stopping', detail: 'the server is stopping' };
    if (isTooOften) {
      turnedAway['address-rate'] += 1;
      return { code: 'too-many-requests', detail: `an address may ask ${this.#limits.requestsPerSecondMax} times a second` };
    }
    if (this.#perAddress.wouldExceed(address)) {
      turnedAway['address-requests'] += 1;
      return { code: 'too-many-requests', detail: `${this.#perAddress.of(address)} requests from this address are in flight` };
    }
    if (this.#pending.size >= this.#limits.inFlightMax) {
      turnedAway.requests += 1;
      return { code: 'overloaded', detail: `${this.#pending.size} requests are in flight` };
    }
    return undefined;
  }

  /** Runs the handler when the caller may; a promise only when something has to be waited for. */
  #start(exchange: Exchange, match: Match, route: Route): void | Promise<void> {
    const scope = this.#access.scopeOf(route, exchange.head.query);
    const isAnybody = scope === undefined && (route.identifies !== true || exchange.head.headers.authorization === undefined);
    if (isAnybody) return this.#run(exchange, match, route, undefined);
    exchange.isPrivate = true;
    const admission = scope === undefined ? this.#access.identify(exchange) : this.#access.admit(exchange, scope);
    if (!(admission instanceof Promise)) return this.#runFor(exchange, match, route, admission);
    return admission.then((settled) => this.#runFor(exchange, match, route, settled));
  }

  #runFor(exchange: Exchange, match: Match, route: Route, admission: Admission): void | Promise<void> {
    if (!admission.ok) return exchange.fail(admission.fault, admission.headers);
    return this.#run(exchange, match, route, admission.caller);
  }

  #run(exchange: Exchange, match: Match, route: Route, caller: Caller | undefined): void | Promise<void> {
    const { headers, query: raw } = exchange.head;
    const encoding = headers.contentEncoding;
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      return exchange.fail({ code: 'unsupported-media-type', detail: 'a body must come as it is, without Content-Encoding' });
    }
    const query = parseQuery(raw, this.#limits);
    if (!query.ok) return exchange.fail(query.fault);
    if (route.parameters !== 'any') {
      const known = refuseUnknown(query.value, route.parameters);
      if (!known.ok) return exchange.fail(known.fault);
    }
    if (route.method === 'GET' || route.method === 'DELETE') exchange.body?.discard();
    const call = { caller, query: query.value, ...match.names };
    const share = route.share ?? (query.value.some(([name]) => name === AT) ? 'past' : undefined);
    return share === undefined ? route.handler(exchange, call) : this.#runShared(exchange, call, route, share);
  }

  /** Of what there is only one, or a few, nobody gets so much that nothing is left for others. */
  async #runShared(exchange: Exchange, call: Call, route: Route, share: 'past' | 'queries'): Promise<void> {
    const shares = this.#callerShares[share];
    const holder = holderOf(call.caller, exchange.address);
    if (shares.wouldExceed(holder)) {
      this.#options.counts.turnedAway[share === 'past' ? 'caller-past' : 'caller-queries'] += 1;
      exchange.fail({
        code: 'too-many-requests',
        detail: `${shares.of(holder)} of your ${share === 'past' ? 'requests about the past' : 'queries'} are under way`,
      });
      return;
    }
    shares.take(holder);
    try {
      await route.handler(exchange, call);
    } finally {
      shares.giveBack(holder);
    }
  }

  #track(exchange: Exchange, running: Promise<void>, isVital: boolean): void {
    this.#pending.add(exchange);
    if (isVital) this.#vitalPending += 1;
    this.#perAddress.take(exchange.address);
    const over = (): void => {
      this.#pending.delete(exchange);
      if (isVital) this.#vitalPending -= 1;
      this.#perAddress.giveBack(exchange.address);
      if (this.#pending.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
    };
    running.then(
      () => {
        if (!exchange.answered && !exchange.aborted) this.#crashed(exchange, new Error('the handler ended without an answer'));
        over();
      },
      (error: unknown) => {
        this.#crashed(exchange, error);
        over();
      },
    );
  }

  /** A time limit per request without a timer per request. */
  #sweep(): void {
    this.#access.tellFailures();
    this.#requestLog.flush();
    const nowMs = performance.now();
    for (const exchange of this.#pending) {
      if (exchange.settled || !exchange.isLate(nowMs)) continue;
      const detail = `no answer within ${exchange.timeLimitMs} ms; a change that was asked for may still be made`;
      if (exchange.answered) exchange.cut();
      else exchange.fail({ code: 'timeout', detail });
    }
  }

  #crashed(exchange: Exchange, error: unknown): void {
    const { method, path, requestId } = exchange.head;
    const stack = error instanceof Error ? error.stack : messageOf(error);
    this.#log.error({ method, path, requestId, stack }, 'a request handler threw');
    if (exchange.answered) exchange.cut();
    else exchange.fail({ code: 'internal', detail: 'an unexpected error; the log has it under this request id' });
  }

  #brokenBeforeExchange(res: HttpResponse, error: unknown): void {
    this.#log.error({ stack: error instanceof Error ? error.stack : messageOf(error) }, 'a request could not be read');
    try {
      res.close();
    } catch (closing) {
      this.#log.error({ reason: messageOf(closing) }, 'its connection could not be closed');
    }
  }
}

function answerWithoutRoute(exchange: Exchange, allow: string): void {
  const headers = [['Allow', allow]] as const;
  if (exchange.head.method === 'OPTIONS') exchange.reply({ status: 204, headers });
  else exchange.fail({ code: 'method-not-allowed', detail: `allowed here: ${allow}` }, headers);
}

function isOnceTooOften(rate: FailureLimit, address: string): boolean {
  if (rate.isReachedBy(address)) return true;
  rate.count(address);
  return false;
}
