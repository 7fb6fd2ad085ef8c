import { statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { messageOf } from '../../faults.ts';
import { realFiles } from '../files.ts';
import { damageOf, type Manifest, nameOfFolder, PRIVATE_NAME, readManifest } from '../manifest.ts';
import { openPrivatePart } from '../private-part.ts';
import { headersOf, segmentNames } from '../segments.ts';
import { isLeftover } from '../snapshot.ts';
import type { Vault } from '../vault.ts';
import { type Override, planOverride } from './override.ts';
import { type FileAct, PretendedFiles } from './pretended-files.ts';
import { type ScannedSegment, scanSegment } from './segment-scan.ts';
import { type DoctorParts, tryStart, type Verdict } from './try-start.ts';

/** What is in the store of a data folder, and what a start would make of it. Looking changes nothing. */

export interface ScannedSnapshot {
  readonly name: string;
  readonly sequence?: number;
  readonly time?: string;
  readonly bytes?: number;
  readonly rows?: Readonly<Record<string, number>>;
  /** Why a start would set it aside, or could not use it. */
  readonly problem?: string;
}

export interface Contents {
  readonly storeId?: string;
  readonly epoch?: number;
  /** Whether the store key is one that the data was written with; undefined when there is no data, or no key. */
  readonly keyFits?: boolean;
  readonly segments: readonly ScannedSegment[];
  readonly snapshots: readonly ScannedSnapshot[];
  /** Snapshots that an earlier start set aside. */
  readonly brokenBefore: readonly string[];
  /** What crashes left. */
  readonly leftovers: readonly string[];
  /** Files and folders that others can read or write. */
  readonly openToOthers: readonly string[];
}

export function contentsOf(directory: string, vault: Vault | undefined): Contents {
  const journal = join(directory, 'journal');
  const snapshots = join(directory, 'snapshots');
  const entries = listed(snapshots);
  const header = headersOrNone(journal).at(-1);
  const scanned = entries.filter((entry) => nameOfFolder(entry) !== undefined).sort();
  const manifests = scanned.map((entry) => readManifest(realFiles, join(snapshots, entry)));
  const identity = header ?? manifests.findLast((read) => read.ok)?.manifest;
  return {
    ...(identity === undefined ? {} : { storeId: identity.storeId, epoch: identity.epoch }),
    ...(identity === undefined || vault === undefined ? {} : { keyFits: vault.keyIds.has(identity.keyId) }),
    segments: segmentNamesOrNone(journal).map((name) => scanSegment(realFiles, journal, name)),
    snapshots: scanned.map((entry) => scanSnapshot(join(snapshots, entry), vault)),
    brokenBefore: entries.filter((entry) => entry.startsWith('.broken-')),
    leftovers: entries.filter(isLeftover),
    openToOthers: ['', 'keys', 'keys/store-key', 'keys/token-secret', 'journal', 'snapshots'].filter((name) => isOpenToOthers(join(directory, name))),
  };
}

export interface Prognosis {
  readonly start: Verdict;
  /** What a start would do to the files, and `--repair` does. */
  readonly acts: readonly FileAct[];
  /** Of a start that is refused because of damage. */
  readonly override?: Override;
}

export async function prognosisOf(parts: DoctorParts): Promise<Prognosis> {
  const files = new PretendedFiles(realFiles);
  const start = await tryStart(parts, files);
  // Folders that every start makes are nothing to mend.
  const acts = files.acts.filter(({ act }) => act !== 'make').map((act): FileAct => ({ ...act, path: relative(parts.directory, act.path) }));
  if (start.starts || start.damage === undefined) return { start, acts };
  return { start, acts, override: await planOverride(parts, start) };
}

function scanSnapshot(folder: string, vault: Vault | undefined): ScannedSnapshot {
  const name = nameOfFolder(basename(folder)) ?? '';
  try {
    const read = readManifest(realFiles, folder);
    if (!read.ok) return { name, problem: read.reason };
    const { manifest } = read;
    const problem = damageOf(realFiles, folder, manifest) ?? sealedFrom(folder, manifest, vault);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    const rows = Object.fromEntries(Object.entries(manifest.kinds).map(([kind, entry]) => [kind, entry.rows]));
    return { name, sequence: manifest.sequence, time: manifest.time, bytes, rows, ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    return { name, problem: messageOf(error) };
  }
}

function sealedFrom(folder: string, manifest: Manifest, vault: Vault | undefined): string | undefined {
  if (vault === undefined) return undefined;
  try {
    openPrivatePart(realFiles.readAll(join(folder, PRIVATE_NAME)), manifest.format, manifest.sequence, vault);
    return undefined;
  } catch (error) {
    return `its secrets cannot be opened with this store key: ${messageOf(error)}`;
  }
}

/** What cannot be listed is told by the start that is tried. */
function listed(directory: string): readonly string[] {
  try {
    return realFiles.exists(directory) ? [...realFiles.list(directory)].sort() : [];
  } catch {
    return [];
  }
}

function segmentNamesOrNone(journal: string): readonly string[] {
  return listed(journal).length === 0 ? [] : segmentNames(realFiles, journal);
}

function headersOrNone(journal: string): ReturnType<typeof headersOf> {
  return listed(journal).length === 0 ? [] : headersOf(realFiles, journal);
}

function isOpenToOthers(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & 0o077) !== 0;
}
