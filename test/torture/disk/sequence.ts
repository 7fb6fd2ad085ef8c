import { strict as assert } from 'node:assert';
import type { Prng } from '../../../bench/prng.ts';
import type { Result } from '../../../src/faults.ts';
import type { Command } from '../../../src/protocol/commands.ts';
import type { Files } from '../../../src/store/files.ts';
import { handClock } from '../../support/hand-clock.ts';
import { numbersFor, randomFrom } from '../torture.ts';
import { EMPTY, type Expectation, Ledger } from './ledger.ts';
import { OwnerProcess, type Site, type State } from './owner-process.ts';
import { powerCut } from './power-cut.ts';
import { type DiskImage, EMPTY_DISK, SimulatedDisk } from './simulated-disk.ts';
import { visibleSnapshots } from './snapshots-on-disk.ts';
import { batchOf, bulkOf, restoreOf } from './writes.ts';

/** The life of one data folder: writes, snapshots, restarts, kills and power cuts, as a seed has them. */

/** From one power cut to the next. */
export interface Stage {
  readonly disk: SimulatedDisk;
  readonly ledger: Ledger;
}

export interface Sequence {
  readonly site: Site;
  readonly stages: readonly Stage[];
}

/** What stands between the store and the disk; a mutation of the harness changes it. */
export type Between = (files: Files) => Files;

const STEPS_MIN = 8;
const STEPS_MORE = 30;

/** @throws AssertionError when the store is not as it must be already without any power cut to be looked at. */
export async function runSequence(seed: number, between: Between = (files) => files): Promise<Sequence> {
  const life = new Life(numbersFor(seed, 'operations'), between);
  await life.begin(EMPTY_DISK, EMPTY);
  await life.goOn();
  return { site: life.site, stages: life.stages };
}

export function siteOf(numbers: Prng): Site {
  return {
    journalSync: numbers.pick(['always', 'always', 'always', 'interval']),
    journalKeepBytes: numbers.pick([0, 0, 4096]),
    segmentBytesMax: numbers.pick([600, 2000, 8000]),
    frameChangesMax: numbers.pick([2, 4, 100]),
  };
}

class Life {
  readonly site: Site;
  readonly stages: Stage[] = [];
  readonly #numbers: Prng;
  readonly #between: Between;
  readonly #clock = handClock(Date.UTC(2026, 10, 22));
  #disk = new SimulatedDisk();
  #ledger = new Ledger(EMPTY);
  #owner: OwnerProcess | undefined;
  #number = 0;

  constructor(numbers: Prng, between: Between) {
    this.#numbers = numbers;
    this.#between = between;
    this.site = siteOf(numbers);
  }

  async begin(image: DiskImage, expected: Expectation): Promise<void> {
    this.#disk = new SimulatedDisk(image);
    this.#ledger = new Ledger(expected);
    this.stages.push({ disk: this.#disk, ledger: this.#ledger });
    await this.#start(expected);
  }

  async goOn(): Promise<void> {
    const steps = STEPS_MIN + this.#numbers.below(STEPS_MORE);
    for (let step = 0; step < steps; step++) {
      this.#number += 1;
      // Now and then somebody sets the clock back.
      this.#clock.ms += this.#numbers.pick([0, 1, 400, 1000, 60_000, -5000]);
      if (this.#numbers.below(12) === 0) {
        this.#disk.killAt = this.#disk.changes.length + this.#numbers.below(16);
        this.#disk.partOfWrite = this.#numbers.pick([0, 0.3, 1]);
      }
      await this.#step(this.#disk.changes.length);
    }
  }

  async #step(at: number): Promise<void> {
    const chosen = this.#numbers.below(100);
    if (chosen < 55) await this.#batch(at, batchOf(this.#numbers, this.#number));
    else if (chosen < 65) await this.#bulk(at, bulkOf(this.#numbers, this.#number));
    else if (chosen < 70) await this.#restore(at);
    else if (chosen < 84) await this.#snapshot(at);
    else if (chosen < 87) await this.#deleteSnapshot(at);
    else if (chosen < 89) await this.#running.query('store.apply', {});
    else if (chosen < 92) await this.#synced(at);
    else if (chosen < 96) await this.#stop(at);
    else await this.#cutPower();
    if (this.#disk.isDead) await this.#restart(at);
  }

  get #running(): OwnerProcess {
    assert(this.#owner !== undefined, 'the store is open');
    return this.#owner;
  }

  /** Opens the store on whatever the disk has. */
  async #start(expected: Expectation): Promise<void> {
    const files = this.#between(this.#disk.files());
    const before = this.#disk.changes.length;
    this.#owner?.forget();
    this.#owner = await OwnerProcess.open(files, this.site, this.#clock, randomFrom(this.#numbers));
    const { sequence } = this.#owner.status;
    const state = expected.states.get(sequence);
    assert(state !== undefined && sequence >= expected.floor, `after a power cut: change ${sequence} instead of ${[...expected.states.keys()]}`);
    this.#ledger.attempted(sequence, state, before);
    this.#ledger.told(sequence, this.#disk.changes.length);
    for (const name of visibleSnapshots(files)) this.#ledger.snapshotTaken(name, this.#disk.changes.length);
  }

  /** After a kill, which has left everything that the process had written: the last write may have happened. */
  async #restart(at: number): Promise<void> {
    const before = this.#ledger.last;
    assert(before !== undefined, 'the stage has begun');
    this.#owner?.forget();
    this.#owner = await OwnerProcess.open(this.#between(this.#disk.files()), this.site, this.#clock, randomFrom(this.#numbers));
    const { sequence } = this.#owner.status;
    assert(sequence >= before.sequence, `change ${before.sequence} was acknowledged, and after a kill there is ${sequence}`);
    if (sequence === before.sequence) assert.equal(this.#owner.difference(before.state.records), undefined, 'after a kill');
    else await this.#note(at);
    this.#ledger.told(sequence, this.#disk.changes.length);
  }

  /** @returns whether everything was done, as far as anybody knows. */
  async #batch(at: number, commands: readonly Command[]): Promise<boolean> {
    const results = await this.#running.batch(commands);
    if (this.#disk.isDead) return false;
    assert.equal(this.#running.status.fatal, undefined);
    for (const result of results) assert(result.ok || !BROKEN.has(result.fault.code), `the store has failed: ${JSON.stringify(result)}`);
    await this.#note(at, commands, results);
    return results.every((result) => result.ok && !isBroken(result.value));
  }

  async #bulk(at: number, commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      if (!(await this.#batch(at, [command]))) return;
    }
  }

