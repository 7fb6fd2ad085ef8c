import { strict as assert } from 'node:assert';
import type { Clock } from '../clock.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import type { Fault } from '../faults.ts';
import type { Changes, OwnerReply } from '../protocol/commands.ts';
import { Backlog } from './backlog.ts';
import { CatchUp } from './catch-up.ts';
import { eventId, type Origin, positionEvent, type ResetReason, resetEvent, type Signal, type SignalType, signalEvent } from './event.ts';
import type { FeedFilter, SignalTopic } from './filter.ts';
import { FEED_LIMITS, type FeedLimits } from './limits.ts';
import type { Outlet, Publish } from './outlet.ts';
import { RecordChange } from './record-change.ts';
import type { Replayed, ReplayRequest } from './replay.ts';
import { Subscription } from './subscription.ts';
import { Telling, Topic } from './topic.ts';

/**
 * The feed: every committed and durable change to everybody who wants it, in order, without a gap or a duplicate.
 * Whoever is up to date is told from memory; whoever comes back or falls behind is served from the journal, as fast as he
 * reads, until he is up to date again. So nobody's pace is anybody else's, and what is kept for one has a bound.
 */

export interface FeedParts {
  readonly view: RecordView;
  readonly clock: Clock;
  readonly publish: Publish;
  /** Reads a part of the journal; rejects when that is not possible. */
  readonly replay: (request: ReplayRequest) => Promise<Replayed>;
  readonly newId: () => string;
  readonly log: FeedLog;
  readonly limits?: Partial<FeedLimits>;
}

export interface FeedLog {
  error(fields: object, message: string): void;
}

export interface SubscribeOptions {
  readonly filter: FeedFilter;
  /** Where the subscriber goes on from; absent: with what happens from now on. */
  readonly since?: Since | undefined;
  readonly expiresMs?: number | undefined;
}

export interface Since {
  readonly sequence: number;
  /** Absent: the one of now. */
  readonly epoch?: number | undefined;
}

/** What the feed has done since it started. */
export interface FeedCounts {
  /** Counted once for each subscriber, without those that were replayed. */
  eventsTold: number;
  fellBehind: number;
  resets: number;
  droppedSlow: number;
}

const LOOK_MS = 1000;

const TOPIC_OF_SIGNAL: Readonly<Record<SignalType, SignalTopic>> = {
  'renewal.due': 'reservations',
  'renewal.failed': 'reservations',
  'renewal.expiring': 'reservations',
  'snapshot.taken': 'snapshots',
  'snapshot.failed': 'snapshots',
  'snapshot.pruned': 'snapshots',
  'inventory.restored': 'snapshots',
  'owner.restarted': 'server',
};

