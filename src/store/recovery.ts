import { basename, dirname, join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import { messageOf, StartFailure, systemCodeOf } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import type { Random } from '../random.ts';
import { refuseDamage, WAY_OUT } from './data-refused.ts';
import { beginEpoch, epochAfter, isEpochOwed, oweEpoch } from './epoch.ts';
import type { Files } from './files.ts';
import type { FrameContent } from './frame.ts';
import type { JournalEnd } from './journal.ts';
import { FORMAT_VERSION } from './journal-format.ts';
import { damageOf, nameOfFolder, PRIVATE_NAME, readManifest, sequenceInName, sha256 } from './manifest.ts';
import { openPrivatePart, type PrivatePart } from './private-part.ts';
import { mendJournal, replayJournal } from './replay.ts';
import { headersOf, identityOf, type JournalIdentity, segmentNames } from './segments.ts';
import { type KeptSnapshot, removeLeftovers } from './snapshot.ts';
import type { Vault } from './vault.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * Recovery = restore + replay: the newest snapshot whose checksums hold, then every change of the journal after it.
 * Worst case: none can be trusted to reach back to what the journal has; then the start is refused, never begun empty.
 */

export interface RecoveryParts {
  readonly journalDirectory: string;
  readonly snapshotDirectory: string;
  readonly files: Files;
  readonly kinds: readonly Kind[];
  readonly workingSet: WorkingSet;
  readonly vault: Vault;
  readonly random: Random;
  readonly clock: Clock;
  /** Called often until the first change is made to the folder; what it throws ends the recovery. */
  goOn(): void;
  /** Takes a replayed frame, in order, after the tables of the snapshot are loaded. */
  replay(frame: FrameContent, schemaId: string): void;
  /** Takes the private part of the snapshot, before the replay. */
  restorePrivatePart(part: PrivatePart): void;
}

export interface Recovered {
  readonly identity: JournalIdentity;
  readonly end: JournalEnd;
  readonly loadSeconds: number;
  readonly replayedChanges: number;
  /** Some of the secrets were sealed with an older store key. */
  readonly isSealedByOlderKey: boolean;
  /** The name of the one that was loaded. */
  readonly snapshot: string | undefined;
  /** Of the journal's end: the last write, unfinished or damaged. */
  readonly cutBytes: number;
  readonly brokenSnapshots: number;
  readonly log: readonly LogLine[];
  /** Those whose manifests are intact. */
  readonly snapshots: readonly KeptSnapshot[];
}

/** @throws StartFailure with what is wrong and what can be done; then everything is as it was found. */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  try {
    return await recoverReadable(parts);
  } catch (error) {
    if (!MISPLACED.has(systemCodeOf(error) ?? '')) throw error;
    throw new StartFailure(`the data folder cannot be used: ${messageOf(error)}`);
  }
}

/** A file stands where a folder should, or a link leads nowhere: no disk has failed, and trying again does not help. */
const MISPLACED: ReadonlySet<string> = new Set(['ENOTDIR', 'EEXIST', 'ELOOP']);

