import { changeEvent, type EventForm, eventId, type Origin, sseMessage } from './event.ts';
import { type FeedFilter, type Fit, Matcher } from './filter.ts';
import { type Events, eventsOf, type Publish } from './outlet.ts';
import type { RecordChange } from './record-change.ts';
import type { Subscription } from './subscription.ts';

/** A change on its way to many: rendered once for all who want it in the same way. */
export class Telling {
  readonly change: RecordChange;
  readonly #origin: Origin;
  readonly #rendered: (Buffer | undefined)[] = [];

  constructor(change: RecordChange, origin: Origin) {
    this.change = change;
    this.#origin = origin;
  }

  get id(): string {
    return eventId(this.#origin.epoch, this.change.sequence);
  }

  event(fit: Exclude<Fit, 'out'>, isPatch: boolean): Buffer {
    const isWhole = !isPatch || fit === 'entered';
    const place = (isWhole ? 0 : 1) + (fit === 'left' ? 2 : 0);
    const rendered = this.#rendered[place] ?? changeEvent(this.change, fit, !isWhole, this.#origin);
    this.#rendered[place] = rendered;
    return rendered;
  }
}

interface Told {
  readonly event: Buffer;
  /** What a stream's client comes back with; absent for events without a sequence. */
  readonly resumeId: string | undefined;
}

/** Everybody who wants the same: one filter, one rendering, one delivery. */
export class Topic {
  readonly name: string;
  /** What is published to those who are reached by publishing. */
  readonly channel: string;
  readonly filter: FeedFilter;
  /** Those who are up to date, by how they are reached. */
  readonly live: Readonly<Record<EventForm, Set<Subscription>>> = { websocket: new Set(), sse: new Set() };
  /** Those who are nearly so, and read the last of it from the journal. */
  readonly joining: Set<Subscription> = new Set();
  /** All of them, and those who are behind. */
  readonly members: Set<Subscription> = new Set();
  /** The last sequence that the live ones have been told, by an event or as their position. */
  toldSequence = 0;
  readonly #matcher: Matcher;
  #told: Told[] = [];

  constructor(name: string, channel: string, filter: FeedFilter) {
    this.name = name;
    this.channel = channel;
    this.filter = filter;
    this.#matcher = new Matcher(filter);
  }

  get liveCount(): number {
    return this.live.websocket.size + this.live.sse.size;
  }

  /** Takes the change up into the next delivery if it is wanted here. */
  offer(telling: Telling): void {
    if (this.liveCount === 0 && this.joining.size === 0) return;
    const fit = this.#matcher.fitOf(telling.change);
    if (fit === 'out') return;
    this.#told.push({ event: telling.event(fit, this.filter.patch), resumeId: telling.id });
    this.toldSequence = telling.change.sequence;
  }

  /** @returns how many events went out, counted once for each subscriber. */
  deliver(publish: Publish): number {
    if (this.#told.length === 0) return 0;
    const told = this.#told;
    this.#told = [];
    this.#give(told, publish);
    let events: Partial<Record<EventForm, Events>> | undefined;
    for (const subscription of this.joining) {
      events ??= {};
      const { form } = subscription.outlet;
      events[form] ??= inForm(told, form);
      subscription.takeWhileJoining(events[form]);
    }
    return told.length * (this.liveCount + this.joining.size);
  }

  /** An event that is no change, to those who are up to date. */
  tell(event: Buffer, resumeId: string | undefined, publish: Publish): void {
    this.#give([{ event, resumeId }], publish);
  }

  #give(told: readonly Told[], publish: Publish): void {
    if (this.live.websocket.size > 0) for (const { event } of told) publish(this.channel, event);
    if (this.live.sse.size === 0) return;
    const events = inForm(told, 'sse');
    for (const { outlet } of this.live.sse) outlet.send(events);
  }
}

function inForm(told: readonly Told[], form: EventForm): Events {
  return eventsOf(told.map(({ event, resumeId }) => (form === 'sse' ? sseMessage(event, resumeId) : event)));
}
