import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Result } from '../../src/faults.ts';
import { Archive } from '../../src/past/archive.ts';
import { PAST_LIMITS } from '../../src/past/limits.ts';
import type { PastState } from '../../src/past/past-state.ts';
import { PastStates } from '../../src/past/past-states.ts';
import { Timeline } from '../../src/past/timeline.ts';
import type { Present } from '../../src/protocol/past.ts';
import { realFiles } from '../../src/store/files.ts';
import { JournalReader } from '../../src/store/journal-reader.ts';
import { INTERNAL_KINDS } from '../../src/store/reservations/kind.ts';
import { fault, onlyKinds, Rig, value } from '../store/rig.ts';

/** The few states that are in memory, when one of them is held. */

interface StatesRig {
  readonly rig: Rig;
  readonly states: PastStates;
  readonly present: () => Present;
  use<T>(sequence: number, work: (state: PastState) => Promise<T>): Promise<Result<T>>;
}

/** @returns a store of three changes, and states of it. */
async function statesRig(): Promise<StatesRig> {
  const rig = await Rig.open(undefined, { kinds: onlyKinds('Component'), journalKeepBytes: 1024 ** 3 });
  for (const ID of ['x1c0s0b0n0', 'x1c0s1b0n0', 'x1c0s2b0n0']) await rig.created('Component', { ID, Type: 'Node', State: 'On' });
  const archive = new Archive(realFiles, rig.snapshotDirectory, () => undefined);
  const journal = new JournalReader(realFiles, rig.journalDirectory);
  const timeline = new Timeline(archive, journal, [...INTERNAL_KINDS, ...rig.kinds.all]);
  const states = new PastStates({ archive, journal, clock: rig.clock, limits: PAST_LIMITS }, timeline);
  const present = (): Present => ({ sequence: rig.status.sequence, storeId: rig.status.storeId, timeMs: rig.clock.nowMs() });
  return { rig, states, present, use: (sequence, work) => states.use(sequence, present(), work) };
}

test('a state that does not fit beside the one that is held is a matter of memory, and not of what is kept', async () => {
  const { rig, states, use } = await statesRig();
  states.hold(1);
  value(await use(1, (state) => state.ask('Component', Number.POSITIVE_INFINITY, async () => undefined)));
  const full = (): Promise<never> => Promise.reject(new Error('Out of Memory Error: failed to allocate data'));
  assert.match(fault(await use(2, full), 'overloaded').detail, /beside the one that a restore goes back to/);
  states.hold(undefined);
  fault(await use(2, full), 'overloaded');
  value(await use(2, async () => undefined));
  await states.close();
  await rig.close();
});

test('a hold that is never ended expires, and closing ends it', async () => {
  const { rig, states, use } = await statesRig();
  await rig.created('Component', { ID: 'x1c0s3b0n0', Type: 'Node', State: 'On' });
  const load = async (...sequences: readonly number[]): Promise<boolean> => {
    for (const sequence of sequences) value(await use(sequence, (state) => state.ask('Component', Number.POSITIVE_INFINITY, async () => undefined)));
    return states.ready(1, 'Component') !== undefined;
  };
  states.hold(1);
  assert.equal(await load(1, 2, 3, 4), true, 'held');
  rig.clock.ms += 400_000;
  await load(1);
  rig.clock.ms += 400_000;
  assert.equal(await load(2, 3, 4), true, 'held since it was used last');
  rig.clock.ms += 400_000;
  assert.equal(await load(2, 3, 4), false);
  states.hold(1);
  await load(1);
  await states.close();
  assert.equal(await load(1, 2, 3, 4), false);
  await states.close();
  await rig.close();
});
