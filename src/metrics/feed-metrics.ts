import type { Feed } from '../feed/feed.ts';
import type { FeedLimits } from '../feed/limits.ts';
import { counter, gauge, type Metric, one } from './metric.ts';

/** The change feed and its subscribers. */

export interface FeedSources {
  readonly feed: Pick<Feed, 'counts' | 'subscribers' | 'partsReplayed'>;
  readonly limits: Pick<FeedLimits, 'subscribersMax'>;
}

export function feedMetrics({ feed, limits }: FeedSources): readonly Metric[] {
  return [
    gauge('holdfast_feed_clients', 'Subscribers of the change feed.', ['transport'], () =>
      Object.entries(feed.subscribers).map(([transport, clients]) => [clients, transport]),
    ),
    gauge('holdfast_feed_clients_limit', 'How many there may be; one more is answered with 503.', [], () => one(limits.subscribersMax)),
    counter('holdfast_feed_events_total', 'Events that were told, once for each subscriber, without those from the journal.', [], () =>
      one(feed.counts.eventsTold),
    ),
    counter('holdfast_feed_fallbacks_total', 'Subscribers who did not keep up, and were served from the journal until they did.', [], () =>
      one(feed.counts.fellBehind),
    ),
    counter('holdfast_feed_journal_parts_total', 'Parts of the journal that were read for those, and for who came back.', [], () => one(feed.partsReplayed)),
    counter(
      'holdfast_feed_drops_total',
      'Subscribers who were cut off because they did not read for 30 s; streams mostly end before, by a time limit of the HTTP library.',
      [],
      () => one(feed.counts.droppedSlow),
    ),
    counter(
      'holdfast_feed_resets_total',
      'Subscribers who were told to list again: what they missed is not in the journal, or is not what happened here.',
      [],
      () => one(feed.counts.resets),
    ),
  ];
}