async function recoverReadable(parts: RecoveryParts): Promise<Recovered> {
  const { files, clock, journalDirectory, snapshotDirectory } = parts;
  const startMs = clock.monotonicMs();
  const chosen = chooseSnapshot(parts, new Set(headersOf(files, journalDirectory).map(({ storeId }) => storeId)));
  const { snapshot, broken } = chosen;
  if (snapshot === undefined && broken.length > 0 && segmentNames(files, journalDirectory).length === 0) {
    refuseDamage(
      `none of the ${broken.length} snapshots can be used (${broken.map(({ folder, reason }) => `${folder}: ${reason}`).join('; ')}) and there is no journal. Put an intact snapshot back, or start with --restore=false to set this data aside.`,
    );
  }
  const identity = identify(parts, snapshot);
  if (snapshot !== undefined) await loadSnapshot(parts, snapshot);
  const loadSeconds = (clock.monotonicMs() - startMs) / 1000;
  const snapshotSequence = snapshot?.manifest.sequence ?? 0;
  const take = (frame: FrameContent, _firstSequence: number, schemaId: string): void => parts.replay(frame, schemaId);
  const owned = { ...identity, keyIds: parts.vault.keyIds };
  const replayed = replayJournal(files, journalDirectory, owned, snapshotSequence, take, () => parts.goOn());
  refuseLost(chosen, replayed.end.nextSequence - 1);
  // Only now: a refused start must leave everything as it was found.
  files.makeDirectory(journalDirectory);
  files.makeDirectory(snapshotDirectory);
  const endsEpoch = replayed.mending.endsEpoch || isEpochOwed(files, journalDirectory);
  if (endsEpoch) oweEpoch(files, journalDirectory);
  mendJournal(files, journalDirectory, replayed.mending);
  const begun = endsEpoch ? newEpoch(parts, identity, replayed.end) : { identity, end: replayed.end };
  const log = [...setBrokenAside(files, snapshotDirectory, broken), ...replayed.log];
  removeLeftovers(files, snapshotDirectory);
  // Names that a killed process left in the cache could still vanish, and segments and snapshots with them.
  for (const directory of [dirname(journalDirectory), journalDirectory, snapshotDirectory]) files.syncDirectory(directory);
  const { changes, mending, end } = replayed;
  log.push({
    level: 'info',
    message: `recovered change ${end.nextSequence - 1}: ${snapshot === undefined ? 'no snapshot' : `snapshot ${snapshot.manifest.name}`} and ${changes} changes of the journal`,
    fields: { sequence: end.nextSequence - 1, snapshotSequence, replayedChanges: changes, journalFormat: FORMAT_VERSION },
  });
  const isSealedByOlderKey = [...replayed.keyIds, snapshot?.manifest.keyId ?? identity.keyId].some((keyId) => keyId !== identity.keyId);
  const cutBytes = mending.last === undefined ? 0 : mending.last.foundBytes - mending.last.goodBytes;
  return {
    ...begun,
    loadSeconds,
    replayedChanges: changes,
    cutBytes,
    brokenSnapshots: broken.length,
    snapshot: snapshot?.manifest.name,
    isSealedByOlderKey,
    log,
    snapshots: chosen.read,
  };
}

/** Whose data it is, and that this is the key for it. */
function identify(parts: RecoveryParts, snapshot: KeptSnapshot | undefined): JournalIdentity {
  const { files, vault, journalDirectory } = parts;
  const journal = identityOf(files, journalDirectory);
  const known = snapshot?.manifest ?? journal;
  if (known !== undefined && !vault.keyIds.has(known.keyId)) {
    refuseDamage('the data folder was written with another store key; give the right one in HOLDFAST_STORE_KEY or in keys/store-key');
  }
  return {
    storeId: known?.storeId ?? Buffer.from(parts.random.bytes(16)).toString('hex'),
    keyId: vault.keyId,
    epoch: epochOf(parts, Math.max(snapshot?.manifest.epoch ?? 0, journal?.epoch ?? 0)),
    schemaId: schemaIdOf(parts.kinds),
  };
}

async function loadSnapshot(parts: RecoveryParts, snapshot: KeptSnapshot): Promise<void> {
  const loading = parts.workingSet.load(snapshot, parts.files);
  // While the tables are read; what it fails with is told below, where it is waited for.
  loading.catch(() => undefined);
  parts.restorePrivatePart(privatePartOf(parts.files, snapshot, parts.vault));
  try {
    await loading;
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    refuseDamage(`the snapshot ${snapshot.manifest.name} cannot be loaded: ${messageOf(error)}. ${WAY_OUT}`, {
      type: 'snapshots',
      folders: [basename(snapshot.folder)],
    });
  }
}

/** A damaged snapshot still says how far the data went: an older state must not pass for all of it. */
function refuseLost({ broken }: ChosenSnapshot, lastSequence: number): void {
  const beyond = broken.filter(({ sequence }) => sequence > lastSequence);
  const [first] = beyond;
  if (first === undefined) return;
  refuseDamage(
    `the snapshot ${first.folder} cannot be used (${first.reason}), and without it only change ${lastSequence} can be reached: the journal does not go as far as that snapshot, ${first.sequence}. ${WAY_OUT}`,
    { type: 'snapshots', folders: beyond.map(({ folder }) => folder) },
  );
}

function newEpoch(parts: RecoveryParts, before: JournalIdentity, end: JournalEnd): { identity: JournalIdentity; end: JournalEnd } {
  const identity = { ...before, epoch: epochAfter(before.epoch, parts.clock) };
  return { identity, end: beginEpoch(parts.files, parts.journalDirectory, identity, end) };
}

function setBrokenAside(files: Files, directory: string, broken: readonly BrokenSnapshot[]): LogLine[] {
  const log = broken.map(({ folder, reason }): LogLine => {
    const aside = unusedName(files, directory, `.broken-${folder}`);
    files.rename(join(directory, folder), join(directory, aside));
    return {
      level: 'error',
      message: `the snapshot ${folder} cannot be used: ${reason}; it was renamed to ${aside}, and the one before it and the journal were used instead`,
      fields: { snapshot: folder },
    };
  });
  if (broken.length > 0) files.syncDirectory(directory);
  return log;
}

