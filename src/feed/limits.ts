/** What the feed keeps, and for how long. Every limit here has a test that runs into it. */
export interface FeedLimits {
  readonly subscribersMax: number;
  /** What a subscriber has not taken yet; beyond it he is served from the journal, as fast as he reads. */
  readonly bufferBytesMax: number;
  /** A subscriber who takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** Changes that wait to be told; beyond it everybody is served from the journal. */
  readonly backlogChangesMax: number;
  /** Bytes to all subscribers together before other work gets a turn. */
  readonly turnBytesMax: number;
  /** Changes that come in quick succession are told together, this far apart. */
  readonly gatherMs: number;
  /** Who is so near is told of new changes while he catches up … */
  readonly joinChangesMax: number;
  /** … as long as they do not come to more than this. */
  readonly joinBytesMax: number;
  /** Where they stand is told to subscribers so often, when it has moved. */
  readonly positionMs: number;
  /** A sign of life goes to streams so often. */
  readonly keepAliveMs: number;
}

export const FEED_LIMITS: FeedLimits = {
  subscribersMax: 4096,
  bufferBytesMax: 128 * 1024,
  stallMs: 30_000,
  backlogChangesMax: 1_000_000,
  turnBytesMax: 4 * 1024 * 1024,
  gatherMs: 20,
  joinChangesMax: 4096,
  joinBytesMax: 4 * 1024 * 1024,
  positionMs: 15_000,
  keepAliveMs: 15_000,
};
