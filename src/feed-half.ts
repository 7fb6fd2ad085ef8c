import type { RenewalWarning, WarningEar } from './agent/renewal-warnings.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { RecordView } from './dispatch/record-view.ts';
import { Feed } from './feed/feed.ts';
import { JournalThread } from './feed/journal-thread.ts';
import { FEED_LIMITS } from './feed/limits.ts';
import type { Publish } from './feed/outlet.ts';
import { feedRoutes } from './http/feed-routes.ts';
import type { FrontCounts } from './http/front-counts.ts';
import type { Route } from './http/route.ts';
import type { KindNames } from './http/router.ts';
import { newUuid } from './ids.ts';
import type { Log } from './log.ts';
import { systemRandom } from './random.ts';
import { RESERVATION_KIND } from './store/reservations/kind.ts';

/** The part of the composition root that builds the feed, and its routes. */

export interface FeedHalf {
  readonly feed: Feed;
  readonly routes: readonly Route[];
  /** Takes warnings about renewals to whoever subscribed to them. */
  readonly ear: WarningEar;
  /** Tells what is left, and ends every subscription. */
  close(): Promise<void>;
}

export interface FeedHalfParts {
  readonly config: Config;
  readonly kinds: KindNames;
  readonly view: RecordView;
  /** Not called before the port is open. */
  readonly publish: Publish;
  readonly counts: FrontCounts;
  readonly log: Log;
}

export function composeFeed({ config, kinds, view, publish, counts, log }: FeedHalfParts): FeedHalf {
  const journal = new JournalThread(config.storage.directory, FEED_LIMITS.subscribersMax);
  const random = systemRandom();
  const feed = new Feed({
    view,
    clock: systemClock,
    publish,
    replay: (request) => journal.replay(request),
    newId: () => newUuid(systemClock, random),
    log,
  });
  const routes = feedRoutes({
    feed,
    kinds,
    reservations: RESERVATION_KIND,
    publicReads: config.auth.reads === 'public',
    allowedOrigins: config.server.allowedOrigins ?? [],
    perAddressMax: config.limits.feedsPerAddress,
    counts,
  });
  return {
    feed,
    routes,
    ear: earOf(feed),
    async close() {
      feed.close();
      await journal.close();
    },
  };
}

function earOf(feed: Feed): WarningEar {
  return {
    get isHeard() {
      return feed.hears('reservations');
    },
    warn(warning) {
      feed.signal({
        type: `renewal.${warning.type}`,
        timeMs: systemClock.nowMs(),
        subject: warning.key,
        endpoint: warning.endpoint,
        data: dataOf(warning),
      });
    },
  };
}

function dataOf({ endpoint, reservationId, untilMs, error, retryMs }: RenewalWarning): Record<string, unknown> {
  return {
    endpoint,
    ...(reservationId === undefined ? {} : { reservation_id: reservationId }),
    ...(untilMs === 0 ? {} : { until: new Date(untilMs).toISOString() }),
    ...(error === undefined ? {} : { error }),
    ...(retryMs === undefined ? {} : { retry_at: new Date(retryMs).toISOString() }),
  };
}