function unusedName(files: Files, directory: string, name: string): string {
  let unused = name;
  for (let count = 2; files.exists(join(directory, unused)); count++) unused = `${name}-${count}`;
  return unused;
}

/**
 * Sequences that were given out once may not come to mean something else under the same epoch. A new store, and a
 * snapshot that was put back without its journal, begin one.
 * @param known the latest that the data tells of, 0 when none
 */
function epochOf({ files, journalDirectory, clock }: RecoveryParts, known: number): number {
  return known > 0 && segmentNames(files, journalDirectory).length > 0 ? known : epochAfter(known, clock);
}

/** Changes when any kind's schema does. */
export function schemaIdOf(kinds: readonly Pick<Kind, 'name' | 'schemaHash'>[]): string {
  return sha256(Buffer.from(kinds.map(({ name, schemaHash }) => `${name} ${schemaHash}\n`).join(''))).slice(0, 16);
}

interface BrokenSnapshot {
  readonly folder: string;
  readonly reason: string;
  /** How far it says that the data went; by its name, when it says nothing else. */
  readonly sequence: number;
}

interface ChosenSnapshot {
  readonly snapshot: KeptSnapshot | undefined;
  /** Those that would have been chosen before it. */
  readonly broken: readonly BrokenSnapshot[];
  /** Those whose manifests are intact. */
  readonly read: readonly KeptSnapshot[];
}

/** The newest whose files are what its manifest says. */
function chooseSnapshot(parts: RecoveryParts, journalOf: ReadonlySet<string>): ChosenSnapshot {
  const { files, snapshotDirectory: directory } = parts;
  const broken: BrokenSnapshot[] = [];
  const candidates: KeptSnapshot[] = [];
  for (const entry of files.exists(directory) ? files.list(directory) : []) {
    parts.goOn();
    const name = nameOfFolder(entry);
    if (name === undefined) continue;
    const folder = join(directory, entry);
    const read = readManifest(files, folder);
    if (read.ok) candidates.push({ folder, manifest: read.manifest, checksum: read.checksum });
    else if (read.future) refuseDamage(`the snapshot ${entry}: ${read.reason}`);
    else broken.push({ folder: entry, reason: read.reason, sequence: sequenceInName(name) });
  }
  candidates.sort((a, b) => b.manifest.sequence - a.manifest.sequence || (b.manifest.name < a.manifest.name ? -1 : 1));
  refuseForeign(candidates, journalOf);
  for (const candidate of candidates) {
    parts.goOn();
    const damage = damageOf(files, candidate.folder, candidate.manifest);
    if (damage === undefined) return { snapshot: candidate, broken, read: candidates };
    broken.push({ folder: basename(candidate.folder), reason: damage, sequence: candidate.manifest.sequence });
  }
  return { snapshot: undefined, broken, read: candidates };
}

/** Sequences of another data folder count other changes: such a snapshot is neither newer nor older than ours. */
function refuseForeign(candidates: readonly KeptSnapshot[], journalOf: ReadonlySet<string>): void {
  const isOurs = ({ manifest }: KeptSnapshot): boolean => journalOf.has(manifest.storeId);
  const hasJournal = journalOf.size > 0;
  const foreign = hasJournal
    ? candidates.filter((each) => !isOurs(each))
    : candidates.filter(({ manifest }) => manifest.storeId !== candidates[0]?.manifest.storeId);
  if (foreign.length === 0) return;
  const folders = foreign.map(({ folder }) => basename(folder));
  refuseDamage(
    `${folders.join(', ')}: of another data folder than the ${hasJournal ? 'journal' : 'newest snapshot'}. Move away what does not belong here.`,
    // Where nothing speaks for either side, nobody but the operator can tell which is the stranger.
    candidates.some(isOurs) ? { type: 'snapshots', folders } : undefined,
  );
}

function privatePartOf(files: Files, { folder, manifest }: KeptSnapshot, vault: Vault): PrivatePart {
  try {
    return openPrivatePart(files.readAll(join(folder, PRIVATE_NAME)), manifest.format, manifest.sequence, vault);
  } catch (error) {
    return refuseDamage(`the secrets of snapshot ${manifest.name} cannot be opened with this store key: ${messageOf(error)}. ${WAY_OUT}`, {
      type: 'snapshots',
      folders: [basename(folder)],
    });
  }
}
