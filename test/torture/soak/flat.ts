/** Whether a figure that was sampled for a while grows: what a leak does, and what a saw tooth and noise do not. */

export interface Tolerance {
  /** Of the value in the second quarter. */
  readonly share: number;
  /** In the figure's own unit. */
  readonly atLeast: number;
}

export interface Growth {
  readonly secondQuarter: number;
  readonly lastQuarter: number;
  /** What the slope makes of the time between the middles of these quarters. */
  readonly bySlope: number;
  readonly isFlat: boolean;
}

/**
 * Compares the medians of the second and the last quarter, because the first one still warms up. Growth has to be seen by
 * the slope of everything after the first quarter as well: one tooth of a saw that happens to stand at the end is no leak.
 * @throws when there are fewer samples than quarters.
 */
export function growthOf(samples: readonly number[], { share, atLeast }: Tolerance): Growth {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) throw new RangeError(`${samples.length} samples have no quarters`);
  const secondQuarter = median(samples.slice(quarter, 2 * quarter));
  const lastQuarter = median(samples.slice(-quarter));
  const bySlope = slopeOf(samples.slice(quarter)) * (samples.length - 2 * quarter);
  const allowed = Math.max(atLeast, Math.abs(secondQuarter) * share);
  return { secondQuarter, lastQuarter, bySlope, isFlat: lastQuarter - secondQuarter <= allowed || bySlope <= allowed };
}

/** Theil and Sen's: the median of the slopes of all pairs, which single peaks do not move. Per sample. */
function slopeOf(values: readonly number[]): number {
  const slopes: number[] = [];
  const step = Math.max(1, Math.floor(values.length / PAIRED_MAX));
  for (let from = 0; from < values.length; from += step) {
    for (let to = from + step; to < values.length; to += step) slopes.push(((values[to] ?? 0) - (values[from] ?? 0)) / (to - from));
  }
  return slopes.length === 0 ? 0 : median(slopes);
}

const PAIRED_MAX = 500;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}
