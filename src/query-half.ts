import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { OwnerClient } from './dispatch/owner-client.ts';
import { queryRoutes } from './http/query-routes.ts';
import type { Route } from './http/route.ts';
import type { Log } from './log.ts';
import { Contents, type PastTables } from './query/contents.ts';
import { LOAD_LIMIT_MS, QueryHost, WAIT_LIMIT_MS } from './query/query-host.ts';
import { type SavedFigures, SavedQueries } from './query/saved-queries.ts';

/** The part of the composition root that builds users' SQL, its route, and the queries that are saved in the configuration. */

export interface QueryHalf {
  readonly routes: readonly Route[];
  /** Undefined where no SQL can be asked. */
  readonly host: Pick<QueryHost, 'waiting'> | undefined;
  /** What the saved queries said last. */
  readonly figures: SavedFigures;
  /** Begins to ask the saved queries; the records are there. */
  start(): void;
  close(): void;
}

export interface QueryHalfParts {
  readonly config: Config;
  readonly owner: OwnerClient;
  readonly history: PastTables;
  readonly log: Log;
}

/** What is late is told by its own limit, and not by that of the request. */
const MARGIN_MS = 30_000;

export function composeQueries({ config: { query, storage }, owner, history, log }: QueryHalfParts): QueryHalf {
  const contents = new Contents(storage.directory, owner, history, systemClock, query.children);
  if (!query.enabled) return { routes: [], host: undefined, figures: { values: () => [] }, start: () => undefined, close: () => contents.close() };
  const limits = { timeLimitMs: query.timeLimit, rowsMax: query.rowsMax, bytesMax: query.bytesMax, memoryBytes: query.memory, children: query.children };
  const host = new QueryHost(contents, limits, log);
  const saved = new SavedQueries({
    queries: (query.saved ?? []).map(({ every, description, at = 'now', labels = [], ...each }) => ({
      ...each,
      description: description ?? `Saved query ${each.name}.`,
      at,
      labels,
      everyMs: every,
    })),
    clock: systemClock,
    ask: (request, signal) => host.query(request, signal),
    warn: (name, reason) => log.warn({ query: name, reason }, 'a saved query failed'),
  });
  return {
    routes: queryRoutes({ host, answerLimitMs: WAIT_LIMIT_MS + LOAD_LIMIT_MS + query.timeLimit + MARGIN_MS }),
    host,
    figures: saved,
    start: () => saved.start(),
    close() {
      saved.stop();
      host.close();
    },
  };
}
