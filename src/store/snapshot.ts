import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Kind } from '../../schemas/kind.ts';
import type { Clock } from '../clock.ts';
import type { SnapshotDescription } from '../protocol/commands.ts';
import { type Files, quietly, writeAndSync } from './files.ts';
import type { Base } from './kept-table.ts';
import {
  checksumOf,
  damageOf,
  describe,
  encodeManifest,
  encodeSchemas,
  fileSha256,
  folderOf,
  MANIFEST_FORMAT,
  MANIFEST_NAME,
  type Manifest,
  type ManifestFile,
  type ManifestKind,
  nameOfFolder,
  PRIVATE_NAME,
  readManifest,
  SCHEMAS_NAME,
  SUCCESS_NAME,
  snapshotName,
} from './manifest.ts';
import { type PrivateContents, sealedPrivatePart } from './private-part.ts';
import type { JournalIdentity } from './segments.ts';
import { type Copied, parquetName } from './table-copy.ts';
import { createTable, quoted } from './tables.ts';
import type { Vault } from './vault.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * Takes a snapshot: a consistent cut of all tables at one sequence, in a folder that becomes visible whole or not at all.
 * DuckDB never syncs what it writes, so every file and folder is synced here before the rename.
 */

export interface SnapshotParts {
  readonly kinds: readonly Kind[];
  readonly workingSet: WorkingSet;
  readonly stretchRows: number;
  sequenceNow(): number;
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly identity: JournalIdentity;
  readonly vault: Vault;
  /** What the journal has is on disk after this. @throws when it cannot be */
  syncJournal(): void;
  /** Called at the cut: what the private part is at that moment. */
  privatePart(): PrivateContents;
}

const TEMPORARY_PREFIX = '.tmp-';
const DELETED_PREFIX = '.del-';

/**
 * @param base the snapshot that the tables were loaded from or last written to, from which is taken what has not changed
 * @throws whatever the disk or DuckDB says; nothing of the snapshot is visible then.
 */
export async function takeSnapshot(
  parts: SnapshotParts,
  reason: string,
  note: string | undefined,
  base: KeptSnapshot | undefined,
): Promise<SnapshotDescription> {
  const { directory, files, clock } = parts;
  const startMs = clock.monotonicMs();
  const temporary = join(directory, `${TEMPORARY_PREFIX}${clock.nowMs()}`);
  // What an earlier one could not take away; it is in nobody's way if it still cannot.
  quietly(() => removeLeftovers(files, directory));
  files.makeDirectory(temporary);
  let inPlace: string | undefined;
  try {
    const { sequence, rows, privateFile } = await writeContents(parts, temporary, base);
    const name = snapshotName(clock.nowMs(), sequence);
    const target = join(directory, folderOf(name));
    const existing = files.exists(target) ? readManifest(files, target) : undefined;
    if (existing?.ok === true && existing.manifest.keyId === parts.identity.keyId && damageOf(files, target, existing.manifest) === undefined) {
      // The same second, the same change, the same key: it is the same snapshot.
      files.remove(temporary);
      return describe(existing.manifest, existing.checksum);
    }
    writeAndSync(files, join(temporary, SCHEMAS_NAME), encodeSchemas(parts.kinds));
    writeAndSync(files, join(temporary, 'schema.sql'), Buffer.from(parts.kinds.map((kind) => `${createTable(kind)};\n`).join('')));
    writeAndSync(files, join(temporary, 'load.sql'), Buffer.from(parts.kinds.map(loadStatement).join('')));
    const synced: ManifestFile[] = [];
    for (const file of parts.kinds.map(parquetName)) synced.push(await syncedFile(files, temporary, file));
    synced.push(privateFile);
    for (const file of [SCHEMAS_NAME, 'schema.sql', 'load.sql']) synced.push(await syncedFile(files, temporary, file));
    const manifest: Manifest = {
      format: MANIFEST_FORMAT,
      name,
      time: new Date(clock.nowMs()).toISOString(),
      sequence,
      epoch: parts.identity.epoch,
      storeId: parts.identity.storeId,
      keyId: parts.identity.keyId,
      reason,
      ...(note === undefined ? {} : { note }),
      seconds: Math.round(clock.monotonicMs() - startMs) / 1000,
      kinds: Object.fromEntries(parts.kinds.map((kind): [string, ManifestKind] => [kind.name, kindEntry(kind, rows.get(kind.name) ?? 0)])),
      files: synced,
    };
    writeAndSync(files, join(temporary, MANIFEST_NAME), encodeManifest(manifest));
    writeAndSync(files, join(temporary, SUCCESS_NAME), Buffer.alloc(0));
    files.syncDirectory(temporary);
    // With policy `interval` the cut may have changes that a power cut would still take from the journal.
    parts.syncJournal();
    files.remove(target);
    files.rename(temporary, target);
    inPlace = target;
    files.syncDirectory(directory);
    return describe(manifest, checksumOf(manifest));
  } catch (error) {
    quietly(() => {
      if (inPlace !== undefined) {
        files.rename(inPlace, temporary);
        files.syncDirectory(directory);
      }
      files.remove(temporary);
    });
    throw error;
  }
}

