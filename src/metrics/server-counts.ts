/** What the composition root knows of the server's life, for metrics. */
export class ServerCounts {
  /** Of the owner's thread, after it died. */
  ownerRestarts = 0;
  snapshotsTaken = 0;
  snapshotFailures = 0;
  /** Of the last recovery; undefined until it is that far. */
  indexSeconds: number | undefined;
  fillSeconds: number | undefined;
}
