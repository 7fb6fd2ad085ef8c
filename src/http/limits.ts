/** What the front takes and for how long. Every limit here has a test that runs into it. */
export interface FrontLimits {
  /** Path and query together, as they came. */
  readonly urlBytesMax: number;
  /** One body that is read as a whole. */
  readonly bodyBytesMax: number;
  /** One bulk, read as a stream. */
  readonly bulkBytesMax: number;
  /** Bodies of all bulks that are being read or wait for the owner: of one caller at most `bulkBytesMax`, so that others find room. */
  readonly bulkBytesInFlightMax: number;
  /** Result lines of a partial bulk that are kept until the client has sent everything. */
  readonly bulkAnswerBytesMax: number;
  /** Records in one POST of an array; more belong into a bulk. */
  readonly createItemsMax: number;
  /** One request, and one pause in a stream. */
  readonly requestTimeLimitMs: number;
  /** A snapshot that is taken on demand. */
  readonly snapshotTimeLimitMs: number;
  /** Requests that wait for something. */
  readonly inFlightMax: number;
  /** Those of one address. */
  readonly inFlightPerAddressMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** Of one address; 0: any number. */
  readonly requestsPerSecondMax: number;
  readonly feedsPerAddressMax: number;
  /** Requests about the past that one caller has under way: one thread answers them all. */
  readonly pastPerCallerMax: number;
  /** The same of SQL. */
  readonly queriesPerCallerMax: number;
  /** A body that is too large is read on for so long, and unheard, so that the client gets to see the answer. */
  readonly lingerMs: number;
  readonly lingerBytesMax: number;
  /** A body that comes with wrong or no credentials where HTTP Digest is offered; beyond it the connection is closed. */
  readonly unauthenticatedBodyBytesMax: number;
  readonly queryParametersMax: number;
  readonly queryValueBytesMax: number;
  /** A front thread that does not come to its work for so long ends the process: nobody on its connections is answered. */
  readonly threadStillMsMax: number;
}

export const FRONT_LIMITS: FrontLimits = {
  urlBytesMax: 8192,
  bodyBytesMax: 16 * 1024 * 1024,
  bulkBytesMax: 1024 * 1024 * 1024,
  bulkBytesInFlightMax: 1536 * 1024 * 1024,
  bulkAnswerBytesMax: 64 * 1024 * 1024,
  createItemsMax: 10_000,
  requestTimeLimitMs: 30_000,
  snapshotTimeLimitMs: 600_000,
  inFlightMax: 1024,
  inFlightPerAddressMax: 768,
  connectionsMax: 10_000,
  connectionsPerAddressMax: 4096,
  requestsPerSecondMax: 0,
  feedsPerAddressMax: 1024,
  pastPerCallerMax: 16,
  queriesPerCallerMax: 8,
  lingerMs: 2000,
  lingerBytesMax: 256 * 1024 * 1024,
  unauthenticatedBodyBytesMax: 1024 * 1024,
  queryParametersMax: 1000,
  queryValueBytesMax: 4096,
  threadStillMsMax: 30_000,
};
