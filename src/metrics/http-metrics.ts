import type { FrontCounts } from '../http/front-counts.ts';
import type { FrontLimits } from '../http/limits.ts';
import { longAnswers } from '../http/long-answers.ts';
import { counter, gauge, histogram, type Metric, one, type Sample } from './metric.ts';

/** Requests and credentials. */

export interface HttpSources {
  readonly front: FrontCounts;
  readonly limits: Pick<FrontLimits, 'inFlightMax' | 'bulkBytesInFlightMax' | 'connectionsMax'>;
}

export function httpMetrics({ front, limits }: HttpSources): readonly Metric[] {
  return [
    counter('holdfast_http_requests_total', 'Requests by what they were answered with; aborted: the client went before.', ['method', 'route', 'status'], () =>
      requests(front),
    ),
    histogram('holdfast_http_request_duration_seconds', 'From the head of a request to the end of its answer.', ['method', 'route'], () =>
      front.routes.filter(({ seconds }) => seconds.sum > 0).map(({ method, path, seconds }) => [seconds, method, path]),
    ),
    gauge('holdfast_http_requests_in_flight', 'Requests that wait for something; a scrape is not one of them.', [], () => one(front.inFlight())),
    gauge('holdfast_http_requests_in_flight_limit', 'How many may; one more is answered with 503.', [], () => one(limits.inFlightMax)),
    counter(
      'holdfast_http_turned_away_total',
      'Connections and requests that were refused because there were too many, of one address or caller or in total.',
      ['reason'],
      () => [...byWord(front.turnedAway), [longAnswers.turnedAway, 'address-answers']],
    ),
    gauge('holdfast_http_connections', 'Connections that are open, WebSockets included.', [], () => one(front.connections())),
    gauge('holdfast_http_connections_limit', 'How many may be; one more is answered with 503 and closed.', [], () => one(limits.connectionsMax)),
    gauge('holdfast_http_bulk_bytes', 'What the bodies of bulk requests hold in memory.', [], () => one(front.bulkBytes())),
    gauge('holdfast_http_bulk_limit_bytes', 'How much they may; what is beyond is answered with 503.', [], () => one(limits.bulkBytesInFlightMax)),
    gauge('holdfast_http_long_answers', 'Answers in many parts, such as full lists, that clients are reading.', [], () => one(longAnswers.length)),
    gauge('holdfast_http_long_answers_limit', 'How many there may be; one more is answered with 503.', [], () => one(longAnswers.atOnceMax)),
    counter(
      'holdfast_http_refused_credentials_total',
      'Bad tokens, tokens without the scope, wrong passwords, and those that were not looked at after too many wrong ones.',
      ['reason'],
      () => byWord(front.refusals),
    ),
  ];
}

function* requests(front: FrontCounts): Iterable<Sample> {
  for (const route of front.routes) {
    const { method, path, aborted } = route;
    for (const [status, count] of route.statuses()) yield [count, method, path, String(status)];
    if (aborted > 0) yield [aborted, method, path, 'aborted'];
  }
}

function byWord(numbers: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(numbers).map(([word, number]) => [number, word]);
}