  async #restore(at: number): Promise<void> {
    const { states } = this.#ledger;
    const now = states.at(-1);
    const then = states[this.#numbers.below(states.length)];
    if (now !== undefined && then !== undefined) await this.#bulk(at, restoreOf(this.#numbers, this.#number, now, then));
  }

  /** With writes while it is being taken. */
  async #snapshot(at: number): Promise<void> {
    const retention = { newest: 1 + this.#numbers.below(3), hourly: 0, daily: 0, weekly: 0 };
    const taking = this.#running.query('snapshot.take', { reason: 'demand', retention, skipUnchanged: this.#numbers.below(4) === 0 });
    for (let count = this.#numbers.below(3); count > 0 && !this.#disk.isDead; count--) {
      this.#number += 1;
      await this.#batch(at, batchOf(this.#numbers, this.#number));
    }
    const result = await taking;
    if (this.#disk.isDead) {
      this.#ledger.snapshotsDeleted(at);
      return;
    }
    assert(result.ok, `a snapshot failed: ${JSON.stringify(result)}`);
    this.#ledger.snapshotsDeleted(at, result.value.pruned);
    if (result.value.taken !== undefined) this.#ledger.snapshotTaken(result.value.taken.name, this.#disk.changes.length);
  }

  async #deleteSnapshot(at: number): Promise<void> {
    const listed = await this.#running.query('snapshot.list', {});
    assert(listed.ok, 'snapshots can be listed');
    const name = listed.value[this.#numbers.below(Math.max(1, listed.value.length))]?.name;
    if (name === undefined) return;
    this.#ledger.snapshotsDeleted(at, [name]);
    const deleted = await this.#running.query('snapshot.delete', { name });
    if (!this.#disk.isDead && !deleted.ok) this.#ledger.snapshotTaken(name, this.#disk.changes.length);
  }

  async #synced(at: number): Promise<void> {
    await this.#running.query('store.sync', {});
    if (!this.#disk.isDead) await this.#note(at);
  }

  async #stop(at: number): Promise<void> {
    await this.#running.query('store.close', {});
    if (!this.#disk.isDead) await this.#restart(at);
  }

  async #cutPower(): Promise<void> {
    const until = this.#disk.changes.length - this.#numbers.below(Math.min(8, this.#disk.changes.length + 1));
    const expected = this.#ledger.expectation(until);
    await this.begin(powerCut(this.#disk.base, this.#disk.changes, until, this.#numbers), expected);
  }

  /** What there is now, and what was told of it. */
  async #note(at: number, commands: readonly Command[] = [], results: readonly Result<unknown>[] = []): Promise<void> {
    const owner = this.#running;
    const { sequence, durableSequence } = owner.status;
    const last = this.#ledger.last?.state;
    if (this.#ledger.last?.sequence !== sequence) {
      const state: State = { records: owner.records(), secrets: await owner.secrets(), answers: answersAfter(last, commands, results) };
      this.#ledger.attempted(sequence, state, at);
    }
    this.#ledger.told(this.site.journalSync === 'always' ? sequence : durableSequence, this.#disk.changes.length);
  }
}

/** A restore against which a rule stands is over. */
function isBroken(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ((value as { brokenCount?: number }).brokenCount ?? 0) > 0;
}

const BROKEN: ReadonlySet<string> = new Set(['outcome-unknown', 'not-durable', 'internal']);

function answersAfter(before: State | undefined, commands: readonly Command[], results: readonly Result<unknown>[]): ReadonlyMap<string, number> {
  const answers = new Map(before?.answers);
  for (const [index, { kind, input }] of commands.entries()) {
    const result = results[index];
    if (kind !== 'record.create' || input.idempotency === undefined || result?.ok !== true) continue;
    const { stored } = result.value as { stored?: readonly { revision: number }[] };
    if (stored?.[0] !== undefined) answers.set(input.idempotency.key, stored[0].revision);
  }
  return answers;
}
