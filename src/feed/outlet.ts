import type { EventForm } from './event.ts';

/** Events one behind the other, each complete in the outlet's form. */
export interface Events {
  readonly bytes: Uint8Array;
  /** Where each event ends. */
  readonly ends: Uint32Array;
}

/** Why a subscription is ended by the server. */
export type EndReason = 'slow' | 'expired' | 'stopping' | 'broken';

/** The way to one subscriber. */
export interface Outlet {
  readonly form: EventForm;
  /** What was given and the client has not taken yet. */
  readonly bufferedBytes: number;
  send(events: Events): void;
  /** What is published on a channel reaches the subscriber from now on; for outlets that know of publishing. */
  join(channel: string): void;
  leave(channel: string): void;
  /** A sign of life that is no event. */
  keepAlive(): void;
  end(reason: EndReason): void;
}

/** Gives one message to all outlets that joined a channel. */
export type Publish = (channel: string, message: Uint8Array) => void;

export function eventsOf(pieces: readonly Uint8Array[]): Events {
  let total = 0;
  const ends = Uint32Array.from(pieces, ({ length }) => {
    total += length;
    return total;
  });
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return { bytes: only, ends };
  return { bytes: Buffer.concat(pieces, total), ends };
}
