/** What the history thread keeps, and for how long. */
export interface PastLimits {
  /** States that are kept for the next question. */
  readonly statesMax: number;
  /** All states together. */
  readonly memoryBytes: number;
  /** One part of an answer; a record that is larger comes alone. */
  readonly partBytes: number;
  /** Journal images that are put into a table at once. */
  readonly replayBytes: number;
  /** A state that nobody has asked for so long may become a later one. */
  readonly restMs: number;
}

const MIB = 1024 * 1024;

export const PAST_LIMITS: PastLimits = { statesMax: 3, memoryBytes: 1024 * MIB, partBytes: 8 * MIB, replayBytes: 16 * MIB, restMs: 10_000 };
