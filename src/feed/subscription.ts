import { type EventForm, sseMessage } from './event.ts';
import { type EndReason, type Events, eventsOf, type Outlet } from './outlet.ts';
import type { Topic } from './topic.ts';

/** What waits to be sent until the subscriber has read the last of the journal. */
interface Joining {
  /** The last change that comes from the journal. */
  readonly fromSequence: number;
  readonly events: Events[];
  bytes: number;
}

/** One subscriber: where he stands, and how he is reached. */
export class Subscription {
  readonly topic: Topic;
  readonly outlet: Outlet;
  /** When his token ends; undefined: never. */
  readonly expiresMs: number | undefined;
  /** Behind: all that he wants up to here has been sent. */
  position: number;
  isLive = false;
  /** What brings him up to date is at work. */
  isCatchingUp = false;
  /** He is nearly up to date. */
  joining: Joining | undefined;
  readonly #joinBytesMax: number;
  #ended: EndReason | 'gone' | undefined;
  #wake: (() => void)[] = [];
  #stalledSinceMs: number | undefined;
  #lastBuffered = 0;
  #hasTaken = false;

  constructor(topic: Topic, outlet: Outlet, position: number, expiresMs: number | undefined, joinBytesMax: number) {
    this.topic = topic;
    this.outlet = outlet;
    this.position = position;
    this.expiresMs = expiresMs;
    this.#joinBytesMax = joinBytesMax;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** An event that is no change. */
  tell(event: Buffer, resumeId?: string): void {
    this.outlet.send(eventsOf([this.outlet.form === 'sse' ? sseMessage(event, resumeId) : event]));
  }

  /** From now on what is told to others is kept for him. @param fromSequence the last change that comes from the journal. */
  beginJoining(fromSequence: number): void {
    this.joining = { fromSequence, events: [], bytes: 0 };
    this.topic.joining.add(this);
  }

  /** @returns what was kept. */
  endJoining(): readonly Events[] {
    const kept = this.joining?.events ?? [];
    this.joining = undefined;
    this.topic.joining.delete(this);
    return kept;
  }

  takeWhileJoining(events: Events): void {
    if (this.joining === undefined) return;
    this.joining.events.push(events);
    this.joining.bytes += events.bytes.length;
    if (this.joining.bytes <= this.#joinBytesMax) return;
    // Too much has happened meanwhile: he reads on in the journal.
    this.endJoining();
  }

  /** Resolves when something has moved: the client has read, there is news, or it is over. */
  moved(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  /** The client has taken something of what was buffered for it. */
  taken(): void {
    this.#hasTaken = true;
    this.wake();
  }

  wake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  /** Whether the client has taken nothing for too long, though there is something for him to take. */
  isStalled(nowMs: number, stallMs: number): boolean {
    const { bufferedBytes } = this.outlet;
    // More may come in than goes out: less in the buffer is not the only sign of a client that reads.
    const isMoving = bufferedBytes === 0 || bufferedBytes < this.#lastBuffered || this.#hasTaken;
    this.#lastBuffered = bufferedBytes;
    this.#hasTaken = false;
    if (isMoving) this.#stalledSinceMs = undefined;
    else this.#stalledSinceMs ??= nowMs;
    return this.#stalledSinceMs !== undefined && nowMs - this.#stalledSinceMs >= stallMs;
  }

  /** Nothing is sent any more. @param reason absent: the client has gone by itself. */
  end(reason?: EndReason): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason ?? 'gone';
    const live: Readonly<Record<EventForm, Set<Subscription>>> = this.topic.live;
    live[this.outlet.form].delete(this);
    this.endJoining();
    this.topic.members.delete(this);
    if (reason !== undefined) this.outlet.end(reason);
    this.wake();
  }
}
