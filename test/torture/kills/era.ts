import { strict as assert } from 'node:assert';
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ReservationImage } from '../../../src/protocol/reservations.ts';
import { FRAME_MAGIC } from '../../../src/store/journal-format.ts';
import type { KillEndpoint } from '../../support/kill-site.ts';
import { numbersFor } from '../torture.ts';
import { Asking } from './asked.ts';
import { Bookings } from './bookings.ts';
import { Follower } from './follower.ts';
import { InventoryClient, keyOf } from './inventory-clients.ts';
import { Known } from './known.ts';
import { type KillPlan, type KillPoint, killedAt, killPlan } from './plan.ts';
import { Site, type SiteSettings } from './site.ts';
import { Wire } from './wire.ts';
import { type Fields, INVENTORY, RESERVATIONS, World } from './world.ts';

/**
 * The life of one data folder: servers that are killed under load, one after another, and after each the comparison of
 * everything that was heard with everything that is there.
 */

export interface Counts {
  count(name: string, by?: number): void;
}

const CLIENTS = 16;
const CALLERS = 4;
/** Load goes on for so long at most, however few writes are acknowledged. */
const LOAD_LIMIT_MS = 8000;
const SNAPSHOT_LIMIT_MS = 20_000;
const SNAPSHOT_STEP_MS = 50;
const COUNT_OF: Readonly<Record<KillPlan['beside'], string>> = {
  nothing: 'killsBesideLoad',
  snapshot: 'killsBesideSnapshot',
  'snapshot-end': 'killsAfterSnapshot',
  stop: 'killsBesideStop',
};
const SETTLED_LIMIT_MS = 20_000;
/** What fell due before a start is renewed within half a minute, and the first of it much earlier. */
const RENEWAL_LIMIT_MS = 120_000;
const IN_TRANSIT: ReadonlySet<string> = new Set(['joining', 'renewing', 'modifying', 'leaving']);
const REQUESTS_OF_LIFE = 6;
const SNAPSHOTS_OF_LIFE = 3;
/** Of one kind, while something changes beside each of them. */
const LISTS_MAX = 10;
/** Point queries of each comparison. */
const LOOKUPS = 6;

export class Era {
  readonly site: Site;
  readonly #counts: Counts;
  readonly #world = new World();
  readonly #asking = new Asking();
  readonly #bookings: Bookings;
  #follower: Follower | undefined;
  #known: Known | undefined;
  #marks = 0;
  #snapshot = '';

  private constructor(site: Site, counts: Counts) {
    this.site = site;
    this.#counts = counts;
    this.#bookings = new Bookings(site);
  }

  static async begin(endpoints: readonly KillEndpoint[], counts: Counts, settings?: SiteSettings): Promise<Era> {
    return new Era(await Site.make(endpoints, settings), counts);
  }

  /**
   * A start, the comparison with all that was before, load, and a kill.
   * @param turn as `killPlan` has it.
   * @throws when anything is not as it must be.
   */
  async round(seed: number, turn: number): Promise<void> {
    const plan = killPlan(numbersFor(seed, 'kill'), turn);
    for (const lifeMs of plan.inVainMs) {
      await this.site.startInVain(lifeMs);
      this.#counts.count('kills');
      this.#counts.count('killsOfStarts');
    }
    const { url, token } = await this.#start();
    const wire = new Wire(url, token);
    try {
      await this.#compare(wire, seed);
      await this.#load(wire, seed, plan);
    } finally {
      await wire.close();
    }
    this.#counts.count('kills');
  }

  /**
   * A whole life of a server: recovery of a torn journal, the comparison with all that was before, writes and snapshots of
   * one client, and the end. @returns whether it was killed at the point.
   */
  async point(seed: number, point: KillPoint): Promise<boolean> {
    leaveUnfinished(this.site.directory);
    try {
      const { url, token } = await this.#start(killedAt(point));
      const wire = new Wire(url, token);
      try {
        await this.#compare(wire, seed);
        await this.#live(wire, seed);
      } finally {
        await wire.close();
      }
    } catch (error) {
      // Where it was killed is anybody's guess, and the comparison comes again.
      if (!(await this.site.wasKilled(error))) throw error;
    }
    this.#bookings.killed();
    return await this.site.wasKilled();
  }

