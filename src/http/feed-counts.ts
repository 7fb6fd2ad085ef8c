/** What the change feed counts. It changes these numbers as it goes; metrics read them. */

export type FeedTransport = 'websocket' | 'sse';

export class FeedCounts {
  /** Clients that are connected. */
  readonly clients: Record<FeedTransport, number> = { websocket: 0, sse: 0 };
  /** Connections that have begun. */
  readonly connections: Record<FeedTransport, number> = { websocket: 0, sse: 0 };
  readonly events: Record<FeedTransport, number> = { websocket: 0, sse: 0 };
  /** Clients that were cut off because they did not read. */
  readonly drops: Record<FeedTransport, number> = { websocket: 0, sse: 0 };
  /** Clients that asked for more than memory keeps, and were served from the journal. */
  journalReads = 0;
  /** Clients that were told to list again. */
  resets = 0;
}
