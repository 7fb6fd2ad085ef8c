import type { FrameTime } from '../store/journal-reader.ts';

/**
 * Which change was the newest at a time. Clocks are set back now and then: a change that a later one has an earlier time
 * than is never the newest at any time, so only those are kept whose times rise.
 */
export class TimeIndex {
  readonly #sequences: number[] = [];
  readonly #timesMs: number[] = [];
  /** Every change up to here has been looked at. */
  reached = 0;

  extend(frames: Iterable<FrameTime>): void {
    for (const { sequence, timeMs } of frames) {
      while ((this.#timesMs.at(-1) ?? Number.NEGATIVE_INFINITY) >= timeMs) {
        this.#timesMs.pop();
        this.#sequences.pop();
      }
      this.#timesMs.push(timeMs);
      this.#sequences.push(sequence);
      this.reached = sequence;
    }
  }

  /** The newest change whose time is this one or an earlier one; undefined when there is none that the index has seen. */
  newestAt(timeMs: number): FrameTime | undefined {
    let low = 0;
    let high = this.#timesMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timesMs[middle] as number) <= timeMs) low = middle + 1;
      else high = middle;
    }
    const sequence = this.#sequences[low - 1];
    return sequence === undefined ? undefined : { sequence, timeMs: this.#timesMs[low - 1] as number };
  }
}