  /** The comparison after the last kill; and a start after that has nothing left to mend, and goes on with renewals. */
  async end(seed: number): Promise<void> {
    for (let count = 0; count < 2; count++) {
      const begunMs = Date.now();
      const { url, token } = await this.#start();
      const wire = new Wire(url, token);
      try {
        await this.#compare(wire, seed);
        if (count > 0) await this.#goesOnRenewing(wire, begunMs);
      } finally {
        await wire.close();
      }
      await this.site.server.kill();
      this.#bookings.killed();
    }
  }

  /** The last change that a client has heard of from the last server. */
  get heardOf(): number {
    return this.#known?.sequence ?? 0;
  }

  async close(keeps: boolean): Promise<string> {
    this.#follower?.close();
    return await this.site.end(keeps);
  }

  async #start(under?: readonly string[]): Promise<{ readonly url: string; readonly token: string }> {
    const begunMs = performance.now();
    const started = await this.site.start(under);
    this.#bookings.started();
    this.#counts.count('starts');
    this.#counts.count('startMs', Math.round(performance.now() - begunMs));
    this.#follower ??= new Follower(started.token);
    await this.#follower.connect(started.url);
    return started;
  }

  async #load(wire: Wire, seed: number, plan: KillPlan): Promise<void> {
    const known = this.#knowing();
    this.#bookings.misbehave(numbersFor(seed, 'substrate'));
    let acknowledged = 0;
    let enough: () => void = () => undefined;
    const isEnough = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const heard = (count: number): void => {
      acknowledged += count;
      if (acknowledged >= plan.acknowledged) enough();
    };
    heard(0);
    const again = this.#asking.open;
    const clients = Array.from({ length: CLIENTS }, async (_, index) => {
      const client = new InventoryClient(wire, this.#asking, known, numbersFor(seed, `client ${index}`), heard);
      // What nobody was told of is sent again with the same idempotency key: it happens once.
      for (const asked of again.filter((_asked, at) => at % CLIENTS === index)) await client.ask(asked);
      await client.run();
    });
    const callers = Array.from({ length: this.site.endpoints.length === 0 ? 0 : CALLERS }, (_, index) =>
      this.#bookings.run(wire, numbersFor(seed, `caller ${index}`)),
    );
    const work = Promise.all([...clients, ...callers]);
    const timer = setTimeout(enough, LOAD_LIMIT_MS);
    await Promise.race([isEnough, work]);
    clearTimeout(timer);
    if (plan.beside === 'snapshot') void wire.send('POST', '/snapshots');
    if (plan.beside === 'snapshot-end') await Promise.race([snapshotTaken(wire), this.site.server.exited, work]);
    if (plan.beside === 'stop') this.site.signal('SIGTERM');
    await Promise.race([sleep(plan.delayMs), this.site.server.exited, work]);
    await this.site.server.kill();
    this.#bookings.killed();
    await wire.close();
    await work;
    this.#counts.count(COUNT_OF[plan.beside]);
  }

  /** Writes with snapshots between them, and SIGTERM. */
  async #live(wire: Wire, seed: number): Promise<void> {
    const random = numbersFor(seed, 'client');
    const client = new InventoryClient(wire, this.#asking, this.#knowing(), random, () => undefined);
    for (let count = 0; count < SNAPSHOTS_OF_LIFE; count++) {
      await client.run(REQUESTS_OF_LIFE);
      await wire.send('POST', '/snapshots');
    }
    await client.run(REQUESTS_OF_LIFE);
    this.site.signal('SIGTERM');
    await this.site.server.exited;
  }

  #knowing(): Known {
    const known = new Known(this.#world, () => {
      this.#marks += 1;
      return `w${this.#marks}`;
    });
    this.#known = known;
    return known;
  }

  async #compare(wire: Wire, seed: number): Promise<void> {
    await this.#settled(wire);
    for (const kind of [...INVENTORY, RESERVATIONS]) await this.#compareList(wire, kind);
    this.#world.assertRules();
    for (const { kind, record } of this.#known?.reads ?? []) {
      const change = this.#world.change(Number(record['revision']));
      assert.ok(
        change?.kind === kind && change.key === keyOf(record) && isDeepStrictEqual(change.record, record),
        `${kind} was read as ${JSON.stringify(record)}, which is in no change`,
      );
    }
    const { acknowledged, records, refused, unknown } = this.#asking.settle((sequence) => this.#world.change(sequence));
    this.#counts.count('acknowledgedWrites', acknowledged);
    this.#counts.count('acknowledgedRecords', records);
    this.#counts.count('refusedWrites', refused);
    this.#counts.count('unknownWrites', unknown);
    this.#countBookings();
    await this.#lookUp(wire, seed);
    await this.#countSnapshots(wire);
    this.#known = undefined;
  }

  /** A list is what the changes up to its sequence come to. */
  async #compareList(wire: Wire, kind: string): Promise<readonly Fields[]> {
    const { listed, sequence } = await this.#list(wire, kind);
    const told = this.#world.sequence === sequence ? this.#world.records(kind) : this.#world.recordsAt(kind, sequence);
    assert.equal(listed.length, told.size, `as many of ${kind} are listed as the feed has told of`);
    for (const record of listed) assert.deepEqual(record, told.get(nameOf(kind, record)), `${kind} ${nameOf(kind, record)} is listed as the feed has told it`);
    return listed;
  }

  /** What changes while a list is made, such as a reservation that is renewed, may be in it or not: then it is asked for again. */
  async #list(wire: Wire, kind: string): Promise<{ readonly listed: readonly Fields[]; readonly sequence: number }> {
    for (let count = 1; ; count++) {
      const answer = await wire.send('GET', kind === RESERVATIONS ? '/reservations' : `/inventory/${kind}`);
      assert.equal(answer?.status, 200, answer?.text);
      const sequence = Number(answer?.header('x-holdfast-sequence'));
      const listed = answer?.json as readonly Fields[];
      const later = listed.filter((record) => Number(record['revision']) > sequence);
      await this.#follow(Math.max(sequence, ...later.map((record) => Number(record['revision']))));
      for (const record of later) {
        const change = this.#world.change(Number(record['revision']));
        assert.deepEqual(
          [kind, nameOf(kind, record), record],
          [change?.kind, change?.key, change?.record],
          'a change that is listed is told by the feed as well',
        );
      }
      if (later.length === 0 || count === LISTS_MAX) return { listed, sequence };
    }
  }

  async #follow(sequence: number): Promise<void> {
    for (const event of (await this.#follower?.until(sequence)) ?? []) {
      const change = this.#world.take(event);
      if (change.kind !== RESERVATIONS) this.#asking.explain(change);
    }
  }

  /** Until no operation is under way, and the plugins that can tell have told what became of interrupted joins. */
  async #settled(wire: Wire): Promise<void> {
    const finds = new Set(this.site.endpoints.filter((endpoint) => endpoint.finds).map(({ name }) => name));
    for (const startedMs = performance.now(); ; ) {
      const answer = await wire.send('GET', '/reservations');
      assert.equal(answer?.status, 200, answer?.text);
      const all = (answer?.json ?? []) as readonly ReservationImage[];
      const isSettled = all.every(
        ({ state, endpoint, reservation_id }) => !IN_TRANSIT.has(state) && (state !== 'unknown' || reservation_id !== undefined || !finds.has(endpoint)),
      );
      if (isSettled) return this.#bookings.compare(all);
      assert.ok(performance.now() - startedMs < SETTLED_LIMIT_MS, `the reservations do not settle: ${JSON.stringify(all)}\n${this.site.server.output()}`);
      await sleep(20);
    }
  }

  /** Until the schedule has renewed one of the reservations, which nobody asks for here. */
  async #goesOnRenewing(wire: Wire, begunMs: number): Promise<void> {
    for (const startedMs = performance.now(); ; ) {
      const all = ((await wire.send('GET', '/reservations'))?.json ?? []) as readonly ReservationImage[];
      const active = all.filter(({ state }) => state === 'active' || state === 'renewing');
      const isRenewed = active.some(({ calls = [] }) => calls.some((call) => call.operation === 'renew' && Date.parse(call.started_at) >= begunMs));
      if (isRenewed || active.length === 0) return;
      assert.ok(performance.now() - startedMs < RENEWAL_LIMIT_MS, `none of ${active.length} reservations is renewed\n${this.site.server.output()}`);
      await sleep(100);
    }
  }

  /** A record is found by its natural key and by a filter exactly when a look through all of them finds it. */
  async #lookUp(wire: Wire, seed: number): Promise<void> {
    const random = numbersFor(seed, 'lookups');
    const nodes = [...this.#world.records('ComputeNode').values()];
    for (let count = 0; count < LOOKUPS; count++) {
      const xname = `x1000c0s${random.below(160)}b0n0`;
      const hostname = `h${random.below(40)}`;
      const [byKey, byFilter] = await Promise.all([
        wire.send('GET', `/inventory/ComputeNode/${xname}`),
        wire.send('GET', `/inventory/ComputeNode?hostname=${hostname}`),
      ]);
      const expected = nodes.find((node) => node['xname'] === xname);
      assert.deepEqual(byKey?.status === 404 ? undefined : byKey?.json, expected, `the node ${xname} is found by its name`);
      const fitting = nodes.filter((node) => node['hostname'] === hostname);
      assert.deepEqual(sorted(byFilter?.json), sorted(fitting), `the nodes with the host name ${hostname} are found by a filter`);
    }
  }

  async #countSnapshots(wire: Wire): Promise<void> {
    const { json = [] } = (await wire.send('GET', '/snapshots')) ?? {};
    const names = (json as readonly { name: string }[]).map(({ name }) => name).sort();
    this.#counts.count('snapshots', names.filter((name) => name > this.#snapshot).length);
    this.#snapshot = names.at(-1) ?? this.#snapshot;
  }

  #countBookings(): void {
    const { counts } = this.#bookings;
    this.#counts.count('acknowledgedJoins', counts.joins);
    this.#counts.count('acknowledgedLeaves', counts.leaves);
    this.#counts.count('acknowledgedModifies', counts.modifies);
    this.#counts.count('acknowledgedRenewals', counts.renewals);
    Object.assign(counts, { joins: 0, leaves: 0, modifies: 0, renewals: 0 });
  }
}

/** Asks for a snapshot until one was taken for this: one that the timer has begun is in the way meanwhile. */
async function snapshotTaken(wire: Wire): Promise<void> {
  const endMs = performance.now() + SNAPSHOT_LIMIT_MS;
  while (((await wire.send('POST', '/snapshots'))?.status ?? 0) >= 300 && performance.now() < endMs) await sleep(SNAPSHOT_STEP_MS);
}

/** What a server that dies in the middle leaves behind: half a frame, half a snapshot, half of one that was to go. */
function leaveUnfinished(directory: string): void {
  const [journal, snapshots] = [join(directory, 'journal'), join(directory, 'snapshots')];
  const last = existsSync(journal) ? readdirSync(journal).sort().at(-1) : undefined;
  if (last === undefined) return;
  appendFileSync(join(journal, last), FRAME_MAGIC);
  for (const name of ['.tmp-1', '.del-1']) {
    mkdirSync(join(snapshots, name), { recursive: true });
    writeFileSync(join(snapshots, name, 'half'), '');
  }
}

function nameOf(kind: string, record: Fields): string {
  return kind === RESERVATIONS ? String(record['operation_id']) : keyOf(record);
}

function sorted(records: readonly Fields[]): readonly Fields[] {
  return [...records].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