export class Feed {
  readonly counts: FeedCounts = { eventsTold: 0, fellBehind: 0, resets: 0, droppedSlow: 0 };
  readonly #parts: FeedParts;
  readonly #limits: FeedLimits;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #backlog = new Backlog();
  readonly #catchUp: CatchUp;
  readonly #looking: NodeJS.Timeout;
  #origin: Origin | undefined;
  /** The last change that the owner has told of. */
  #latest = 0;
  /** The last change that those who are up to date were told of. */
  #told = 0;
  /** The last change that may be told. */
  #durable = 0;
  /** The last change that there is: lists have it, durable or not. */
  #committed = 0;
  #flushing: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #flushedMs = 0;
  #isClosed = false;
  #channels = 0;
  #nextPositionMs: number;
  #nextKeepAliveMs: number;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#limits = { ...FEED_LIMITS, ...parts.limits };
    this.#catchUp = new CatchUp({
      limits: this.#limits,
      replay: parts.replay,
      now: () => ({ told: this.#told, origin: this.#knownOrigin }),
      arrived: (subscription) => this.#goLive(subscription),
      reset: (subscription, reason) => this.#reset(subscription, reason, this.#knownOrigin),
      failed: (subscription, reason) => {
        parts.log.error({ after: subscription.position, reason }, 'the journal could not be replayed for a subscriber');
        this.#end(subscription, 'broken');
      },
    });
    this.#nextPositionMs = parts.clock.monotonicMs() + this.#limits.positionMs;
    this.#nextKeepAliveMs = parts.clock.monotonicMs() + this.#limits.keepAliveMs;
    this.#looking = setInterval(() => this.look(), LOOK_MS);
    this.#looking.unref();
  }

  /** Parts of the journal that were read for subscribers. */
  get partsReplayed(): number {
    return this.#catchUp.replayed;
  }

  get subscribers(): Readonly<Record<'websocket' | 'sse', number>> {
    const counts = { websocket: 0, sse: 0 };
    for (const { outlet } of this.#subscriptions) counts[outlet.form] += 1;
    return counts;
  }

  /** Takes what a reply of the owner says has changed, while the images that it speaks of are still readable. */
  changed({ changes, status }: OwnerReply): void {
    const before = this.#origin;
    this.#origin = { storeId: status.storeId, epoch: status.epoch };
    // History was cut while the owner was away: sequences that they know mean something else now. Whoever comes back is told so.
    if (before !== undefined && before.epoch !== status.epoch) for (const subscription of this.#subscriptions) this.#end(subscription, 'broken');
    this.#durable = status.durableSequence;
    this.#committed = status.sequence;
    if (this.#subscriptions.size === 0) {
      this.#backlog.clear();
      this.#latest = this.#durable;
      this.#told = this.#durable;
      return;
    }
    if (changes.length > 0) this.#take(changes);
    // The owner has changes that it has not told of: its thread died before it could.
    if (this.#latest < this.#durable || this.#backlog.length > this.#limits.backlogChangesMax) this.#leaveToJournal();
    if (this.#told < this.#durable) this.#flushSoon();
  }

  get #knownOrigin(): Origin {
    assert(this.#origin !== undefined, 'there are no subscribers before the store is known');
    return this.#origin;
  }

  /** Why nobody can subscribe now. */
  refusal(): Fault | undefined {
    if (this.#isClosed) return { code: 'stopping', detail: 'the server is stopping' };
    if (this.#origin === undefined) return { code: 'recovering', detail: 'the store is being recovered' };
    if (this.#subscriptions.size < this.#limits.subscribersMax) return undefined;
    return { code: 'overloaded', detail: `${this.#subscriptions.size} subscribers are connected` };
  }

  /** Only when there is no `refusal`. */
  subscribe(outlet: Outlet, { filter, since, expiresMs }: SubscribeOptions): Subscription {
    assert(!this.#isClosed, 'whoever subscribes has asked whether he may');
    const origin = this.#knownOrigin;
    const topic = this.#topicOf(filter);
    const position = since?.sequence ?? this.#told;
    const subscription = new Subscription(topic, outlet, position, expiresMs, this.#limits.joinBytesMax);
    this.#subscriptions.add(subscription);
    topic.members.add(subscription);
    const reset = since === undefined ? undefined : this.#resetOf(since, origin);
    if (reset === undefined) this.#tellPosition(subscription, position, origin);
    else this.#reset(subscription, reset, origin);
    void this.#catchUp.run(subscription);
    return subscription;
  }

  /** The client has gone, or is to go. */
  unsubscribe(subscription: Subscription): void {
    subscription.end();
    this.#forget(subscription);
  }

  /** Tells of something that is no change of a record, to everybody who listens now. */
  signal(signal: Signal): void {
    const about = TOPIC_OF_SIGNAL[signal.type];
    if (this.#origin === undefined || this.#subscriptions.size === 0) return;
    let event: Buffer | undefined;
    for (const topic of this.#topics.values()) {
      const { signals, endpoint } = topic.filter;
      if (!signals.includes(about) || (endpoint !== undefined && about === 'reservations' && endpoint !== signal.endpoint)) continue;
      event ??= signalEvent(signal, this.#parts.newId(), this.#origin);
      for (const subscription of topic.members) this.#demoteIfFull(subscription);
      topic.tell(event, undefined, this.#parts.publish);
      this.counts.eventsTold += topic.members.size;
      for (const subscription of topic.members) {
        const hasRoom = subscription.outlet.bufferedBytes <= this.#limits.bufferBytesMax;
        if (!subscription.isLive && hasRoom) subscription.tell(event);
      }
    }
  }

  /** Whether somebody would hear a signal: those about single reservations are not made for nobody. */
  hears(about: SignalTopic): boolean {
    for (const { filter, members } of this.#topics.values()) if (members.size > 0 && filter.signals.includes(about)) return true;
    return false;
  }

  /** Tells what is left, and ends every subscription. */
  close(): void {
    if (this.#isClosed) return;
    while (this.#told < this.#durable && this.#backlog.length > 0) this.#flush();
    this.#isClosed = true;
    clearInterval(this.#looking);
    this.#stopFlushing();
    for (const subscription of this.#subscriptions) subscription.end('stopping');
    this.#subscriptions.clear();
    this.#topics.clear();
  }

  /** Every second: drops who does not read or may not any more, and tells the others where they stand. */
  look(): void {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    for (const subscription of this.#subscriptions) {
      if (subscription.expiresMs !== undefined && subscription.expiresMs <= clock.nowMs()) this.#end(subscription, 'expired');
      else if (subscription.isStalled(nowMs, this.#limits.stallMs)) {
        this.counts.droppedSlow += 1;
        this.#end(subscription, 'slow');
      }
    }
    if (nowMs >= this.#nextKeepAliveMs) {
      this.#nextKeepAliveMs = nowMs + this.#limits.keepAliveMs;
      for (const { outlet } of this.#subscriptions) outlet.keepAlive();
    }
    if (nowMs < this.#nextPositionMs) return;
    this.#nextPositionMs = nowMs + this.#limits.positionMs;
    this.#tellPositions();
  }

  #take(lists: readonly Changes[]): void {
    let count = 0;
    let first = Number.POSITIVE_INFINITY;
    for (const { locations, committed } of lists) {
      count += locations.length;
      first = Math.min(first, committed.sequences[0] ?? first);
    }
    // What is missing before these is in the journal, and these are too.
    if (first > this.#latest + 1) {
      this.#leaveToJournal();
      return;
    }
    this.#backlog.add(lists, this.#parts.view);
    this.#latest = first + count - 1;
  }

  /** What memory does not have, or not any more, everybody reads from the journal. */
  #leaveToJournal(): void {
    const before = this.#told;
    this.#backlog.clear();
    this.#latest = this.#durable;
    this.#told = this.#durable;
    for (const subscription of this.#subscriptions) {
      if (subscription.isLive) this.#fallBehind(subscription, before);
      else subscription.endJoining();
    }
    this.#wakeThoseBehind();
  }

  #wakeThoseBehind(): void {
    for (const subscription of this.#subscriptions) if (!subscription.isLive) subscription.wake();
  }

  #demoteIfFull(subscription: Subscription): void {
    if (subscription.isLive && subscription.outlet.bufferedBytes > this.#limits.bufferBytesMax) this.#fallBehind(subscription, this.#told);
  }

  #fallBehind(subscription: Subscription, position: number): void {
    const { topic, outlet } = subscription;
    this.counts.fellBehind += 1;
    topic.live[outlet.form].delete(subscription);
    outlet.leave(topic.channel);
    subscription.isLive = false;
    subscription.position = position;
    void this.#catchUp.run(subscription);
  }

  #flushSoon(): void {
    if (this.#flushing !== undefined || this.#isClosed) return;
    const waitMs = this.#flushedMs + this.#limits.gatherMs - this.#parts.clock.monotonicMs();
    this.#flushing = waitMs > 0 ? setTimeout(() => this.#flush(), waitMs) : setImmediate(() => this.#flush());
  }

  #stopFlushing(): void {
    if (this.#flushing === undefined) return;
    clearTimeout(this.#flushing as NodeJS.Timeout);
    clearImmediate(this.#flushing as NodeJS.Immediate);
    this.#flushing = undefined;
  }

  /** One turn of telling: as much as fits, then others get theirs. */
  #flush(): void {
    this.#stopFlushing();
    this.#flushedMs = this.#parts.clock.monotonicMs();
    for (const subscription of this.#subscriptions) this.#demoteIfFull(subscription);
    this.#offerNext();
    for (const topic of this.#topics.values()) this.counts.eventsTold += topic.deliver(this.#parts.publish);
    this.#wakeThoseBehind();
    if (this.#told < this.#durable && this.#backlog.length > 0) this.#flushing = setImmediate(() => this.#flush());
  }

  #offerNext(): void {
    const origin = this.#origin;
    let live = 1;
    for (const topic of this.#topics.values()) live += topic.liveCount;
    let bytes = Math.min(this.#limits.turnBytesMax / live, this.#limits.bufferBytesMax);
    while (bytes > 0 && origin !== undefined && (this.#backlog.nextSequence ?? Number.POSITIVE_INFINITY) <= this.#durable) {
      const committed = this.#backlog.take();
      if (committed === undefined) {
        for (const topic of this.#topics.values()) topic.deliver(this.#parts.publish);
        this.#leaveToJournal();
        return;
      }
      const telling = new Telling(new RecordChange(committed), origin);
      for (const topic of this.#topics.values()) topic.offer(telling);
      this.#told = committed.sequence;
      bytes -= committed.image.length;
    }
  }

  #goLive(subscription: Subscription): void {
    const { topic, outlet } = subscription;
    subscription.isLive = true;
    topic.live[outlet.form].add(subscription);
    outlet.join(topic.channel);
  }

  #resetOf({ epoch, sequence }: Since, origin: Origin): ResetReason | undefined {
    if (epoch !== undefined && epoch !== origin.epoch) return 'epoch';
    // What is committed and not durable yet was shown by lists.
    return sequence > this.#committed ? 'future' : undefined;
  }

  #reset(subscription: Subscription, reason: ResetReason, origin: Origin): void {
    this.counts.resets += 1;
    subscription.endJoining();
    subscription.position = this.#told;
    subscription.tell(resetEvent(reason, this.#told, this.#parts.clock.nowMs(), origin), eventId(origin.epoch, this.#told));
  }

  #tellPosition(subscription: Subscription, sequence: number, origin: Origin): void {
    subscription.tell(positionEvent(sequence, this.#parts.clock.nowMs(), origin), eventId(origin.epoch, sequence));
  }

  /** Who has heard nothing for long would otherwise come back with a place that the journal does not reach any more. */
  #tellPositions(): void {
    const origin = this.#origin;
    if (origin === undefined) return;
    for (const topic of this.#topics.values()) {
      if (topic.liveCount === 0 || topic.toldSequence >= this.#told) continue;
      topic.toldSequence = this.#told;
      topic.tell(positionEvent(this.#told, this.#parts.clock.nowMs(), origin), eventId(origin.epoch, this.#told), this.#parts.publish);
    }
    for (const subscription of this.#subscriptions) {
      const hasRoom = subscription.outlet.bufferedBytes <= this.#limits.bufferBytesMax;
      if (!subscription.isLive && hasRoom) this.#tellPosition(subscription, subscription.position, origin);
    }
  }

  #end(subscription: Subscription, reason: 'slow' | 'expired' | 'broken'): void {
    subscription.end(reason);
    this.#forget(subscription);
  }

  #forget(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
    const { topic } = subscription;
    // Of the same name there may be another one already, with members.
    if (topic.members.size === 0 && this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name);
  }

  #topicOf(filter: FeedFilter): Topic {
    const name = topicName(filter);
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      this.#channels += 1;
      topic = new Topic(name, `feed-${this.#channels}`, filter);
      this.#topics.set(name, topic);
    }
    return topic;
  }
}

function topicName(filter: FeedFilter): string {
  return JSON.stringify(filter);
}
