import type { SavedFigures } from '../query/saved-queries.ts';
import { counter, gauge, type Metric, type Sample } from './metric.ts';

/** The saved queries of the configuration: what each said last, and whether it still says anything. */

export interface SavedQuerySources {
  readonly figures: SavedFigures;
}

/** Names of saved queries stand behind this; no metric of the server's own does. */
const PREFIX = 'holdfast_query_';

export function savedQueryMetrics({ figures }: SavedQuerySources): readonly Metric[] {
  return [
    gauge('holdfast_saved_query_timestamp_seconds', 'When a saved query last had a result.', ['query'], () =>
      figures.values().flatMap(({ name, takenMs }): Sample[] => (takenMs === undefined ? [] : [[takenMs / 1000, name]])),
    ),
    gauge('holdfast_saved_query_interval_seconds', 'How long after its answer it is asked again.', ['query'], () =>
      figures.values().map(({ name, everyMs }): Sample => [everyMs / 1000, name]),
    ),
    counter('holdfast_saved_query_failures_total', 'Times that it had none; its last values stay.', ['query'], () =>
      figures.values().map(({ name, failures }): Sample => [failures, name]),
    ),
    ...figures.values().map(({ name, description, labelNames }) =>
      gauge(`${PREFIX}${name}`, description, labelNames, () => {
        const samples = figures.values().find((values) => values.name === name)?.samples ?? [];
        return samples.map(({ value, labels }): Sample => [value, ...labels]);
      }),
    ),
  ];
}
