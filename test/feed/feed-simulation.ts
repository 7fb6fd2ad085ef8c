import { strict as assert } from 'node:assert';
import type { Kinds } from '../../schemas/registry.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import { Feed, type Since } from '../../src/feed/feed.ts';
import type { FeedLimits } from '../../src/feed/limits.ts';
import { Replay, type Replayed, type ReplayRequest } from '../../src/feed/replay.ts';
import type { Subscription } from '../../src/feed/subscription.ts';
import { parseFeedQuery } from '../../src/http/feed-query.ts';
import { shownKind } from '../../src/http/reservation-view.ts';
import type { OwnerReply } from '../../src/protocol/commands.ts';
import { realFiles } from '../../src/store/files.ts';
import { JournalReader } from '../../src/store/journal-reader.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';
import { onlyKinds, type Rig, value } from '../store/rig.ts';
import { committedIn, type Told } from '../support/committed.ts';
import { type Wish, wrongWith } from './expected.ts';
import { FakeOutlet, publisher } from './fake-outlet.ts';

/** A feed over a real store whose replies a test may lose, delay or take from another store, and its subscribers. */

export const KINDS: Kinds = onlyKinds('Component');
export const WITH_COLLECTIONS: Kinds = onlyKinds('NodeCollection');
const SHOWN_RESERVATIONS = shownKind(RESERVATION_KIND);

/** Small enough that a handful of changes runs into each of them. */
export const SMALL: FeedLimits = {
  subscribersMax: 100,
  bufferBytesMax: 3000,
  stallMs: 5000,
  backlogChangesMax: 60,
  turnBytesMax: 2000,
  gatherMs: 0,
  joinChangesMax: 12,
  joinBytesMax: 3000,
  positionMs: 3000,
  keepAliveMs: 2000,
};

export interface Member {
  readonly name: string;
  readonly wish: Wish;
  readonly outlet: FakeOutlet;
  readonly subscription: Subscription;
  hasLeft: boolean;
  readonly firstIs: string;
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

export class FeedRig {
  rig: Rig;
  readonly view: RecordView = new RecordView();
  readonly feed: Feed;
  readonly members: Member[] = [];
  readonly outlets: Set<FakeOutlet> = new Set();
  readonly errors: string[] = [];
  /** Every change that was committed, told or not, in order. */
  history: Told[] = [];
  /** Called for each part that is asked for; what it returns is awaited before the part is read. */
  beforeReplay: (request: ReplayRequest) => Promise<ReplayRequest> = async (request) => request;
  /** The replies that come now are lost. */
  isDeaf = false;
  readonly #replay: Replay;

  constructor(rig: Rig, limits: Partial<FeedLimits> = {}) {
    this.rig = rig;
    this.#replay = new Replay(new JournalReader(realFiles, rig.journalDirectory));
    this.feed = new Feed({
      view: this.view,
      clock: rig.clock,
      publish: publisher(this.outlets),
      replay: (request) => this.#read(request),
      newId: () => `signal-${this.#signals++}`,
      log: { error: (fields, message) => this.errors.push(`${message} ${JSON.stringify(fields)}`) },
      limits: { ...SMALL, ...limits },
    });
    this.#attach(rig);
  }
  #signals = 0;

  get status(): OwnerReply['status'] {
    return this.rig.status;
  }

  async #read(request: ReplayRequest): Promise<Replayed> {
    return this.#replay.part(await this.beforeReplay(request));
  }

  #attach(rig: Rig): void {
    this.rig = rig;
    rig.store.show(this.view.viewer());
    for (const reply of rig.replies) this.#hear(reply, rig);
    const take = rig.take.bind(rig);
    rig.take = (reply) => {
      rig.view.merge(reply);
      this.history.push(...committedIn(reply, rig.view).toSorted((a, b) => a.sequence - b.sequence));
      if (!this.isDeaf) this.#hear(reply, rig);
      return take(reply);
    };
  }

  #hear(reply: OwnerReply, rig: Rig): void {
    assert.equal(rig, this.rig);
    this.view.merge(reply);
    this.feed.changed(reply);
    this.view.release(reply);
  }

  /** The owner's thread dies, and another one recovers. */
  async die(): Promise<void> {
    this.isDeaf = true;
    this.view.reset();
    const { rig } = this;
    const next = await rig.another();
    await rig.close();
    this.isDeaf = false;
    this.#attach(next);
  }

  subscribe(form: 'websocket' | 'sse', wish: Wish = {}, since?: Since, expiresMs?: number): Member {
    const outlet = new FakeOutlet(form);
    this.outlets.add(outlet);
    const sight = { inventory: true, reservations: true };
    const { filter } = value(parseFeedQuery(this.rig.kinds, SHOWN_RESERVATIONS, queryOf(wish), sight, undefined));
    const { sequence, epoch } = this.status;
    const reset = since?.epoch !== undefined && since.epoch !== epoch ? 'epoch' : (since?.sequence ?? 0) > sequence ? 'future' : undefined;
    const subscription = this.feed.subscribe(outlet, { filter, since, expiresMs });
    const firstIs = reset ?? String(since?.sequence ?? subscription.position).padStart(16, '0');
    outlet.subscription = subscription;
    const member: Member = { name: `${form} ${JSON.stringify(wish)} since ${JSON.stringify(since)}`, wish, outlet, subscription, hasLeft: false, firstIs };
    this.members.push(member);
    return member;
  }

  leave(member: Member): void {
    member.hasLeft = true;
    member.outlet.channels.clear();
    this.feed.unsubscribe(member.subscription);
  }

  /** Lets a step of the clock pass, and what is looked at every second. */
  pass(ms: number): void {
    this.rig.clock.ms += ms;
    this.feed.look();
  }

  /** Everybody reads until everybody has everything. */
  async settle(): Promise<void> {
    await this.rig.query('store.sync', {});
    for (let round = 0; round < 2000; round++) {
      await turn();
      for (const { outlet } of this.members) outlet.read();
      if (round % 50 === 49 && this.wrongs().length === 0) return;
    }
    assert.deepEqual(this.wrongs(), []);
  }

  /** What is wrong with what somebody was told; empty when nothing is. @param isOver everybody must have everything. */
  wrongs(isOver = true): readonly string[] {
    const firstKept = Number(this.rig.segments()[0]?.slice(0, 16));
    return this.members.flatMap(({ name, wish, outlet, subscription, hasLeft, firstIs }) => {
      const isComplete = isOver && !hasLeft && !subscription.ended;
      const wrong = wrongWith(outlet.heard, wish, this.history, { firstKept, firstIs, last: isComplete ? this.status.durableSequence : undefined });
      return wrong === undefined ? [] : [`${name}: ${wrong}`];
    });
  }

  async close(): Promise<void> {
    this.feed.close();
    await this.rig.close();
  }
}

function queryOf({ subtype, keys, patch, signalsOnly, kinds, endpoint }: Wish): readonly (readonly [string, string])[] {
  const all: Readonly<Record<string, string | undefined>> = {
    kinds: kinds ?? (signalsOnly === true ? 'server' : endpoint !== undefined ? 'reservations' : subtype !== undefined ? 'Component' : 'Component,server'),
    Subtype: subtype,
    keys: keys?.join(','),
    patch: patch === true ? 'true' : undefined,
    endpoint,
  };
  return Object.entries(all).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}
