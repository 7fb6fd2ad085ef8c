import { statfsSync, statSync } from 'node:fs';
import { loadKinds } from '../../schemas/registry.ts';
import { systemClock } from '../clock.ts';
import { StartFailure } from '../faults.ts';
import { readStoreKeys, readTokenSecret, refuseNewKey, type StoreKeys } from '../keys.ts';
import { checkDirectory, lockDirectory, lockToLook } from '../lock.ts';
import { systemRandom } from '../random.ts';
import { type Contents, contentsOf, type Prognosis, prognosisOf } from '../store/doctor/diagnosis.ts';
import { putAside } from '../store/doctor/put-aside.ts';
import { salvage } from '../store/doctor/salvage.ts';
import { type DoctorParts, tryStart } from '../store/doctor/try-start.ts';
import { openDuckDb } from '../store/duckdb-working-set.ts';
import { realFiles } from '../store/files.ts';
import { Vault } from '../store/vault.ts';
import { printContents, printPrognosis } from './doctor-text.ts';
import { CliFailure, EXIT } from './failure.ts';
import { printJson, say } from './output.ts';

export interface DoctorOptions {
  readonly directory: string;
  readonly schemaDirectory: string | undefined;
  readonly json: boolean;
  readonly repair: boolean;
  readonly dropDamaged: boolean;
  readonly salvage: string | undefined;
}

export interface Report {
  readonly directory: string;
  readonly freeBytes: number;
  /** The process that has the folder; then nothing else is said of a start. */
  readonly inUseBy?: string;
  /** Why a start would end before it looks at journal and snapshots. */
  readonly refused?: string;
  readonly contents: Contents;
  readonly prognosis?: Prognosis;
}

/** `mends`: a start would change something. `refused`: there would be none. */
const DOCTOR_EXIT = { sound: 0, mends: 1, refused: 65 } as const;

/** Prints what there is to say. @returns the exit code */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const { directory } = options;
  if (options.dropDamaged && !options.repair) throw new CliFailure(EXIT.usage, '--drop-damaged goes with --repair');
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) throw new CliFailure(EXIT.usage, `there is no folder ${directory}`);
  process.umask(0o077);
  if (options.salvage !== undefined) say(`${salvage(directory, options.salvage)} changes were copied to ${options.salvage}`);
  const lock = options.repair ? lockDirectory(directory) : lockToLook(directory);
  try {
    const report = await look(options, 'holder' in lock ? lock.holder : undefined);
    if (options.json && !options.repair) printJson(report);
    else if (!options.repair) {
      printContents(report);
      printPrognosis(report);
    }
    return options.repair ? await repair(options, report) : exitCodeOf(report);
  } finally {
    if ('release' in lock) lock.release();
  }
}

function exitCodeOf({ inUseBy, refused, contents, prognosis }: Report): number {
  if (inUseBy !== undefined)
    return contents.segments.some(({ problem }) => problem !== undefined) || contents.snapshots.some(({ problem }) => problem !== undefined) ? 1 : 0;
  if (refused !== undefined || prognosis?.start.starts === false) return DOCTOR_EXIT.refused;
  return (prognosis?.acts.length ?? 0) > 0 ? DOCTOR_EXIT.mends : DOCTOR_EXIT.sound;
}

async function look(options: DoctorOptions, inUseBy: string | undefined): Promise<Report> {
  const { directory } = options;
  const { bavail, bsize } = statfsSync(directory);
  const { keys, refused } = keysOf(directory);
  const vault = keys === undefined ? undefined : vaultOf(keys);
  const report = { directory, freeBytes: bavail * bsize, contents: contentsOf(directory, vault) };
  if (inUseBy !== undefined) return { ...report, inUseBy };
  if (refused !== undefined) return { ...report, refused };
  // Without any data there is no key, and none is needed to see that.
  return { ...report, prognosis: await prognosisOf(await partsOf(options, vault ?? vaultOf([Buffer.alloc(32)]))) };
}

/** What a start checks before the store. */
function keysOf(directory: string): { keys?: StoreKeys; refused?: string } {
  try {
    checkDirectory(directory);
    const keys = readStoreKeys(directory, process.env);
    if (keys === undefined) refuseNewKey(directory);
    readTokenSecret(directory);
    return keys === undefined ? {} : { keys };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { refused: error.message };
  }
}

function vaultOf([key, ...older]: StoreKeys): Vault {
  return new Vault(key, systemRandom(), older);
}

async function partsOf({ directory, schemaDirectory }: DoctorOptions, vault: Vault): Promise<DoctorParts> {
  return { directory, clock: systemClock, random: systemRandom(), kinds: await loadKinds(schemaDirectory), openWorkingSet: openDuckDb, vault };
}

/** Does what a start would do to the files, by starting the store and ending it again. */
async function repair(options: DoctorOptions, { refused, prognosis }: Report): Promise<number> {
  const told = (code: number, result: Readonly<Record<string, unknown>>, text: string): number => {
    if (options.json) printJson(result);
    else process.stdout.write(`${text}\n`);
    return code;
  };
  if (refused !== undefined || prognosis === undefined) return told(DOCTOR_EXIT.refused, { refused }, `nothing was done: ${refused}`);
  const { start, override, acts } = prognosis;
  if (start.starts && acts.length === 0) return told(DOCTOR_EXIT.sound, { done: [] }, 'there is nothing to mend');
  const keys = readStoreKeys(options.directory, process.env);
  if (keys === undefined) return told(DOCTOR_EXIT.sound, { done: [] }, 'there is nothing to mend');
  const parts = await partsOf(options, vaultOf(keys));
  let aside: string | undefined;
  if (!start.starts) {
    if (!options.dropDamaged || override?.possible !== true) {
      printPrognosisUnlessJson(options, { prognosis });
      return told(DOCTOR_EXIT.refused, { refused: start.message, ...(override === undefined ? {} : { override }) }, 'nothing was done');
    }
    aside = putAside(realFiles, options.directory, systemClock, override.aside);
  }
  const lost = override?.possible === true ? override.lost : undefined;
  const after = await tryStart(parts, realFiles);
  if (!after.starts) return told(DOCTOR_EXIT.refused, { aside, refused: after.message }, `a start is still refused: ${after.message}`);
  const lines = [
    ...(aside === undefined ? [] : [`what could not be used is in ${aside}`]),
    ...(lost === undefined ? [] : [`dropped: the changes ${lost.from} to ${lost.to}, of which ${lost.readable} can be read: ${lost.records.join(', ')}`]),
    ...after.told,
    `a start has everything up to change ${after.sequence}`,
  ];
  return told(DOCTOR_EXIT.sound, { aside, dropped: lost, told: after.told, sequence: after.sequence, epoch: after.epoch }, lines.join('\n'));
}

function printPrognosisUnlessJson({ json }: DoctorOptions, report: Pick<Report, 'prognosis'>): void {
  if (!json) printPrognosis(report);
}
