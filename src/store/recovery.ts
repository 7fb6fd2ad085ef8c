import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../faults.ts';
import type { LogLine } from '../protocol/commands.ts';
import type { Random } from '../random.ts';
import type { Files } from './files.ts';
import type { FrameContent } from './frame.ts';
import { identityOf, type JournalEnd, type JournalIdentity, refuseDamage, segmentNames } from './journal.ts';
import { FORMAT_VERSION } from './journal-format.ts';
import { damageOf, nameOfFolder, PRIVATE_NAME, readManifest, sha256 } from './manifest.ts';
import { openPrivatePart, type PrivatePart } from './private-part.ts';
import { replayJournal } from './replay.ts';
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
  readonly log: readonly LogLine[];
  /** Those whose manifests are intact. */
  readonly snapshots: readonly KeptSnapshot[];
}

/** @throws StartFailure with what is wrong and what can be done. */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const { files, vault, clock } = parts;
  const startMs = clock.monotonicMs();
  files.makeDirectory(parts.journalDirectory);
  files.makeDirectory(parts.snapshotDirectory);
  removeLeftovers(files, parts.snapshotDirectory);
  const log: LogLine[] = [];
  const { snapshot, broken, read } = newestValid(files, parts.snapshotDirectory);
  if (snapshot === undefined && broken.length > 0 && segmentNames(files, parts.journalDirectory).length === 0) {
    refuseDamage(
      `none of the ${broken.length} snapshots can be used (${broken.map(({ folder, reason }) => `${folder}: ${reason}`).join('; ')}) and there is no journal. Put an intact snapshot back, or start with --restore=false to set this data aside.`,
    );
  }
  const known = snapshot?.manifest ?? identityOf(files, parts.journalDirectory);
  const identity: JournalIdentity = {
    storeId: known?.storeId ?? Buffer.from(parts.random.bytes(16)).toString('hex'),
    keyId: vault.keyId,
    epoch: epochOf(parts, snapshot?.manifest ?? known),
    schemaId: schemaIdOf(parts.kinds),
  };
  if (known !== undefined && !vault.keyIds.has(known.keyId)) {
    refuseDamage('the data folder was written with another store key; give the right one in HOLDFAST_STORE_KEY or in keys/store-key');
  }
  if (snapshot !== undefined) {
    const loading = parts.workingSet.load(snapshot, files);
    // While the tables are read; what it fails with is told below, where it is waited for.
    loading.catch(() => undefined);
    parts.restorePrivatePart(privatePartOf(files, snapshot, vault));
    await loading;
  }
  const loadSeconds = (clock.monotonicMs() - startMs) / 1000;
  const snapshotSequence = snapshot?.manifest.sequence ?? 0;
  const {
    end,
    changes,
    keyIds,
    log: replayLog,
  } = replayJournal(files, parts.journalDirectory, { ...identity, keyIds: vault.keyIds }, snapshotSequence, (frame, _firstSequence, schemaId) =>
    parts.replay(frame, schemaId),
  );
  // Only now: a refused start must leave everything as it was found.
  for (const { folder, reason } of broken) {
    const aside = unusedName(files, parts.snapshotDirectory, `.broken-${folder}`);
    files.rename(join(parts.snapshotDirectory, folder), join(parts.snapshotDirectory, aside));
    log.push({
      level: 'error',
      message: `the snapshot ${folder} cannot be used: ${reason}; it was renamed to ${aside}, and the one before it and the journal were used instead`,
      fields: { snapshot: folder },
    });
  }
  if (broken.length > 0) files.syncDirectory(parts.snapshotDirectory);
  log.push(...replayLog, {
    level: 'info',
    message: `recovered change ${end.nextSequence - 1}: ${snapshot === undefined ? 'no snapshot' : `snapshot ${snapshot.manifest.name}`} and ${changes} changes of the journal`,
    fields: { sequence: end.nextSequence - 1, snapshotSequence, replayedChanges: changes, journalFormat: FORMAT_VERSION },
  });
  const isSealedByOlderKey = [...keyIds, snapshot?.manifest.keyId ?? vault.keyId].some((keyId) => keyId !== vault.keyId);
  return { identity, end, loadSeconds, replayedChanges: changes, isSealedByOlderKey, log, snapshots: read };
}

function unusedName(files: Files, directory: string, name: string): string {
  let unused = name;
  for (let count = 2; files.exists(join(directory, unused)); count++) unused = `${name}-${count}`;
  return unused;
}

/**
 * Sequences that were given out once may not come to mean something else under the same epoch. A new store, and a
 * snapshot that was put back without its journal, begin one: the time in seconds, which is later than any before.
 */
function epochOf({ files, journalDirectory, clock }: RecoveryParts, known: { readonly epoch: number } | undefined): number {
  if (known !== undefined && segmentNames(files, journalDirectory).length > 0) return known.epoch;
  return Math.max((known?.epoch ?? 0) + 1, Math.floor(clock.nowMs() / 1000));
}

/** Changes when any kind's schema does. */
export function schemaIdOf(kinds: readonly Pick<Kind, 'name' | 'schemaHash'>[]): string {
  return sha256(Buffer.from(kinds.map(({ name, schemaHash }) => `${name} ${schemaHash}\n`).join(''))).slice(0, 16);
}

interface BrokenSnapshot {
  readonly folder: string;
  readonly reason: string;
}

function newestValid(
  files: Files,
  directory: string,
): { snapshot: KeptSnapshot | undefined; broken: readonly BrokenSnapshot[]; read: readonly KeptSnapshot[] } {
  const broken: BrokenSnapshot[] = [];
  const candidates: KeptSnapshot[] = [];
  for (const entry of files.list(directory)) {
    if (nameOfFolder(entry) === undefined) continue;
    const folder = join(directory, entry);
    const read = readManifest(files, folder);
    if (read.ok) candidates.push({ folder, manifest: read.manifest, checksum: read.checksum });
    else if (read.future) refuseDamage(`the snapshot ${entry}: ${read.reason}`);
    else broken.push({ folder: entry, reason: read.reason });
  }
  candidates.sort((a, b) => b.manifest.sequence - a.manifest.sequence || (b.manifest.name < a.manifest.name ? -1 : 1));
  for (const candidate of candidates) {
    const damage = damageOf(files, candidate.folder, candidate.manifest);
    if (damage === undefined) return { snapshot: candidate, broken, read: candidates };
    broken.push({ folder: candidate.folder.split('/').at(-1) as string, reason: damage });
  }
  return { snapshot: undefined, broken, read: candidates };
}

function privatePartOf(files: Files, { folder, manifest }: KeptSnapshot, vault: Vault): PrivatePart {
  try {
    return openPrivatePart(files.readAll(join(folder, PRIVATE_NAME)), manifest.format, manifest.sequence, vault);
  } catch (error) {
    return refuseDamage(`the secrets of snapshot ${manifest.name} cannot be opened with this store key: ${messageOf(error)}`);
  }
}
