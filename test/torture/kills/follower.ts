import { strict as assert } from 'node:assert';
import { changesIn, type FeedEvent, openStream, type Subscriber } from '../../support/feed-client.ts';

/**
 * A subscriber of the feed who goes along with everything, comes back after every kill with the place where it stands, and
 * must then go on without a gap and without a repeat: what it has been told once can never turn out not to have been.
 */
export class Follower {
  readonly #token: string;
  #stream: (Subscriber & { readonly lastEventId: string }) | undefined;
  #taken = 0;
  #epoch = '';
  #sequence = 0;

  constructor(token: string) {
    this.#token = token;
  }

  /** Comes (back) to a server. */
  async connect(url: string): Promise<void> {
    this.#stream?.kill();
    const since = this.#epoch === '' ? '0' : `${this.#epoch}-${this.#sequence}`;
    this.#stream = await openStream(url, `since=${since}`, { authorization: `Bearer ${this.#token}` });
    this.#taken = 0;
  }

  /** What has been told since the last call, at least up to a sequence. */
  async until(sequence: number): Promise<readonly FeedEvent[]> {
    const stream = this.#stream;
    if (stream === undefined) return [];
    if (this.#sequence < sequence) await stream.until((events) => Number(events.findLast((event) => event.sequence !== undefined)?.sequence ?? 0) >= sequence);
    return this.take();
  }

  /** What has been told by now. */
  take(): readonly FeedEvent[] {
    const events = this.#stream?.events.slice(this.#taken) ?? [];
    this.#taken += events.length;
    for (const { type, data } of events)
      assert.notEqual(type, 'holdfast.feed.reset', `the feed cannot go on from change ${this.#sequence}: ${JSON.stringify(data)}`);
    const changes = changesIn(events);
    const last = changes.at(-1);
    if (last !== undefined) {
      this.#sequence = Number(last.sequence);
      this.#epoch = last.id.slice(0, last.id.lastIndexOf('-'));
    }
    return changes;
  }

  close(): void {
    this.#stream?.kill();
  }
}
