import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ResourceView } from '../../plugins/simulator/ledger.ts';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import { assertBothSides, emptyServer, KILL_ENDPOINTS, type KillSite, killSite, settledSite } from '../support/kill-site.ts';

/**
 * SIGKILL at random moments, under random calls and with renewals every few seconds, round after round over the same data
 * folder; after each the same comparison. `HOLDFAST_SEED` repeats a run as far as threads and processes let it, and
 * `HOLDFAST_ROUNDS` makes it longer.
 */

const SEED = Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = Number(process.env['HOLDFAST_ROUNDS'] ?? 6);
const WORKERS = 6;
/** So many can be renewed in time whatever the machine does beside that. */
const STANDING_MAX = 60;
/** Renewed from 3 seconds on, at the latest 5 seconds after it was made; the rest is for the time when no server is there. */
const RHYTHM = { tick: '2s', schedulePeriod: '10s', renewAdvanceTicks: 3 };

/** What the callers have asked for and heard of one reservation. */
interface Asked {
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

test('whenever a server is killed under load, both sides agree after the restart', async (context) => {
  context.diagnostic(`HOLDFAST_SEED=${SEED} HOLDFAST_ROUNDS=${ROUNDS}`);
  const run = new Run(context, await killSite(context, RHYTHM, ['--snapshot-every', '1s']), seeded(SEED));
  await run.site.server.start();
  for (let round = 0; round < ROUNDS; round++) await run.round(round);
  await run.end();
});

class Run {
  readonly site: KillSite;
  readonly #context: TestContext;
  readonly #random: () => number;
  readonly #asked: Asked[] = [];
  readonly #outages: Outage[] = [];
  readonly #untils = new Map<string, number>();
  #marks = 0;

  constructor(context: TestContext, site: KillSite, random: () => number) {
    this.#context = context;
    this.site = site;
    this.#random = random;
  }

  async round(round: number): Promise<void> {
    const { server, substrate } = this.site;
    substrate.behave({ seed: this.#below(1000), breakMake: this.#random() < 0.3, operations: this.#misbehaviour() });
    let isOver = false;
    const work = Array.from({ length: WORKERS }, async () => {
      while (!isOver) await this.#call();
    });
    await sleep(300 + this.#below(1300));
    await server.kill();
    isOver = true;
    this.#outages.push({ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY });
    await Promise.all(work);
    await server.start();
    this.#outages[round] = { fromMs: this.#outages[round]?.fromMs ?? 0, toMs: Date.now() };
    this.#compare(await settledSite(this.site));
  }

  async end(): Promise<void> {
    const { substrate } = this.site;
    const { ledger } = substrate;
    substrate.behave({});
    this.#context.diagnostic(`${this.#asked.length} joins; ${JSON.stringify(ledger.calls.counts())}`);
    assert.ok((ledger.calls.counts()['renew.done'] ?? 0) > 0, 'there were renewals');
    const released = new Set(await emptyServer(this.site));
    for (const asked of this.#asked) if (asked.id !== undefined) asked.leave = 'confirmed';
    this.#compare(await settledSite(this.site), released);
    for (const { joinOperationId, state } of ledger.resources({ state: 'provisioned' })) {
      assert.ok(released.has(joinOperationId), `${joinOperationId} is ${state}, and the server has left everything that it knew by its id`);
    }
  }

  async #call(): Promise<void> {
    const { server } = this.site;
    const standing = this.#asked.filter(({ id, leave }) => id !== undefined && leave === 'none');
    const asked = standing[this.#below(standing.length)];
    const dice = this.#random();
    if (asked === undefined || (dice < 0.4 && standing.length < STANDING_MAX)) return this.#join();
    const at = `${asked.endpoint}/${asked.id}`;
    if (dice < 0.6) {
      asked.leave = 'asked';
      const left = await server.tryPost(`/leave/${at}`);
      if (left?.status === 200 && left.json.status === 0) asked.leave = 'confirmed';
    } else if (dice < 0.85) {
      const mark = this.#mark();
      const modified = await server.tryPost(`/modify/${at}`, { [mark]: 'yes' });
      if (modified?.status === 200 && modified.json.status === 0) asked.modified.push(mark);
    } else await server.tryPost(`/reservations/${at}/renew`);
  }

  async #join(): Promise<void> {
    const endpoint = KILL_ENDPOINTS[this.#below(KILL_ENDPOINTS.length)]?.name ?? '';
    const asked: Asked = { endpoint, mark: this.#mark(), id: undefined, leave: 'none', modified: [] };
    this.#asked.push(asked);
    const joined = await this.site.server.tryPost(`/join/${endpoint}`, { mark: asked.mark });
    if (joined === undefined) return;
    assert.deepEqual([joined.status, joined.json.status], [200, 0], joined.text);
    asked.id = joined.json.resId.id;
  }

  #compare(after: readonly ReservationImage[], released: ReadonlySet<string> = new Set()): void {
    const known = after.map((image) => (released.has(image.operation_id) ? { ...image, state: 'unknown' as const } : image));
    assertBothSides(this.site, known, (resource) => this.#mayHaveEnded(resource));
    for (const asked of this.#asked)
      this.#compareOne(
        asked,
        after.filter(({ join_properties }) => join_properties?.['mark'] === asked.mark),
      );
    for (const { operation_id, state, until = '' } of after) {
      if (state !== 'active') continue;
      const untilMs = Date.parse(until);
      assert.ok(untilMs >= (this.#untils.get(operation_id) ?? 0), `the end of ${operation_id} has come nearer`);
      this.#untils.set(operation_id, untilMs);
    }
  }

  /** The ledger is behind `after`, so that what it has is at least what was confirmed. */
  #compareOne({ endpoint, mark, id, leave, modified }: Asked, images: readonly ReservationImage[]): void {
    const [image] = images;
    assert.ok(images.length <= 1, `${mark} is known once`);
    if (id !== undefined) assert.equal(image?.reservation_id, id, `${endpoint} ${mark} was joined`);
    if (image === undefined) return;
    const resources = [...this.site.substrate.ledger.resources({ operationId: image.operation_id })].filter(({ prefix }) => prefix === `${endpoint}.`);
    if (leave === 'confirmed') {
      assert.equal(image.state, 'closed', `${mark} was left`);
      assert.ok(resources.every(({ state }) => state !== 'provisioned'));
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

  /** It ended while there was no server, or so soon after the start that nothing could be done. */
  #mayHaveEnded({ untilMs }: ResourceView): boolean {
    return this.#outages.some(({ fromMs, toMs }) => untilMs >= fromMs && untilMs <= toMs + 500);
  }

  #misbehaviour(): object {
    const faults = (): object => ({ delayMs: this.#below(15), replyDelayMs: this.#below(15), loseRate: 0.03 });
    return { join: faults(), leave: faults(), modify: faults(), renew: faults() };
  }

  #mark(): string {
    this.#marks += 1;
    return `m${this.#marks}`;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
