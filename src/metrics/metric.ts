import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * A metric is a description and a function that reads its values when somebody asks. Nothing is counted here: the parts of
 * the server count what they do in plain numbers, at a cost of nanoseconds, and do not know of metrics.
 */
export type Metric = ValueMetric | HistogramMetric;

interface Described {
  readonly name: string;
  /** One sentence; docs/metrics.md has the same. */
  readonly help: string;
  /** Names of labels. Their values are bounded in number: routes, kinds, endpoints of the configuration, and fixed words. */
  readonly labels: readonly string[];
}

/** A value with the values of the labels, in their order. */
export type Sample = readonly [value: number, ...labels: readonly string[]];

export interface ValueMetric extends Described {
  readonly type: 'counter' | 'gauge';
  /** What is not known (now) is left out. */
  read(): Iterable<Sample>;
}

/** What a `Distribution` has, also when it has crossed threads. */
export interface Counted {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface HistogramMetric extends Described {
  readonly type: 'histogram';
  read(): Iterable<readonly [distribution: Counted, ...labels: readonly string[]]>;
}

export function counter(name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): Metric {
  return { name, help, labels, type: 'counter', read };
}

export function gauge(name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): Metric {
  return { name, help, labels, type: 'gauge', read };
}

export function histogram(name: string, help: string, labels: readonly string[], read: HistogramMetric['read']): Metric {
  return { name, help, labels, type: 'histogram', read };
}

/** For metrics without labels. Undefined is left out. */
export function one(value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [[value]];
}

export function register(registry: Registry, metric: Metric): void {
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