/** Tables, and the private part with its sync, of one cut and beside each other: other threads work on the tables. */
async function writeContents(parts: SnapshotParts, folder: string, base: KeptSnapshot | undefined): Promise<Copied & { readonly privateFile: ManifestFile }> {
  const { files, stretchRows } = parts;
  let sealing: Promise<readonly PromiseSettledResult<ManifestFile>[]> = Promise.resolve([]);
  const copying = parts.workingSet.copyTo(
    folder,
    { files, base: base === undefined ? undefined : baseOf(base), stretchRows },
    () => parts.sequenceNow(),
    () => {
      const pieces = sealedPrivatePart(parts.privatePart(), parts.sequenceNow(), parts.vault);
      sealing = Promise.allSettled([writePieces(files, join(folder, PRIVATE_NAME), pieces).then(() => syncedFile(files, folder, PRIVATE_NAME))]);
    },
  );
  const [copied] = await Promise.allSettled([copying]);
  // Whatever has failed, nothing goes on in a folder that is gone then.
  const [sealed] = await sealing;
  if (copied.status === 'rejected') throw copied.reason;
  assert(sealed !== undefined, 'the cut was made');
  if (sealed.status === 'rejected') throw sealed.reason;
  return { ...copied.value, privateFile: sealed.value };
}

function baseOf({ folder, manifest }: KeptSnapshot): Base {
  const sha256Of = (kind: Kind): string | undefined => {
    const entry = Object.hasOwn(manifest.kinds, kind.name) ? manifest.kinds[kind.name] : undefined;
    return entry?.schemaHash === kind.schemaHash ? manifest.files.find(({ name }) => name === entry.file)?.sha256 : undefined;
  };
  return { folder, sequence: manifest.sequence, sha256Of };
}

function kindEntry(kind: Kind, rows: number): ManifestKind {
  return { rows, file: parquetName(kind), schemaHash: kind.schemaHash };
}

/** IMPORT DATABASE looks for the file in the folder that it is given. */
function loadStatement(kind: Kind): string {
  return `COPY ${quoted(kind.name)} FROM '${parquetName(kind)}' (FORMAT parquet);\n`;
}

/** Writes a new file, which is synced later, with a turn of the event loop after each piece. */
async function writePieces(files: Files, path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = files.create(path);
  try {
    let position = 0;
    for (const piece of pieces) {
      files.write(file, piece, position);
      position += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    files.close(file);
  }
}

/** Syncs a file and reads it back: what is checked is what is on its way to the disk. */
async function syncedFile(files: Files, folder: string, name: string): Promise<ManifestFile> {
  const path = join(folder, name);
  const file = files.openToAppend(path);
  try {
    files.syncFile(file);
  } finally {
    files.close(file);
  }
  return { name, ...(await fileSha256(files, path)) };
}

export interface KeptSnapshot {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly checksum: string;
}

/**
 * Snapshots whose manifests are intact, newest (by sequence) first. Files are not compared.
 * @param known manifests that need not be read again, by folder: they never change.
 */
export function listSnapshots(files: Files, directory: string, known: Map<string, KeptSnapshot>): readonly KeptSnapshot[] {
  const kept: KeptSnapshot[] = [];
  for (const entry of files.list(directory)) {
    if (nameOfFolder(entry) === undefined) continue;
    const folder = join(directory, entry);
    const before = known.get(folder);
    const read = before === undefined ? readManifest(files, folder) : undefined;
    if (before !== undefined) kept.push(before);
    else if (read?.ok === true) kept.push({ folder, manifest: read.manifest, checksum: read.checksum });
  }
  known.clear();
  for (const snapshot of kept) known.set(snapshot.folder, snapshot);
  return kept.sort((a, b) => b.manifest.sequence - a.manifest.sequence || (b.manifest.name < a.manifest.name ? -1 : 1));
}

/** Out of sight in one step, then away: a crash between leaves a folder that the next start removes. */
export function deleteSnapshot(files: Files, directory: string, name: string): void {
  const hidden = join(directory, `${DELETED_PREFIX}${name}`);
  files.rename(join(directory, folderOf(name)), hidden);
  files.syncDirectory(directory);
  files.remove(hidden);
}

/** Removes what a crash left of unfinished and half-deleted snapshots. */
export function removeLeftovers(files: Files, directory: string): void {
  const leftovers = files.list(directory).filter(isLeftover);
  if (leftovers.length === 0) return;
  // Its new name may be in the cache only: a power cut would bring the old one back, over a folder that is half empty.
  files.syncDirectory(directory);
  for (const entry of leftovers) files.remove(join(directory, entry));
}

/** Whether a crash has left this in the folder of snapshots. */
export function isLeftover(entry: string): boolean {
  return entry.startsWith(TEMPORARY_PREFIX) || entry.startsWith(DELETED_PREFIX);
}
