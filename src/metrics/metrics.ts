import type { Registry } from 'prom-client';
import { type AgentSources, agentMetrics } from './agent-metrics.ts';
import { type FeedSources, feedMetrics } from './feed-metrics.ts';
import { type HttpSources, httpMetrics } from './http-metrics.ts';
import { type MemorySources, memoryMetrics } from './memory-metrics.ts';
import type { Metric } from './metric.ts';
import { LoopLag, type ProcessSources, processMetrics } from './process-metrics.ts';
import { type QuestionSources, questionMetrics } from './question-metrics.ts';
import { type SavedQuerySources, savedQueryMetrics } from './saved-query-metrics.ts';
import { type StoreSources, storeMetrics } from './store-metrics.ts';

/** All metrics of the server. A scrape reads numbers that are there: its cost does not depend on how many records there are. */

export interface MetricSources {
  readonly http: HttpSources;
  readonly feed: FeedSources;
  readonly store: StoreSources;
  readonly agent: AgentSources;
  readonly questions: QuestionSources;
  readonly queries: SavedQuerySources;
  readonly memory: MemorySources;
  readonly process: Omit<ProcessSources, 'loop'>;
}

export interface Metrics {
  readonly all: readonly Metric[];
  readonly contentType: string;
  /** Everything as of now, in Prometheus' text format. */
  render(): Promise<string>;
  /** Nothing is measured any more. */
  stop(): void;
}

/** Prometheus' text format. */
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetrics(sources: MetricSources): Metrics {
  const loop = new LoopLag();
  const all = [
    ...httpMetrics(sources.http),
    ...feedMetrics(sources.feed),
    ...storeMetrics(sources.store),
    ...agentMetrics(sources.agent),
    ...questionMetrics(sources.questions),
    ...savedQueryMetrics(sources.queries),
    ...memoryMetrics(sources.memory),
    ...processMetrics({ ...sources.process, loop }),
  ];
  let registry: Promise<Registry> | undefined;
  return {
    all,
    contentType: PROMETHEUS_TEXT,
    async render() {
      // Loaded by whoever asks first: a start has no time for it.
      registry ??= import('./registry.ts').then(({ registryOf }) => registryOf(all));
      // The registry reads every value before it waits for anything.
      const text = (await registry).metrics();
      loop.forget();
      return text;
    },
    stop: () => loop.stop(),
  };
}
