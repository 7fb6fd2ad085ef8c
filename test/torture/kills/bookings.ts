import { strict as assert } from 'node:assert';
import type { Prng } from '../../../bench/prng.ts';
import type { ResourceView } from '../../../plugins/simulator/ledger.ts';
import type { ReservationImage } from '../../../src/protocol/reservations.ts';
import { assertBothSides, type KillEndpoint } from '../../support/kill-site.ts';
import type { Site } from './site.ts';
import type { Wire } from './wire.ts';

/** What callers have asked for and heard of reservations, and what must be true of both sides after a kill. */

interface Booking {
  readonly endpoint: string;
  readonly mark: string;
  /** Undefined: the join was not answered. */
  id: string | undefined;
  leave: 'none' | 'asked' | 'confirmed';
  /** Marks of modifies that were confirmed. */
  readonly modified: string[];
}

interface Outage {
  readonly fromMs: number;
  toMs: number;
}

/** So many can be renewed in time whatever the machine does beside that. */
const STANDING_MAX = 40;
/** Nothing can be done for what ends so soon after the start. */
const GRACE_MS = 2000;

export interface BookingCounts {
  joins: number;
  leaves: number;
  modifies: number;
  renewals: number;
}

export class Bookings {
  readonly #site: Site;
  readonly #bookings = new Map<string, Booking>();
  readonly #outages: Outage[] = [];
  readonly #untils = new Map<string, number>();
  #marks = 0;
  readonly counts: BookingCounts = { joins: 0, leaves: 0, modifies: 0, renewals: 0 };

  constructor(site: Site) {
    this.#site = site;
  }

  misbehave(random: Prng): void {
    const faults = (): object => ({ delayMs: random.below(15), replyDelayMs: random.below(15), loseRate: 0.03 });
    const operations = { join: faults(), leave: faults(), modify: faults(), renew: faults() };
    this.#site.substrate.behave({ seed: random.below(1000), breakMake: random.next() < 0.3, operations });
  }

  /** One caller, until the connections are closed. */
  async run(wire: Wire, random: Prng): Promise<void> {
    while (!wire.isClosed) await this.#call(wire, random);
  }

  killed(): void {
    this.#outages.push({ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY });
  }

  started(): void {
    const last = this.#outages.at(-1);
    if (last !== undefined) last.toMs = Date.now();
  }

  async #call(wire: Wire, random: Prng): Promise<void> {
    const standing = [...this.#bookings.values()].filter(({ id, leave }) => id !== undefined && leave === 'none');
    const booking = standing[random.below(standing.length)];
    const dice = random.next();
    if (booking === undefined || (dice < 0.4 && standing.length < STANDING_MAX))
      return this.#join(wire, random.pick(this.#site.endpoints as readonly [KillEndpoint]));
    const at = `${booking.endpoint}/${booking.id}`;
    if (dice < 0.7) {
      booking.leave = 'asked';
      const left = await wire.send('POST', `/leave/${at}`, '{}');
      if (left?.status !== 200 || left.json.status !== 0) return;
      booking.leave = 'confirmed';
      this.counts.leaves += 1;
    } else if (dice < 0.9) {
      const mark = this.#mark();
      const modified = await wire.send('POST', `/modify/${at}`, JSON.stringify({ [mark]: 'yes' }));
      if (modified?.status !== 200 || modified.json.status !== 0) return;
      booking.modified.push(mark);
      this.counts.modifies += 1;
    } else if ((await wire.send('POST', `/reservations/${at}/renew`))?.status === 200) this.counts.renewals += 1;
  }

  async #join(wire: Wire, { name }: KillEndpoint): Promise<void> {
    const booking: Booking = { endpoint: name, mark: this.#mark(), id: undefined, leave: 'none', modified: [] };
    this.#bookings.set(booking.mark, booking);
    const joined = await wire.send('POST', `/join/${name}`, JSON.stringify({ mark: booking.mark }));
    // 503: the server is stopping.
    if (joined === undefined || joined.status === 503) return;
    assert.deepEqual([joined.status, joined.json.status], [200, 0], joined.text);
    booking.id = joined.json.resId.id;
    this.counts.joins += 1;
  }

  /** @param after what the server said; the ledger is read now, which is later: it has at least what was confirmed. */
  compare(after: readonly ReservationImage[]): void {
    assertBothSides(this.#site, after, (resource) => this.#mayHaveEnded(resource));
    const images = new Map<string, ReservationImage[]>();
    for (const image of after) {
      const mark = String(image.join_properties?.['mark']);
      images.set(mark, [...(images.get(mark) ?? []), image]);
    }
    const resources = new Map<string, ResourceView[]>();
    for (const resource of this.#site.substrate.ledger.resources()) {
      resources.set(resource.joinOperationId, [...(resources.get(resource.joinOperationId) ?? []), resource]);
    }
    for (const booking of this.#bookings.values()) {
      const [image, ...more] = images.get(booking.mark) ?? [];
      assert.deepEqual(more, [], `${booking.mark} is known once`);
      this.#compareOne(booking, image, resources.get(image?.operation_id ?? '') ?? []);
    }
    for (const [mark] of images) assert.ok(this.#bookings.has(mark), `nobody has asked for the join ${mark}`);
    this.#compareEnds(after);
  }

  #compareOne(booking: Booking, image: ReservationImage | undefined, resources: readonly ResourceView[]): void {
    const { endpoint, mark, id, leave, modified } = booking;
    if (id !== undefined) assert.equal(image?.reservation_id, id, `${endpoint} ${mark} was joined`);
    if (image === undefined) return;
    if (leave === 'confirmed') {
      assert.equal(image.state, 'closed', `${mark} was left`);
      assert.ok(
        resources.every(({ state }) => state !== 'provisioned'),
        `${mark} was left`,
      );
    } else if (leave === 'none' && id !== undefined && image.state === 'renew-failed') {
      assert.ok(
        resources.some((resource) => this.#mayHaveEnded(resource)),
        `${mark}: ${image.last_error}; ${JSON.stringify(image.calls)}`,
      );
    } else if (leave === 'none' && id !== undefined) {
      assert.ok(['active', 'unknown'].includes(image.state), `${mark} was joined, and is ${image.state}`);
    }
    const [{ properties = {} } = {}] = resources;
    for (const confirmed of modified) assert.equal(properties[confirmed], 'yes', `a modify of ${mark} was confirmed`);
  }

  #compareEnds(after: readonly ReservationImage[]): void {
    for (const { operation_id, state, until = '' } of after) {
      if (state !== 'active') continue;
      const untilMs = Date.parse(until);
      assert.ok(untilMs >= (this.#untils.get(operation_id) ?? 0), `the end of ${operation_id} has come nearer`);
      this.#untils.set(operation_id, untilMs);
    }
  }

  /** It ended while there was no server, or so soon after the start that nothing could be done. */
  #mayHaveEnded({ untilMs }: ResourceView): boolean {
    return this.#outages.some(({ fromMs, toMs }) => untilMs >= fromMs && untilMs <= toMs + GRACE_MS);
  }

  #mark(): string {
    this.#marks += 1;
    return `m${this.#marks}`;
  }
}
