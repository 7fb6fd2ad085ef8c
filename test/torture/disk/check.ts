import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Prng } from '../../../bench/prng.ts';
import { messageOf } from '../../../src/faults.ts';
import type { Files } from '../../../src/store/files.ts';
import { JournalReader } from '../../../src/store/journal-reader.ts';
import type { OpenWorkingSet } from '../../../src/store/working-set.ts';
import { handClock } from '../../support/hand-clock.ts';
import { randomFrom } from '../torture.ts';
import type { Expectation } from './ledger.ts';
import { DIRECTORY, OwnerProcess, type Site, type State } from './owner-process.ts';
import { powerCut } from './power-cut.ts';
import type { Between } from './sequence.ts';
import { type DiskImage, SimulatedDisk } from './simulated-disk.ts';
import { checkSnapshots, removeSnapshot, visibleSnapshots } from './snapshots-on-disk.ts';
import { batchOf, rememberedWrite } from './writes.ts';

/** Opens the store on what a power cut has left, and compares it with what clients were told. */

export interface CutChecker {
  readonly site: Site;
  readonly between: Between;
  /** Power cuts so far, those after others included. */
  cuts: number;
  /** Stores that were opened for them. */
  readonly opened: OwnerProcess[];
  /** Undefined: plain tables. */
  readonly openWorkingSet?: OpenWorkingSet;
}

/** When the power comes back: within the day that answers are remembered for. */
const LATER_MS = Date.UTC(2026, 10, 22, 12);
/** Power cuts that follow each other while the store has not come up. */
const CUTS_IN_A_ROW_MAX = 3;

/** @throws AssertionError, or whatever the store failed to start with */
export async function checkCut(checker: CutChecker, image: DiskImage, expected: Expectation, numbers: Prng, depth: number = 1): Promise<void> {
  checker.cuts += 1;
  const disk = new SimulatedDisk(image);
  const files = checker.between(disk.files());
  checkSnapshots(files, expected.snapshots);
  const owner = await openAgain(checker, files, numbers);
  const { sequence } = owner.status;
  const state = expected.states.get(sequence);
  if (state === undefined) {
    const known = [...expected.states.keys()].join(', ');
    assert.fail(`there is change ${sequence}; acknowledged was ${expected.floor}, possible are ${known}`);
  }
  assert.equal(owner.difference(state.records), undefined);
  const found: Expectation = { floor: sequence, states: new Map([[sequence, state]]), snapshots: new Set(visibleSnapshots(files)) };
  switch (numbers.below(8)) {
    case 0:
      return checkJournal(files, sequence, state);
    case 1:
      return await checkPrivate(owner, state);
    case 2:
      return await checkSecondRecovery(checker, disk, sequence, state, numbers);
    case 3:
      return await checkWithoutNewestSnapshot(checker, disk, image, sequence, state, numbers);
    case 4:
      return await goOn(checker, disk, owner, found, numbers, depth);
    case 5:
    case 6: {
      if (depth >= CUTS_IN_A_ROW_MAX) return;
      const until = numbers.below(disk.changes.length + 1);
      // As soon as it is up it has told what it has.
      const isUp = until === disk.changes.length;
      return await checkCut(checker, powerCut(image, disk.changes, until, numbers), isUp ? found : expected, numbers, depth + 1);
    }
    default:
  }
}

async function openAgain({ site, opened, openWorkingSet }: CutChecker, files: Files, numbers: Prng): Promise<OwnerProcess> {
  const owner = await OwnerProcess.open(files, site, handClock(LATER_MS), randomFrom(numbers), openWorkingSet);
  opened.push(owner);
  return owner;
}

/** What the journal has are the changes up to the last one, each once, and the last of each record is the record. */
function checkJournal(files: Files, upTo: number, { records }: State): void {
  const reader = new JournalReader(files, join(DIRECTORY, 'journal'));
  let next = reader.firstSequence(upTo);
  const last = new Map<string, string | undefined>();
  const changes = reader.changes(next - 1, upTo);
  for (let step = changes.next(); step.done !== true; step = changes.next()) {
    const { kind, key, type, sequence, image } = step.value;
    assert.equal(sequence, next, 'the journal has every change once, in order');
    next += 1;
    last.set(`${kind}/${key}`, type === 'deleted' ? undefined : `${sequence} ${Buffer.from(image).toString('utf8')}`);
  }
  assert.equal(next, upTo + 1, 'the journal ends with the last change');
  for (const [place, text] of last) assert.equal(records.get(place), text, `what the journal has of ${place}`);
}

async function checkPrivate(owner: OwnerProcess, { secrets, answers }: State): Promise<void> {
  assert.deepEqual(await owner.secrets(), secrets);
  for (const [key, revision] of answers) {
    const [again] = await owner.batch([rememberedWrite(key, Number(key.slice('key '.length)))]);
    assert(again?.ok === true, `the answer to ${key} is forgotten: ${JSON.stringify(again)}`);
    const { replay } = again.value as { replay?: { revision: number } };
    assert.equal(replay?.revision, revision, `the write of ${key} was done twice`);
  }
}

/** Nothing is left to be done but to make sure that it is on disk. */
async function checkSecondRecovery(checker: CutChecker, disk: SimulatedDisk, sequence: number, state: State, numbers: Prng): Promise<void> {
  const before = disk.changes.length;
  const owner = await openAgain(checker, checker.between(disk.files()), numbers);
  assert.equal(owner.status.sequence, sequence, 'a second recovery finds the same');
  assert.equal(owner.difference(state.records), undefined);
  const made = disk.changes.slice(before).filter(({ type }) => type !== 'sync-file' && type !== 'sync-directory');
  assert.deepEqual(
    made.map(({ type }) => type),
    [],
    'a second recovery changes nothing',
  );
}

/** The journal reaches back to the second newest: the newest snapshot can be lost with everything in it. */
async function checkWithoutNewestSnapshot(
  checker: CutChecker,
  up: SimulatedDisk,
  image: DiskImage,
  sequence: number,
  state: State,
  numbers: Prng,
): Promise<void> {
  const disk = new SimulatedDisk(powerCut(image, up.changes, up.changes.length, numbers));
  const files = disk.files();
  const [newest] = visibleSnapshots(files);
  if (newest === undefined) return;
  removeSnapshot(files, newest);
  const owner = await openAgain(checker, checker.between(files), numbers);
  assert.equal(owner.status.sequence, sequence, 'without the newest snapshot');
  assert.equal(owner.difference(state.records), undefined);
}

/** Writes on, and cuts the power again. */
async function goOn(checker: CutChecker, disk: SimulatedDisk, owner: OwnerProcess, found: Expectation, numbers: Prng, depth: number): Promise<void> {
  if (depth >= CUTS_IN_A_ROW_MAX) return;
  const before = disk.changes.length;
  const results = await owner.batch(batchOf(numbers, 9_000_000 + depth));
  for (const result of results) assert(result.ok || result.fault.code !== 'outcome-unknown', messageOf(JSON.stringify(result)));
  const { sequence, durableSequence } = owner.status;
  const state: State = { records: owner.records(), secrets: await owner.secrets(), answers: new Map() };
  const until = before + numbers.below(disk.changes.length - before + 1);
  const isTold = until === disk.changes.length;
  const told = checker.site.journalSync === 'always' ? sequence : durableSequence;
  const states = new Map([...found.states, [sequence, state] as const].filter(([reached]) => !isTold || reached >= told));
  await checkCut(checker, powerCut(disk.base, disk.changes, until, numbers), { ...found, floor: isTold ? told : found.floor, states }, numbers, depth + 1);
}
