/**
 * How often values came up, by bounds: what a histogram is made of, kept where the values are. Adding one costs a few
 * nanoseconds, so that the shortest path through the server can be counted too.
 */
export class Distribution {
  /** Ascending; a value counts for the first bound that it does not exceed. */
  readonly bounds: readonly number[];
  /** By bound, each for itself; one more for what exceeds all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** @param times how many values this one stands for. */
  add(value: number, times = 1): void {
    const { bounds, counts } = this;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] as number)) place += 1;
    counts[place] = (counts[place] as number) + times;
    this.sum += value * times;
  }

  /** Takes over what another one with the same bounds has counted. */
  addAll(counts: readonly number[], sum: number): void {
    for (const [place, count] of counts.entries()) this.counts[place] = (this.counts[place] ?? 0) + count;
    this.sum += sum;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
  }
}
