import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Commands } from '../../src/protocol/commands.ts';
import { type Fields, onlyKinds, Rig, value } from '../store/rig.ts';
import { seedOfTests } from '../torture/torture.ts';
import { RestoreRig } from './restore-rig.ts';

/**
 * Random writes to records that refer to each other, snapshots, and restores to random changes while others write on. What
 * the main thread saw after each batch is the model: after a restore the inventory is what it was after that change.
 */

const KINDS = onlyKinds('BMC', 'Component', 'ComputeNode', 'NodeCollection');
const ROUNDS = 2;
const STEPS = 60;
const NAMES = 8;

type State = ReadonlyMap<string, string>;

class World extends RestoreRig {
  /** What there was after each batch, by the sequence of its last change. */
  readonly states = new Map<number, State>();
  /** How much others write while a restore asks the past. */
  haste = 0;
  readonly #random: () => number;
  #writing: Promise<unknown>[] = [];

  constructor(rig: Rig, random: () => number) {
    super(rig);
    this.#random = random;
    this.changed = (reply) => void this.states.set(reply.status.sequence, contentOf(rig));
    this.asking = () => {
      for (let count = 0; count < this.haste; count++) this.#writing.push(this.write());
    };
  }

  /** One write of any kind; many are refused. */
  async write(): Promise<void> {
    this.rig.clock.ms += 1;
    const number = this.#below(NAMES);
    const xname = `x1000c0s${number}b0n0`;
    const names = [...this.rig.view.keysOf('ComputeNode')];
    const name = names[this.#below(Math.max(1, names.length))] ?? xname;
    const send = this.owner;
    switch (this.#below(8)) {
      case 0:
      case 1:
        await send.send(
          'record.create',
          this.#creation('ComputeNode', { hostname: `n${number}`, architecture: 'X86', xname, boot_mac: mac(this.#below(NAMES)) }),
        );
        return;
      case 2:
        await send.send('record.patch', {
          kind: 'ComputeNode',
          name,
          patch: { type: 'merge', document: { boot_mac: mac(this.#below(NAMES)), hostname: `m${this.#below(99)}` } },
          origin: {},
        });
        return;
      case 3:
        await send.send('record.delete', { kind: 'ComputeNode', name, force: false });
        return;
      case 4:
        await send.send('record.delete', { kind: 'BMC', name: xname.slice(0, -2), force: this.#below(2) === 0 });
        return;
      case 5:
        await send.send(
          'record.create',
          this.#creation('NodeCollection', { name: `c${number}`, type: 'partition', nodes: [xname, `x1000c0s${(number + 1) % NAMES}b0n0`] }),
        );
        return;
      case 6:
        await send.send('record.delete', { kind: 'NodeCollection', name: `c${number}`, force: false });
        return;
      default:
        await send.send('record.patch', {
          kind: 'BMC',
          name: xname.slice(0, -2),
          patch: { type: 'merge', document: { username: `u${this.#below(99)}` } },
          origin: {},
        });
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#writing.splice(0));
  }

  #creation(kind: string, record: Fields): Commands['record.create']['in'] {
    return { kind, records: [this.rig.draft(kind, record)], asArray: false, origin: {} };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

test('after a restore the inventory is what it was, whatever was written meanwhile', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = (seedOfTests() ^ (round * 7919)) >>> 0;
    const random = seeded(seed);
    const rig = await Rig.open(undefined, { kinds: KINDS, journalKeepBytes: 1024 ** 3 });
    const world = new World(rig, random);
    for (let step = 0; step < STEPS; step++) {
      if (random() < 0.1) value(await world.snapshot(''));
      if (random() < 0.85) {
        await world.write();
        continue;
      }
      const moments = [...world.states.keys()];
      const moment = moments[Math.floor(random() * moments.length)] ?? 0;
      world.haste = random() < 0.5 ? 0 : 2;
      const only = random() < 0.3 ? { kinds: ['NodeCollection'] } : {};
      const report = await world.restores.restore({ at: String(moment), confirm: true, changesMax: 0, ...only });
      await world.settled();
      const what = `seed ${seed}, step ${step}: back to ${moment}`;
      if (!report.ok) {
        assert.ok('kinds' in only && report.fault.code === 'conflict', `${what}: ${report.fault.detail}`);
        continue;
      }
      const { sequence, total } = report.value;
      const isEmpty = total.created + total.updated + total.deleted === 0;
      const now = world.states.get(sequence);
      assert.ok(now !== undefined, what);
      const of = (state: State): State => ('kinds' in only ? new Map([...state].filter(([place]) => place.startsWith('NodeCollection/'))) : state);
      assert.deepEqual(of(now), of(world.states.get(moment) ?? new Map()), what);
      assert.equal(report.value.safety_snapshot === undefined, isEmpty, what);
    }
    await world.close();
  }
});

/** Without what no restore brings back; the copies of BMCs in nodes included. */
function contentOf({ view, kinds }: Rig): State {
  const content = new Map<string, string>();
  for (const { name } of kinds.all) {
    for (const key of view.keysOf(name)) {
      const {
        revision: _revision,
        updated_at: _updated,
        ...rest
      } = JSON.parse(view.imageAt(view.locationOf(name, key) ?? -1).bytes.toString('utf8')) as Fields;
      content.set(`${name}/${key}`, JSON.stringify(rest));
    }
  }
  return new Map([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mac(number: number): string {
  return `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
}

function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
