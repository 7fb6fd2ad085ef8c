import { Distribution } from '../distribution.ts';
import type { Route } from './route.ts';

/** What the HTTP front counts: plain numbers, changed as requests come and go, and read by metrics. */

/** Bounds of what requests take. The first ones are for reads from memory, the last ones for plugins. */
export const REQUEST_SECONDS: readonly number[] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const STATUS_MAX = 600;

/** Of one method at one pattern of paths. */
export class RouteCounts {
  readonly method: string;
  readonly path: string;
  /** Its answers last as long as the client wants: their time says nothing, and the client's leave is their end. */
  readonly isEndless: boolean;
  readonly seconds: Distribution = new Distribution(REQUEST_SECONDS);
  /** Clients that went before their answer was complete. */
  aborted = 0;
  readonly #statuses: Float64Array = new Float64Array(STATUS_MAX);

  constructor(method: string, path: string, isEndless = false) {
    this.method = method;
    this.path = path;
    this.isEndless = isEndless;
  }

  /** Of a request that went the ordinary way. @param status 0: there was no answer. */
  settled(status: number, ms: number, isAborted: boolean): void {
    const isOver = this.isEndless && status === 200;
    if (isAborted && !isOver) this.aborted += 1;
    else this.answered(status);
    if (!isOver) this.seconds.add(ms / 1000);
  }

  answered(status: number, times = 1): void {
    this.#statuses[status] = (this.#statuses[status] as number) + times;
  }

  /** What was counted has been told to who keeps the sums. */
  reset(): void {
    this.#statuses.fill(0);
    this.seconds.reset();
  }

  /** Statuses that there were, with how often. */
  *statuses(): Iterable<readonly [status: number, count: number]> {
    for (const [status, count] of this.#statuses.entries()) if (count > 0) yield [status, count];
  }
}

/** Why credentials did not do: a bad token, a token without the scope, a wrong password, one that nobody looked at any more. */
export type Refusal = 'token' | 'scope' | 'password' | 'limited';

/** What somebody had too much of already, or everybody together. */
export type TurnedAway =
  | 'connections'
  | 'address-connections'
  | 'requests'
  | 'address-requests'
  | 'address-rate'
  | 'address-feeds'
  | 'caller-past'
  | 'caller-queries'
  | 'caller-bulks';

export class FrontCounts {
  readonly turnedAway: Record<TurnedAway, number> = {
    connections: 0,
    'address-connections': 0,
    requests: 0,
    'address-requests': 0,
    'address-rate': 0,
    'address-feeds': 0,
    'caller-past': 0,
    'caller-queries': 0,
    'caller-bulks': 0,
  };
  /** Who knows how many connections are open says so here. */
  connections: () => number = () => 0;
  readonly refusals: Record<Refusal, number> = { token: 0, scope: 0, password: 0, limited: 0 };
  /** Requests for which there is no route: whatever they ask for, it is counted here. */
  readonly unrouted: RouteCounts = new RouteCounts('any', 'none');
  /** Who knows how many requests wait for something says so here. */
  inFlight: () => number = () => 0;
  /** The same for what bulks hold in memory. */
  bulkBytes: () => number = () => 0;
  readonly #routes = new Map<Route, RouteCounts>();

  of(route: Route): RouteCounts {
    let counts = this.#routes.get(route);
    if (counts === undefined) {
      counts = new RouteCounts(route.method, route.path, route.isEndless);
      this.#routes.set(route, counts);
    }
    return counts;
  }

  get routes(): readonly RouteCounts[] {
    return [...this.#routes.values(), this.unrouted];
  }
}
