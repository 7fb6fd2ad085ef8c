import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HistogramMetric, Metric } from './metric.ts';

/** The metrics as prom-client has them, which writes them as text. */
export function registryOf(metrics: readonly Metric[]): Registry {
  const registry = new Registry();
  for (const metric of metrics) register(registry, metric);
  return registry;
}

function register(registry: Registry, metric: Metric): void {
  const { name, help, labels } = metric;
  const described = { name, help, labelNames: labels, registers: [registry] };
  if (metric.type === 'histogram') {
    new ReadHistogram(described, metric);
    return;
  }
  // Each scrape begins with nothing, or what is gone would stay.
  if (metric.type === 'counter') {
    new Counter({
      ...described,
      collect() {
        this.reset();
        this.remove({});
        for (const [value, ...values] of metric.read()) this.inc(labelled(labels, values), value);
      },
    });
    return;
  }
  new Gauge({
    ...described,
    collect() {
      this.reset();
      this.remove({});
      for (const [value, ...values] of metric.read()) this.set(labelled(labels, values), value);
    },
  });
}

/** prom-client's histograms are observed value by value; this one has been counted already. */
class ReadHistogram extends Histogram {
  readonly #metric: HistogramMetric;

  constructor(described: ConstructorParameters<typeof Histogram>[0], metric: HistogramMetric) {
    super(described);
    this.#metric = metric;
  }

  /** What the registry asks a histogram for. */
  async getForPromString(): Promise<object> {
    const { name, help, type, labels } = this.#metric;
    const values: object[] = [];
    for (const [{ bounds, counts, sum }, ...labelValues] of this.#metric.read()) {
      const shared = labelled(labels, labelValues);
      let count = 0;
      for (const [place, bound] of [...bounds, '+Inf'].entries()) {
        count += counts[place] ?? 0;
        values.push({ metricName: `${name}_bucket`, labels: { ...shared, le: bound }, value: count });
      }
      values.push({ metricName: `${name}_sum`, labels: shared, value: sum }, { metricName: `${name}_count`, labels: shared, value: count });
    }
    return { name, help, type, values };
  }
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
