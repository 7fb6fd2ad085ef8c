import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, StartFailure } from '../../../src/faults.ts';
import { type Files, realFiles } from '../../../src/store/files.ts';
import { damageOf, nameOfFolder, readManifest } from '../../../src/store/manifest.ts';
import { type FileCall, troubledFiles } from '../../store/failing-files.ts';
import { onlyKinds, Rig, type RigOptions, withRig } from '../../store/rig.ts';
import { folderInMemory, removeFolder } from '../../support/folders.ts';
import { plainTables } from '../plain-tables.ts';
import { type FaultForm, FORMS, troubleAt } from './combinations.ts';
import { Ledger } from './ledger.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { answered, Steps } from './steps.ts';

/** Every call to the file system fails once, in every way that fits it; what was acknowledged is there after a restart. */

/** Plain ones are faster by far, and their files fail like all others; DuckDB writes its own where no fault is put in. */
export type Tables = 'plain' | 'duckdb';

const KINDS = onlyKinds('Component');

interface Prepared {
  readonly scenario: Scenario;
  readonly tables: Tables;
  readonly directory: string;
  readonly ledger: Ledger;
}

export interface Combination {
  readonly prepared: Prepared;
  /** The call that fails, counted from the start of the store. */
  readonly at: number;
  readonly call: FileCall;
  readonly form: FaultForm;
}

export async function combinationsOf(tables: Tables): Promise<readonly Combination[]> {
  const all: Combination[] = [];
  for (const scenario of SCENARIOS) {
    const prepared = { scenario, tables, ...(await scenario.prepare(optionsOf({ scenario, tables }, realFiles))) };
    const calls = await callsOf(prepared);
    for (const [at, call] of calls.entries()) {
      for (const form of FORMS) if (form.fits(call.name)) all.push({ prepared, at, call, form });
    }
  }
  return all;
}

function optionsOf({ scenario, tables }: Pick<Prepared, 'scenario' | 'tables'>, files: Files): RigOptions {
  return { kinds: KINDS, files, ...(tables === 'plain' ? { openWorkingSet: plainTables(files) } : {}), ...scenario.options };
}

export function describe({ prepared, at, call, form }: Combination): string {
  return `${prepared.scenario.name}: call ${at}, ${call.name} of ${call.path.split('/').slice(-2).join('/')}: ${form.name}`;
}

/** A run in which nothing fails: the calls that can. */
async function callsOf(prepared: Prepared): Promise<readonly FileCall[]> {
  const disk = troubledFiles();
  const { directory, ledger } = copyOf(prepared);
  await withRig(Rig.open(directory, optionsOf(prepared, disk.files)), (rig) => prepared.scenario.run(new Steps(rig, ledger)));
  removeFolder(directory);
  return disk.calls;
}

/** @throws AssertionError where an invariant does not hold. */
export async function runCombination({ prepared, at, form }: Combination): Promise<void> {
  const { directory, ledger } = copyOf(prepared);
  try {
    const disk = troubledFiles(troubleAt(at, form));
    disk.tornWriteBytes = form.tornWriteBytes;
    const rig = await openOrFail(directory, optionsOf(prepared, disk.files));
    if (rig !== undefined) await runTroubled(rig, disk, prepared, ledger, at);
    // Where the start failed, what was damaged before stands as it was.
    const known = damagedSnapshots(prepared.directory);
    const damaged = damagedSnapshots(directory).filter((each) => !known.includes(each));
    assert.deepEqual(damaged, [], 'snapshots in sight are whole');
    await expectAll(directory, optionsOf(prepared, realFiles), ledger);
  } finally {
    removeFolder(directory);
  }
}

async function runTroubled(rig: Rig, disk: ReturnType<typeof troubledFiles>, { scenario }: Prepared, ledger: Ledger, at: number): Promise<void> {
  const steps = new Steps(rig, ledger);
  await scenario.run(steps);
  if (disk.calls.length > at) {
    disk.trouble = undefined;
    if (rig.status.fatal === undefined) {
      await ledger.compare(rig);
      await steps.put('x90c0', 'when the disk was well again');
      assert.equal(ledger.allowed('x90c0').size, 1);
      assert(!ledger.allowed('x90c0').has(undefined), 'writes come back by themselves');
    } else {
      expectNothingAfterTheEnd(disk.calls, at);
    }
  }
  await rig.ask('store.close', {});
}

/** A journal whose end is unknown is not touched again by this process. */
function expectNothingAfterTheEnd(calls: readonly FileCall[], at: number): void {
  const failed = calls[at];
  if (failed?.name !== 'syncFile' || !failed.path.endsWith('.journal')) return;
  const later = calls.slice(at + 1).filter(({ name, path }) => path.endsWith('.journal') && ['write', 'syncFile', 'remove', 'truncate'].includes(name));
  assert.deepEqual(
    later.map(({ name, path }) => `${name} ${path}`),
    [],
    'after a failed fdatasync',
  );
}

function copyOf({ directory: origin, ledger }: Prepared): { directory: string; ledger: Ledger } {
  const directory = folderInMemory();
  cpSync(origin, directory, { recursive: true });
  return { directory, ledger: new Ledger(ledger) };
}

/** A start that meets a broken disk fails as a whole. */
async function openOrFail(directory: string, options: RigOptions): Promise<Rig | undefined> {
  try {
    return await Rig.open(directory, options);
  } catch (error) {
    assert(error instanceof StartFailure || /injected/.test(messageOf(error)), messageOf(error));
    return undefined;
  }
}

async function expectAll(directory: string, options: RigOptions, ledger: Ledger): Promise<void> {
  await withRig(Rig.open(directory, options), async (rig) => {
    await ledger.compare(rig);
    if (ledger.remembers) {
      const again = await rig.send('record.create', answered(rig));
      assert(again.ok && 'replay' in again.value, 'an answer was forgotten');
    }
    await new Steps(rig, ledger).put('x99c0', 'after the restart');
    assert(!ledger.allowed('x99c0').has(undefined), 'writes are taken after the restart');
  });
  await withRig(Rig.open(directory, options), async (rig) => {
    await ledger.compare(rig);
    assert.deepEqual(
      rig.log.filter((line) => /cut off|cannot be used/.test(line)),
      [],
      'the second start finds nothing to mend',
    );
  });
}

/** Of those that are in sight. */
function damagedSnapshots(directory: string): readonly string[] {
  const folder = join(directory, 'snapshots');
  // The very first start may have failed before it made one.
  const entries = existsSync(folder) ? readdirSync(folder).filter((entry) => nameOfFolder(entry) !== undefined) : [];
  return entries.flatMap((entry) => {
    const read = readManifest(realFiles, join(folder, entry));
    const damage = read.ok ? damageOf(realFiles, join(folder, entry), read.manifest) : read.reason;
    return damage === undefined ? [] : [`${entry}: ${damage}`];
  });
}
