import { LRUCache } from 'lru-cache';
import { messageOf } from '../faults.ts';
import { eventId, type Origin, type ResetReason } from './event.ts';
import type { FeedLimits } from './limits.ts';
import type { Replayed, ReplayRequest } from './replay.ts';
import type { Subscription } from './subscription.ts';
import { Turns } from './turns.ts';

/** Brings subscribers who are behind up to date: out of the journal, a part at a time, as fast as each of them reads. */

export interface CatchUpParts {
  readonly limits: FeedLimits;
  /** Reads a part of the journal; rejects when that is not possible. */
  readonly replay: (request: ReplayRequest) => Promise<Replayed>;
  /** The last change that those who are up to date were told of, and where events come from. */
  readonly now: () => { readonly told: number; readonly origin: Origin };
  /** The subscriber has everything that those who are up to date have: from here on he is one of them. */
  arrived(subscription: Subscription): void;
  /** What he has missed is not to be had any more: he goes on from now. */
  reset(subscription: Subscription, reason: ResetReason): void;
  failed(subscription: Subscription, reason: string): void;
}

/** Parts of the journal that several subscribers with one filter may ask for. */
const PARTS_CACHED_MAX = 64;
/** A part with a very large record is only for those who wait for it: so many of them would fill the memory. */
const PART_CACHED_BYTES_MAX = 1024 * 1024;

export class CatchUp {
  readonly #parts: CatchUpParts;
  readonly #cache = new LRUCache<string, Promise<Replayed>>({ max: PARTS_CACHED_MAX });
  readonly #turns: Turns;
  /** Parts that were read. */
  replayed = 0;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts.limits.turnBytesMax);
  }

  /** Ends when the subscriber is up to date, or gone. Never rejects. */
  async run(subscription: Subscription): Promise<void> {
    // He may fall behind again in the very turn in which he was brought up to date: two of these would tell everything twice.
    if (subscription.isCatchingUp) return;
    subscription.isCatchingUp = true;
    const { limits, now, arrived } = this.#parts;
    while (!subscription.ended && !subscription.isLive) {
      const { told } = now();
      if (subscription.outlet.bufferedBytes > limits.bufferBytesMax || subscription.position > told) await subscription.moved();
      else if (subscription.position === told && subscription.joining === undefined) arrived(subscription);
      else await this.#part(subscription);
    }
    subscription.isCatchingUp = false;
  }

  async #part(subscription: Subscription): Promise<void> {
    const { topic, outlet } = subscription;
    const { told, origin } = this.#parts.now();
    // From now on what is new is kept for him, so that there is an end to catching up.
    if (subscription.joining === undefined && told - subscription.position <= this.#parts.limits.joinChangesMax) subscription.beginJoining(told);
    const upTo = subscription.joining?.fromSequence ?? told;
    const wanted = { upTo, filter: topic.filter, form: outlet.form, origin };
    let replayed: Replayed;
    try {
      replayed = await this.#replay({ ...wanted, after: subscription.position }, topic.name);
      if (!('reset' in replayed)) await this.#turns.take(replayed.events.length + (subscription.joining?.bytes ?? 0));
    } catch (error) {
      if (!subscription.ended) this.#parts.failed(subscription, messageOf(error));
      return;
    }
    if (subscription.ended) return;
    if ('reset' in replayed) {
      this.#parts.reset(subscription, replayed.reset);
      return;
    }
    // While this part goes out the next one is read.
    if (replayed.reached < upTo) this.#replay({ ...wanted, after: replayed.reached }, topic.name).catch(toldLater);
    if (replayed.ends.length > 0) outlet.send({ bytes: replayed.events, ends: replayed.ends });
    subscription.position = replayed.reached;
    if (subscription.joining === undefined || subscription.position < subscription.joining.fromSequence) return;
    for (const events of subscription.endJoining()) outlet.send(events);
    this.#parts.arrived(subscription);
  }

  /** A part is read once, however many subscribers with one filter are at the same place. */
  #replay(request: ReplayRequest, filterName: string): Promise<Replayed> {
    const name = `${eventId(request.origin.epoch, request.after)} ${request.form} ${filterName}`;
    const cached = this.#cache.get(name);
    if (cached === undefined) return this.#read(request, name);
    // What goes further than he asks for is kept for him already: he would be told of it twice.
    return cached.then((part) => ('reset' in part || part.reached <= request.upTo ? part : this.#read(request, name)));
  }

  #read(request: ReplayRequest, name: string): Promise<Replayed> {
    const replayed = this.#parts.replay(request);
    this.#cache.set(name, replayed);
    this.replayed += 1;
    // A failure is for those who wait for it now, and what is pruned now may be asked for again.
    replayed.then(
      (part) => ('reset' in part || part.events.length > PART_CACHED_BYTES_MAX) && this.#cache.delete(name),
      () => this.#cache.delete(name),
    );
    return replayed;
  }
}

/** Whoever asks for the part hears of it. */
function toldLater(): void {}
