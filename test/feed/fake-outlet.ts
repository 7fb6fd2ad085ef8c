import type { EndReason, Events, Outlet, Publish } from '../../src/feed/outlet.ts';
import type { Subscription } from '../../src/feed/subscription.ts';

/** A client that takes what it is sent when the test says so, over either transport. */

export interface Heard {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly sequence?: string;
  readonly datacontenttype?: string;
  readonly matches?: boolean;
  readonly data?: Readonly<Record<string, unknown>>;
  /** What a stream's client would come back with after this event. */
  readonly lastEventId?: string;
}

export class FakeOutlet implements Outlet {
  readonly form: 'websocket' | 'sse';
  readonly heard: Heard[] = [];
  readonly channels: Set<string> = new Set();
  keptAlive = 0;
  ended: EndReason | undefined;
  /** Set when somebody listens. */
  subscription: Subscription | undefined;
  /** Takes everything at once. */
  isReading = true;
  #waiting: Buffer[] = [];
  #bufferedBytes = 0;

  constructor(form: 'websocket' | 'sse') {
    this.form = form;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  send({ bytes, ends }: Events): void {
    let start = 0;
    for (const end of ends) {
      this.#take(Buffer.from(bytes.subarray(start, end)));
      start = end;
    }
    if (start !== bytes.length) throw new Error('the last event ends where the bytes do');
  }

  join(channel: string): void {
    if (this.form === 'websocket') this.channels.add(channel);
  }

  leave(channel: string): void {
    this.channels.delete(channel);
  }

  keepAlive(): void {
    this.keptAlive += 1;
  }

  end(reason: EndReason): void {
    if (this.ended !== undefined) throw new Error('nobody is ended twice');
    this.ended = reason;
  }

  published(message: Uint8Array): void {
    if (this.ended === undefined) this.#take(Buffer.from(message));
  }

  /** Reads so many messages. */
  read(count: number = Number.POSITIVE_INFINITY): void {
    const read = this.#waiting.splice(0, count);
    for (const bytes of read) {
      this.#bufferedBytes -= bytes.length;
      this.heard.push(this.#parsed(bytes.toString('utf8')));
    }
    if (read.length > 0) this.subscription?.taken();
  }

  #take(bytes: Buffer): void {
    if (this.ended !== undefined) throw new Error('nothing is sent after the end');
    if (this.isReading && this.#waiting.length === 0) {
      this.heard.push(this.#parsed(bytes.toString('utf8')));
      return;
    }
    this.#waiting.push(bytes);
    this.#bufferedBytes += bytes.length;
  }

  #parsed(text: string): Heard {
    if (this.form === 'websocket') return JSON.parse(text) as Heard;
    const [, id, json] = /^(?:id: (\S+)\n)?data: (\{.*\})\n\n$/s.exec(text) ?? [];
    if (json === undefined || json.includes('\n')) throw new Error(`no message of a stream: ${text}`);
    return { ...(JSON.parse(json) as Heard), ...(id === undefined ? {} : { lastEventId: id }) };
  }
}

/** Gives what is published to those who joined the channel. */
export function publisher(outlets: Iterable<FakeOutlet>): Publish {
  return (channel, message) => {
    for (const outlet of outlets) if (outlet.channels.has(channel)) outlet.published(message);
  };
}
