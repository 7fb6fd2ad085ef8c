/**
 * Notices that a thread does not come to its work any more. It counts its own looks, and not time: a process that was stopped
 * as a whole, or a machine that has no time for it, keeps the looks away as well.
 */

/** Looks in the time after which a thread counts as one that stands still. */
const LOOKS_MAX = 30;
/** In the place of a beat: the thread has let everything go, and may stand still. */
const LET_GO = -1;

export class Standstill {
  readonly #beats: Int32Array;
  #lastBeat = 0;
  #looksInVain = 0;

  /** @param beats one number, which the thread raises once between two looks at least. */
  constructor(beats: Int32Array) {
    this.#beats = beats;
  }

  static lookMs(stillMsMax: number): number {
    return stillMsMax / LOOKS_MAX;
  }

  static letGo(beats: Int32Array): void {
    Atomics.store(beats, 0, LET_GO);
  }

  /** Whether the last look was in vain. */
  get isSilent(): boolean {
    return this.#looksInVain > 0;
  }

  /** To be asked at each look. */
  get isReached(): boolean {
    const beat = Atomics.load(this.#beats, 0);
    this.#looksInVain = beat === this.#lastBeat && beat !== LET_GO ? this.#looksInVain + 1 : 0;
    this.#lastBeat = beat;
    return this.#looksInVain >= LOOKS_MAX;
  }
}
