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
