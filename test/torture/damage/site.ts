import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../../../src/faults.ts';
import { onlyKinds, Rig, type RigOptions } from '../../store/rig.ts';
import { folderInMemory } from '../../support/folders.ts';
import { type HandClock, handClock } from '../../support/hand-clock.ts';

/**
 * A small data folder whose every state is known, copies of it to be damaged, and what a start may make of them: all that
 * was acknowledged, all but the last write with a line that says so, or a refusal that changes nothing.
 */

export const OPTIONS: RigOptions = { kinds: onlyKinds('Component') };

export interface Site {
  readonly directory: string;
  /** By sequence: every record as it was after that change. */
  readonly states: readonly ReadonlyMap<string, string>[];
  readonly lastSequence: number;
  /** Of the stretch of changes that one write made, the sequence before it: the last write may be cut off. */
  readonly beforeLastWrite: number;
  /** Oldest first, as folders. */
  readonly snapshots: readonly string[];
  readonly segments: readonly string[];
  readonly epoch: number;
  readonly clock: HandClock;
}

/** Three snapshots, two segments with changes that no snapshot has, updates and deletions among them. */
export async function makeSite(options: RigOptions = OPTIONS, clock: HandClock = handClock()): Promise<Site> {
  const rig = await Rig.open(folderInMemory(), options, clock);
  const states: ReadonlyMap<string, string>[] = [rig.images()];
  const changed = (result: { readonly ok: boolean }): void => {
    assert(result.ok);
    states.push(rig.images());
    assert.equal(states.length - 1, rig.status.sequence, 'each step is one change');
  };
  const create = async (number: number): Promise<void> => changed(await rig.create('Component', { ID: `x${number}c0`, Type: 'Node' }));
  const snapshot = async (): Promise<void> => {
    clock.ms += 1000;
    await rig.snapshot();
  };
  await create(1);
  await create(2);
  await snapshot();
  await create(3);
  changed(await rig.patch('Component', 'x1c0', { State: 'Ready' }));
  await snapshot();
  changed(await rig.remove('Component', 'x2c0'));
  await create(6);
  await snapshot();
  await create(7);
  changed(await rig.patch('Component', 'x3c0', { State: 'Off' }));
  await create(9);
  await rig.close();
  const lastSequence = states.length - 1;
  return {
    directory: rig.directory,
    states,
    lastSequence,
    beforeLastWrite: lastSequence - 1,
    snapshots: rig.snapshots(),
    segments: rig.segments(),
    epoch: rig.status.epoch,
    clock,
  };
}

export function copyOf(directory: string): string {
  const copy = folderInMemory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

/** What a start came to. */
export type Outcome =
  | { readonly type: 'refused'; readonly message: string; readonly exitCode: number }
  | {
      readonly type: 'started';
      readonly sequence: number;
      readonly epoch: number;
      readonly log: readonly string[];
      readonly cutBytes: number;
      readonly brokenSnapshots: number;
    };

/**
 * Starts a store in a damaged copy, twice, and holds it to the rule: what was acknowledged is there, or it is said what is
 * not; nothing is there that never was; a refusal changes nothing; a second start finds nothing more to do.
 * @param leastSequence less than that may not be there: all but the last write, where the files themselves are not shorter
 * @throws when the rule is broken
 */
export async function startTwice(site: Site, copy: string, options: RigOptions = OPTIONS, leastSequence: number = site.beforeLastWrite): Promise<Outcome> {
  const before = treeOf(copy);
  const first = await started(site, copy, options);
  if (first.type === 'refused') {
    assert.deepEqual(treeOf(copy), before, 'a refused start changes nothing');
    return first;
  }
  assert(first.sequence === site.lastSequence || first.sequence === leastSequence, `change ${first.sequence} was recovered, of ${site.lastSequence}`);
  // A file that ends where a write ended looks as it did then.
  if (first.sequence < site.lastSequence && leastSequence === site.beforeLastWrite) {
    assert.match(first.log.join('\n'), /cut off/, 'a change that is missing is told');
    assert(first.cutBytes > 0);
  }
  const after = treeOf(copy);
  const second = await started(site, copy, options);
  assert.deepEqual(second, { ...first, log: [], cutBytes: 0, brokenSnapshots: 0 }, 'the second start has nothing more to say');
  assert.deepEqual(treeOf(copy), after, 'nor to change');
  return first;
}

async function started(site: Site, copy: string, options: RigOptions): Promise<Outcome> {
  let rig: Rig;
  try {
    rig = await Rig.open(copy, options, handClock(site.clock.ms));
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { type: 'refused', message: error.message, exitCode: error.exitCode };
  }
  try {
    const { sequence, epoch } = rig.status;
    assert.deepEqual(rig.images(), site.states[sequence], `the state at change ${sequence}`);
    const [{ recovery, log } = {}] = rig.replies;
    assert(recovery !== undefined && log !== undefined);
    const told = log.filter(({ level }) => level !== 'info').map(({ message }) => message);
    return { type: 'started', sequence, epoch, log: told, cutBytes: recovery.cutBytes, brokenSnapshots: recovery.brokenSnapshots };
  } finally {
    await rig.close();
  }
}

/** Every name and every byte below a folder. */
export function treeOf(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(names.map((name) => [name, contentOf(join(directory, name))]));
}

function contentOf(path: string): string {
  const entry = lstatSync(path);
  if (entry.isSymbolicLink()) return `→ ${readlinkSync(path)}`;
  if (!entry.isFile()) return 'a folder';
  const bytes = readFileSync(path);
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;
}
