import type { Kind } from '../../schemas/kind.ts';
import type { Caller, Scope } from './auth.ts';
import type { Exchange } from './exchange.ts';
import type { About, SameAs } from './openapi/about.ts';
import type { QueryParameters } from './query.ts';

/** Routes are data: who adds one adds a line to a table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{Kind}` stands for the name of a kind; `{name}`, `{file}`, `{endpoint}` and `{id}` for any text that is not empty. */
  readonly path: string;
  /**
   * `public`: for everybody. `read`: for everybody unless the configuration closes reads. Else the scope that it needs;
   * `reservations` is also had by who knows the password of HTTP Digest.
   */
  readonly access: RouteAccess | ((query: string) => RouteAccess);
  /** Also where it is open to everybody: whoever shows a token is known by it. */
  readonly identifies?: boolean;
  /** For the description of the API: without it there is no route. */
  readonly about: About | SameAs;
  /** The query parameters that it knows, or `any` when it reads them itself. */
  readonly parameters: readonly string[] | 'any';
  /** Part of NodeAgent2's protocol: error bodies also have the members that its clients read. */
  readonly isAgentCall?: boolean;
  /** Answers also while the server stops or has too much to do. */
  readonly isVital?: boolean;
  /** It asks the one thread that knows the past, or a process for SQL: a caller has a share of those. A query with `at` does so, too. */
  readonly share?: 'past' | 'queries';
  /** An answer goes on until the client goes. */
  readonly isEndless?: boolean;
  readonly timeLimitMs?: number;
  /** Answers through the exchange; what it throws becomes a 500. */
  readonly handler: (exchange: Exchange, call: Call) => void | Promise<void>;
}

export type RouteAccess = 'public' | 'read' | Scope;

/** Who may, where that depends on the query: @param query raw, without the question mark. */
export function accessOf({ access }: Route, query: string): RouteAccess {
  return typeof access === 'function' ? access(query) : access;
}

export interface Call {
  /** Undefined on routes that need no token, also when one was sent. */
  readonly caller: Caller | undefined;
  readonly query: QueryParameters;
  /** What stood for `{Kind}`. */
  readonly kind: Kind | undefined;
  /** What stood for `{name}`, decoded; empty when the path has none, as the two below. */
  readonly name: string;
  /** What stood for `{file}`, decoded. */
  readonly file: string;
  /** What stood for `{endpoint}`, decoded. */
  readonly endpoint: string;
  /** What stood for `{id}`, decoded. */
  readonly id: string;
}
