import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';

/**
 * One measured figure, beside what the machine could do at best in the same run. An absolute number says little: the
 * ratio is what is compared from one machine and one version to the next.
 */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | 'us' | '1/s' | 'MiB' | 'B';
  /** Which way is good. */
  readonly better: 'lower' | 'higher';
  readonly limit: Limit;
  /** Other limits that the same value can be held against. */
  readonly also?: readonly Limit[];
  readonly peers?: readonly Peer[];
  /** The ratio to the limit that is aimed at. */
  readonly target?: number;
  /** The value that is aimed at, where a promise names one. */
  readonly goal?: number;
  /** How many measurements `value` is the median of. */
  readonly runs: number;
  readonly details?: Readonly<Record<string, number | string>>;
}

export interface Limit {
  readonly what: string;
  /** In the figure's unit. */
  readonly value: number;
}

/** What another database does in the same run, as a limit of a figure. */
export interface Peer extends Limit {
  readonly peer: 'Redis' | 'PostgreSQL';
  readonly version: string;
  /** The ratio to it that is aimed at. */
  readonly target?: number;
  readonly details?: Readonly<Record<string, number>>;
}

/** For rates: the target ratio of a figure that should be at least this share of its limit. */
export function atLeast(share: number): number {
  return 1 / share;
}

export interface RunFacts {
  readonly nodes: number;
  readonly seed: number;
}

/** The figure as one line of JSON. `ratio` is how many times worse than the limit: 1 is as good as the limit, less is better. */
export function figureLine(figure: Figure, facts: RunFacts): string {
  const { figure: name, value, unit, better, limit, also, peers, target, goal, runs, details } = figure;
  return JSON.stringify({
    figure: name,
    value: rounded(value),
    unit,
    better,
    limit: { what: limit.what, value: rounded(limit.value) },
    ratio: ratioTo(figure, limit),
    ...(also === undefined ? {} : { also: also.map((other) => ({ what: other.what, value: rounded(other.value), ratio: ratioTo(figure, other) })) }),
    ...(peers === undefined ? {} : { peers: peers.map((peer) => peerPart(figure, peer)) }),
    ...(target === undefined ? {} : { target: rounded(target) }),
    ...(goal === undefined ? {} : { goal }),
    runs,
    ...(details === undefined ? {} : { details: roundedDetails(details) }),
    ...facts,
    machine: MACHINE,
  });
}

const GIB = 1024 ** 3;

const MACHINE = {
  cpu: cpus()[0]?.model.trim() ?? arch(),
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / GIB) * 10) / 10,
  node: process.version,
  kernel: release(),
} as const;

function peerPart(figure: Figure, peer: Peer): object {
  const { peer: name, version, what, value, target, details } = peer;
  return {
    peer: name,
    version,
    what,
    value: rounded(value),
    ratio: ratioTo(figure, peer),
    ...(target === undefined ? {} : { target: rounded(target) }),
    ...(details === undefined ? {} : { details: roundedDetails(details) }),
  };
}

function ratioTo({ value, better }: Figure, limit: Limit): number {
  return rounded(better === 'lower' ? value / limit.value : limit.value / value);
}

/** Four digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function roundedDetails(details: Readonly<Record<string, number | string>>): Readonly<Record<string, number | string>> {
  return Object.fromEntries(Object.entries(details).map(([key, detail]) => [key, typeof detail === 'number' ? rounded(detail) : detail]));
}

/** The middle value; of an even number of values the mean of the middle two. @throws when there is none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The median of one property. */
export function medianOf<P extends string>(results: readonly Readonly<Record<P, number>>[], property: P): number {
  return median(results.map((result) => result[property]));
}

/** The value below which the share of the values lies, between neighbours in proportion. @throws when there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (place - Math.floor(place));
}
