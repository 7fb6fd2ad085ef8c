import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Command } from '../../src/protocol/commands.ts';
import { Rig, temporaryFolder, value } from '../store/rig.ts';
import { seedOfTests } from '../torture/torture.ts';
import type { Wish } from './expected.ts';
import { FeedRig, KINDS, turns } from './feed-simulation.ts';

/**
 * Many subscribers with filters of every sort come, stall, go and come back, while records change one by one and in bulk,
 * segments are pruned, the owner dies, replies are lost and the journal is slow; and each is told what he wants, in order,
 * once, or is told why that cannot be.
 */

const SEED = seedOfTests();
const RUNS = 3;
const STEPS = 200;
/** Of all runs. */
const totals = { fellBehind: 0, resets: 0, partsReplayed: 0 };

/** xorshift32. */
function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

class Simulation {
  readonly #random: () => number;
  readonly #at: FeedRig;
  #names = 0;

  constructor(at: FeedRig, random: () => number) {
    this.#at = at;
    this.#random = random;
    at.beforeReplay = async (request) => {
      await turns(this.#below(6));
      if (this.#chance(0.005)) throw new Error('the disk does not answer');
      if (this.#chance(0.3)) return { ...request, upTo: request.after + 1 + this.#below(request.upTo - request.after) };
      return request;
    };
  }

  async step(): Promise<void> {
    const { feed, rig, members } = this.#at;
    const dice = this.#random();
    if (dice < 0.45) await this.#write();
    else if (dice < 0.48) await this.#bulk();
    else if (dice < 0.6) this.#come();
    else if (dice < 0.68) this.#somebody((member) => (member.outlet.isReading = !member.outlet.isReading));
    else if (dice < 0.84) this.#somebody((member) => member.outlet.read(this.#below(8)));
    else if (dice < 0.87) this.#somebody((member) => this.#at.leave(member));
    else if (dice < 0.92) this.#at.pass(this.#below(1500));
    else if (dice < 0.94) feed.signal({ type: 'owner.restarted', timeMs: rig.clock.ms, data: {} });
    else if (dice < 0.955) await rig.query('store.sync', {});
    else if (dice < 0.965) await rig.snapshot({ retention: { newest: 2, hourly: 0, daily: 0, weekly: 0 } });
    else if (dice < 0.97) await this.#lose();
    else if (dice < 0.975) await this.#at.die();
    else await turns(this.#below(10));
    for (const { outlet } of members) if (outlet.isReading) outlet.read();
    if (this.#chance(0.5)) await turns(1 + this.#below(3));
  }

  async #write(): Promise<void> {
    await this.#at.rig.batch(Array.from({ length: 1 + this.#below(4) }, () => this.#command()));
  }

  #command(): Command {
    const keys = [...new Set(this.#at.history.slice(-200).map(({ key }) => key))];
    const name = keys[this.#below(keys.length)] ?? '';
    const dice = this.#random();
    const Subtype = ['a', 'b', 'c'][this.#below(3)];
    if (dice < 0.3 || name === '') {
      const record = { ID: `x${this.#names++}`, Type: 'Node', ...(Subtype === undefined ? {} : { Subtype }) };
      return { kind: 'record.create', input: { kind: 'Component', records: [record], asArray: false, origin: {} } };
    }
    if (dice < 0.45) return { kind: 'record.delete', input: { kind: 'Component', name, force: false } };
    const document = this.#chance(0.2) ? { Subtype: null } : { Subtype };
    return { kind: 'record.patch', input: { kind: 'Component', name, patch: { type: 'merge', document }, origin: {} } };
  }

  async #bulk(): Promise<void> {
    const records = Array.from({ length: 5 + this.#below(80) }, () => ({ ID: `x${this.#names++}`, Type: 'Node', Subtype: 'a' }));
    value(await this.#at.rig.bulk('Component', records));
  }

  #come(): void {
    const { feed, status, members } = this.#at;
    if (feed.refusal() !== undefined || members.filter(({ subscription }) => !subscription.ended).length > 12) return;
    const keys = [...new Set(this.#at.history.map(({ key }) => key))].slice(-3);
    const wishes: readonly Wish[] = [
      {},
      {},
      { patch: true },
      { subtype: 'a' },
      { subtype: 'b', patch: true },
      { keys: keys.length === 0 ? ['x'] : keys },
      { signalsOnly: true },
    ];
    const wish = wishes[this.#below(wishes.length)] ?? {};
    const dice = this.#random();
    const { sequence, epoch } = status;
    const since =
      dice < 0.4
        ? undefined
        : dice < 0.8
          ? { sequence: Math.max(0, sequence - this.#below(50)) }
          : { sequence: this.#below(sequence + 20), epoch: epoch - (dice < 0.85 ? 1 : 0) };
    this.#at.subscribe(this.#chance(0.5) ? 'sse' : 'websocket', wish, since);
  }

  /** Somebody who was here when it was another store: rare by chance. */
  comeFromElsewhere(): void {
    const { sequence, epoch } = this.#at.status;
    this.#at.subscribe('sse', {}, { sequence, epoch: epoch - 1 });
  }

  /** What the owner answers is lost on the way, and then its thread is gone. */
  async #lose(): Promise<void> {
    this.#at.isDeaf = true;
    await this.#write();
    await this.#at.die();
  }

  #somebody(does: (member: FeedRig['members'][number]) => void): void {
    const there = this.#at.members.filter(({ subscription }) => !subscription.ended);
    const member = there[this.#below(there.length)];
    if (member !== undefined) does(member);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }
}

for (let run = 0; run < RUNS; run++) {
  const seed = SEED + run;
  test(`each subscriber is told what he wants, in order and once, whatever happens (seed ${seed})`, async () => {
    const options = { kinds: KINDS, journalSync: run % 2 === 0 ? 'always' : 'interval' } as const;
    const at = new FeedRig(await Rig.open(temporaryFolder(), options));
    const simulation = new Simulation(at, randomOf(seed));
    for (let step = 0; step < STEPS; step++) {
      if (step === STEPS / 4) simulation.comeFromElsewhere();
      await simulation.step();
      if (step === STEPS / 2) assert.deepEqual(at.wrongs(false), [], `step ${step}`);
    }
    await at.settle();
    assert.deepEqual(at.wrongs(), []);
    const { counts, partsReplayed } = at.feed;
    totals.fellBehind += counts.fellBehind;
    totals.resets += counts.resets;
    totals.partsReplayed += partsReplayed;
    await at.close();
  });
}

test(`the runs came to everything that can happen (seed ${SEED})`, () => {
  for (const [what, count] of Object.entries(totals)) assert.ok(count >= 3, `${what}: ${count}`);
});
