import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { syncDirectory, writeFileDurably } from './durable-file.ts';
import { messageOf, NO_ROOM, StartFailure, systemCodeOf } from './faults.ts';

/**
 * Who may use a data folder: one process at a time, and only folders that Holdfast made.
 * The lock belongs to an open file and dies with the process, however that dies. The worst that can happen without it:
 * two processes write one journal.
 */
export interface DirectoryLock {
  release(): void;
}

/** The layout of the data folder; rises when an older version could not read it any more. */
export const FORMAT_VERSION = 1;

/** What a folder may hold and still count as empty: ours before the first start was through, and a fresh file system. */
const EMPTY_ENTRIES: ReadonlySet<string> = new Set(['lock', 'version.tmp', 'lost+found']);
const ORIGINAL_SNAPSHOT = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/;

/**
 * Takes the lock file of a data folder. Nothing else in the process may open that file.
 * @throws StartFailure when another process has it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, 'lock');
  let fd: number;
  try {
    fd = openSync(path, 'a+', 0o600);
  } catch (error) {
    throw unusable(path, error);
  }
  let isLocked: boolean;
  try {
    isLocked = tryLock(fd);
    if (isLocked) tellHolder(fd);
  } catch (error) {
    closeSync(fd);
    throw unusable(path, error);
  }
  if (!isLocked) {
    const holder = readFileSync(fd, 'utf8').trim();
    closeSync(fd);
    throw new StartFailure(`the data folder ${directory} is in use by process ${holder === '' ? '(unknown)' : holder}`);
  }
  return { release: () => closeSync(fd) };
}

/**
 * The same without writing anything, for as long as somebody only looks.
 * @returns the process that has the folder instead, as the lock file names it
 */
export function lockToLook(directory: string): DirectoryLock | { readonly holder: string } {
  let fd: number;
  try {
    fd = openSync(join(directory, 'lock'), 'r+');
  } catch (error) {
    // No server was ever here, or none can write here.
    if (['ENOENT', 'EROFS', 'EACCES'].includes(systemCodeOf(error) ?? '')) return { release: () => undefined };
    throw unusable(join(directory, 'lock'), error);
  }
  if (tryLock(fd)) return { release: () => closeSync(fd) };
  const holder = readFileSync(fd, 'utf8').trim();
  closeSync(fd);
  return { holder: holder === '' ? '(unknown)' : holder };
}

/** For whoever is refused. A full disk has no room for it, and must not keep a server from answering reads. */
function tellHolder(fd: number): void {
  try {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
  } catch (error) {
    if (!NO_ROOM.has(systemCodeOf(error) ?? '')) throw error;
  }
}

/**
 * Makes the data folder when there is none, and sees that it is one that this version can use.
 * @throws StartFailure that names the path and what is wrong with it.
 */
export function prepareDirectory(directory: string): void {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
  if (checkDirectory(directory)) return;
  try {
    writeFileDurably(join(directory, 'version'), `${FORMAT_VERSION}\n`, 0o600);
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** @returns whether it was one already; false for an empty one, of which a start makes one. @throws StartFailure */
export function checkDirectory(directory: string): boolean {
  const versionFile = join(directory, 'version');
  const written = readIfPresent(versionFile);
  if (written === undefined) {
    refuseForeign(directory);
    return false;
  }
  const version = /^\d{1,9}$/.test(written.trim()) ? Number(written) : Number.NaN;
  if (Number.isNaN(version) || version < 1)
    throw new StartFailure(`${versionFile} does not hold a format version; the data folder is damaged or not one of Holdfast`);
  if (version > FORMAT_VERSION) {
    throw new StartFailure(`the data folder ${directory} was written by a newer version of Holdfast (format ${version}; this one knows ${FORMAT_VERSION})`);
  }
  refuseOtherOwner(directory, versionFile);
  return true;
}

/** Node's own recursive mkdir never ends where the kernel refuses new folders with ENOENT, as in /proc. */
function makeDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o700 });
  // A new folder is an entry of the one above it.
  syncDirectory(parent);
}

function refuseForeign(directory: string): void {
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
  const foreign = entries.filter((entry) => !EMPTY_ENTRIES.has(entry));
  if (foreign.length === 0) return;
  const advice = foreign.some((entry) => ORIGINAL_SNAPSHOT.test(entry))
    ? 'it looks like snapshots of node-orchestrator: name another data folder and run `holdfast import --from-node-orchestrator` on this one'
    : 'name an empty or a new folder';
  throw new StartFailure(`the folder ${directory} is not empty and not a data folder of Holdfast (it holds ${foreign[0]}); ${advice}`);
}

/** A second user would leave files behind that the first cannot read. */
function refuseOtherOwner(directory: string, versionFile: string): void {
  const user = process.geteuid?.();
  if (user === undefined) return;
  let owner: number;
  try {
    owner = statSync(versionFile).uid;
  } catch (error) {
    throw unusable(versionFile, error);
  }
  if (owner !== user) throw new StartFailure(`the data folder ${directory} belongs to another user (uid ${owner}); this process runs as uid ${user}`);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'it is not a folder',
  ENOTDIR: 'it, or a part of its path, is a file and not a folder',
  EISDIR: 'a folder stands where a file should be',
  ELOOP: 'its symbolic links go round in a circle',
  ENOENT: 'it does not exist and could not be made (a dangling symbolic link?)',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
};

function unusable(path: string, error: unknown): StartFailure {
  const code = systemCodeOf(error) ?? 'unknown error';
  return new StartFailure(`cannot use ${path}: ${REASONS[code] ?? messageOf(error)} (${code})`);
}
